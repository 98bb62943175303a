"""Files given as parameters: a file is its content.

Size and modification time are the fast path, the hash is the truth: a file is hashed again when
either has changed since it was last hashed in this process, as it is when its state has: a copy may
keep the old time of modification.
"""

import os
import stat
import time
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from blake3 import blake3

from whence.domain.contents import FileEntry, describe_files, hash_bytes
from whence.values.class_parts import kind_of, take_apart

_SETTLED_SECONDS = 3
"""A file changed more recently could change again without a new modification time."""

_WHENCE_FOLDER = ".whence"
"""Where records are kept: it changes with every run, and is nobody's input."""


def digest_path(path: Path) -> str:
    """Return the digest of what a file or folder holds; names inside a folder count.

    Links are followed. Raises `OSError` for what cannot be read.
    """
    if path.is_dir():
        return describe_files(list(_describe_folder(path))).digest
    return describe_files([_entry(path, "")]).digest


def find_paths(value: Any, place: str) -> Iterator[tuple[str, Path]]:
    """Yield every path in a parameter that names something which is there, with its place."""
    if isinstance(value, Path):
        if value.exists():
            yield place, value
    elif isinstance(value, list | tuple | set | frozenset | dict) or kind_of(type(value)):
        for step, part in _parts_of(value):
            yield from find_paths(part, place + step)


def _parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    kind = kind_of(type(value))
    if kind == "enum":
        return
    if kind is not None:
        yield from ((f".{name}", part) for name, part in take_apart(value, kind).items())
    elif isinstance(value, dict):
        for key, part in cast("dict[Any, Any]", value).items():
            yield f"[{key!r}]", part
            yield f"{{{key!r}}}", key
    elif isinstance(value, list | tuple):
        yield from ((f"[{at}]", part) for at, part in enumerate(cast("list[Any]", value)))
    else:
        yield from (("{...}", part) for part in sorted(value, key=repr))


def _describe_folder(folder: Path) -> Iterator[FileEntry]:
    """Yield the files of a folder, and its folders as names that end in a slash."""
    above = {os.fspath(folder): frozenset[tuple[int, int]]()}
    for parent, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        status = Path(parent).stat()
        here = above.pop(parent) | {(status.st_dev, status.st_ino)}
        folders[:] = [name for name in folders if name != _WHENCE_FOLDER]
        for inner in (Path(parent, name) for name in folders):
            _check_no_circle(inner, here)
            above[os.path.join(parent, inner.name)] = here  # noqa: PTH118  # as `os.walk` names it
            yield FileEntry(f"{inner.relative_to(folder).as_posix()}/", 0, hash_bytes(b""))
        for file in (Path(parent, name) for name in names):
            name = file.relative_to(folder).as_posix()
            yield _entry(file, name) if file.exists() else _broken_link(file, name)


def _broken_link(link: Path, name: str) -> FileEntry:
    return FileEntry(f"{name}@", 0, hash_bytes(os.fsencode(link.readlink())))


def _check_no_circle(folder: Path, above: Collection[tuple[int, int]]) -> None:
    status = folder.stat()
    if (status.st_dev, status.st_ino) in above:
        msg = f"'{folder}' links back to a folder that it lies in"
        raise OSError(msg)


def _raise(error: OSError) -> None:
    raise error


def _entry(file: Path, name: str) -> FileEntry:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        msg = f"'{file}' is neither a file nor a folder"
        raise OSError(msg)
    times = (status.st_mtime_ns, status.st_ctime_ns)
    facts = (status.st_dev, status.st_ino, status.st_size, *times)
    may_still_change = time.time() - max(times) / 1e9 < _SETTLED_SECONDS
    hash_file = _hash_file.__wrapped__ if may_still_change else _hash_file
    return FileEntry(name, status.st_size, hash_file(str(file.absolute()), facts))


@lru_cache(maxsize=65536)
def _hash_file(file: str, facts: tuple[int, ...]) -> str:  # noqa: ARG001  # they make the cache's key
    return blake3().update_mmap(file).hexdigest()
