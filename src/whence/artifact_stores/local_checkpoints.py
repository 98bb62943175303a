"""Checkpoints on a local disk: the newest folders that steps kept, under the name of their work."""

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from whence.artifact_stores.disk_errors import unavailable_store
from whence.artifact_stores.durable_files import (
    close_folders,
    flush,
    flush_files,
    make_durable_folder,
    remove_tree,
)
from whence.artifact_stores.output_files import list_output_files
from whence.domain.checkpoints import Checkpoint

KEPT = 2
"""How many stay: the newest, and the one before for whoever is reading it just now."""

_NAME = re.compile(r"(\d+)_step_(-?\d+)_[0-9a-f]{8}")  # its place in the order, and its step


class LocalCheckpoints:
    """What was kept under one name, in a folder of its own.

    A checkpoint has its name when all of it is on the disk. One that a process reads, or writes, it
    holds locked; the system gives the lock back when the process ends. Nobody removes what is
    locked, so that several who do the same work at once take nothing from each other.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._in_use: list[int] = []  # descriptors that hold locks

    @cached_property
    def _folder(self) -> Path:
        return Path(self._place)  # made of the text only when something is kept: few steps do

    @contextmanager
    def keep(self, step: int) -> Generator[Path]:
        """Yield an empty folder; what is in it at the end of the block is kept, all or nothing."""
        with unavailable_store(self._folder, "written"):
            draft, lock = self._make_draft()
        try:
            yield draft
            with unavailable_store(self._folder, "written"):
                self._commit(draft, step)
        except BaseException:
            remove_tree(draft)
            raise
        finally:
            os.close(lock)
        self._remove_older(KEPT)

    def find_last(self) -> Checkpoint | None:
        """Return the checkpoint that was kept last; it stays until `close`."""
        for folder in reversed(self._list()):
            with suppress(OSError):  # somebody is removing it
                self._in_use.append(_lock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB))
                return Checkpoint(folder, _parse(folder)[1])
        return None

    def close(self) -> None:
        """Hold nothing any more."""
        while self._in_use:
            os.close(self._in_use.pop())

    def discard(self) -> None:
        """Remove everything that nobody uses."""
        if not os.path.isdir(self._place):  # noqa: PTH112  # nearly always, for every computed step
            return
        self._remove_older(0)
        with suppress(OSError):  # somebody uses one still, or there was none
            self._folder.rmdir()

    def _make_draft(self) -> tuple[Path, int]:
        while True:
            make_durable_folder(self._folder)
            draft = self._folder / f".{uuid4().hex}"
            with suppress(FileNotFoundError):  # somebody ended the same work in between
                draft.mkdir(0o700)
                with suppress(OSError):  # somebody took it for one of a dead process
                    return draft, _lock(draft, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _commit(self, draft: Path, step: int) -> None:
        found = list_output_files(draft)
        if found.sizes:
            flush_files(draft, found.sizes)
        close_folders(draft, found)
        last = self._list()
        number = _parse(last[-1])[0] + 1 if last else 1
        draft.rename(self._folder / f"{number:09d}_step_{step}_{uuid4().hex[:8]}")
        flush(self._folder)

    def _list(self) -> list[Path]:
        """Return the checkpoints, in the order in which they were kept."""
        try:
            names = [name for name in os.listdir(self._folder) if _NAME.fullmatch(name)]  # noqa: PTH208  # names alone
        except FileNotFoundError:
            return []
        return [self._folder / name for name in sorted(names)]

    def _remove_older(self, kept: int) -> None:
        found = self._list()
        for folder in [*found[: len(found) - kept], *self._list_drafts()]:
            with suppress(OSError):  # somebody uses it
                lock = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                try:
                    remove_tree(_hide(folder))
                finally:
                    os.close(lock)

    def _list_drafts(self) -> Iterator[Path]:
        yield from self._folder.glob(".*")


def _parse(folder: Path) -> tuple[int, int]:
    found = _NAME.fullmatch(folder.name)
    if found is None:
        raise ValueError(folder)
    return int(found[1]), int(found[2])


def _hide(folder: Path) -> Path:
    """Take a folder's name away at once, so that no part of it can be met."""
    hidden = folder.with_name(f".{uuid4().hex}")
    folder.rename(hidden)
    return hidden


def _lock(folder: Path, kind: int) -> int:
    """Return a descriptor that holds the lock of a folder that still bears its name.

    Raises `FileNotFoundError` if it does not, and `BlockingIOError` where it cannot be waited for.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, kind)
        if not os.path.samestat(os.fstat(descriptor), folder.stat()):
            raise FileNotFoundError(folder)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
