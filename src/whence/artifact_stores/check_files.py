"""Is a content there as recorded?"""

import os
import stat
from pathlib import Path

from whence.artifact_stores.durable_files import SMALL_BYTES, hash_file, seal_of
from whence.artifact_stores.output_files import scan_folder
from whence.domain.contents import Content, FileEntry, compute_digest, hash_bytes
from whence.errors import ContentMissingError, IntegrityError


def check_manifest(content: Content) -> None:
    """Check that the list of files is the one that the digest stands for."""
    if compute_digest(content.files) != content.digest:
        raise IntegrityError(digest=content.digest, reason="Its list of files was altered.")


def check_inline(content: Content) -> None:
    """Check the bytes of an inline content."""
    check_manifest(content)
    inline = content.inline or {}
    if set(inline) != {entry.name for entry in content.files}:
        raise IntegrityError(digest=content.digest, reason="Its list of files was altered.")
    for entry in content.files:
        if hash_bytes(inline[entry.name]) != entry.digest:
            raise _bad_file(content, entry.name, "has other bytes than were recorded")


def check_folder(folder: Path, content: Content, *, full: bool) -> None:
    """Check that *folder* holds exactly the files of *content*.

    Small files are hashed, and larger ones too if *full* or if anything hints at a change. An
    edit in place that keeps size, mode and time of change is seen by a *full* check only.
    """
    check_manifest(content)
    try:
        found = _list_files(folder, content)
        _check_names(content, found)
        for entry in content.files:
            _check_file(folder, content, entry, found[entry.name], full=full)
    except OSError as error:
        reason = f"Reading it failed: {error.strerror}: {error.filename}."
        raise IntegrityError(digest=content.digest, reason=reason) from error


def _list_files(folder: Path, content: Content) -> dict[str, os.stat_result]:
    _check_top(folder, content)
    found: dict[str, os.stat_result] = {}
    folders = [""]
    for parent in folders:  # grows while it is walked
        for name, status in scan_folder(folder, parent):
            if stat.S_ISDIR(status.st_mode):
                folders.append(name)
            else:
                found[name] = status
    return found


def _check_top(folder: Path, content: Content) -> None:
    try:
        mode = folder.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        reason = f"{folder} does not exist."
        raise ContentMissingError(digest=content.digest, reason=reason) from error
    if not stat.S_ISDIR(mode):
        raise IntegrityError(digest=content.digest, reason=f"{folder} is not a folder.")


def _check_names(content: Content, found: dict[str, os.stat_result]) -> None:
    recorded = {entry.name for entry in content.files}
    if missing := sorted(recorded - found.keys()):
        raise _bad_file(content, missing[0], "is missing")
    if added := sorted(found.keys() - recorded):
        raise _bad_file(content, added[0], "does not belong to it")


def _check_file(
    folder: Path, content: Content, entry: FileEntry, status: os.stat_result, *, full: bool
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _bad_file(content, entry.name, "is no longer a plain file")
    if status.st_size != entry.size:
        raise _bad_file(content, entry.name, f"has {status.st_size} bytes instead of {entry.size}")
    believed = entry.size > SMALL_BYTES and _is_sealed(entry, status)
    if (full or not believed) and hash_file(folder / entry.name) != entry.digest:
        raise _bad_file(content, entry.name, "has other bytes than were recorded")


def _is_sealed(entry: FileEntry, status: os.stat_result) -> bool:
    read_only = not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    return read_only and status.st_mtime_ns == seal_of(entry.digest)


def _bad_file(content: Content, name: str, what: str) -> IntegrityError:
    return IntegrityError(digest=content.digest, reason=f"File '{name}' {what}.", file=name)
