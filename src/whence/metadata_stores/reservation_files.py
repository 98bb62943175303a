"""Who computes a cache key just now: one small file for each key, beside a local database.

Taking a key and giving it back happen once for every computed step, so they must not wait for the
database. A file's modification time says when its holder was last heard of.
"""

import fcntl
import os
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from whence.domain.records import Reservation
from whence.errors import StoreUnavailableError

_FORGOTTEN_SECONDS = 86_400
"""Age at which the file of a holder that died is removed; until then it blocks nobody either."""


@dataclass(frozen=True, slots=True)
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
        self._is_ready = False

    def reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        """Take *key* for *holder*, unless another one has it and its lease goes on."""
        with self._told_as_store_errors():
            return self._reserve(key, holder, lease_seconds)

    def _reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        self._make_folder()
        file, text = self._file(key), f"{lease_seconds}\n{holder}"
        if _create(file, text):
            return Reservation(key, holder, is_mine=True, seconds_left=lease_seconds)
        with self._taking_over():
            found = _read(file)
            if found is None or found.holder == holder or not found.is_live:
                _replace(file, text)
                return Reservation(key, holder, is_mine=True, seconds_left=lease_seconds)
        left = found.lease_seconds - found.age_seconds
        return Reservation(key, found.holder, is_mine=False, seconds_left=left)

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

    def _release(self, file: Path, key: str, holder: str) -> None:
        found = _read(file)
        if found is None or found.holder != holder:
            return
        if found.age_seconds < found.lease_seconds / 2:  # so nobody is taking it over now
            file.unlink(missing_ok=True)
            return
        with self._taking_over():
            if self._is_held(key, holder):
                file.unlink(missing_ok=True)

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

    def _file(self, key: str) -> Path:
        return self._folder / key.replace(":", "-").replace("/", "-")

    @contextmanager
    def _taking_over(self) -> Generator[None]:
        """Let one process at a time decide over reservations that exist."""
        lock = os.open(self._folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _make_folder(self) -> None:
        if self._is_ready and self._folder.is_dir():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._is_ready = True
        for file in self._folder.iterdir():
            found = _read(file) if not file.name.startswith(".") else None
            if found is not None and found.age_seconds > _FORGOTTEN_SECONDS:
                file.unlink(missing_ok=True)


def _create(file: Path, text: str) -> bool:
    """Make a file whole, unless there is one: the name appears with its content."""
    draft = file.with_name(f".{os.getpid()}-{time.monotonic_ns()}")
    draft.write_text(text)
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _replace(file: Path, text: str) -> None:
    draft = file.with_name(f".{os.getpid()}-{time.monotonic_ns()}")
    draft.write_text(text)
    draft.replace(file)


def _read(file: Path) -> _Found | None:
    with suppress(FileNotFoundError, ValueError):
        lease, _, holder = file.read_text().partition("\n")
        return _Found(holder, float(lease), time.time() - file.stat().st_mtime)
    return None
