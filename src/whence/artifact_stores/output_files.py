"""What a step may write: plain files under portable names, nothing else."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from whence.domain.frozen import frozen
from whence.errors import InvalidOutputFilesError

_FORMS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@frozen
class OutputFiles:
    """The files of a folder, and its folders with each parent before its children."""

    sizes: dict[str, int]  # bytes, by relative name
    folders: tuple[str, ...]  # relative names; the folder itself is empty text

    @property
    def size(self) -> int:
        """The size of all files, in bytes."""
        return sum(self.sizes.values())


def list_output_files(folder: Path) -> OutputFiles:
    """Return what was written in *folder*, without its empty folders.

    A manifest knows files only, so an empty folder means nothing and is removed here: equal
    contents then are equal folders. Raises `InvalidOutputFilesError`.
    """
    sizes: dict[str, int] = {}
    folders = [""]
    for parent in folders:  # grows while it is walked
        for name, status in scan_folder(folder, parent):
            _check_name(name)
            if stat.S_ISDIR(status.st_mode):
                folders.append(name)
            else:
                _check_form(name, status)
                sizes[name] = status.st_size
    return OutputFiles(sizes, _keep_filled(folder, folders, sizes))


def scan_folder(root: Path, parent: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what lies directly in a folder, by its name relative to *root*; follow no link."""
    prefix = f"{parent}/" if parent else ""
    with os.scandir(root / parent) as entries:
        for entry in entries:
            yield prefix + entry.name, entry.stat(follow_symlinks=False)


def _check_form(name: str, status: os.stat_result) -> None:
    form = _FORMS.get(stat.S_IFMT(status.st_mode))
    if form is None and status.st_nlink > 1:
        form = "one of several hard links to the same bytes"
    if form is not None:
        raise InvalidOutputFilesError(file=name, form=form)


def _check_name(name: str) -> None:
    """Refuse names that another system could not hold or would take for a folder."""
    if "\\" in name:
        form = "named with a backslash"
    elif any(ord(character) < ord(" ") for character in name):
        form = "named with a control character"
    elif not _is_unicode(name):
        form = "named in bytes that are not UTF-8"
    else:
        return
    shown = name.encode(errors="backslashreplace").decode()
    raise InvalidOutputFilesError(file=shown, form=form, cure="Give the file another name.")


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _keep_filled(folder: Path, folders: list[str], sizes: dict[str, int]) -> tuple[str, ...]:
    """Remove the folders that hold no file at any depth, and return the others."""
    filled = {""}
    for name in sizes:
        while (name := name.rpartition("/")[0]) not in filled:
            filled.add(name)
    for empty in reversed(folders):
        if empty not in filled:
            (folder / empty).rmdir()
    return tuple(name for name in folders if name in filled)
