"""Who computes a cache key just now: a small table in a file of its own, beside a local database.

Taking a key and giving it back happen once for every computed step, so they must not wait for the
database, and cost no more than a few plain calls. The file is a hash table of fixed size: a key's
digest says in which bucket its row lies. Whoever changes a row holds the lock of the file.

What is damaged, or was left before the machine was last started, blocks nobody: a row holds only
while its end lies ahead, and no further than its lease is long.
"""

import fcntl
import os
import random
import struct
import threading
import time
import weakref
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from whence.domain.frozen import frozen
from whence.domain.records import Reservation
from whence.errors import StoreUnavailableError

_ROW = struct.Struct("<32sdd80s")  # digest of the key, end and length of the lease, holder
_ROWS_PER_BUCKET = 32
_BUCKET_BYTES = _ROWS_PER_BUCKET * _ROW.size  # one page
_BUCKETS = 512
_NO_ROW = bytes(_ROW.size)

_LONGEST_LEASE = 86_400.0  # seconds; what says more is damaged
_SLACK_SECONDS = 0.001  # by which rounding may put the end of a lease too far ahead

_PATIENCE_SECONDS = 10.0
"""How long the lock is waited for. Whoever holds it longer was stopped in the middle of an act;
without it, at worst something is computed twice."""

_SECONDS_BETWEEN_TRIES = 0.0005


@frozen
class _Found:
    """A row, and where it lies."""

    place: int
    ends_at: float  # by the clock that all processes of a machine share, which nobody can set
    lease_seconds: float
    holder: str

    def seconds_left(self, now: float) -> float:
        """Return how long it holds; 0 or less if it does not."""
        left = self.ends_at - now
        most = min(self.lease_seconds, _LONGEST_LEASE) + _SLACK_SECONDS
        return left if left <= most else 0.0  # also for what is no number


class ReservationTable:
    """The reservations of one store. Threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin()
        self._sure: dict[tuple[str, str], tuple[int, float]] = {}
        """By key and holder: where the row lies, and until when nobody else may touch it."""

    def reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        """Take *key* for *holder*, unless another one has it and its lease goes on."""
        digest = _digest(key)
        with self._locked() as file:
            now = time.monotonic()
            start, bucket = _read_bucket(file, digest)
            found = _find(bucket, start, digest)
            if found is not None and found.holder != holder:
                left = found.seconds_left(now)
                if left > 0:
                    return Reservation(key, found.holder, is_mine=False, seconds_left=left)
            place = found.place if found is not None else _find_room(bucket, start, now)
            if place is not None:  # else so much is computed that one more may be so twice
                os.pwrite(file, _pack(digest, now, lease_seconds, holder), place)
                self._sure[key, holder] = place, now + lease_seconds / 2
        return Reservation(key, holder, is_mine=True, seconds_left=lease_seconds)

    def renew(self, keys: Sequence[str], holder: str, lease_seconds: float) -> None:
        """Prolong what *holder* still has of *keys*."""
        if _inode(self._path) is None:
            return
        with self._locked() as file:
            now = time.monotonic()
            for key in keys:
                digest = _digest(key)
                found = _look_up(file, digest)
                if found is not None and found.holder == holder:
                    os.pwrite(file, _pack(digest, now, lease_seconds, holder), found.place)
                    self._sure[key, holder] = found.place, now + lease_seconds / 2

    def release(self, keys: Sequence[str], holder: str) -> None:
        """Give back what *holder* still has of *keys*."""
        if _inode(self._path) is None:
            return
        with self._locked() as file:
            now = time.monotonic()
            for key in keys:
                place, sure_until = self._sure.pop((key, holder), (0, 0.0))
                if now >= sure_until:
                    found = _look_up(file, _digest(key))
                    if found is None or found.holder != holder:
                        continue
                    place = found.place
                os.pwrite(file, _NO_ROW, place)

    @contextmanager
    def _locked(self) -> Generator[int]:
        """Hold the lock of the file, which is made if need be; yield its descriptor."""
        if self._process != os.getpid():
            self.close()  # the lock of a file that was opened before a fork is shared
            self._begin()
        try:
            with self._mutex:
                file = self._open()
                _lock(file)
                try:
                    yield file
                finally:
                    fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as error:
            raise StoreUnavailableError(
                store="table of reservations",
                location=self._path,
                act="written",
                reason=f"{error.strerror}.",
                cure="Make room on the disk, or let yourself write there.",
            ) from error

    def _open(self) -> int:
        """Return a descriptor of the file, opened anew if somebody removed or replaced it."""
        if self._file is None or _inode(self._path) != self._inode:
            self._sure.clear()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.close()
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o666)
            self._close = weakref.finalize(self, os.close, self._file)
            self._inode = os.fstat(self._file).st_ino
        return self._file

    def _begin(self) -> None:
        self._process = os.getpid()
        self._mutex = threading.Lock()
        self._file: int | None = None
        self._close: Callable[[], object] | None = None
        self._inode: int | None = None

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._close is not None:
            self._close()
            self._file = self._close = None


def _lock(file: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _try_lock(file) and time.monotonic() < deadline:
        time.sleep(_SECONDS_BETWEEN_TRIES * random.random())  # noqa: S311  # spreads the tries


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _inode(path: Path) -> int | None:
    try:
        return os.stat(path).st_ino  # noqa: PTH116  # in the way of every computed step
    except FileNotFoundError:
        return None


def _digest(key: str) -> bytes:
    return blake2b(key.encode(errors="backslashreplace"), digest_size=32).digest()


def _look_up(file: int, digest: bytes) -> _Found | None:
    start, bucket = _read_bucket(file, digest)
    return _find(bucket, start, digest)


def _read_bucket(file: int, digest: bytes) -> tuple[int, bytes]:
    """Return the rows among which a key's lies, and where they begin; as zeros if never written."""
    start = int.from_bytes(digest[:4], "little") % _BUCKETS * _BUCKET_BYTES
    return start, os.pread(file, _BUCKET_BYTES, start)


def _find(bucket: bytes, start: int, digest: bytes) -> _Found | None:
    at = bucket.find(digest)
    while at % _ROW.size and at >= 0:  # the same bytes by chance, across rows or in another field
        at = bucket.find(digest, at + 1)
    if at < 0 or at + _ROW.size > len(bucket):
        return None
    _, ends_at, lease_seconds, holder = _ROW.unpack_from(bucket, at)
    return _Found(start + at, ends_at, lease_seconds, holder.rstrip(b"\0").decode(errors="replace"))


def _find_room(bucket: bytes, start: int, now: float) -> int | None:
    """Return where a row can be put: where none was, else in the place of one that is over."""
    at = bucket.find(_NO_ROW)
    while at >= 0:
        row = at + -at % _ROW.size  # the next one that begins in these zeros
        if bucket.startswith(_NO_ROW, row):
            return start + row
        at = bucket.find(_NO_ROW, row)
    whole = len(bucket) // _ROW.size
    if whole < _ROWS_PER_BUCKET:  # the file ends here
        return start + whole * _ROW.size
    for row in range(_ROWS_PER_BUCKET):
        _, ends_at, lease_seconds, _ = _ROW.unpack_from(bucket, row * _ROW.size)
        if _Found(0, ends_at, lease_seconds, "").seconds_left(now) <= 0:
            return start + row * _ROW.size
    return None


def _pack(digest: bytes, now: float, lease_seconds: float, holder: str) -> bytes:
    """Return a row of a lease that begins now."""
    return _ROW.pack(digest, now + lease_seconds, lease_seconds, holder.encode(errors="replace"))
