"""`whence lineage`: what an artifact was made from, or what was made from it."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

_EXAMPLES = (
    ("whence lineage last", "what the newest run returned was made from"),
    ("whence lineage last evaluate.rmse", "one output of one of its steps"),
    ("whence lineage 1a2b3c4d --down", "what was made from an artifact, by the end of its id"),
    ("whence lineage delays/model --code", "of the newest completed run, with the source"),
    ("whence lineage last --mermaid > lineage.mmd", "as a chart"),
)


class _Options(TypedDict):
    artifact: str
    output: str | None
    down: bool
    depth: int | None
    mermaid: bool
    code: bool
    as_json: bool


@click.command("lineage", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("artifact", metavar="ARTIFACT")
@click.argument("output", metavar="[OUTPUT]", required=False)
@click.option("--down", is_flag=True, help="What was made from it, in any run of any pipeline.")
@click.option("--depth", type=click.IntRange(min=1), help="How many step runs far.")
@click.option("--code", is_flag=True, help="Show the source texts too.")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def trace_artifact(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Show what an artifact was made from.

    The tree leads back to the first inputs, through all runs and pipelines; below it stand the
    parameters, input files, code, packages and Python version of every step on the way. With --down
    it leads to everything that was made from the artifact.

    ARTIFACT is the end of an artifact's id, RUN.STEP.OUTPUT, RUN.OUTPUT, PIPELINE/OUTPUT (of its
    newest completed run; PIPELINE/OUTPUT@RUN of another), MODEL@VERSION, or RUN alone, for all that
    it returned. An OUTPUT may also stand by itself: `whence lineage last fit.model`.
    """
    from whence.cli.artifact_keys import find_meant_artifacts  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.history.lineage.trace import trace_lineage  # noqa: PLC0415  # as above
    from whence.stacks.current import open_stack  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = options["as_json"]
    if options["as_json"] and options["mermaid"]:
        message = "Give --json or --mermaid, not both."
        raise click.UsageError(message)
    meant = find_meant_artifacts(options["artifact"], options["output"])
    lineage = trace_lineage(
        open_stack().metadata_store,
        meant.ids,
        "down" if options["down"] else "up",
        options["depth"],
        code=options["code"],
        met_in=meant.run_id,
    )
    if options["as_json"]:
        print_json(lineage.to_dict())
    elif options["mermaid"]:
        click.echo(lineage.to_mermaid(), nl=False)
    else:
        show(lineage)
