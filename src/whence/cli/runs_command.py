"""`whence runs`: the list of runs, and those that are searched for."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import describe_listed_runs, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show
from whence.domain.status import RunStatus

_EXAMPLES = (
    ("whence runs", "the newest runs"),
    ("whence runs --pipeline delays --status failed", "those of one pipeline that failed"),
    ('whence runs --where "rmse<3.2" --where "fit.depth>=4"', "by metrics and parameters"),
    ("whence runs --since 7d --tag baseline --sort rmse", "tagged this week, the best first"),
    ("whence runs --model delay@3", "those that made a version of a model"),
    ("whence runs --json | jq '.runs[0].id'", "the id of the newest"),
)
_LOOKED_THROUGH = 1000  # runs in which the names of pipelines are looked for


class _Wanted(TypedDict):
    """Which runs are to be listed."""

    pipeline: str | None
    status: str | None
    tag: tuple[str, ...]
    name: str | None
    model: str | None
    note: str | None
    since: str | None
    until: str | None
    where: tuple[str, ...]
    order: str
    before: str | None
    limit: int


@click.command("runs", cls=TeachingCommand, examples=_EXAMPLES)
@click.option("--pipeline", metavar="NAME", help="Only runs of this pipeline.")
@click.option(
    "--status",
    type=click.Choice([each.value for each in RunStatus]),
    help="Only those that stand so.",
)
@click.option(
    "--where",
    metavar="CONDITION",
    multiple=True,
    help="Only those of which a metric or parameter compares so, such as rmse<3.2 or fit.depth>=4.",
)
@click.option("--since", metavar="WHEN", help="Only those that started since: 7d, or 2026-03-01.")
@click.option("--until", metavar="WHEN", help="Only those that started until then.")
@click.option("--tag", metavar="TAG", multiple=True, help="Only runs with this tag.")
@click.option("--note", metavar="TEXT", help="Only runs with this in one of their notes.")
@click.option("--name", metavar="NAME", help="Only runs of this name.")
@click.option(
    "--model", metavar="MODEL[@VERSION]", help="Only those that made this model, or this version."
)
@click.option(
    "--sort",
    "order",
    metavar="WHAT",
    default="-started",
    show_default=True,
    help="By started, duration, a metric or a parameter; with - before it, the largest first.",
)
@click.option("--before", metavar="RUN", help="Go on behind this run, the last that was listed.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def list_runs(
    ctx: click.Context,
    *,
    as_json: bool,
    **wanted: Unpack[_Wanted],
) -> None:
    """List runs, newest first.

    Of several conditions all must hold. What --where and --sort name has a column.
    """
    from whence.history import lookups  # noqa: PLC0415  # reaches the stores: only when a list is made

    ctx.meta[JSON_ASKED] = as_json
    runs = lookups.list_runs(**wanted)
    if as_json:
        print_json({"runs": describe_listed_runs(runs)})
    elif not runs and not lookups.list_runs(limit=1):
        click.echo("No run is recorded here yet. Start one: whence run FILE.py:PIPELINE")
    else:
        show(runs)
        if not runs and wanted["pipeline"] is not None:
            _suggest_pipeline(wanted["pipeline"])


def _suggest_pipeline(name: str) -> None:
    """Say which pipeline may be meant, where no run of one called *name* is recorded."""
    from whence.errors import suggest  # noqa: PLC0415  # as above
    from whence.history import lookups  # noqa: PLC0415  # as above

    if not lookups.list_runs(pipeline=name, limit=1):
        known = dict.fromkeys(run.pipeline for run in lookups.list_runs(limit=_LOOKED_THROUGH))
        click.echo(f"No run of a pipeline {name!r} is recorded. {suggest(name, known)}")
