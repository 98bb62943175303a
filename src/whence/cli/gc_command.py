"""`whence gc`: deletes the bytes of contents that no run that is kept needs."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence gc --keep-last 5", "what would go, if of each pipeline five runs stay"),
    ("whence gc --keep-last 5 --yes", "let it go"),
    ("whence gc --older-than 30d --max-size 50GiB --yes", "the oldest first, until it fits"),
)


class _Rules(TypedDict):
    """What is kept, and whether the rest goes."""

    keep_last: int | None
    older_than: str | None
    max_size: str | None
    yes: bool
    wait: bool


@click.command("gc", cls=TeachingCommand, examples=_EXAMPLES)
@click.option(
    "--keep-last",
    metavar="N",
    type=click.IntRange(min=1),
    help="Keep the newest N completed runs of each pipeline.",
)
@click.option("--older-than", metavar="AGE", help="Keep runs that are not so old: 30d, 12h, 2w.")
@click.option(
    "--max-size",
    metavar="SIZE",
    help="Delete, what was used last at the end, until it fits: 50GiB.",
)
@click.option("--yes", is_flag=True, help="Do it; without, show what would go.")
@click.option("--wait", is_flag=True, help="With --yes, wait for runs that may use what is to go.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def collect(ctx: click.Context, *, as_json: bool, **rules: Unpack[_Rules]) -> None:
    """Delete stored bytes that no kept run needs.

    What any rule protects stays. Always kept are: the newest completed run of each pipeline, runs
    that go on, runs that failed, crashed or were cancelled since then, and what is tagged or bears
    or ever bore an alias. Runs, lineage, metrics and code stay readable; an artifact whose bytes
    are gone says so, and a step that needs them computes them again.

    Runs may go on meanwhile. What they may still use goes later, by the next `whence gc --yes`.
    """
    from whence.housekeeping.collect_garbage import collect_garbage  # noqa: PLC0415  # reaches the stores

    ctx.meta[JSON_ASKED] = as_json
    garbage = collect_garbage(**rules)
    if as_json:
        print_json(garbage.to_dict())
    else:
        show(garbage)
