"""Which states a power loss may leave: the disk as a model, drawn from recorded system calls.

Weak POSIX: until a file is flushed each of its writes may or may not have reached the disk, in any
order, and until a folder is flushed so may each name that appeared in it or left it. A rename
happens or does not; where its name was is gone exactly if where it went is there. Modes and times
are taken to be lost. Every state that an ordering file system (ext4, xfs) leaves is among these.
"""

import hashlib
import itertools
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.system_calls import WRITES, Call

_ALL_SUBSETS_UP_TO = 7  # pending changes
_RANDOM_SUBSETS = 24
_NOT_KEPT = ("-shm", ".lock")  # what SQLite and the lock make anew
_BOOTED_AT = time.time() - 3600
"""When files were written, as far as the disk knows: a machine takes its time to start again."""

SAID = "said"
"""The file, directly in the recorded folder, in which work says what is done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Something that is not on the disk for sure yet."""

    nodes: tuple[int, ...]  # flushing any of them puts it there
    apply: "Callable[[_Disk], None]"


class _Disk:
    """Files and folders by number; folders hold names of numbers."""

    def __init__(self) -> None:
        self.data: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = {0: {}}

    def copy(self) -> "_Disk":
        made = _Disk()
        made.data = dict(self.data)
        made.names = {number: dict(names) for number, names in self.names.items()}
        return made

    def write(self, node: int, offset: int, data: bytes) -> None:
        old = self.data.get(node, b"")
        padded = old[:offset].ljust(offset, b"\0")
        self.data[node] = padded + data + old[offset + len(data) :]

    def cut(self, node: int, size: int) -> None:
        self.data[node] = self.data.get(node, b"")[:size].ljust(size, b"\0")

    def add(self, folder: int, name: str, node: int) -> None:
        self.names.setdefault(folder, {})[name] = node

    def drop(self, folder: int, name: str) -> None:
        self.names.setdefault(folder, {}).pop(name, None)

    def list_files(self) -> Iterator[tuple[str, bytes | None]]:
        """Yield every path that can be reached, with its bytes, or None for a folder."""
        todo = [("", 0)]
        for path, node in todo:  # grows while it is walked
            for name, inner in sorted(self.names[node].items()):
                place = f"{path}/{name}" if path else name
                if inner in self.names:
                    yield place, None
                    todo.append((place, inner))
                else:
                    yield place, self.data.get(inner, b"")


