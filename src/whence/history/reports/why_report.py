"""What is shown of why a step ran, or was reused."""

from collections.abc import Iterator

from whence.caching.explain import Change
from whence.caching.past_runs import PastDecision
from whence.domain.ids import short_id
from whence.domain.records import AcceptanceRecord
from whence.domain.status import StepStatus
from whence.history.reports.quantities import format_moment
from whence.history.reports.report import Cell, Column, Diff, Report, Section, Table, Tone
from whence.history.reports.status_cells import step_status_cell

_MOST_LINES = 60  # of one diff


def report_why(decision: PastDecision) -> Report:
    """Return the report of why a step ran: what changed, with diffs of its code."""
    step = decision.step_run
    title = (Cell(step.node, Tone.STRONG), step_status_cell(step))
    return Report(title, summarise(decision), tuple(_sections(decision)))


def summarise(decision: PastDecision) -> str:
    """Return in a sentence why a step ran, or was reused."""
    step = decision.step_run
    who = f"Step '{step.node}' of run {short_id(step.run_id)}"
    if step.reused_from is not None:
        return f"{who} was reused: {_name_origin(decision)}."
    if decision.key is None:
        return f"{who} {_describe_end(decision)}."
    if decision.same_key is not None:
        same = short_id(decision.same_key.run_id)
        return f"{who} ran, though run {same} had the same key: {_why_again(decision)}."
    earlier = decision.explanation.earlier
    if earlier is None:
        return f"{who} ran: no earlier run of it has completed."
    return f"{who} ran: this changed since run {short_id(earlier.run_id)}, the nearest earlier one."


def _name_origin(decision: PastDecision) -> str:
    origin = decision.origin
    if origin is None:
        return "the run that computed its outputs is no longer recorded"
    run = short_id(origin.run_id)
    if decision.acceptances:
        return f"what changed since run {run} was declared harmless"
    return f"all that its result depends on is as in run {run}"


def _describe_end(decision: PastDecision) -> str:
    status = decision.step_run.status
    if status in {StepStatus.PENDING, StepStatus.SKIPPED, StepStatus.CANCELLED}:
        return f"never ran: it is {status}"
    return f"is {status}, and nothing is recorded of what its result depends on"


def _why_again(decision: PastDecision) -> str:
    if decision.step_run.not_reused is not None:
        return decision.step_run.not_reused
    return "it was to be computed anew, or what was stored had expired or could not be used"


def _sections(decision: PastDecision) -> Iterator[Section]:
    changes = decision.explanation.changes
    if changes:
        yield _list("What changed", [change.sentence for change in changes])
    for change in changes:
        if change.diff:
            yield show_diff(change)
    if decision.acceptances:
        yield _list("Accepted", [describe_acceptance(each) for each in decision.acceptances])
    if decision.unresolved:
        lines = [f"{each.name} ({each.where}): {each.reason}" for each in decision.unresolved]
        yield _list("Not seen by the key", lines)
    if decision.step_run.not_reused is not None and decision.same_key is None:
        yield _list("Its results serve no other run", [decision.step_run.not_reused])


def _list(title: str, lines: list[str]) -> Table:
    return Table(title, (Column(),), tuple((Cell(line),) for line in lines))


def show_diff(change: Change, title: str | None = None) -> Diff:
    """Return the diff of a change in code; of a long one its beginning."""
    lines = (change.diff or "").splitlines()
    shown = tuple(lines[:_MOST_LINES])
    rest = len(lines) - len(shown)
    usual = f"{change.name}, {change.place}" if change.place else change.name
    return Diff(title or usual, shown, f"and {rest} more lines" if rest > 0 else "")


def describe_acceptance(acceptance: AcceptanceRecord) -> str:
    """Return who accepted what, when and why, in one line."""
    moment = format_moment(acceptance.made_at)
    return (
        f"{acceptance.kind} {acceptance.subject}, by {acceptance.who} at {moment}: "
        f"{acceptance.reason} [{short_id(acceptance.id)}]"
    )
