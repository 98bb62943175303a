"""`whence show`: one run, or one step of it."""

from typing import TYPE_CHECKING

import click

from whence.cli.json_documents import describe_run, describe_series, describe_step, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

if TYPE_CHECKING:
    from whence.history.series import Series

_EXAMPLES = (
    ("whence show", "the newest run"),
    ("whence show 1a2b3c4d", "by the end of its id"),
    ("whence show last~1 fit", "one step of the run before"),
    ("whence show last --metric loss > loss.csv", "every value of a metric"),
)


@click.command("show", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", default="last")
@click.argument("step", metavar="[STEP]", required=False)
@click.option("--metric", metavar="NAME", help="Print every value of a metric, as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def show_run(
    ctx: click.Context,
    run: str,
    step: str | None,
    metric: str | None,
    as_json: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """Show one run: steps, outputs, metrics.

    RUN is an id, its last 6 or more characters, a name, `last` (the default), or `last~1` for the
    one before. With STEP, show that step alone. A metric that several steps report is named as
    STEP.NAME.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = as_json
    found = find_meant_run(run)
    only = None if step is None else found.steps[step]
    if metric is not None:
        _print_series((only or found).metrics.series(metric), as_json=as_json)
    elif as_json:
        print_json(describe_run(found) if only is None else describe_step(only))
    else:
        show(only or found)


def _print_series(series: "Series", *, as_json: bool) -> None:
    if as_json:
        print_json(describe_series(series))
        return
    columns = zip(series.steps, series.values, series.times, strict=True)
    rows = (f"{'' if step is None else step},{value!r},{at:.6f}" for step, value, at in columns)
    click.echo("\n".join(("step,value,time", *rows)))