class DiskRecorder:
    """Follows calls that were made below a folder; knows at each moment what may be lost."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._now = _Disk()  # as the process sees it
        self._sure = _Disk()  # as it is after a power loss, whatever else happens
        self._pending: list[_Change] = []
        self._next = 1
        self.said: list[str] = []
        self.moments: list[Moment] = []
        self.flushes = 0

    def take(self, call: Call, result: int) -> None:
        """Learn of a call that returned *result*."""
        if call.path == f"{self._root}/{SAID}":
            if call.name == "write" and result > 0:
                self._keep_moment()
                self.said.append(call.read_written(result)[1].decode().strip())
            return
        if result < 0 or call.path.endswith(_NOT_KEPT):
            return
        if call.name in WRITES:
            self._write(call, result)
        else:
            self._TAKEN.get(call.name, lambda _self, _call: None)(self, call)

    def finish(self) -> list["Moment"]:
        """Return every moment that is worth looking at."""
        self._keep_moment()
        return self.moments

    def _keep_moment(self) -> None:
        """Keep what may be lost now. Between two flushes only more of it comes."""
        self.moments.append(Moment(self._sure.copy(), tuple(self._pending), tuple(self.said)))

    def _write(self, call: Call, size: int) -> None:
        node = self._find(call.path)
        if node is None:
            return  # a file that has no name any more
        offset, data = call.read_written(size)
        self._change((node,), lambda disk: disk.write(node, offset, data))

    def _cut(self, call: Call) -> None:
        node = self._find(call.path)
        if node is not None:
            size = call.arguments[1] if call.name == "ftruncate" else 0
            self._change((node,), lambda disk: disk.cut(node, size))

    def _open(self, call: Call) -> None:
        if self._find(call.path) is not None:
            if call.truncates:
                self._cut(call)
        elif call.creates:
            self._name(call.path, self._new())

    def _make_folder(self, call: Call) -> None:
        node = self._new()
        self._now.names[node] = {}
        self._sure.names[node] = {}  # empty; whether it has a name is another matter
        self._name(call.path, node)

    def _link(self, call: Call) -> None:
        node = self._find(call.path)
        assert node is not None
        self._name(call.target, node)

    def _name(self, path: str, node: int) -> None:
        folder, name = self._split(path)
        self._change((folder,), lambda disk: disk.add(folder, name, node))

    def _remove(self, call: Call) -> None:
        folder, name = self._split(call.path)
        self._change((folder,), lambda disk: disk.drop(folder, name))

    def _rename(self, call: Call) -> None:
        (old, name), (new, target) = self._split(call.path), self._split(call.target)
        node = self._now.names[old][name]

        def move(disk: _Disk) -> None:
            disk.drop(old, name)
            disk.add(new, target, node)

        self._change((old, new), move)

    def _flush(self, call: Call) -> None:
        node = self._find(call.path)
        if not any(node in change.nodes for change in self._pending):
            return
        self._keep_moment()
        self.flushes += 1
        for change in self._pending:
            if node in change.nodes:
                change.apply(self._sure)
        self._pending = [change for change in self._pending if node not in change.nodes]

    def _change(self, nodes: tuple[int, ...], apply: Callable[[_Disk], None]) -> None:
        apply(self._now)
        self._pending.append(_Change(nodes, apply))

    def _new(self) -> int:
        self._next += 1
        return self._next

    def _find(self, path: str) -> int | None:
        node: int | None = 0
        for name in path.removeprefix(self._root).split("/")[1:]:
            node = self._now.names.get(node, {}).get(name) if node is not None else None
        return node

    def _split(self, path: str) -> tuple[int, str]:
        folder, _, name = path.rpartition("/")
        found = self._find(folder)
        assert found is not None, path
        return found, name

    _TAKEN: dict[str, Callable[["DiskRecorder", Call], None]] = {  # noqa: RUF012  # never changed
        "openat": _open,
        "ftruncate": _cut,
        "mkdir": _make_folder,
        "link": _link,
        "unlink": _remove,
        "unlinkat": _remove,
        "rmdir": _remove,
        "rename": _rename,
        "fsync": _flush,
        "fdatasync": _flush,
    }


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which the power may go."""

    _sure: _Disk
    _pending: tuple[_Change, ...]
    said: tuple[str, ...]

    def states(self, chance: random.Random) -> Iterator["CrashState"]:
        """Yield states that the disk may be in then: all of few, else some of each kind."""
        for kept in _subsets(self._pending, chance):
            disk = self._sure.copy()
            for change in kept:
                change.apply(disk)
            yield CrashState(tuple(disk.list_files()), self.said)


def _subsets(changes: Sequence[_Change], chance: random.Random) -> Iterator[Sequence[_Change]]:
    if len(changes) <= _ALL_SUBSETS_UP_TO:
        for size in range(len(changes) + 1):
            yield from itertools.combinations(changes, size)
        return
    yield ()
    yield changes
    for at in range(len(changes)):
        yield [*changes[:at], *changes[at + 1 :]]
        yield [changes[at]]
    for _ in range(_RANDOM_SUBSETS):
        share = chance.random()
        yield [change for change in changes if chance.random() < share]


@dataclass(frozen=True, slots=True)
class CrashState:
    """What lies on the disk after a power loss, and what had been said before it."""

    files: tuple[tuple[str, bytes | None], ...]
    said: tuple[str, ...]

    @property
    def fingerprint(self) -> bytes:
        """The same for equal states."""
        return hashlib.blake2b(repr((self.files, self.said)).encode()).digest()

    def build(self, root: Path) -> None:
        """Put it on a disk."""
        for place, data in self.files:
            path = root / place
            if data is None:
                path.mkdir()
            else:
                path.write_bytes(data)
                os.chmod(path, 0o644)  # noqa: PTH101  # whatever the caller's mask is
                os.utime(path, (_BOOTED_AT, _BOOTED_AT))
