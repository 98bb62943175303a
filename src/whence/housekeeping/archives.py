"""A store in one file: a plain tar archive, written and read without trusting any name in it."""

import re
import shutil
import tarfile
from pathlib import Path

from whence.errors import ForeignStoreError

ARCHIVE_SUFFIX = ".tar"

_BELONGS = re.compile(r"metadata\.sqlite|artifacts/[0-9a-f]{2}/[0-9a-f]{62}/(?P<name>.+)")


def pack_store(home: Path, archive: Path) -> None:
    """Write the records and contents of a store that nobody uses into *archive*, or nothing."""
    draft = archive.with_name(f".{archive.name}.part")
    try:
        with tarfile.open(draft, "w") as file:
            for path in sorted(home.rglob("*")):
                name = path.relative_to(home).as_posix()
                if path.is_file() and _BELONGS.fullmatch(name):
                    file.add(path, arcname=name, recursive=False)
        draft.replace(archive)
    finally:
        draft.unlink(missing_ok=True)


def unpack_store(archive: Path, folder: Path) -> None:
    """Write what belongs to a store into *folder*; anything else in the archive stays there.

    Only plain files under names of a store's own form are written: none leads out of *folder*, and
    no link, device or permission of the archive comes into being.
    """
    folder.mkdir()
    try:
        with tarfile.open(archive, "r:") as file:
            for member in file:
                if member.isreg() and _is_plain(member.name):
                    _write(file, member, folder / member.name)
    except (tarfile.TarError, EOFError) as error:
        raise ForeignStoreError(location=archive, reason=f"It is damaged: {error}.") from error


def _is_plain(name: str) -> bool:
    found = _BELONGS.fullmatch(name)
    if found is None or "\\" in name or any(ord(character) < ord(" ") for character in name):
        return False
    return {"", ".", ".."}.isdisjoint(name.split("/"))


def _write(file: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = file.extractfile(member)
    if source is not None:
        with source, path.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
