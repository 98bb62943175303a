"""Who computes a cache key just now: one small file for each key, beside a local database.

Taking a key and giving it back happen once for every computed step, so they must not wait for the
database. A file's modification time says when its holder was last heard of.
"""

import fcntl
import os
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from whence.domain.frozen import frozen
from whence.domain.records import Reservation
from whence.errors import StoreUnavailableError

_FORGOTTEN_SECONDS = 86_400
"""Age at which the file of a holder that died is removed; until then it blocks nobody either."""

_UNWRITTEN_SECONDS = 10.0
"""How long a file that says nothing blocks others: who made it is about to write, or died."""

_SECONDS_TO_WRITE = 1.0
"""How long others wait for its first word, to know for whom they have to wait."""

_SECONDS_BETWEEN_LOOKS = 0.001


@frozen
class _Found:
    """What a file says."""

    holder: str
    lease_seconds: float
    age_seconds: float

    @property
    def is_live(self) -> bool:
        """Whether the lease goes on; one that began in the future is of a clock that went back."""
        return -1 < self.age_seconds < self.lease_seconds


class ReservationFiles:
    """The reservations of one store, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: dict[tuple[str, str], float] = {}  # key and holder: surely held until then
        self._is_swept = False

    def reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        """Take *key* for *holder*, unless another one has it and its lease goes on."""
        with self._told_as_store_errors():
            return self._reserve(key, holder, lease_seconds)

    def _reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        if not self._is_swept:
            self._sweep()
        file, text = self._file(key), f"{lease_seconds}\n{holder}"
        began = time.monotonic()
        while not self._create(file, text):
            with self._taking_over():
                found = _read(file)
                if found is None:
                    continue  # given back in this moment: others may have made it anew
                if not found.is_live or found.holder == holder:
                    _replace(file, text)
                    break
            if found.holder or time.monotonic() > began + _SECONDS_TO_WRITE:
                left = found.lease_seconds - found.age_seconds
                return Reservation(key, found.holder, is_mine=False, seconds_left=left)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        self._taken[key, holder] = began + lease_seconds / 2
        return Reservation(key, holder, is_mine=True, seconds_left=lease_seconds)

    def renew(self, keys: Sequence[str], holder: str, lease_seconds: float) -> None:
        """Prolong what *holder* still has of *keys*."""
        with self._told_as_store_errors():
            for key in keys:
                if self._is_held(key, holder):
                    with self._taking_over():
                        if self._is_held(key, holder):
                            _replace(self._file(key), f"{lease_seconds}\n{holder}")

    def release(self, keys: Sequence[str], holder: str) -> None:
        """Give back what *holder* still has of *keys*."""
        with self._told_as_store_errors():
            for key in keys:
                self._release(self._file(key), key, holder)

    def _release(self, file: str, key: str, holder: str) -> None:
        if time.monotonic() < self._taken.pop((key, holder), 0.0):
            _remove(file)
        elif self._is_held(key, holder):
            with self._taking_over():
                if self._is_held(key, holder):
                    _remove(file)

    @contextmanager
    def _told_as_store_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailableError(
                store="folder of reservations",
                location=self._folder,
                act="written",
                reason=f"{error.strerror}: {error.filename}.",
                cure="Make room on the disk, or let yourself write there.",
            ) from error

    def _is_held(self, key: str, holder: str) -> bool:
        found = _read(self._file(key))
        return found is not None and found.holder == holder

    def _file(self, key: str) -> str:
        return f"{self._folder}{os.sep}{key.replace(':', '-').replace('/', '-')}"

    @contextmanager
    def _taking_over(self) -> Generator[None]:
        """Let one process at a time decide over reservations that exist."""
        lock = os.open(self._folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _create(self, file: str, text: str) -> bool:
        """Make a file, unless there is one."""
        try:
            return _write_new(file, text)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return _write_new(file, text)

    def _sweep(self) -> None:
        """Remove what holders that died long ago have left."""
        self._is_swept = True
        for name in os.listdir(self._folder) if self._folder.is_dir() else ():  # noqa: PTH208  # only names
            file = f"{self._folder}{os.sep}{name}"
            if not name.startswith(".") and _is_forgotten(file):
                with self._taking_over():
                    if _is_forgotten(file):  # still: nobody has taken it over
                        _remove(file)


def _write_new(file: str, text: str) -> bool:
    """Make a file unless there is one; only plain calls, once for every step that is computed."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    try:
        os.write(descriptor, text.encode())
    except OSError:
        _remove(file)
        raise
    finally:
        os.close(descriptor)
    return True


def _replace(file: str, text: str) -> None:
    folder, name = os.path.split(file)
    draft = Path(folder, f".{os.getpid()}-{time.monotonic_ns()}-{name[-8:]}")
    draft.write_text(text)
    draft.replace(file)


def _remove(file: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(file)  # noqa: PTH108  # as plain as it is made


def _is_forgotten(file: str) -> bool:
    found = _read(file)
    return found is not None and found.age_seconds > _FORGOTTEN_SECONDS


def _read(file: str) -> _Found | None:
    """Return what a file says, of a damaged one that its lease is over; None if there is none."""
    try:
        text, age = Path(file).read_text(errors="replace"), time.time() - Path(file).stat().st_mtime
    except FileNotFoundError:
        return None
    lease, _, holder = text.partition("\n")
    if not text:
        return _Found("", _UNWRITTEN_SECONDS, age)
    try:
        return _Found(holder, float(lease), age)
    except ValueError:
        return _Found("", 0.0, age)
