"""Readers of libraries whose compiled code opens files itself, without an audit event."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, cast

from whence.auditing.callers import find_caller
from whence.auditing.findings import FindingKind
from whence.auditing.watched_step import WatchedStep

_PREFIXES = ("read", "scan_", "load", "open_", "dataset", "from_")
_CLASSES: Mapping[str, frozenset[str]] = {
    "h5py": frozenset({"File.__init__"}),
    "pyarrow": frozenset({"ParquetDataset.__init__", "ParquetFile.__init__"}),
}
_PACKAGES = frozenset(
    {"duckdb", "geopandas", "h5py", "pandas", "polars", "pyarrow", "safetensors", "xarray"}
)
_WILDCARDS = "*?["
_FIRST_ARGUMENTS = 2  # what is read stands first, behind `self`


def hear_call(step: WatchedStep, frame: FrameType, function: Any) -> None:
    """Note what a function that begins in *frame* will read, if it is such a reader."""
    del function  # is given for functions written in C alone
    if not _is_reader(frame):
        return
    sources = list(_find_sources(frame))
    caller = find_caller(frame) if sources else None
    if caller is None:
        return
    for source in sources:
        if "://" in source and not source.startswith("file://"):
            step.note(FindingKind.NETWORK, source.partition("?")[0], caller)
            continue
        path = _before_wildcards(source.removeprefix("file://"))
        if Path(path).is_file():
            step.note_path(FindingKind.FILE, path, caller)
        elif Path(path).is_dir():
            step.note_path(FindingKind.FOLDER, path, caller)


def _is_reader(frame: FrameType) -> bool:
    name = frame.f_code.co_name
    if name != "__init__" and not name.startswith(_PREFIXES):
        return False
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if package not in _PACKAGES:
        return False
    return name != "__init__" or frame.f_code.co_qualname in _CLASSES.get(package, ())


def _find_sources(frame: FrameType) -> Iterator[str]:
    for name in frame.f_code.co_varnames[: min(_FIRST_ARGUMENTS, frame.f_code.co_argcount)]:
        value = frame.f_locals.get(name)
        several = isinstance(value, (list, tuple))
        for each in cast("list[Any]", value) if several else [value]:
            if isinstance(each, (str, os.PathLike)) and each:
                yield os.fsdecode(cast("str | os.PathLike[str]", each))


def _before_wildcards(path: str) -> str:
    """Return *path*, or of a pattern the folder below which its files are looked for."""
    at = min((path.index(sign) for sign in _WILDCARDS if sign in path), default=None)
    if at is None or Path(path).exists():
        return path
    return path[:at].rpartition("/")[0] or "."
