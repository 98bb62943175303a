"""Runs work in a forked process that stops before every system call about a folder.

What becomes of each call is decided by the test: it goes on, fails, brings a signal, or is the last
one. Calls are numbered over all threads of the process, so "the N-th change of the disk" means the
same wherever it happens; each point is met once, and a sweep ends where no point is left.

The calling process must have no threads. Processes that the work starts are followed too.
"""

import ctypes
import errno
import functools
import os
import platform
import signal
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.system_calls import NUMBERS, Call, describe_call

_TRACEME, _POKEUSER, _CONT, _SYSCALL = 0, 6, 7, 24
_SETOPTIONS, _GETEVENTMSG, _GET_SYSCALL_INFO = 0x4200, 0x4201, 0x420E
_FOLLOW = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x80 | 0x100000
"""Tell stops at calls from others; follow forks, threads and programs; end with us."""

_AT_A_CALL = signal.SIGTRAP | 0x80
_EVENT_SECCOMP = 7
_OFFSET_OF_RESULT, _OFFSET_OF_NUMBER = 80, 120  # in what the kernel keeps of an x86-64 thread
_EVERY_CHILD = 0x40000000  # threads too
_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # instructions of a filter
_TRACE, _ALLOW = 0x7FF00000, 0x7FFF0000


@dataclass(frozen=True, slots=True)
class Fail:
    """The call fails with this error number and changes nothing."""

    number: int


@dataclass(frozen=True, slots=True)
class Send:
    """The process gets this signal, then the call is made."""

    signal: signal.Signals


KILL = Send(signal.SIGKILL)
Fate = Fail | Send | None
"""What becomes of a call; None lets it be made."""

Decide = Callable[[Call], Fate]


@dataclass(slots=True)
class Ending:
    """How traced work ended."""

    status: int = 0  # as `os.waitpid` gives it
    said: list[str] = field(default_factory=list[str])

    @property
    def killed(self) -> bool:
        """Whether a SIGKILL ended it."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

    @property
    def code(self) -> int:
        """The exit code; the negative number of the signal that ended it."""
        return os.waitstatus_to_exitcode(self.status)


class AtCall:
    """Gives a fate to the N-th call of these names, and to no other; counts all of them.

    Those whose path does not hold the words *below* are neither met nor counted.
    """

    def __init__(self, number: int, fate: Fate, names: Collection[str], *, below: str = "") -> None:
        self._number = number
        self._fate = fate
        self._names = names
        self._below = below
        self.count = 0
        self.met: Call | None = None

    def __call__(self, call: Call) -> Fate:
        """Decide what becomes of a call."""
        if call.name not in self._names or self._below not in call.path:
            return None
        self.count += 1
        if self.count != self._number:
            return None
        self.met = call
        return self._fate


def reason_not_to_trace() -> str | None:
    """Return why this machine cannot trace; None if it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "system calls are traced on Linux for x86-64 only"
    libc = _libc()
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.ptrace(_TRACEME, 0, 0, 0) == 0 else 1)
    return None if os.waitpid(child, 0)[1] == 0 else "tracing is not allowed here"


