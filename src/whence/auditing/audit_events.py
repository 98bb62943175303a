"""What Python's audit events say of a step: files, folders, network, other programs."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from whence.auditing.callers import Caller
from whence.auditing.findings import FindingKind
from whence.auditing.watched_step import WatchedStep

Handler = Callable[..., None]
"""Is called with the watched step, who asked, and the arguments of the event."""

_LONGEST_COMMAND = 60
_PROCESS_WRAPPERS = frozenset({"asyncio", "os", "shutil", "subprocess"})
_ASK_OF_THE_MACHINE = {"cc", "file", "gcc", "ld", "ldconfig", "lscpu", "objdump", "sysctl", "uname"}
_OWN_WORKERS = frozenset({"concurrent", "multiprocessing"})


# ------------------------------------------------------------------ files and folders


def _opened(step: WatchedStep, caller: Caller, path: Any, mode: Any, flags: Any) -> None:
    name = _path_text(path)
    if name is None or Path(name).is_dir():
        return
    if not Path(name).exists():
        if flags & os.O_CREAT:
            step.files.add(name)
    elif _replaces(mode, flags):
        step.files.add(name)
    elif not _only_writes(mode, flags):
        step.note_path(FindingKind.FILE, name, caller)


def _replaces(mode: Any, flags: int) -> bool:
    return (isinstance(mode, str) and "w" in mode) or bool(flags & os.O_TRUNC)


def _only_writes(mode: Any, flags: int) -> bool:
    if isinstance(mode, str):
        return "a" in mode and "+" not in mode
    return bool(flags & os.O_WRONLY)


def _listed(step: WatchedStep, caller: Caller, path: Any = None) -> None:
    name = "." if path is None else _path_text(path)
    if name is not None:
        step.note_path(FindingKind.FOLDER, name, caller)


def _made_folder(step: WatchedStep, caller: Caller, path: Any, *_: Any) -> None:
    del caller
    name = _path_text(path)
    if name is not None and not Path(name).exists():
        step.files.add(name)


def _renamed(step: WatchedStep, caller: Caller, old: Any, new: Any, *_: Any) -> None:
    del caller
    before, after = _path_text(old), _path_text(new)
    if before is not None and after is not None and step.files.holds(before):
        step.files.add(after)


def _opened_database(step: WatchedStep, caller: Caller, database: Any) -> None:
    name = _path_text(database)
    if not name or name == ":memory:":
        return
    name = name.removeprefix("file:").partition("?")[0]
    if Path(name).exists():
        step.note_path(FindingKind.FILE, name, caller)
    else:
        step.files.add(name)


def _path_text(path: Any) -> str | None:
    """Return a path as text; None for a descriptor, whose file was seen when it was opened."""
    return _text(path) if _is_text(path) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def _text(value: Any) -> str:
    return os.fsdecode(value) if _is_text(value) else str(value)


# ------------------------------------------------------------------ network


def _asked_for_url(step: WatchedStep, caller: Caller, url: Any, *_: Any) -> None:
    if not str(url).startswith("file:"):  # its file is opened in the sight of all
        step.note(FindingKind.NETWORK, str(url).partition("?")[0], caller)


def _looked_up(step: WatchedStep, caller: Caller, host: Any, port: Any = None, *_: Any) -> None:
    if host:
        step.note(FindingKind.NETWORK, _address((host, port) if port else (host,)), caller)


def _connected(step: WatchedStep, caller: Caller, socket: Any, address: Any) -> None:
    del socket
    if caller.through.isdisjoint(_OWN_WORKERS):  # which speak among themselves
        step.note(FindingKind.NETWORK, _address(address), caller)


def _address(address: Any) -> str:
    if isinstance(address, tuple):
        return ":".join(_text(part) for part in cast("tuple[Any, ...]", address)[:2])
    return _text(address)


# ------------------------------------------------------------------ other programs


def _started(step: WatchedStep, caller: Caller, program: Any, words: Any, *_: Any) -> None:
    command: list[Any] = [words] if _is_text(words) else list(words or [program])
    _note_program(step, caller, [_text(word) for word in command])


def _ran_command(step: WatchedStep, caller: Caller, command: Any) -> None:
    _note_program(step, caller, [_text(command)])


def _note_program(step: WatchedStep, caller: Caller, words: list[str]) -> None:
    program = words[0].split(maxsplit=1)[0] if words[0].split() else words[0]
    if not caller.is_direct(_PROCESS_WRAPPERS) and (
        program == sys.executable or Path(program).name in _ASK_OF_THE_MACHINE
    ):
        return  # a library's workers, or its questions about the machine
    command = " ".join(words)
    if len(command) > _LONGEST_COMMAND:
        command = f"{command[: _LONGEST_COMMAND - 1]}…"
    step.note(FindingKind.PROCESS, f"`{command}`", caller)


HANDLERS: Mapping[str, Handler] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.mkdir": _made_folder,
    "os.rename": _renamed,
    "sqlite3.connect": _opened_database,
    "urllib.Request": _asked_for_url,
    "socket.getaddrinfo": _looked_up,
    "socket.gethostbyname": _looked_up,
    "socket.connect": _connected,
    "subprocess.Popen": _started,
    "os.exec": _started,
    "os.posix_spawn": _started,
    "os.system": _ran_command,
}
"""By audit event; see the table of audit events in Python's documentation."""
