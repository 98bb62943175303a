"""Which runs go on: a locked file for each, beside a local database.

The lock belongs to one process. The system frees it when that process ends, however it ends; a
forked child has no part in it, a process number that is used again does not matter, and it means
the same in every container of a machine. A process that is stopped holds it still.
"""

import errno
import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from whence.domain.frozen import frozen
from whence.domain.ids import RunId
from whence.domain.records import RunOwner
from whence.domain.status import CancelLevel
from whence.errors import StoreUnavailableError
from whence.metadata_stores.cures import MAKE_ROOM, MOVE

LOOK_SECONDS = 0.5
"""How long a request to end a run may stay unseen."""

_LOOKS_PER_BEAT = 10
"""A beat renews the lock and the time of the file, which says when the run was last heard of."""

_FORGOTTEN_SECONDS = 86_400
"""Age at which what nobody holds is removed; whoever goes on beats long before."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Inode = tuple[int, int]
_held: set[Inode] = set()
"""The files that this process itself has locked: to open and close one would free its lock."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)  # the locks stay with the parent


@frozen
class Sign:
    """What can be seen of a run: whether its process lives, and when it was last heard of."""

    is_present: bool
    last_heard: datetime | None = None


class PresenceFiles:
    """The signs of life of one store's runs, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def attend(self, run_id: RunId, on_cancel: Callable[[CancelLevel], None]) -> "Presence":
        """Let others know that this process goes on with a run, and listen to them."""
        with self._told_as_store_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            return Presence(self._folder / run_id, on_cancel)

    def look(self, run_id: RunId) -> Sign:
        """Return what can be seen of a run."""
        file = self._folder / run_id
        try:
            status = file.stat()
            is_present = _inode(status) in _held or _is_locked(file)
        except FileNotFoundError:
            return Sign(is_present=False)
        except OSError:  # it cannot be told: nobody is called dead for that
            return Sign(is_present=True)
        return Sign(is_present, datetime.fromtimestamp(status.st_mtime, UTC))

    def list_present(self) -> list[RunId]:
        """Return the runs whose processes live."""
        with suppress(FileNotFoundError):
            names = [file.name for file in self._folder.iterdir()]
            runs = [RunId(name) for name in names if "." not in name]
            return [run_id for run_id in runs if self.look(run_id).is_present]
        return []

    def ask_to_end(self, run_id: RunId, level: CancelLevel) -> None:
        """Ask the process of a run to end it; it looks twice a second."""
        with self._told_as_store_errors():
            _write(_request_of(self._folder / run_id), str(level.value))

    def forget(self, run_id: RunId) -> None:
        """Remove what a run that is over has left."""
        _remove(self._folder / run_id)

    def _sweep(self) -> None:
        """Remove what was left long ago by processes that died before they recorded anything."""
        for file in list(self._folder.iterdir()):
            with suppress(OSError):
                status = file.stat()
                is_old = time.time() - status.st_mtime > _FORGOTTEN_SECONDS
                if is_old and _inode(status) not in _held and not _is_locked(file):
                    file.unlink()

    @contextmanager
    def _told_as_store_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailableError(
                store="folder of running runs",
                location=self._folder,
                act="written",
                reason=f"{error.strerror}.",
                cure=MAKE_ROOM if error.errno in _NO_ROOM else MOVE,
            ) from error


class Presence:
    """A run's sign of life; a thread renews it and looks for requests until it is closed."""

    def __init__(self, file: Path, on_cancel: Callable[[CancelLevel], None]) -> None:
        self.owner = describe_owner()
        self._file = file
        self._on_cancel = on_cancel
        self._asked = CancelLevel.NONE
        self._descriptor, self._inode = _claim(file)
        self._closing = threading.Event()
        self._heart = threading.Thread(target=self._watch, name="whence-presence", daemon=True)
        self._heart.start()

    def close(self, *, ended: bool) -> None:
        """Go away; of a run whose end is recorded nothing stays.

        A forked child that comes by here leaves its parent's sign as it is.
        """
        if self.owner.process != os.getpid():
            return
        self._closing.set()
        self._heart.join()
        if ended:
            _remove(self._file)
        else:
            self._renew()
        with suppress(OSError):  # it is closed in any case
            os.close(self._descriptor)
        _held.discard(self._inode)

    def _watch(self) -> None:
        looks = 0
        while not self._closing.wait(LOOK_SECONDS):
            looks += 1
            with suppress(OSError):  # the next look tries again
                self._look_for_request()
                if looks % _LOOKS_PER_BEAT == 0:
                    self._renew()

    def _look_for_request(self) -> None:
        level = _take_request(_request_of(self._file))
        if level > self._asked:
            self._asked = level
            self._on_cancel(level)

    def _renew(self) -> None:
        """Say that the run goes on, also where something freed the lock or removed the file."""
        if self._is_missing():
            _held.discard(self._inode)
            os.close(self._descriptor)
            self._descriptor, self._inode = _claim(self._file)
            return
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.utime(self._descriptor)

    def _is_missing(self) -> bool:
        try:
            return _inode(self._file.stat()) != self._inode
        except FileNotFoundError:
            return True


@cache
def describe_owner() -> RunOwner:
    """Return this process, as others can tell it from those of other machines and times."""
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
    return RunOwner(socket.gethostname(), os.getpid(), boot)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=describe_owner.cache_clear)


def _claim(file: Path) -> tuple[int, Inode]:
    """Make and lock a file; it bears its name only when it is locked."""
    draft = file.with_name(f".{uuid4().hex}")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        inode = _inode(os.fstat(descriptor))
        _held.add(inode)
        draft.replace(file)
    except OSError:
        os.close(descriptor)
        draft.unlink(missing_ok=True)
        raise
    return descriptor, inode


def _is_locked(file: Path) -> bool:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # systems say it in either way
        return True
    finally:
        os.close(descriptor)
    return False


def _inode(status: os.stat_result) -> Inode:
    return status.st_dev, status.st_ino


def _request_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.cancel")


def _take_request(file: Path) -> CancelLevel:
    """Return what is asked for, and remove the request: who asked sees that it was heard."""
    taken = file.with_name(f".{uuid4().hex}")
    try:
        file.replace(taken)
        return CancelLevel(int(taken.read_text()))
    except (FileNotFoundError, ValueError):
        return CancelLevel.NONE
    finally:
        taken.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f".{uuid4().hex}")
    draft.write_text(text)
    draft.replace(file)


def _remove(file: Path) -> None:
    with suppress(OSError):  # what stays is of no harm: it is not locked
        _request_of(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
