"""`whence merge`: takes over everything of another store."""

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.progress_bar import progress_bar
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence merge ../other-project", "the store of another project"),
    ("whence merge /mnt/usb/runs.tar", "what `whence export` wrote"),
)
_INCOMPLETE = 1


@click.command("merge", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("other", metavar="OTHER", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def merge(ctx: click.Context, *, other: str, as_json: bool) -> None:
    """Take over everything of another store.

    OTHER is a home such as ../other/.whence, a project that has one, or a folder or .tar file that
    `whence export` wrote. It is not changed. What both have stays once; merging again, or the other
    way round, gives the same. Every content is verified before anything refers to it.

    Results of OTHER are reused here as your own are: merge what you trust. Exits with 1 where some
    of it was damaged and could not be taken over.
    """
    from whence.housekeeping.merge_stores import merge_store  # noqa: PLC0415  # reaches the stores

    ctx.meta[JSON_ASKED] = as_json
    with progress_bar("Merging") as on_progress:
        merged = merge_store(other, on_progress=on_progress)
    if as_json:
        print_json(merged.to_dict())
    else:
        show(merged)
    if not merged.is_whole:
        ctx.exit(_INCOMPLETE)
