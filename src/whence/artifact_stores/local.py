"""Artifacts on a local disk: each content in a folder of its own, named by its digest."""

import errno
import os
import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from whence.artifact_stores.check_files import check_folder, check_inline
from whence.artifact_stores.condemned_contents import CondemnedContents
from whence.artifact_stores.content_places import find_place
from whence.artifact_stores.copied_files import copy_files
from whence.artifact_stores.disk_errors import unavailable_store
from whence.artifact_stores.durable_files import (
    FILE_MODE,
    FOLDER_MODE,
    close_folders,
    flush,
    flush_files,
    hash_beside_flush,
    hash_files,
    link_files,
    make_durable_folder,
    remove_tree,
    seal_files,
)
from whence.artifact_stores.local_checkpoints import LocalCheckpoints
from whence.artifact_stores.output_files import OutputFiles, list_output_files
from whence.artifact_stores.staging import StagingSession, sweep
from whence.domain.contents import INLINE_BYTES, Content, describe_files, make_inline_content
from whence.errors import ContentCollectedError, ContentMissingError, IntegrityError

HASH_FIRST_BYTES = 4 << 20
"""Up to this size an output is hashed before it is flushed: what is there already is not."""

_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}
_ATTEMPTS = 10  # at a place that others fill and clear at the same time


class LocalArtifactStore:
    """Keeps contents under `<root>/<2 hex>/<62 hex>/`, read-only.

    Bytes reach the disk before their name does: a content that has its name is whole. Nothing is
    made on disk before the first write. Several threads and processes may use one root at once.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._staging = self.root / "staging"
        self._unfolded = self.root / "unfolded"
        self._session: StagingSession | None = None
        self._durable_shards: set[str] = set()
        self._lock = threading.Lock()
        self.condemned = CondemnedContents(self.root)

    @classmethod
    def from_url(cls, url: str) -> "LocalArtifactStore":
        """Return the store at a `file://` address."""
        return cls(Path(unquote(urlsplit(url).path)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.root,)  # another process opens it for itself

    @property
    def uri(self) -> str:
        """The address of the store."""
        return self.root.as_uri()

    def open_checkpoints(self, name: str) -> LocalCheckpoints:
        """Return what was kept under *name*, a part of a path; nothing is made yet."""
        return LocalCheckpoints(f"{self.root}{os.sep}checkpoints{os.sep}{name}")

    def open_staging(self) -> Path:
        """Return a new, empty, private folder in which an output may be written."""
        with unavailable_store(self.root, "written"), self._lock:
            try:
                return self._open_session().make_folder()
            except FileNotFoundError:  # somebody removed the store while we live: begin anew
                self._session = None
                return self._open_session().make_folder()

    def commit(self, folder: Path) -> Content:
        """Move what was written in *folder* to its final address, durably.

        Empty folders do not count and are dropped; *folder* is gone afterwards, also on failure.
        """
        self._check_staged(folder)
        try:
            with unavailable_store(self.root, "written"):
                return self._commit(folder)
        finally:
            if folder.exists():
                remove_tree(folder)

    def take_part(self, content: Content, folder: str) -> Content:
        """Return what lies in one folder of *content* as a content of its own, linked to its files.

        A single small file is given inline.
        """
        part = _describe_part(content, folder)
        if content.inline is not None:
            return make_inline_content(_inline_part(content.inline, folder))
        place = self._place_of(content.digest) / folder
        check_folder(place, part, full=False)
        if len(part.files) == 1 and part.size <= INLINE_BYTES:
            name = part.files[0].name
            return make_inline_content({name: (place / name).read_bytes()})
        with unavailable_store(self.root, "written"):
            self._link_part(place, part)
        return part

    def _link_part(self, place: Path, part: Content) -> None:
        if self._holds(part):
            return
        folder = self.open_staging()
        try:
            self._move_into_place(folder, link_files(place, folder, part), part)
        finally:
            if folder.exists():
                remove_tree(folder)

    def adopt(self, content: Content, source: Path) -> bool:
        """Copy *content* from a folder of another store; return False if it is here already.

        Only what has been verified gets its name. Raises `ContentMissingError`, `IntegrityError`
        and `StoreUnavailableError`.
        """
        place = self._place_of(content.digest)  # refuses what is no digest
        with unavailable_store(self.root, "written"):
            if self._holds(content, full=False):
                self._flush_place(place)
                return False
            folder = self.open_staging()
            try:
                copy_files(source, folder, content)
                self._take_copy(folder, content)
            finally:
                if folder.exists():
                    remove_tree(folder)
        return True

    def _take_copy(self, folder: Path, content: Content) -> None:
        check_folder(folder, content, full=True)
        found = list_output_files(folder)
        flush_files(folder, found.sizes)
        self._move_into_place(folder, found, content)

    def place_of(self, digest: str) -> Path:
        """Return the folder of a content, whether or not it is there. Raises `IntegrityError`."""
        return self._place_of(digest)

    def discard(self, folder: Path) -> None:
        """Drop a staging folder and what is in it."""
        self._check_staged(folder)
        remove_tree(folder)

    def locate(self, digest: str) -> str:
        """Return the address of a content, whether or not it is there."""
        return self._place_of(digest).as_uri()

    def fetch(self, content: Content) -> Path:
        """Return the read-only folder that holds *content*, verified as `verify` does."""
        if content.inline is not None:
            return self._unfold(content)
        self.verify(content)
        return self._place_of(content.digest)

    def verify(self, content: Content, *, full: bool = False) -> None:
        """Check that *content* is there as recorded.

        Files up to 1 MiB are hashed; larger ones too if *full*, or if they are writable or do not
        bear the time of change that a commit gives them.
        """
        if content.collected_at is not None:
            moment = f"{content.collected_at.astimezone():%Y-%m-%d %H:%M}"
            raise ContentCollectedError(digest=content.digest, moment=moment)
        if content.inline is not None:
            check_inline(content)
        else:
            check_folder(self._place_of(content.digest), content, full=full)

    # ------------------------------------------------------------------ committing

    def _commit(self, folder: Path) -> Content:
        found = list_output_files(folder)
        if found.size <= HASH_FIRST_BYTES:
            content = hash_files(folder, found)
            if self._holds(content):
                self._flush_place(self._place_of(content.digest))
                return content
            flush_files(folder, found.sizes)
        else:
            content = hash_beside_flush(folder, found)
        self._move_into_place(folder, found, content)
        return content

    def _move_into_place(self, folder: Path, found: OutputFiles, content: Content) -> None:
        seal_files(folder, content)
        close_folders(folder, found)
        place = self._place_of(content.digest)
        self._make_shard(place.parent)
        moved = self._take_place(folder, place, content)
        try:
            self._flush_place(place)
        except OSError:
            if moved:  # it may vanish at the next power loss, so nobody must rely on it
                self._move_aside(place)
            raise

    def _take_place(self, folder: Path, place: Path, content: Content) -> bool:
        """Rename *folder* to *place* unless the content is there; return whether it was moved."""
        for _ in range(_ATTEMPTS):
            if _rename(folder, place):
                place.chmod(FOLDER_MODE)
                return True
            if self._holds(content):
                return False
            self._move_aside(place)
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(place))

    def _holds(self, content: Content, *, full: bool = True) -> bool:
        try:
            check_folder(self._place_of(content.digest), content, full=full)
        except (ContentMissingError, IntegrityError):
            return False
        return self.condemned.rescue(content.digest)

    def _flush_place(self, place: Path) -> None:
        self._make_shard(place.parent)
        flush(place.parent)

    def _make_shard(self, shard: Path) -> None:
        """Make a folder for contents; those found at the first write are known to be durable."""
        if shard.name in self._durable_shards and shard.is_dir():
            return
        shard.mkdir(exist_ok=True)
        flush(self.root)
        self._durable_shards.add(shard.name)

    def _move_aside(self, place: Path) -> None:
        """Free a place from something damaged, at once for every reader."""
        aside = self.open_staging() / "damaged"
        try:
            if place.is_dir() and not place.is_symlink():
                place.chmod(0o700)  # a folder that is not writable cannot be moved
            place.rename(aside)
        except FileNotFoundError:
            pass  # another process was quicker
        remove_tree(aside.parent)

    # ------------------------------------------------------------------ places

    def _place_of(self, digest: str) -> Path:
        return find_place(self.root, digest)

    def _check_staged(self, folder: Path) -> None:
        if folder.parent.parent != self._staging:
            message = f"{folder} is not a staging folder of {self.root}."
            raise ValueError(message)

    def _open_session(self) -> StagingSession:
        """Return this process's session; the first one makes the store and sweeps it."""
        if self._session is None or self._session.process != os.getpid():
            make_durable_folder(self.root)
            self._staging.mkdir(exist_ok=True)
            sweep(self._staging)
            shards = {place.name for place in self.root.iterdir()}
            flush(self.root)
            self._durable_shards = shards
            self._session = StagingSession(self._staging)
        return self._session

    # ------------------------------------------------------------------ inline contents

    def _unfold(self, content: Content) -> Path:
        """Return a folder with the files of an inline content, made once."""
        check_inline(content)
        place = self._unfolded / self._place_of(content.digest).name
        if _is_unfolded(place, content):
            return place
        with unavailable_store(self.root, "written"):
            folder = self.open_staging()
            try:
                _write_files(folder, content)
                self._take_unfolded_place(folder, place, content)
            finally:
                if folder.exists():
                    remove_tree(folder)
        return place

    def _take_unfolded_place(self, folder: Path, place: Path, content: Content) -> None:
        self._unfolded.mkdir(exist_ok=True)
        for _ in range(_ATTEMPTS):
            if _rename(folder, place):
                place.chmod(FOLDER_MODE)
                return
            if _is_unfolded(place, content):
                return
            self._move_aside(place)
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(place))


