"""`whence fixture`: writes a test from a past step run."""

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from whence.cli.teaching_command import TeachingCommand

if TYPE_CHECKING:
    from whence.running.write_fixture import Fixture

_EXAMPLES = (
    ("whence fixture last fit", "write tests/test_fit_fixture.py"),
    ("whence fixture 1a2b3c4d clean[3] --output tests/test_clean.py", "of one item of a map"),
    ("whence fixture last fit --force --max-size 20MiB", "anew, with larger data"),
)


class _Options(TypedDict):
    run: str
    step: str
    output: str | None
    force: bool
    max_size: str
    no_check: bool


@click.command("fixture", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="RUN")
@click.argument("step", metavar="STEP")
@click.option("--output", metavar="FILE", help="The test; tests/test_STEP_fixture.py if not given.")
@click.option("--force", is_flag=True, help="Write it anew where it is there already.")
@click.option(
    "--max-size",
    default="1MiB",
    show_default=True,
    metavar="SIZE",
    help="How much of what it took and gave may be copied.",
)
@click.option("--no-check", is_flag=True, help="Do not run the test that was written.")
@click.pass_context
def write_step_fixture(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Write a test from a past step run.

    The test calls the step's function with the inputs and parameters of that run and compares what
    it gives with what it gave: numbers and frames to a tolerance, other values exactly. What is too
    long for the test itself lies in a folder beside it, as its materializers store it. The test
    needs no records; it is run once, to see that it passes.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.running.debugging import debug  # noqa: PLC0415  # as above
    from whence.running.write_fixture import write_fixture  # noqa: PLC0415  # as above

    most = _parse_size(options["max_size"])
    replay = debug(find_meant_run(options["run"]), options["step"])
    name = replay.step.spec.name
    test = Path(options["output"] or f"tests/test_{name}_fixture.py")
    fixture = write_fixture(replay, test, force=options["force"], most_bytes=most)
    _tell(fixture)
    for change in replay.code_changes:
        click.echo(f"  Since the run, {change.sentence}.")
    if not options["no_check"]:
        _check(ctx, fixture)


def _parse_size(text: str) -> int:
    from whence.domain.resources import parse_memory  # noqa: PLC0415  # as above

    try:
        return parse_memory(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--max-size") from None


def _tell(fixture: "Fixture") -> None:
    from whence.history.reports.quantities import format_size  # noqa: PLC0415  # as above

    click.echo(f"Written: {fixture.test}")
    if fixture.folder is not None:
        click.echo(f"         {fixture.folder}/ ({format_size(fixture.size)})")


def _check(ctx: click.Context, fixture: "Fixture") -> None:
    from whence.running.write_fixture import try_fixture  # noqa: PLC0415  # as above

    failed = try_fixture(fixture)
    if failed is None:
        click.echo(f"It passes: pytest {fixture.test}")
    elif not failed:
        click.echo("It was not tried: pytest is not installed here.")
    else:
        click.echo(failed, err=True)
        click.echo("It does not pass as it is: the step gives something else by now.", err=True)
        ctx.exit(1)
