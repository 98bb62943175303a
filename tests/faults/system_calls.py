"""The system calls that concern the disk: their numbers, and what their arguments name.

Numbers are those of Linux on x86-64; elsewhere the tests that need them are skipped.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = {
    "read": 0,
    "write": 1,
    "close": 3,
    "pread64": 17,
    "pwrite64": 18,
    "writev": 20,
    "sendfile": 40,
    "flock": 73,
    "fsync": 74,
    "fdatasync": 75,
    "ftruncate": 77,
    "rename": 82,
    "mkdir": 83,
    "rmdir": 84,
    "link": 86,
    "unlink": 87,
    "chmod": 90,
    "fchmod": 91,
    "openat": 257,
    "unlinkat": 263,
    "fchmodat": 268,
    "utimensat": 280,
    "copy_file_range": 326,
}
NAMES = {number: name for name, number in NUMBERS.items()}

WRITES = frozenset({"write", "pwrite64", "writev", "sendfile", "copy_file_range"})

CHANGES = frozenset(NUMBERS) - {"read", "pread64", "flock"}
"""By which a process changes the disk, or gets a hold of a file (`openat`, `close`)."""

_BY_DESCRIPTOR = {
    *("read", "write", "close", "pread64", "pwrite64", "writev", "sendfile", "flock"),
    *("fsync", "fdatasync", "ftruncate", "fchmod"),
}
_WRITTEN = dict.fromkeys(WRITES, 0) | {"copy_file_range": 2}
"""Which argument is the file that is written."""

_BY_TWO_PATHS = {"rename", "link"}
_BY_FOLDER_AND_PATH = {"openat", "unlinkat", "fchmodat", "utimensat"}
_LONGEST_PATH = 4096
_AT_FDCWD = -100


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that a process is about to make."""

    thread: int
    name: str
    arguments: tuple[int, ...]
    path: str  # of the file or folder that it is about, absolute
    target: str = ""  # the second path of those that have two

    @property
    def creates(self) -> bool:
        """Whether an `openat` makes a file that is not there."""
        return self.name == "openat" and bool(self.arguments[2] & os.O_CREAT)

    @property
    def truncates(self) -> bool:
        """Whether an `openat` empties the file."""
        return self.name == "openat" and bool(self.arguments[2] & os.O_TRUNC)

    def read_written(self, size: int) -> tuple[int, bytes]:
        """Return where a call that wrote *size* bytes wrote them, and the bytes."""
        descriptor = self.arguments[_WRITTEN[self.name]]
        if self.name == "pwrite64":
            offset = self.arguments[3]
        else:
            facts = Path(f"/proc/{self.thread}/fdinfo/{descriptor}").read_text()
            offset = int(facts.split("pos:")[1].split()[0]) - size
        file = os.open(f"/proc/{self.thread}/fd/{descriptor}", os.O_RDONLY)
        try:
            return offset, os.pread(file, size, offset)
        finally:
            os.close(file)


def describe_call(thread: int, number: int, arguments: "Sequence[int]") -> Call:
    """Return the call that a stopped thread is about to make."""
    name = NAMES[number]
    path, target = _paths(thread, name, arguments)
    return Call(thread, name, tuple(arguments), path, target)


def _paths(thread: int, name: str, arguments: "Sequence[int]") -> tuple[str, str]:
    if name in _BY_DESCRIPTOR:
        return _of_descriptor(thread, arguments[0]), ""
    if name == "copy_file_range":
        return _of_descriptor(thread, arguments[2]), ""
    if name in _BY_FOLDER_AND_PATH:
        return _absolute(thread, arguments[0], _read_text(thread, arguments[1])), ""
    first = _absolute(thread, _AT_FDCWD, _read_text(thread, arguments[0]))
    if name in _BY_TWO_PATHS:
        return first, _absolute(thread, _AT_FDCWD, _read_text(thread, arguments[1]))
    return first, ""


def _absolute(thread: int, folder: int, path: str) -> str:
    if path.startswith("/"):
        return os.path.normpath(path)
    at_home = folder & 0xFFFFFFFF == _AT_FDCWD & 0xFFFFFFFF
    start = (
        str(Path(f"/proc/{thread}/cwd").readlink()) if at_home else _of_descriptor(thread, folder)
    )
    return os.path.normpath(os.path.join(start, path))  # noqa: PTH118  # text, not a place of ours


def _of_descriptor(thread: int, descriptor: int) -> str:
    try:
        return str(Path(f"/proc/{thread}/fd/{descriptor & 0xFFFFFFFF}").readlink())
    except OSError:
        return ""  # closed already, or never open


def _read_text(thread: int, address: int) -> str:
    if address == 0:
        return ""
    data = read_memory(thread, address, _LONGEST_PATH)
    return os.fsdecode(data.partition(b"\0")[0])


def read_memory(thread: int, address: int, size: int) -> bytes:
    """Return bytes of a stopped process, as many as there are."""
    memory = os.open(f"/proc/{thread}/mem", os.O_RDONLY)
    try:
        return os.pread(memory, size, address)
    finally:
        os.close(memory)
