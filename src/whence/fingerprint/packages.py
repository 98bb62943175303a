"""Which installed package a file belongs to, and in which version."""

import json
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from whence.domain.frozen import frozen


@frozen
class Package:
    """One installed distribution."""

    name: str
    version: str


def find_package(file: str) -> Package | None:
    """Return the package that installed *file*; None for code that lies where it is written.

    What was installed editable is no package here: its files are its author's own.
    """
    folder = _import_folder(file)
    if folder is None:
        return None
    top = Path(file).relative_to(folder).parts[0].partition(".")[0]
    return _find_in(folder, top, _last_change(folder))


def _import_folder(file: str) -> str | None:
    """Return the entry of `sys.path` that *file* was found through."""
    holding = [entry for entry in sys.path if entry and _holds(entry, file)]
    return max(holding, key=len, default=None)


def _holds(entry: str, file: str) -> bool:
    separator = "" if entry.endswith(("/", "\\")) else file[len(entry) : len(entry) + 1]
    return file.startswith(entry) and separator in {"", "/", "\\"}


def _last_change(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1024)
def _find_in(folder: str, top: str, _changed: int) -> Package | None:
    """Return the package of a module at the top of a folder.

    Several that share one (a namespace) are told as one package with all their versions.
    """
    code = (Path(folder) / top / "__init__.py", Path(folder) / f"{top}.py")
    if any(map(Path.exists, code)):  # most are named as their module is
        named = [each for each in Path(folder).glob(f"{top}-*.dist-info") if _installed(each, top)]
        if len(named) == 1:
            return _read_package(named[0])
    found = [_read_package(each) for each in _records(Path(folder)) if _installed(each, top)]
    return _join(found) if found else None


def _records(folder: Path) -> Iterator[Path]:
    """Yield what installers wrote down; elsewhere a build leaves `.egg-info` beside the source."""
    yield from sorted(folder.glob("*.dist-info"))
    if folder.name in {"dist-packages", "site-packages"}:
        yield from sorted(folder.glob("*.egg-info"))


def _is_editable(record: Path) -> bool:
    text = _read(record / "direct_url.json")
    return bool(text) and bool(json.loads(text).get("dir_info", {}).get("editable"))


def _installed(record: Path, top: str) -> bool:
    """Whether a package, not editable, brought this module."""
    files = b"\n" + _read(record / "RECORD")
    starts = (f"\n{top}/".encode(), f"\n{top}.".encode())
    declared = top.encode() in _read(record / "top_level.txt").split()
    return (declared or any(each in files for each in starts)) and not _is_editable(record)


def _read_package(record: Path) -> Package:
    name, _, version = record.stem.partition("-")
    return Package(name.replace("_", "-"), version)


def _join(packages: list[Package]) -> Package:
    if len(packages) == 1:
        return packages[0]
    versions = ", ".join(f"{each.name} {each.version}" for each in packages)
    return Package(" + ".join(each.name for each in packages), versions)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