def run_traced(
    work: Callable[[int], None],
    decide: Decide,
    *,
    folder: str,
    names: Collection[str],
    after: Callable[[Call, int], None] | None = None,
) -> Ending:
    """Let *work* write to a pipe in a forked process, and *decide* about its calls below *folder*.

    *after* is told each call that was made and what it returned.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_traced(work, writing, names)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        status = _Tracing(child, decide, folder, after).follow()
        return Ending(status, pipe.read().decode().splitlines())


def _be_traced(work: Callable[[int], None], pipe: int, names: Collection[str]) -> None:
    code = 70
    try:
        _call(_TRACEME, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)  # until the tracer is ready
        _stop_at({NUMBERS[name] for name in names})
        work(pipe)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001  # the child must not go on as its parent
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


class _Tracing:
    """One traced process, and those that it starts."""

    def __init__(
        self,
        child: int,
        decide: Decide,
        folder: str,
        after: Callable[[Call, int], None] | None,
    ) -> None:
        self._child = child
        self._decide = decide
        self._folder = folder
        self._after = after
        self._made: dict[int, Call] = {}  # calls being made, by thread

    def follow(self) -> int:
        """Return how the process ended."""
        os.waitpid(self._child, 0)
        _call(_SETOPTIONS, self._child, 0, _FOLLOW)
        _call(_CONT, self._child, 0, 0)
        ending = 0
        while True:
            try:
                thread, status = os.waitpid(-1, _EVERY_CHILD)
            except ChildProcessError:
                return ending
            if not os.WIFSTOPPED(status):
                ending = status if thread == self._child else ending
                continue
            with suppress(ProcessLookupError):  # killed meanwhile
                self._go_on(thread, status)

    def _go_on(self, thread: int, status: int) -> None:
        reason = os.WSTOPSIG(status)
        if status >> 16 == _EVENT_SECCOMP:
            _call(self._meet(thread), thread, 0, 0)
        elif reason == _AT_A_CALL:
            self._tell_after(thread)
            _call(_CONT, thread, 0, 0)
        elif status >> 16 or reason in {signal.SIGSTOP, signal.SIGTRAP}:  # a new thread, a program
            _call(_CONT, thread, 0, 0)
        else:
            _call(_CONT, thread, 0, reason)

    def _meet(self, thread: int) -> int:
        """Do with the call that *thread* is about to make as decided; return how to go on."""
        facts = _syscall_info(thread)
        call = describe_call(thread, facts.number, facts.arguments)
        if not (call.path + "/").startswith(self._folder + "/"):
            return _CONT
        fate = self._decide(call)
        if isinstance(fate, Send):
            os.kill(_process_of(thread), fate.signal)
        elif isinstance(fate, Fail):
            _call(_POKEUSER, thread, _OFFSET_OF_NUMBER, -1 & (1 << 64) - 1)
            _call(_POKEUSER, thread, _OFFSET_OF_RESULT, -fate.number & (1 << 64) - 1)
        elif self._after is not None:
            self._made[thread] = call
            return _SYSCALL
        return _CONT

    def _tell_after(self, thread: int) -> None:
        assert self._after is not None
        self._after(self._made.pop(thread), _syscall_info(thread).result)


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status") as file:  # noqa: PTH123  # for every call: keep it quick
        return int(file.read().split("Tgid:")[1].split()[0])


# ---------------------------------------------------------------------- the kernel's side


class _Facts(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_uint8),
        ("_padding", ctypes.c_uint8 * 3),
        ("architecture", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),  # at the end of a call: its result
        ("arguments", ctypes.c_uint64 * 6),
        ("_more", ctypes.c_uint64),
    )

    @property
    def result(self) -> int:
        return ctypes.c_int64(self.number).value


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    return libc


def _call(request: int, thread: int, address: int, data: int) -> None:
    if _libc().ptrace(request, thread, address, data) == -1:
        _raise_last_error()


def _syscall_info(thread: int) -> _Facts:
    facts = _Facts()
    size = ctypes.sizeof(facts)
    if _libc().ptrace(_GET_SYSCALL_INFO, thread, size, ctypes.addressof(facts)) < 0:
        _raise_last_error()
    return facts


def _stop_at(numbers: Collection[int]) -> None:
    """Let the tracer be asked before every call of these numbers, and before no other."""
    tests = [(_JUMP_IF_EQUAL, len(numbers) - at, 0, each) for at, each in enumerate(numbers)]
    program = [(_LOAD, 0, 0, 0), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _TRACE)]
    instructions = (_Instruction * len(program))(*program)
    described = _Filter(len(program), instructions)
    libc = _libc()
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(
        _SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(described), 0, 0
    ):
        _raise_last_error()


def _raise_last_error() -> None:
    number = ctypes.get_errno()
    if number == errno.ESRCH:
        raise ProcessLookupError
    raise OSError(number, os.strerror(number))
