"""Who asked for a read: the user's own code, directly or through a library, or an import."""

import functools
import os
import sys
import sysconfig
from enum import Enum, auto
from pathlib import Path
from types import FrameType

from whence.authoring.places import shown_file
from whence.domain.frozen import frozen

INSTALLED_PARTS = ("site-packages", "dist-packages")
"""Folders of these names hold installed distributions, wherever they lie."""

_WHENCE = f"{Path(__file__).parents[1]}{os.sep}"
_LIBRARY_PATHS = tuple(
    f"{os.path.realpath(sysconfig.get_path(name))}{os.sep}" for name in ("stdlib", "platstdlib")
)
_IMPORTING = frozenset({"_find_and_load", "_find_spec", "_exec", "exec_module"})
_FINDS_PACKAGES = "importlib.metadata"  # lists every folder that modules are looked for in


class _Origin(Enum):
    OWN = auto()
    STANDARD = auto()
    INSTALLED = auto()
    NEUTRAL = auto()  # text that code made, as of a dataclass


@frozen
class Caller:
    """Who asked for a read."""

    place: str | None  # the innermost line of the user's own code; None where none took part
    through: frozenset[str]  # the modules of the standard library between it and the read
    through_installed: bool  # whether an installed distribution stands between

    def is_direct(self, wrappers: frozenset[str]) -> bool:
        """Return whether own code asked, with at most these modules in between."""
        return self.place is not None and not self.through_installed and self.through <= wrappers


def find_caller(frame: FrameType | None) -> Caller | None:
    """Return who asked for what happens in *frame*; None while something is being imported."""
    place: str | None = None
    through: set[str] = set()
    through_installed = False
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if _is_importing(frame, module):
            return None
        if place is None:
            origin = _origin_of(frame.f_code.co_filename, module.partition(".")[0])
            if origin is _Origin.OWN:
                place = f"{shown_file(frame.f_code.co_filename)}:{frame.f_lineno}"
            elif origin is _Origin.STANDARD:
                through.add(module.partition(".")[0])
            elif origin is _Origin.INSTALLED:
                through_installed = True
        frame = frame.f_back
    return Caller(place, frozenset(through), through_installed)


def _is_importing(frame: FrameType, module: str) -> bool:
    if module.startswith(("importlib._bootstrap", "_frozen_importlib")):
        return frame.f_code.co_name in _IMPORTING
    return module.startswith(_FINDS_PACKAGES)


@functools.lru_cache(maxsize=4096)
def _origin_of(filename: str, module: str) -> _Origin:
    if filename.startswith("<"):
        return _Origin.STANDARD if module in sys.stdlib_module_names else _Origin.NEUTRAL
    if filename.startswith(_WHENCE) or is_installed(filename):
        return _Origin.INSTALLED
    return _Origin.STANDARD if is_standard(filename) else _Origin.OWN


def is_installed(path: str) -> bool:
    """Return whether a file belongs to an installed distribution."""
    return any(part in INSTALLED_PARTS for part in Path(path).parts)


def is_standard(path: str) -> bool:
    """Return whether a file belongs to the standard library."""
    return os.path.realpath(path).startswith(_LIBRARY_PATHS)
