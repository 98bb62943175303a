"""`whence doctor`: looks for what is wrong with a store, and repairs it."""

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.progress_bar import progress_bar
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence doctor", "look at every record and every byte"),
    ("whence doctor --quick", "without reading all bytes"),
    ("whence doctor --repair", "mend what can be mended; delete nothing"),
    ("whence doctor --repair --yes", "delete also what no record names"),
)
_PROBLEMS = 1


@click.command("doctor", cls=TeachingCommand, examples=_EXAMPLES)
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@click.option("--yes", is_flag=True, help="With --repair, delete what no record names.")
@click.option("--quick", is_flag=True, help="Hash no file: only see that it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def examine(ctx: click.Context, *, repair: bool, yes: bool, quick: bool, as_json: bool) -> None:
    """Look for what is wrong with the store.

    Every content is hashed, every reference followed, every table that follows from others compared
    with them. Each problem is told with what, where, why and its fix. Exits with 0 if nothing is
    wrong, or all is repaired, and with 1 otherwise.

    --repair builds indexes and such tables anew, calls dead runs crashed, takes the right to write
    away from stored bytes, and puts damaged ones aside, so that they are computed again. It deletes
    nothing, unless --yes is given.
    """
    from whence.housekeeping.examine_store import examine_store  # noqa: PLC0415  # reaches the stores

    ctx.meta[JSON_ASKED] = as_json
    with progress_bar("Examining") as on_progress:
        diagnosis = examine_store(repair=repair, yes=yes, quick=quick, on_progress=on_progress)
    if as_json:
        print_json(diagnosis.to_dict())
    else:
        show(diagnosis)
    if not diagnosis.is_healthy:
        ctx.exit(_PROBLEMS)
