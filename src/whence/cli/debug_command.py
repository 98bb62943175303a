"""`whence debug`: replays a step of a past run in this process, in a debugger."""

import bdb
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import is_terminal, show

if TYPE_CHECKING:
    from whence.running.replay import Replay

_EXAMPLES = (
    ("whence debug last fit", "replay a step of the newest run; stop where it raises"),
    ("whence debug last fit --break", "stop at its first line"),
    ("whence debug 1a2b3c4d fit[3] --param depth=8", "one item of a map, with another parameter"),
    ("whence debug last fit --param depth=8 --record", "as a run of its own"),
)


class _Options(TypedDict):
    run: str
    step: str
    params: tuple[str, ...]
    stop_first: bool
    no_debugger: bool
    record: bool


@click.command("debug", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="RUN")
@click.argument("step", metavar="STEP")
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a parameter another value; may be repeated.",
)
@click.option("--break", "stop_first", is_flag=True, help="Stop at the step's first line.")
@click.option("--no-debugger", is_flag=True, help="Show the traceback and end, if it raises.")
@click.option("--record", is_flag=True, help="Make it a run of its own, recorded as any run.")
@click.pass_context
def debug_step(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Replay one step of a past run, in a debugger.

    The step runs in this process, with the inputs and parameters that are recorded and the code as
    it is now; what of that changed since the run is said first. Where it raises, Python's debugger
    opens at that place. Nothing is recorded, unless --record is given; what it writes to an
    `Output` goes to a private folder, which is named.

    STEP is a node: fit, inner.fit, or fit[3] for an item of a map. Secrets must be in the
    environment; other declared environment values are as they were.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.running.debugging import debug  # noqa: PLC0415  # as above

    replay = debug(find_meant_run(options["run"]), options["step"])
    changed = _read_parameters(replay, options["params"])
    show(replay)
    if changed:
        click.echo()
    for name, text in changed.items():
        click.echo(f"With {name} = {text}")
    click.echo()
    try:
        _replay(replay, changed, options)
    except bdb.BdbQuit:
        click.echo("Left the debugger; nothing is recorded.")
        ctx.exit(1)
    except Exception as error:
        if not _is_of_step(error):
            raise
        _tell_failure(error, debugger=not options["no_debugger"])
        ctx.exit(1)


def _read_parameters(replay: "Replay", words: tuple[str, ...]) -> dict[str, Any]:
    from whence.values.validation import CommandLineText  # noqa: PLC0415  # as above

    given: dict[str, Any] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign:
            message = f"Write --param NAME=VALUE, not {word!r}."
            raise click.UsageError(message)
        if name in replay.taken:
            message = f"{name!r} is an input, not a parameter: in Python, `.call({name}=...)`."
            raise click.UsageError(message)
        given[name] = CommandLineText(text)
    return given


def _replay(replay: "Replay", changed: dict[str, Any], options: _Options) -> None:
    from whence.cli.step_debugger import call_stopping_at_first_line  # noqa: PLC0415  # as above
    from whence.engine.call_function import call_function  # noqa: PLC0415  # as above

    if options["record"]:
        show(replay.record(**changed))
        return
    call = call_stopping_at_first_line if options["stop_first"] else call_function
    returned = replay.call_through(call, **changed)
    _tell_end(replay, returned)


def _is_of_step(error: Exception) -> bool:
    """Return whether the step itself raised an error, rather than we on the way to it."""
    from whence.cli.failures import find_user_frame  # noqa: PLC0415  # as above

    return find_user_frame(error.__traceback__) is not None


def _tell_failure(error: Exception, *, debugger: bool) -> None:
    from whence.cli.failures import find_user_frame, format_user_error  # noqa: PLC0415  # as above

    click.echo(format_user_error(error), err=True, nl=False)
    if debugger and is_terminal(sys.stdin) and is_terminal(sys.stdout):
        from whence.cli.step_debugger import look_at_failure  # noqa: PLC0415  # as above

        look_at_failure(find_user_frame(error.__traceback__))


def _tell_end(replay: "Replay", returned: Any) -> None:
    """Say what the step gave and reported; raise what a run would find wrong with it."""
    from whence.values.validation import describe_value  # noqa: PLC0415  # as above

    for name, value in replay.reported.metrics.items():
        click.echo(f"metric {name} = {value:g}")
    for name, value in replay.reported.metadata.items():
        click.echo(f"metadata {name} = {describe_value(value)}")
    for name, value in replay.reported.artifacts.items():
        click.echo(f"artifact {name} = {describe_value(value)}")
    for name, value in replay.check(returned).items():
        click.echo(f"{name} = {describe_value(value)}")
    for name, folder in replay.folders.items():
        files = sum(each.is_file() for each in Path(folder).rglob("*"))
        click.echo(f"{name}: {files} file{'' if files == 1 else 's'} in {folder}")
    click.echo("Nothing is recorded.")
