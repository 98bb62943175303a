"""`whence runs`: the list of runs."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import describe_run_briefly, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show
from whence.domain.status import RunStatus

_EXAMPLES = (
    ("whence runs", "the newest runs"),
    ("whence runs --pipeline delays --status failed", "those of one pipeline that failed"),
    ("whence runs --json | jq '.runs[0].id'", "the id of the newest"),
)


class _Wanted(TypedDict):
    """Which runs are to be listed."""

    pipeline: str | None
    status: str | None
    tag: str | None
    limit: int


@click.command("runs", cls=TeachingCommand, examples=_EXAMPLES)
@click.option("--pipeline", metavar="NAME", help="Only runs of this pipeline.")
@click.option(
    "--status",
    type=click.Choice([each.value for each in RunStatus]),
    help="Only those that stand so.",
)
@click.option("--tag", metavar="TAG", help="Only runs with this tag.")
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
    """List runs, newest first."""
    from whence.history import lookups  # noqa: PLC0415  # reaches the stores: only when a list is made

    ctx.meta[JSON_ASKED] = as_json
    runs = lookups.list_runs(**wanted)
    if as_json:
        print_json({"runs": [describe_run_briefly(run) for run in runs]})
    elif not runs and not (wanted["pipeline"] or wanted["status"] or wanted["tag"]):
        click.echo("No run is recorded here yet. Start one: whence run FILE.py:PIPELINE")
    else:
        show(runs)
