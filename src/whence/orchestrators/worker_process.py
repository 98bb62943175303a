"""One worker process, seen from the process that started it."""

import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from whence.domain.frozen import frozen
from whence.orchestrators.code_places import CodePlaces
from whence.orchestrators.messages import Inbox, SetUp, Share, frame
from whence.orchestrators.packing import Packer
from whence.orchestrators.process_group import Leader, open_lifeline
from whence.orchestrators.shared_groups import Group
from whence.orchestrators.shared_objects import SharedObjects

_PROGRAM = (
    "import sys; _, connection, lifeline, parent, variables, *sys.path[:] = sys.argv; "
    "from whence.orchestrators.worker_main import main; "
    "main(int(connection), int(lifeline), int(parent), variables.split())"
)


@frozen
class Surroundings:
    """What all workers of one orchestrator have in common."""

    folder: Path  # for what is written
    directory: Path  # where they work
    environment: Mapping[str, str]
    variables: Mapping[str, str]  # that bound native threads
    functions: tuple[Callable[..., object], ...]  # as in `SetUp`


class WorkerProcess:
    """A process that makes one attempt at a time."""

    def __init__(self, number: int, around: Surroundings) -> None:
        self.number = number
        self.devices: tuple[str, ...] = ()
        self.is_watched = False
        self.groups: set[int] = set()
        self.known = SharedObjects("parent")
        self.packer = Packer(self.known)
        self.first_words = around.folder / f"{number}-0.txt"
        ours, theirs = socket.socketpair()
        with theirs:
            self.leader = _start(theirs, self.first_words, around)
        ours.setblocking(False)  # noqa: FBT003  # positional only
        self.connection = ours
        self.inbox = Inbox(ours)
        self._outbox = bytearray()
        functions = self.packer.pack(around.functions, CodePlaces(lambda _: False))
        self.send(SetUp(tuple(sys.argv), str(around.folder), number, functions))

    @property
    def awaits(self) -> int:
        """What is to be waited for on the connection, as `selectors` names it."""
        writing = selectors.EVENT_WRITE if self._outbox else 0
        return selectors.EVENT_READ | writing

    def send(self, message: object) -> None:
        """Send a message, now or when the worker has taken what is before it."""
        self._outbox += frame(message)
        self.flush()

    def flush(self) -> None:
        """Send as much as the connection takes."""
        try:
            while self._outbox:
                sent = self.connection.send(self._outbox)
                del self._outbox[:sent]
        except BlockingIOError:
            return
        except OSError:  # it is dead, which is noticed elsewhere
            self._outbox.clear()

    def share(self, group: Group, places: CodePlaces) -> None:
        """Send a group of shared objects, unless it is there."""
        if group.number in self.groups:
            return
        packed = self.packer.pack(group.members, places)
        for index, member in enumerate(group.members):
            self.known.add(("group", group.number, index), member)
        self.groups.add(group.number)
        self.send(Share(group.number, packed, group.digest))

    def read_first_words(self) -> str:
        """Return the end of what it wrote before its first attempt, such as why it cannot begin."""
        try:
            return self.first_words.read_text(encoding="utf-8", errors="replace")[-2000:].strip()
        except OSError:
            return ""

    def say_goodbye(self) -> None:
        """Let it end by itself once it has nothing to do."""
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def bury(self) -> int | None:
        """End it if it has not ended, with all that it started; return its code, as `Leader`."""
        self.connection.close()
        returned = self.leader.bury()
        self.first_words.unlink(missing_ok=True)
        return returned


def _start(theirs: socket.socket, words: Path, around: Surroundings) -> Leader:
    lifeline, ours = open_lifeline()
    passed = (theirs.fileno(), lifeline)
    numbers = [str(each) for each in (*passed, os.getpid())]
    command = [sys.executable, *_flags(), "-c", _PROGRAM, *numbers]
    try:
        with words.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # this very interpreter
                [*command, " ".join(around.variables), *map(str, sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=around.directory,
                env={**around.environment, **around.variables},
                pass_fds=passed,
                start_new_session=True,
            )
    finally:
        os.close(lifeline)
    return Leader(process, ours)


def _flags() -> Sequence[str]:
    """Return the options with which this interpreter was started, as far as code can tell."""
    flags = [
        *(["-" + "O" * sys.flags.optimize] if sys.flags.optimize else ()),
        *(["-B"] if sys.flags.dont_write_bytecode else ()),
        *(["-s"] if sys.flags.no_user_site else ()),
        *(["-E"] if sys.flags.ignore_environment else ()),
    ]
    flags += [f"-W{each}" for each in sys.warnoptions]
    extra: dict[str, str | bool] = getattr(sys, "_xoptions", {})  # CPython's own
    for name, value in extra.items():
        flags += ["-X", name if value is True else f"{name}={value}"]
    return flags