def _describe_part(content: Content, folder: str) -> Content:
    """Return the content of the files in one folder of another, as they are called there."""
    prefix = f"{folder}/"
    start = bisect_left(content.files, prefix.encode(), key=lambda entry: entry.name.encode())
    behind = (content.files[index] for index in range(start, len(content.files)))
    inside = takewhile(lambda entry: entry.name.startswith(prefix), behind)
    files = [replace(entry, name=entry.name.removeprefix(prefix)) for entry in inside]
    if not files:
        raise ContentMissingError(digest=content.digest, reason=f"It has no folder {folder!r}.")
    return describe_files(files)


def _inline_part(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    prefix = f"{folder}/"
    return {
        name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)
    }


def _rename(folder: Path, place: Path) -> bool:
    """Move *folder* to *place*; return False if something else is there."""
    try:
        folder.rename(place)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _is_unfolded(place: Path, content: Content) -> bool:
    try:
        check_folder(place, content, full=True)
    except (ContentMissingError, IntegrityError):
        return False
    return True


def _write_files(folder: Path, content: Content) -> None:
    """Write an inline content's files; they are not flushed, for they can be unfolded again."""
    for name, data in (content.inline or {}).items():
        _check_relative(name, content)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(FILE_MODE)
    seal_files(folder, describe_files(content.files))


def _check_relative(name: str, content: Content) -> None:
    """Refuse a recorded name that leads out of the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise IntegrityError(digest=content.digest, reason=f"File name {name!r} is not a name.")
