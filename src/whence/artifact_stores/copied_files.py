"""Copying the files of a content from a place that nobody vouches for."""

import shutil
from pathlib import Path

from whence.domain.contents import Content, FileEntry
from whence.errors import ContentMissingError, IntegrityError


def copy_files(source: Path, folder: Path, content: Content) -> None:
    """Copy the files of *content* from *source* into *folder*; what they hold is yet to be checked.

    Raises `ContentMissingError` and `IntegrityError`; no name and no link leads out of *folder*.
    """
    for entry in content.files:
        check_plain_name(content, entry.name)
        path = folder / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy_file(source / entry.name, path, content, entry)
        except (FileNotFoundError, NotADirectoryError) as error:
            reason = f"{source / entry.name} does not exist."
            raise ContentMissingError(digest=content.digest, reason=reason) from error


def check_plain_name(content: Content, name: str) -> None:
    """Refuse a recorded name that leads elsewhere, or that no step could have written."""
    parts = name.split("/")
    leads_away = not {"", ".", ".."}.isdisjoint(parts) or "\\" in name
    if leads_away or any(ord(character) < ord(" ") for character in name):
        raise IntegrityError(digest=content.digest, reason=f"File name {name!r} is not a name.")


def _copy_file(source: Path, path: Path, content: Content, entry: FileEntry) -> None:
    if source.is_symlink() or not source.is_file():
        source.lstat()  # says if there is nothing at all
        reason = f"File '{entry.name}' is no longer a plain file."
        raise IntegrityError(digest=content.digest, reason=reason, file=entry.name)
    if source.stat().st_size != entry.size:  # also spares the disk what would be copied in vain
        reason = f"File '{entry.name}' has {source.stat().st_size} bytes instead of {entry.size}."
        raise IntegrityError(digest=content.digest, reason=reason, file=entry.name)
    shutil.copyfile(source, path)
