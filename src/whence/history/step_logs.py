"""What a step printed and logged, wherever it lies now."""

from whence.domain.records import StepRunRecord
from whence.history.run_records import find_content
from whence.registry.stored_content import StoredContentSource
from whence.stacks.stack import Stack

LOG_FILE = "log.txt"


def read_log(step: StepRunRecord, stack: Stack) -> str:
    """Return the log of a step run; of one that runs or crashed, as far as it was written."""
    if step.log_digest is not None:
        content = find_content(stack, step.log_digest)
        data = StoredContentSource(content, None, stack.artifact_store).read_file(LOG_FILE)
    else:
        data = _read_growing_log(step, stack)
    return data.decode(errors="replace")


def _read_growing_log(step: StepRunRecord, stack: Stack) -> bytes:
    try:
        return (stack.logs / step.run_id / f"{step.id}.log").read_bytes()
    except FileNotFoundError:
        return b""
