"""What a failing disk means to people: reasons and cures by error number."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from whence.errors import StoreUnavailableError

_SAYINGS = {
    errno.ENOSPC: ("The disk is full.", "Free some space, then run again."),
    errno.EDQUOT: ("Your disk quota is used up.", "Free some space, then run again."),
    errno.EFBIG: ("A file grew beyond the limit for files.", "Raise the limit: ulimit -f."),
    errno.EIO: ("The disk reports an input/output error.", "Check the disk, then run again."),
    errno.EROFS: ("The file system is read-only.", "Set WHENCE_HOME to a folder you can write to."),
    errno.EMFILE: ("This process has too many open files.", "Raise the limit: ulimit -n."),
}
_NOT_ALLOWED = (
    "You are not allowed to write there.",
    "Correct its permissions, or set WHENCE_HOME to a folder you can write to.",
)
_NOT_KNOWN = "Look at the folder that it names, then run again."


def describe_disk_error(error: OSError) -> tuple[str, str]:
    """Return the reason and the cure that an operating system's error stands for."""
    if isinstance(error, PermissionError):
        return _NOT_ALLOWED
    return _SAYINGS.get(error.errno or 0, (f"{error.strerror or error}.", _NOT_KNOWN))


@contextmanager
def unavailable_store(root: Path, act: str) -> Generator[None]:
    """Turn an operating system's error into a `StoreUnavailableError` that explains it."""
    try:
        yield
    except OSError as error:
        reason, cure = describe_disk_error(error)
        raise StoreUnavailableError(
            where=str(error.filename) if error.filename else None,
            store="artifact store",
            location=root,
            act=act,
            reason=reason,
            cure=cure,
        ) from error
