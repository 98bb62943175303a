"""`whence show`: one run, or one step of it."""

import click

from whence.cli.json_documents import describe_run, describe_step, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence show", "the newest run"),
    ("whence show 1a2b3c4d", "by the end of its id"),
    ("whence show last~1 fit", "one step of the run before"),
)


@click.command("show", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", default="last")
@click.argument("step", metavar="[STEP]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def show_run(
    ctx: click.Context,
    run: str,
    step: str | None,
    as_json: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """Show one run: steps, outputs, metrics.

    RUN is an id, its last 6 or more characters, a name, `last` (the default), or `last~1` for the
    one before. With STEP, show that step alone.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = as_json
    found = find_meant_run(run)
    if step is not None:
        only = found.steps[step]
        print_json(describe_step(only)) if as_json else show(only)
    elif as_json:
        print_json(describe_run(found))
    else:
        show(found)
