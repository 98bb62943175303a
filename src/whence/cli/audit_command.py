"""`whence audit`: what a pipeline depends on that no cache key covers."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from whence.auditing.work import FOLDER_VARIABLE
from whence.authoring.build_pipeline import build_plan
from whence.cli.configuration import read_configuration
from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.target_command import TargetCommand, get_call, retell_faults
from whence.errors import InvalidPipelineError
from whence.history.reports.harmless_text import make_harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whence.auditing.findings import Audit, Finding, StepAudit
    from whence.graph.plan import Plan

_EXAMPLES = (
    ("whence audit train.py:delays --data data/", "takes what a run would take"),
    ("whence audit train.py --json", "as a document, for a machine"),
)
_WORDS = "whence.audit_words"
_FOLDER = "whence.audit_folder"


class AuditCommand(TargetCommand):
    """A target command that keeps its words, to give them to processes of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words, then parse them, and load what they name."""
        ctx.meta[_WORDS] = tuple(args)
        ctx.meta[_FOLDER] = os.environ.pop(FOLDER_VARIABLE, None)  # steps need not see it
        return super().parse_args(ctx, args)


class _Options(TypedDict):
    target: str
    config: str | None
    as_json: bool


@click.command("audit", cls=AuditCommand, examples=_EXAMPLES)
@click.argument("target", metavar="TARGET")
@click.option("--config", metavar="FILE", help="Parameters from a TOML file, as of `whence run`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def audit_pipeline(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Find what no cache key covers.

    Runs each step twice, in fresh processes under different hash seeds, and reports outputs that
    differ, and reads of files, environment, clock, randomness and network that would go unnoticed
    when a result is reused. Nothing is recorded.

    TARGET and what follows it are as for `whence run`. Ends with 0 if nothing was found, 1 if
    something was, 2 if nothing could be run.
    """
    plan = _build_plan(ctx, options)
    if ctx.meta[_FOLDER] is not None:
        _observe(plan, Path(ctx.meta[_FOLDER]))
        return
    from whence.auditing.audit_plan import audit_plan, this_python  # noqa: PLC0415  # the means to run are heavy

    words: Sequence[str] = ctx.meta[_WORDS]
    audit = audit_plan(plan, [*this_python(), "audit", *words], _tell)
    if options["as_json"]:
        print_json(_describe(audit))
    else:
        click.echo(_render(audit))
    ctx.exit(0 if audit.is_clean else 1)


def _build_plan(ctx: click.Context, options: _Options) -> "Plan":
    """Return the plan, without a look at what could be reused of it."""
    ctx.meta[JSON_ASKED] = options["as_json"]
    call = get_call(ctx)
    config = options["config"]
    configured = read_configuration(config, call.target) if config is not None else {}
    pipeline = call.target.pipeline.bind(**{**configured, **call.given.arguments})
    try:
        return build_plan(pipeline.spec, pipeline.bound, (), {})
    except InvalidPipelineError as error:
        raise retell_faults(error) from None


def _observe(plan: "Plan", folder: Path) -> None:
    """Run steps as a process of an audit; standard output is for what it tells alone."""
    from whence.auditing.run_steps import run_steps  # noqa: PLC0415  # the means to run are heavy

    sys.stdout.flush()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as tell_to:
        os.dup2(2, 1)
        run_steps(plan, folder, tell_to)


def _tell(line: str) -> None:
    click.echo(make_harmless(line), err=True)


# ------------------------------------------------------------------ what is shown


def _render(audit: "Audit") -> str:
    lines = [f"{audit.pipeline}: every step run twice, {_say_count(audit)}", ""]
    for step in audit.steps:
        lines += _render_step(step)
    return make_harmless("\n".join(lines))


def _say_count(audit: "Audit") -> str:
    if audit.count:
        return f"{audit.count} {'thing' if audit.count == 1 else 'things'} found"
    return "nothing found" if audit.is_clean else "not all could be audited"


def _render_step(step: "StepAudit") -> list[str]:
    lines: list[str] = []
    for finding in step.findings:
        lines += [f"{step.node}: {finding.sentence}", f"    fix: {finding.fix}"]
    if step.not_audited is not None:
        lines.append(f"{step.node}: not audited, for {step.not_audited}")
    lines += [
        f"{step.node}: {finding.sentence}; excused, for {step.excuse}" for finding in step.excused
    ]
    return lines or [f"{step.node}: nothing found"]


def _describe(audit: "Audit") -> dict[str, Any]:
    return {
        "pipeline": audit.pipeline,
        "found": audit.count,
        "clean": audit.is_clean,
        "steps": [
            {
                "node": step.node,
                "step": step.step,
                "not_audited": step.not_audited,
                "findings": [_describe_finding(each) for each in step.findings],
                "excuse": step.excuse,
                "excused": [_describe_finding(each) for each in step.excused],
            }
            for step in audit.steps
        ],
    }


def _describe_finding(finding: "Finding") -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "place": finding.place,
        "sentence": finding.sentence,
        "fix": finding.fix,
    }
