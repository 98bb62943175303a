"""Files given as parameters: a file is its content.

Size and modification time are the fast path, the hash is the truth: a file is hashed again when
either has changed since it was last hashed in this process.
"""

import os
import stat
import time
from functools import lru_cache
from pathlib import Path

from blake3 import blake3

from whence.domain.contents import FileEntry, describe_files

_SETTLED_SECONDS = 3
"""A file changed more recently could change again without a new modification time."""


def digest_path(path: Path) -> str:
    """Return the digest of what a file or folder holds; names of files inside a folder count.

    Raises `OSError` for what cannot be read.
    """
    if path.is_dir():
        entries = [_entry(file, file.relative_to(path).as_posix()) for file in _files_in(path)]
        return describe_files(entries).digest
    return describe_files([_entry(path, "")]).digest


def _files_in(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, _, names in os.walk(folder, onerror=_raise):
        found += [Path(parent, name) for name in names]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _entry(file: Path, name: str) -> FileEntry:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        msg = f"'{file}' is neither a file nor a folder"
        raise OSError(msg)
    facts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    may_still_change = time.time() - status.st_mtime < _SETTLED_SECONDS
    hash_file = _hash_file.__wrapped__ if may_still_change else _hash_file
    return FileEntry(name, status.st_size, hash_file(str(file.absolute()), facts))


@lru_cache(maxsize=65536)
def _hash_file(file: str, facts: tuple[int, ...]) -> str:  # noqa: ARG001  # they make the cache's key
    return blake3().update_mmap(file).hexdigest()
