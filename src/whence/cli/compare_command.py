"""`whence compare`: runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

if TYPE_CHECKING:
    from whence.history.comparing.comparison import Comparison

_EXAMPLES = (
    ("whence compare last~1 last", "the two newest runs"),
    ("whence compare baseline 1a2b3c4d --all", "by name and id, with what is equal"),
    ("whence compare delay@1 delay@champion", "versions of a model, by what made them"),
    ("whence compare a b --html diff.html", "one file to look at or to send, with all code"),
)


@click.command("compare", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("runs", metavar="RUN RUN [RUN]...", nargs=-1, required=True)
@click.option("--all", "show_equal", is_flag=True, help="Show also what is equal in all of them.")
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one HTML file that shows every step that differs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def compare_runs(
    ctx: click.Context,
    runs: tuple[str, ...],
    show_equal: bool,  # noqa: FBT001  # click passes options by name
    page: Path | None,
    as_json: bool,  # noqa: FBT001  # as above
) -> None:
    """Show how runs differ, side by side.

    RUN is an id, its last 6 or more characters, a name, `last`, or `last~1` for the one before;
    or a version of a model, as NAME@NUMBER or NAME@ALIAS, for the steps that made and judged it.
    The first line says where the runs part, what was changed there and which metric moved. Then
    comes what was changed, with diffs of code, and what came of it: metrics, outputs, durations.
    Each run is compared with the first.
    """
    from whence.cli.run_keys import find_compared  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.history.comparing.compare_runs import compare  # noqa: PLC0415  # as above
    from whence.history.reports.harmless_text import make_harmless  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    if len(runs) == 1:
        message = "To compare, name two runs or more, as in `whence compare last~1 last`."
        raise click.UsageError(message)
    comparison = compare(*map(find_compared, runs), show_equal=show_equal)
    if page is not None:
        _write_page(comparison, page)
    if as_json:
        print_json(comparison.to_dict())
    elif page is not None:
        for line in comparison.headlines:
            click.echo(make_harmless(line))
        click.echo(f"Written: {page}")
    else:
        show(comparison)


def _write_page(comparison: "Comparison", page: Path) -> None:
    try:
        comparison.to_html(page)
    except OSError as error:
        message = f"{page} cannot be written: {error.strerror}."
        raise click.BadParameter(message, param_hint="--html") from error
