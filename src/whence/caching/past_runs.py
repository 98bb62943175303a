"""Why a past step run ran, or was reused: the same question as for a plan, asked of the records."""

from dataclasses import dataclass

from whence.caching.explain import Explanation, explain_key, load_code, load_key
from whence.domain.ids import short_id
from whence.domain.records import StepRunRecord
from whence.interfaces.metadata_store import MetadataStore


@dataclass(frozen=True, slots=True)
class Why:
    """Why one step run ran, or did not. `print(why)` tells it."""

    step_run: StepRunRecord
    explanation: Explanation

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        step, run = self.step_run, short_id(self.step_run.run_id)
        if step.reused_from is not None:
            return [
                f"Step '{step.node}' of run {run} was reused.",
                f"Everything that its result depends on is as in step run {short_id(step.reused_from)}.",
            ]
        lines = [f"Step '{step.node}' of run {run} ran."]
        if step.not_reused is not None:
            lines.append(f"Its results serve no other run: {step.not_reused}.")
        earlier = self.explanation.earlier
        if earlier is None:
            return [*lines, "No earlier run of this step is recorded."]
        lines.append(f"Against the nearest earlier run, {short_id(earlier.run_id)}:")
        for change in self.explanation.changes:
            lines.append(f"  {change.sentence}")
            if change.diff:
                lines += [f"    {line}" for line in change.diff.splitlines()]
        return lines


def explain_step_run(step_run: StepRunRecord, store: MetadataStore) -> Why:
    """Return why a recorded step run ran, down to the parts of its code."""
    key = load_key(step_run, store)
    if key is None or step_run.reused_from is not None:
        return Why(step_run, Explanation(None, ()))
    candidates = store.list_step_runs(step=step_run.step, before=step_run.id)
    return Why(step_run, explain_key(key, load_code(key, store), candidates, store))
