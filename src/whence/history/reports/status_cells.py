"""How statuses look: the same words and tones wherever one is shown."""

from collections import Counter
from collections.abc import Sequence

from whence.domain.records import StepRunRecord
from whence.domain.status import RunStatus, StepStatus
from whence.history.reports.report import Cell, Tone

_TONES = {
    "completed": Tone.GOOD,
    "failed": Tone.BAD,
    "crashed": Tone.BAD,
    "running": Tone.BUSY,
    "cancelled": Tone.BUSY,
    "pending": Tone.QUIET,
    "skipped": Tone.QUIET,
}
_BY_WEIGHT = (Tone.BAD, Tone.BUSY, Tone.GOOD, Tone.QUIET)


def run_status_cell(status: RunStatus) -> Cell:
    """Return a run's status."""
    return Cell(status.value, _TONES[status.value])


def step_status_cell(step: StepRunRecord) -> Cell:
    """Return a step run's status, and whether its outputs were there already."""
    if step.cached:
        return Cell(f"{step.status.value}, cached", Tone.QUIET)
    return Cell(step.status.value, step_tone(step.status))


def group_status_cell(steps: Sequence[StepRunRecord]) -> Cell:
    """Return how the many items of a map stand: one word for all, else how many of each."""
    cells = [step_status_cell(step) for step in steps]
    counts = Counter(cell.text for cell in cells)
    worst = min((cell.tone for cell in cells), key=_BY_WEIGHT.index)
    if len(counts) == 1:
        return Cell(cells[0].text, worst)
    return Cell("; ".join(f"{count:,} {status}" for status, count in counts.most_common()), worst)


def step_tone(status: StepStatus) -> Tone:
    """Return the tone of a step run's status."""
    return _TONES[status.value]
