"""The folder of a database, which must be found again after a power loss."""

import contextlib
import errno
import os
from pathlib import Path


def make_durable_folder(folder: Path) -> None:
    """Make *folder* and its parents, and wait until the disk has their names.

    SQLite flushes what lies in the folder, but not the folder's own name, which may be as new.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing or [folder]:  # its maker may not have flushed it
        with contextlib.suppress(PermissionError):  # a parent that others own may be unreadable
            _flush(place.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # this file system cannot flush folders, and need not
            raise
    finally:
        os.close(descriptor)
