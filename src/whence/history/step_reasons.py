"""Why a step of a run ran, or was reused."""

from typing import Any

from whence.caching.explain import Change
from whence.caching.past_runs import PastDecision, explain_step_run
from whence.domain.ids import RunId
from whence.domain.records import AcceptanceRecord, StepRunRecord
from whence.history.accepted_changes import acceptance_to_dict
from whence.history.lookups import find_run
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.reports.why_report import report_why, summarise
from whence.history.runs import Run


class Why(Shown):
    """Why one step run ran, or was reused. `print(why)` tells it, with diffs of changed code."""

    def __init__(self, decision: PastDecision) -> None:
        self._decision = decision

    @property
    def step_run(self) -> StepRunRecord:
        """The record of the step run that this is about."""
        return self._decision.step_run

    @property
    def reused(self) -> bool:
        """Whether it was reused rather than run."""
        return self.step_run.reused_from is not None

    @property
    def compared_with(self) -> RunId | None:
        """The run that it is compared with: the nearest earlier one, or who computed a hit."""
        earlier = self._decision.origin or self._decision.explanation.earlier
        earlier = earlier or self._decision.same_key
        return earlier.run_id if earlier is not None else None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What its result depends on and what differed; of a hit, what was accepted."""
        return self._decision.explanation.changes

    @property
    def acceptances(self) -> tuple[AcceptanceRecord, ...]:
        """Who declared the changes harmless, and why, if it was reused in spite of them."""
        return self._decision.acceptances

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON has."""
        step = self.step_run
        return {
            "run": step.run_id,
            "node": step.node,
            "step": step.step,
            "status": step.status.value,
            "reused": self.reused,
            "compared_with": self.compared_with,
            "because": summarise(self._decision),
            "changes": [change_to_dict(change) for change in self.changes],
            "acceptances": [acceptance_to_dict(each) for each in self.acceptances],
            "not_seen": [
                {"name": each.name, "where": each.where, "reason": each.reason}
                for each in self._decision.unresolved
            ],
            "not_reused": step.not_reused,
            "cache_key": step.cache_key,
        }

    def _one_line(self) -> str:
        return summarise(self._decision)

    def _report(self) -> Report:
        return report_why(self._decision)


def change_to_dict(change: Change) -> dict[str, Any]:
    """Return a change as what JSON has."""
    return {
        "kind": change.kind,
        "name": change.name,
        "sentence": change.sentence,
        "old": change.old,
        "new": change.new,
        "place": change.place,
        "diff": change.diff,
    }


def explain_step(run: Run[Any] | str, step: str) -> Why:
    """Return why a step of a run ran, or was reused: what changed since the nearest earlier run.

    The run is given as such, or as `whence.run` finds it; the step by its node. Raises
    `RecordNotFoundError`.
    """
    found = find_run(run) if isinstance(run, str) else run
    store = found.records.stack.metadata_store
    return Why(explain_step_run(found.steps[step].record, store))
