"""`whence run`: a pipeline run from the command line, shown while it goes on."""

import sys
from typing import TYPE_CHECKING, Any, Unpack

import click

from whence.authoring.pipeline_definition import PipelineDefinition
from whence.cli.failures import CANCELLED, exit_code_of, show_failure
from whence.cli.json_documents import describe_run, print_json
from whence.cli.run_view import MOST_ROWS
from whence.cli.target_command import (
    TargetCommand,
    TargetOptions,
    bind_given,
    retell_faults,
    target_options,
)
from whence.cli.terminal import is_terminal, prints_kept_apart
from whence.cli.terminations import heeding_terminations
from whence.domain.ids import short_id
from whence.domain.status import RunStatus
from whence.errors import InvalidPipelineError
from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.quantities import format_duration, format_number
from whence.running.observers import observing

if TYPE_CHECKING:
    from whence.history.runs import Run

_MOST_METRICS = 8
_COLOURS = {RunStatus.COMPLETED: "green", RunStatus.CANCELLED: "yellow"}


_EXAMPLES = (
    ("whence run train.py:delays --data data/", "a parameter of the pipeline"),
    ("whence run train.py --regressor.depth 8", "of the step in a slot, or of any node"),
    ("whence run train.py --regressor ridge", "another step for a slot"),
    ("whence run train.py --config exp.toml", "parameters from a file"),
    ("whence run train.py --help", "what this pipeline takes"),
)


@click.command("run", cls=TargetCommand, examples=_EXAMPLES)
@target_options
@click.pass_context
def run_pipeline(ctx: click.Context, **options: Unpack[TargetOptions]) -> None:
    """Run a pipeline and record everything.

    TARGET is FILE.py:PIPELINE or package.module:PIPELINE; the name may be left out where there is
    only one. What follows are the pipeline's own parameters, by name. `--help` after a target
    lists them.

    A parameter's name goes before an option of the same name; the option is then written before
    the target. Ends with 0 if the pipeline completed, 1 if it failed, 2 if nothing could be run,
    130 if it was cancelled, 143 if that was by SIGTERM, 129 if by SIGHUP.
    """
    run_and_show(ctx, bind_given(ctx, options), as_json=options["as_json"], plain=options["plain"])


def run_and_show(
    ctx: click.Context, pipeline: PipelineDefinition, *, as_json: bool, plain: bool
) -> None:
    """Run a pipeline under the eyes of a view, say how it ended, and end with its exit code."""
    live = not plain and is_terminal(sys.stderr)
    with prints_kept_apart(apart=as_json), heeding_terminations() as terminations:
        run, failure = _run(pipeline, live=live)
    if as_json:
        print_json(describe_run(run))
    if failure is not None and run.status is not RunStatus.CANCELLED:
        click.echo(err=True)
        show_failure(failure)
    _say_end(run)
    if not (live and len(run.steps) <= MOST_ROWS):  # else each stands beside its step
        _say_metrics(run)
    if run.status is not RunStatus.FAILED:  # the failure has said it
        click.echo(f"Look closer: whence show {short_id(run.id)}", err=True)
    code = exit_code_of(failure) if failure is not None else 0
    ctx.exit(terminations.exit_code_instead_of(code) if code == CANCELLED else code)


def _run(pipeline: PipelineDefinition, *, live: bool) -> "tuple[Run[Any], BaseException | None]":
    """Run under the eyes of a view; return the run and what it raised. What never ran is raised."""
    try:
        if live:
            from whence.cli.live_view import LiveView  # noqa: PLC0415  # loads rich: only on a terminal

            with LiveView(sys.stderr) as view, observing(view):
                return _call(pipeline)
        from whence.cli.plain_lines import PlainLines  # noqa: PLC0415  # only where nothing is drawn

        with observing(PlainLines(sys.stderr)):
            return _call(pipeline)
    except InvalidPipelineError as error:
        raise retell_faults(error) from None


def _call(pipeline: PipelineDefinition) -> "tuple[Run[Any], BaseException | None]":
    try:
        return pipeline(), None
    except BaseException as error:
        run: Run[Any] | None = getattr(error, "whence_run", None)
        if run is None:
            raise
        return run, error


def _say_end(run: "Run[Any]") -> None:
    status = click.style(run.status, fg=_COLOURS.get(run.status, "red"), bold=True)
    click.echo(f"\n{status} in {format_duration(run.duration)}", err=True)


def _say_metrics(run: "Run[Any]") -> None:
    for name, value in list(run.metrics.items())[:_MOST_METRICS]:
        click.echo(f"  {make_harmless(name)} {format_number(value)}", err=True)
