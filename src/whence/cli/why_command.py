"""`whence why`: why a step of a run ran, or was reused."""

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence why last fit", "why the step ran in the newest run, or was reused"),
    ("whence why 1a2b3c4d fit --json", "the same as data"),
)


@click.command("why", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="RUN")
@click.argument("step", metavar="STEP")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def explain_step(
    ctx: click.Context,
    run: str,
    step: str,
    as_json: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """Show why a step ran, or was reused.

    What its result depends on is compared with the nearest earlier run of the step: code, down to
    the function with a diff; parameters, by field; inputs, with where they come from; packages.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.history import step_reasons  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    why = step_reasons.explain_step(find_meant_run(run), step)
    if as_json:
        print_json(why.to_dict())
    else:
        show(why)
