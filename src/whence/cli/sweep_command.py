"""`whence sweep`: a pipeline run with many sets of parameters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from whence.cli.arguments import Choices, Given, read_arguments
from whence.cli.configuration import read_configuration, read_grid
from whence.cli.json_documents import describe_sweep, describe_sweep_plan, print_json
from whence.cli.target_command import TargetCommand, config_option, get_call, retell_faults
from whence.cli.terminal import prints_kept_apart
from whence.cli.terminations import heeding_terminations
from whence.errors import InvalidPipelineError, InvalidSweepError
from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.quantities import format_duration, format_number
from whence.history.reports.status_cells import run_status_cell

if TYPE_CHECKING:
    from whence.authoring.pipeline_definition import PipelineDefinition
    from whence.history.sweeps import Sweep, SweptVariant
    from whence.running.targets import Target

_VARY = "Give something several values, with commas between them: --fit.depth 4,8"
_EXAMPLES = (
    ("whence sweep train.py --fit.depth 4,8,16", "a run for each depth"),
    ("whence sweep train.py --fit.depth 4,8 --split.seed 0,1", "for each combination"),
    ("whence sweep train.py --regressor fit,ridge", "for each step in a slot"),
    ("whence sweep train.py --grid grid.toml --plan", "what that would run"),
)


class SweepCommand(TargetCommand):
    """A command whose values after the target may be several, with commas between them."""

    def read_given(self, target: "Target", words: list[str], own: dict[str, bool]) -> Given:
        """Sort what follows the target; values between commas are choices."""
        return read_arguments(target, words, own, sweeps=True)


class _Options(TypedDict):
    """The options of the command, and its target."""

    target: str  # was loaded while the command line was parsed
    name: str | None
    tags: tuple[str, ...]
    config: str | None
    grid: str | None
    metric: str | None
    plan_only: bool
    as_json: bool


@click.command("sweep", cls=SweepCommand, examples=_EXAMPLES)
@click.argument("target", metavar="TARGET")
@click.option("--name", metavar="NAME", help="A name for the sweep; its runs bear it as a tag.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="A tag; may be repeated.")
@config_option
@click.option(
    "--grid", metavar="FILE", help="A TOML file of what varies: a list of values for each name."
)
@click.option("--metric", metavar="METRIC", help="The metric that ranks the variants.")
@click.option("--plan", "plan_only", is_flag=True, help="Show what would run, and what is shared.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def sweep_pipeline(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Run a pipeline once for each combination of parameters.

    Values with commas between them vary; a comma inside brackets or quotes is part of a value.
    Steps that several variants share run once, and what is known already not at all: the same
    command goes on where an earlier one was cut short. A variant that fails stops no other. Ends
    with 0 if all variants completed, 1 if one failed.
    """
    pipeline, grid = _bind(ctx, options)
    if not grid:
        raise InvalidSweepError(reason="Nothing varies.", cure=_VARY)
    try:
        if options["plan_only"]:
            _show_plan(pipeline, grid, options)
            return
        with prints_kept_apart(apart=options["as_json"]), heeding_terminations():
            sweep = _run(pipeline, grid, options)
    except InvalidPipelineError as error:
        raise retell_faults(error) from None
    if options["as_json"]:
        print_json(describe_sweep(sweep))
    else:
        click.echo(f"\n{sweep}")
    ctx.exit(1 if sweep.failures else 0)


def _bind(
    ctx: click.Context, options: _Options
) -> "tuple[PipelineDefinition, Mapping[str, list[Any]]]":
    """Return the pipeline with what does not vary bound, and what varies."""
    call = get_call(ctx)
    config, grid_file = options["config"], options["grid"]
    given = read_configuration(config, call.target) if config else {}
    grid = read_grid(grid_file, call.target) if grid_file else {}
    for name, value in call.given.arguments.items():
        if isinstance(value, Choices):
            grid[name] = list(value)
        else:
            given[name] = value
    given = {name: value for name, value in given.items() if name not in grid}
    pipeline = call.target.pipeline.bind(**given)
    if options["tags"]:
        pipeline = pipeline.with_options(tags=(*pipeline.spec.options.tags, *options["tags"]))
    return pipeline, grid


def _show_plan(pipeline: Any, grid: Mapping[str, list[Any]], options: _Options) -> None:
    from whence.running.sweeping import sweep  # noqa: PLC0415  # heavy: only for work

    plan = sweep.plan(pipeline, grid, name=options["name"])
    if options["as_json"]:
        print_json(describe_sweep_plan(plan))
    else:
        click.echo(str(plan))


def _run(pipeline: Any, grid: Mapping[str, list[Any]], options: _Options) -> "Sweep":
    from whence.running.sweeping import run_sweep, sweep  # noqa: PLC0415  # heavy: only for work

    plan = sweep.plan(pipeline, grid, name=options["name"])
    click.echo(plan.summary, err=True)
    return run_sweep(
        pipeline, grid, name=options["name"], metric=options["metric"], tell=_tell_variant
    )


def _tell_variant(position: int, count: int, variant: "SweptVariant") -> None:
    varied = "  ".join(f"{name}={value}" for name, value in variant.varied.items())
    status = run_status_cell(variant.run.status).text
    line = f"{position + 1:>{len(str(count))}}/{count}  {make_harmless(varied)}  {status}"
    line += f" in {format_duration(variant.run.duration)}"
    ranking = [name for name, at in variant.run.metrics.last_points().items() if at.mode]
    for name in ranking:
        line += f"  {make_harmless(name)} {format_number(variant.run.metrics[name])}"
    click.echo(line, err=True)
