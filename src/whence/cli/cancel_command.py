"""`whence cancel`: asks a run to end."""

import click

from whence.cli.json_documents import describe_run_briefly, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.domain.ids import short_id

_EXAMPLES = (
    ("whence cancel", "the newest run"),
    ("whence cancel 1a2b3c4d", "by the end of its id"),
    ("whence cancel 1a2b3c4d --now", "without waiting for what runs"),
)


@click.command("cancel", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", default="last")
@click.option("--now", is_flag=True, help="Stop what runs, instead of letting it finish.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def cancel_run(
    ctx: click.Context,
    run: str,
    now: bool,  # noqa: FBT001  # click passes options by name
    as_json: bool,  # noqa: FBT001  # as above
) -> None:
    """Ask a run to end.

    What runs may finish and is recorded, nothing more starts; the run is then cancelled. RUN is an
    id, its last 6 or more characters, a name, `last` (the default), or `last~1` for the one before.
    The run may go on in another terminal or container, as long as it uses the same store.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.history.cancel_run import cancel  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    found = find_meant_run(run)
    cancel(found, now=now)
    if as_json:
        print_json(describe_run_briefly(found))
        return
    name = short_id(found.id)
    what = "what runs is stopped" if now else "what runs may finish, nothing more starts"
    click.echo(f"Run {name} of {found.pipeline} was asked to end: {what}.")
    if not now:
        click.echo(f"Without waiting: whence cancel {name} --now", err=True)
