"""`whence resume`: goes on from a run that did not complete."""

import contextlib
from collections.abc import Generator
from pathlib import Path

import click

from whence.cli.main import JSON_ASKED
from whence.cli.run_command import run_and_show
from whence.cli.teaching_command import TeachingCommand

_EXAMPLES = (
    ("whence resume", "the newest run"),
    ("whence resume 1a2b3c4d", "by the end of its id"),
)


@click.command("resume", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", default="last")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--plain", is_flag=True, help="Plain lines, also on a terminal.")
@click.pass_context
def resume_run(
    ctx: click.Context,
    run: str,
    as_json: bool,  # noqa: FBT001  # click passes options by name
    plain: bool,  # noqa: FBT001  # as above
) -> None:
    """Go on from a run that did not complete.

    It failed, was cancelled or crashed. A new run of the same pipeline, with the same arguments,
    repeats nothing that completed; what failed or never ran is run. RUN is an id, its last 6 or
    more characters, a name, `last` (the default), or `last~1` for the one before.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.running.resume_run import find_folder, load_resumed  # noqa: PLC0415  # as above
    from whence.stacks.current import open_stack, use_stack  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    found = find_meant_run(run)
    with use_stack(open_stack()), _standing_in(find_folder(found)):
        run_and_show(ctx, load_resumed(found), as_json=as_json, plain=plain)


@contextlib.contextmanager
def _standing_in(folder: str | None) -> Generator[None]:
    """Work where the run was started, if that is still there."""
    if folder is None or not Path(folder).is_dir():
        yield
        return
    with contextlib.chdir(folder):
        yield
