"""The form of `whence run` and `whence plan`: a target, then whatever its pipeline takes."""

import inspect
from typing import Any, TypedDict, cast

import click

from whence.authoring.pipeline_definition import PipelineDefinition
from whence.authoring.places import calling_place
from whence.cli.arguments import Given, read_arguments, split_at_target
from whence.cli.configuration import read_configuration
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.domain.frozen import frozen
from whence.errors import DefinitionError, InvalidPipelineError, MissingArgumentError
from whence.running.targets import Target, load_target

_CALL = "whence.target_call"
_PLACE = "the command line"


@frozen
class TargetCall:
    """A target and what was given for it."""

    target: Target
    given: Given


class TargetCommand(TeachingCommand):
    """A command whose options after the target are the pipeline's as well as its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Load the target, so that what follows it can be read by what its pipeline takes."""
        own = names_of_options(self, ctx)
        before, target, after = split_at_target(args, own)
        if target is None:
            rest = super().parse_args(ctx, args)  # refuses, or finds one that begins with a dash
            ctx.meta[_CALL] = TargetCall(load_target(ctx.params["target"]), Given())
            return rest
        ctx.meta[JSON_ASKED] = "--json" in args
        loaded = load_target(target)
        given = self.read_given(loaded, after, own)
        ctx.meta[_CALL] = TargetCall(loaded, given)
        return super().parse_args(ctx, [*before, *given.own, target])

    def read_given(self, target: Target, words: list[str], own: dict[str, bool]) -> Given:
        """Sort what follows the target."""
        return read_arguments(target, words, own)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the command's name in its usage line."""
        del ctx
        return ["[OPTIONS]", "TARGET", "[--PARAMETER VALUE]..."]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the pipeline is for, if one is named; else what the command is for."""
        if _CALL not in ctx.meta:
            super().format_help_text(ctx, formatter)
            return
        pipeline = get_call(ctx).target.pipeline
        about = pipeline.__doc__ or f"Pipeline {pipeline.spec.name} ({pipeline.spec.place})."
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(about))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, unless a pipeline is named: they are of another one."""
        if _CALL not in ctx.meta:
            super().format_epilog(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the pipeline takes, if one is named, before the command's own options."""
        if _CALL in ctx.meta:
            from whence.cli.pipeline_help import write_pipeline_help  # noqa: PLC0415  # for --help alone

            call = get_call(ctx)
            write_pipeline_help(formatter, call.target, call.given.arguments)
        super().format_options(ctx, formatter)


def names_of_options(command: click.Command, ctx: click.Context) -> dict[str, bool]:
    """Return the options of a command itself, each with whether a value follows it."""
    return {name: takes for option in command.get_params(ctx) for name, takes in _names(option)}


def _names(parameter: click.Parameter) -> list[tuple[str, bool]]:
    """Return the names of an option, each with whether a value follows it."""
    if not isinstance(parameter, click.Option):
        return []
    takes_value = not (parameter.is_flag or parameter.count)
    return [(name, takes_value) for name in [*parameter.opts, *parameter.secondary_opts]]


def get_call(ctx: click.Context) -> TargetCall:
    """Return the target of a command that was parsed, and what was given for it."""
    return cast("TargetCall", ctx.meta[_CALL])


class TargetOptions(TypedDict):
    """The options that `run` and `plan` share, and their target."""

    target: str  # was loaded while the command line was parsed
    name: str | None
    tags: tuple[str, ...]
    config: str | None
    as_json: bool
    plain: bool
    no_cache: bool
    refresh: tuple[str, ...]
    workers: int | None


def bind_given(ctx: click.Context, given: TargetOptions) -> PipelineDefinition:
    """Return the pipeline with all that was given bound; the command line wins over the file."""
    pipeline = bind_arguments(ctx, given["config"])
    options: dict[str, Any] = {}
    if given["name"] is not None:
        options["name"] = given["name"]
    if given["tags"]:
        options["tags"] = (*pipeline.spec.options.tags, *given["tags"])
    if given["no_cache"]:
        options["cache"] = False
    if given["workers"] is not None:
        options["workers"] = given["workers"]
    if given["refresh"]:
        options["refresh"] = (*pipeline.spec.options.refresh, *given["refresh"])
    if options:
        pipeline = pipeline.with_options(**options)
    return pipeline


def bind_arguments(ctx: click.Context, config: str | None) -> PipelineDefinition:
    """Return the pipeline with the arguments bound that its file and the command line give."""
    call = get_call(ctx)
    configured = read_configuration(config, call.target) if config else {}
    return call.target.pipeline.bind(**{**configured, **call.given.arguments})


def retell_faults(error: InvalidPipelineError) -> InvalidPipelineError:
    """Return a report of faults in the words of the command line where that is where they lie."""
    here = calling_place()
    for fault in error.faults:
        if fault.where == here:
            fault.where = _PLACE
        _retell(fault)
    return error


def _retell(fault: DefinitionError) -> None:
    facts = fault.facts
    if isinstance(facts.get("value"), str):
        facts["value"] = facts["value"].replace(" (CommandLineText)", "")
    if isinstance(fault, MissingArgumentError) and fault.where == _PLACE:
        facts["cure"] = f"Give it: --{str(facts['argument']).replace('_', '-')} VALUE"


def target_options(command: Any) -> Any:
    """Give a command the target and the options that `run` and `plan` share."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


config_option = click.option(
    "--config",
    metavar="FILE",
    help="A TOML file: top-level keys are parameters, tables are nodes. The command line wins.",
)

_SHARED = (
    click.argument("target", metavar="TARGET"),
    click.option("--name", metavar="NAME", help="A name for the run, to find it again by."),
    click.option("--tag", "tags", metavar="TAG", multiple=True, help="A tag; may be repeated."),
    config_option,
    click.option("--no-cache", is_flag=True, help="Reuse nothing: compute every step."),
    click.option(
        "--refresh",
        metavar="NODE",
        multiple=True,
        help="Compute this step again; may be repeated.",
    ),
    click.option(
        "--workers",
        metavar="N",
        type=click.IntRange(min=1),
        help="Make up to N attempts at a time, in worker processes.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    click.option("--plain", is_flag=True, help="Plain lines, also on a terminal."),
)
