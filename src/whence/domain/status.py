"""The states of runs and step runs, and how soon one is to end."""

from enum import IntEnum, StrEnum


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"  # its process died without saying so

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self is not RunStatus.RUNNING


class StepStatus(StrEnum):
    """How a step run stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"  # something it depends on did not complete
    CANCELLED = "cancelled"
    CRASHED = "crashed"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {StepStatus.PENDING, StepStatus.RUNNING}


class CancelLevel(IntEnum):
    """How soon a run is asked to end."""

    NONE = 0
    ORDERLY = 1  # what runs may finish, nothing more starts
    AT_ONCE = 2  # what runs is stopped
