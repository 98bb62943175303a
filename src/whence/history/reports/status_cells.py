"""How statuses look: the same words and tones wherever one is shown."""

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


def run_status_cell(status: RunStatus) -> Cell:
    """Return a run's status."""
    return Cell(status.value, _TONES[status.value])


def step_status_cell(step: StepRunRecord) -> Cell:
    """Return a step run's status, and whether its outputs were there already."""
    if step.cached:
        return Cell(f"{step.status.value}, cached", Tone.QUIET)
    return Cell(step.status.value, step_tone(step.status))


def step_tone(status: StepStatus) -> Tone:
    """Return the tone of a step run's status."""
    return _TONES[status.value]
