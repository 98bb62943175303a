"""`whence plan`: what a run would do."""

from collections.abc import Mapping
from typing import Any, Unpack

import click

from whence.cli.json_documents import describe_plan, print_json
from whence.cli.target_command import (
    TargetCommand,
    TargetOptions,
    bind_given,
    retell_faults,
    target_options,
)
from whence.errors import InvalidPipelineError
from whence.graph.plan_text import LineKind, list_lines
from whence.history.reports.harmless_text import make_harmless

_STYLES: Mapping[LineKind, dict[str, Any]] = {
    LineKind.HEAD: {"bold": True},
    LineKind.HIT: {"dim": True},
    LineKind.MISS: {"fg": "yellow", "bold": True},
    LineKind.OPEN: {"fg": "cyan"},
    LineKind.REASON: {},
    LineKind.WARNING: {"fg": "yellow"},
    LineKind.DETAIL: {},
}
_EXAMPLES = (
    ("whence plan train.py:delays --data data/", "what that run would do"),
    ("whence plan train.py --help", "what the pipeline of that file takes"),
)


@click.command("plan", cls=TargetCommand, examples=_EXAMPLES)
@target_options
@click.pass_context
def plan_pipeline(ctx: click.Context, **options: Unpack[TargetOptions]) -> None:
    """Show what a run would do.

    Takes exactly what `whence run` takes. The pipeline is checked, not run: every fault of it and
    of what it is given is reported at once, and nothing is recorded. Of each step it says whether
    it will run (miss), is there already (hit), or is decided once others have run (open), and why.
    """
    pipeline = bind_given(ctx, options)
    try:
        plan = pipeline.plan()
    except InvalidPipelineError as error:
        raise retell_faults(error) from None
    if options["as_json"]:
        print_json(describe_plan(plan))
    else:
        for line in list_lines(plan):
            click.echo(click.style(make_harmless(line.text), **_STYLES[line.kind]))
