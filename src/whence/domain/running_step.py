"""Which step is running here, if one is."""

from contextvars import ContextVar

_running: ContextVar[str | None] = ContextVar("whence_running_step", default=None)


def running_step_name() -> str | None:
    """Return the name of the running step's node, or None outside steps."""
    return _running.get()


enter_step = _running.set
leave_step = _running.reset
