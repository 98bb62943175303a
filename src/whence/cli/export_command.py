"""`whence export`: writes runs, and all that they need, to a store of their own."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.progress_bar import progress_bar
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence export best.tar 1a2b3c4d", "one run, in one file"),
    ("whence export ../paper --tag paper", "all runs with a tag, as a folder"),
    ("whence export backup", "the whole store"),
    ("WHENCE_HOME=../paper whence runs", "look into what was written"),
)
_INCOMPLETE = 1


class _Chosen(TypedDict):
    """Which runs are meant."""

    runs: tuple[str, ...]
    pipeline: str | None
    tag: str | None


@click.command("export", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("place", metavar="PLACE", type=click.Path())
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--pipeline", metavar="NAME", help="All runs of this pipeline.")
@click.option("--tag", metavar="TAG", help="All runs with this tag.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def export(ctx: click.Context, *, place: str, as_json: bool, **chosen: Unpack[_Chosen]) -> None:
    """Write runs and all they need to a new store.

    PLACE is a folder, which is then a store like any other, or a file that ends in .tar. Along with
    the runs go the artifacts that they made and took, with their bytes, the step runs of earlier
    runs that these come from, source texts, metrics, logs, models, promotions, tags and notes.
    Without a RUN, --pipeline or --tag it is the whole store. `whence merge PLACE` takes it over
    into another one.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores
    from whence.housekeeping.export_runs import export_runs  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    with progress_bar("Exporting") as on_progress:
        keys = [find_meant_run(key).id for key in chosen["runs"]]
        written = export_runs(
            place, keys, pipeline=chosen["pipeline"], tag=chosen["tag"], on_progress=on_progress
        )
    if as_json:
        print_json(written.to_dict())
    else:
        show(written)
    if not written.is_whole:
        ctx.exit(_INCOMPLETE)
