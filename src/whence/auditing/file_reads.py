"""Which files a step may read without a word: those its key covers, and those of libraries."""

import os
import sys
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

from whence.auditing.callers import Caller, is_installed, is_standard

FILE_WRAPPERS = frozenset(
    {"bz2", "codecs", "configparser", "csv", "fileinput", "genericpath", "glob", "gzip", "io"}
    | {"json", "lzma", "mmap", "os", "pathlib", "pickle", "posixpath", "shelve", "shutil"}
    | {"sqlite3", "tarfile", "tomllib", "zipfile"}
)
"""Modules of the standard library that open what they are told to, and nothing else."""

_CODE_ENDINGS = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dll", ".dylib", ".pth", ".egg-link")
_SYSTEM = ("/dev", "/etc", "/lib", "/proc", "/sys", "/usr/lib", "/usr/share")
_ALWAYS_FREE = (
    *zoneinfo.TZPATH,
    "/dev/null",
    "/etc/localtime",
    "/usr/share/i18n",
    "/usr/share/locale",
    "/usr/share/zoneinfo",
)
_DATA_OF_USER = (".cache/huggingface", ".cache/kagglehub", ".cache/torch", ".keras/datasets")
"""Hidden folders of the home that hold data which libraries have fetched, and no settings."""

_ENVIRONMENT = sys.prefix if sys.prefix != sys.base_prefix else None


class CoveredFiles:
    """The files that one step may read: given as `Path` parameters, stored, or its own work."""

    def __init__(self, covered: Iterable[Path | str]) -> None:
        self._covered = {form for path in covered for form in _forms(os.fspath(path))}

    def add(self, path: str) -> None:
        """Count *path*, which the step itself makes, and what will lie below it, as covered."""
        self._covered.update(_forms(path))

    def holds(self, path: str) -> bool:
        """Return whether *path* is, or lies below, a covered one."""
        return any(_is_within(form, self._covered) for form in _forms(path))


def is_business_of_library(path: str, caller: Caller) -> bool:
    """Return whether a library reads *path* for its own ends: code, its data, facts of the system.

    What own code asks for by itself is never that, except locales and time zones.
    """
    full = os.path.realpath(path)
    if _is_within(full, _ALWAYS_FREE) or _is_installation(full):
        return True
    if caller.is_direct(FILE_WRAPPERS):
        return False
    return full.endswith(_CODE_ENDINGS) or _is_within(full, _SYSTEM) or _is_setting_of_user(path)


def _is_installation(path: str) -> bool:
    if _ENVIRONMENT is not None and _is_within(path, [_ENVIRONMENT]):
        return True
    return is_standard(path) or is_installed(path)


def _is_setting_of_user(path: str) -> bool:
    """Return whether a path is a hidden file of the user's home, or below one, and not ours."""
    full = os.path.abspath(path)  # noqa: PTH100  # texts, for every read
    if _is_within(full, [os.getcwd()]):  # noqa: PTH109  # as above
        return False
    home = Path("~").expanduser()
    is_data = _is_within(full, [f"{home}{os.sep}{folder}" for folder in _DATA_OF_USER])
    return full.startswith(f"{home}{os.sep}.") and not is_data


def _forms(path: str) -> set[str]:
    return {os.path.abspath(path), os.path.realpath(path)}  # noqa: PTH100  # texts, for every read


def _is_within(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}{os.sep}") for folder in folders)
