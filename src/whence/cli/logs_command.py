"""`whence logs`: what steps printed and logged."""

import sys
from typing import TYPE_CHECKING

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import is_terminal
from whence.domain.ids import short_id
from whence.history.reports.harmless_text import make_harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whence.history.runs import StepRun


_EXAMPLES = (
    ("whence logs", "all steps of the newest run"),
    ("whence logs last fit", "one step of it"),
    ("whence logs 1a2b3c4d fit > fit.log", "of an earlier run, into a file"),
)


@click.command("logs", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", default="last")
@click.argument("step", metavar="[STEP]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def show_logs(
    ctx: click.Context,
    run: str,
    step: str | None,
    as_json: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """Show what the steps of a run printed.

    What they logged is shown as well. RUN is an id, its last 6 or more characters, a name, `last`
    (the default), or `last~1` for the one before. With STEP, print the log of that step as it is;
    else those of all steps, each under its name.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = as_json
    found = find_meant_run(run)
    steps = [found.steps[name] for name in found.steps] if step is None else [found.steps[step]]
    if as_json:
        logs = {each.node: each.logs() for each in steps}
        print_json({"run": found.id, "logs": logs})
    elif step is not None:
        _print_log(steps[0].logs())
    else:
        _print_all(short_id(found.id), steps)


def _print_all(run: str, steps: "Sequence[StepRun]") -> None:
    some = False
    for each in steps:
        if log := each.logs():
            if some:
                click.echo()
            click.secho(f"── {each.node}", bold=True)
            _print_log(log)
            some = True
    if not some:
        click.echo(f"The steps of run {run} printed and logged nothing.")


def _print_log(log: str) -> None:
    """Print a log; on a terminal without what could steer it, elsewhere as it was."""
    shown = make_harmless(log) if is_terminal(sys.stdout) else log
    click.echo(shown.encode(errors="replace").decode(), nl=not shown.endswith("\n"))
