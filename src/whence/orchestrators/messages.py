"""What a worker process and the process that started it say to each other, and how it is framed."""

import pickle
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from whence.domain.attempts import AttemptId

_LENGTH = struct.Struct("!Q")
_READ_BYTES = 1 << 18


class SetUp(NamedTuple):
    """To a worker, first: where it is, and which functions it is to call."""

    arguments: Sequence[str]  # what steps find in `sys.argv`
    folder: str  # for what attempts write
    number: int  # of the worker, for names in that folder
    functions: bytes  # `execute` and what gives the digest of code, by name


class Share(NamedTuple):
    """To a worker: a group of objects that many jobs hold."""

    group: int
    packed: bytes
    digest: str | None  # of its code, where that can be told


class Begin(NamedTuple):
    """To a worker: make this attempt, with these groups there."""

    attempt: AttemptId
    packed: bytes
    groups: Sequence[int]
    environment: Mapping[str, str]
    threads: int  # for native libraries


class HasBegun(NamedTuple):
    """From a worker: the job is unpacked; what is written goes to this file."""

    attempt: AttemptId
    written: str


class Refused(NamedTuple):
    """From a worker: nothing has begun, for code or values did not arrive as they were sent."""

    attempt: AttemptId
    reason: str
    error: bytes | None = None


class HasProgressed(NamedTuple):
    """From a worker."""

    attempt: AttemptId
    done: int
    total: int | None


class HasEnded(NamedTuple):
    """From a worker: the packed result, and how many bytes the attempt has written."""

    attempt: AttemptId
    packed: bytes
    written: int


class NotSent(NamedTuple):
    """From a worker: an attempt ended, but its result cannot be packed."""

    attempt: AttemptId
    reason: str


def frame(message: object) -> bytes:
    """Return a message as bytes that say their own length."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


class Inbox:
    """Cuts what arrives on a socket into messages."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = bytearray()
        self.is_over = False

    def receive(self) -> bool:
        """Take what is there; return whether there was anything. A broken connection is over."""
        try:
            data = self._connection.recv(_READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self._held += data
        self.is_over = not data
        return bool(data)

    def take(self) -> Iterator[Any]:
        """Yield the messages that are whole."""
        while len(self._held) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._held)
            end = _LENGTH.size + size
            if len(self._held) < end:
                return
            data = bytes(self._held[_LENGTH.size : end])
            del self._held[:end]
            yield pickle.loads(data)  # noqa: S301  # of a process that belongs to this one
