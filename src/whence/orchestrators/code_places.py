"""Does code travel by its name, to be imported where it arrives, or as what is loaded here?"""

import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

SCRIPT_MARK = "__whence_script__"
"""A name in a module that was loaded from the file a user gave to run: never to be imported."""

_MAIN = frozenset({"__main__", "__mp_main__"})


class CodePlaces:
    """Decides by module.

    Packages go by name. So does own code that an import would find where this process found it; a
    script's code never does, for to import a script is to run it. *as_loaded* lets all own code go
    as it is in memory, whatever the files say by now.
    """

    def __init__(self, is_own: Callable[[str], bool], *, as_loaded: bool = False) -> None:
        self._is_own = is_own
        self._as_loaded = as_loaded
        self._decided: dict[str, bool] = {}
        self._importable: dict[str, bool] = {}
        self.classes_by_name: dict[int, type] = {}  # by id: found to go by name before

    def goes_as_loaded(self, module: str) -> bool:
        """Return whether the code of a module travels as what is in memory here."""
        if module not in self._decided:
            self._decided[module] = self._decide(module)
        return self._decided[module]

    def is_importable(self, module: str) -> bool:
        """Return whether code elsewhere may import the module, without running a script."""
        if module not in self._importable:
            self._importable[module] = module not in _MAIN and _may_be_imported(module)
        return self._importable[module]

    def _decide(self, name: str) -> bool:
        if name in sys.modules and name not in _MAIN and not self._is_own(name):
            return False
        return self._as_loaded or not self.is_importable(name)


def _may_be_imported(name: str) -> bool:
    module = sys.modules.get(name)
    return module is not None and not is_script(module) and _is_found_again(module)


def is_script(module: ModuleType) -> bool:
    """Return whether a module is the file that a user runs, under whatever name."""
    if hasattr(module, SCRIPT_MARK):
        return True
    file = getattr(module, "__file__", None)
    return file is not None and file == getattr(sys.modules["__main__"], "__file__", None)


def _is_found_again(module: ModuleType) -> bool:
    """Return whether an import in a fresh process would find the same file, with its package."""
    package, _, _ = module.__name__.rpartition(".")
    around = sys.modules.get(package) if package else None
    if package and (around is None or not _is_found_again(around)):
        return False
    found = _find(module.__name__, getattr(around, "__path__", None))
    file = getattr(module, "__file__", None)
    return found is not None and (file is None or found.origin == file)


def _find(name: str, path: Any) -> Any:
    for finder in sys.meta_path:
        try:
            found = finder.find_spec(name, path)
        except (ImportError, AttributeError):
            found = None
        if found is not None:
            return found
    return None


def find_wrapper(fn: FunctionType) -> tuple[str, str, int] | None:
    """Return module, name and depth at which a wrapped function is found under its own name.

    `@step`, and any decorator that follows `functools.wraps`, puts another object where the
    function's name says that the function is; `__wrapped__` leads back to it.
    """
    module, name = fn.__module__, fn.__qualname__
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    depth = 0
    while found is not None and found is not fn:
        found = getattr(found, "__wrapped__", None)
        depth += 1
    return (module, name, depth) if found is fn and depth else None


def unwrap(module: str, name: str, depth: int) -> Any:
    """Return the function that `find_wrapper` found, in another process."""
    __import__(module)
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part)
    for _ in range(depth):
        found = found.__wrapped__
    return found
