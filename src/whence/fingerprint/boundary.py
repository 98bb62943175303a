"""Whose code is it: the user's own, an installed package's, Python's or Whence's?"""

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from whence.domain.frozen import frozen
from whence.fingerprint.packages import Package, find_package

_WHENCE = str(Path(__file__).parents[1]) + os.sep
_STANDARD = tuple(
    {str(Path(sysconfig.get_path(name))) + os.sep for name in ("stdlib", "platstdlib")}
)


@frozen
class Origin:
    """Where code comes from: "own", "package" (which one), "python" or "whence"."""

    kind: str
    package: Package | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the user's own code, which counts by what it says."""
        return self.kind == "own"


OWN, PYTHON, WHENCE = Origin("own"), Origin("python"), Origin("whence")


class Boundary:
    """Draws the line between own code, which counts by content, and packages, by version.

    Own is all that is neither in the standard library nor in an installed package; *own_packages*
    are top modules of installed packages that count as own code nevertheless.
    """

    def __init__(self, own_packages: frozenset[str] = frozenset()) -> None:
        self._own_packages = own_packages
        self._modules: dict[tuple[str, str | None], Origin] = {}

    def of_module(self, name: str) -> Origin:
        """Return the origin of a module, whether it is imported or not."""
        module = sys.modules.get(name)
        file = _file_of(module) if module is not None else _find_file(name)
        known = self._modules.get((name, file))
        if known is None:
            known = self._modules[name, file] = self._judge(name, file)
        return known

    def of_code(self, code: CodeType, names: Mapping[str, Any]) -> Origin:
        """Return the origin of a function, by its code and its global names."""
        file = code.co_filename
        if file.startswith("<"):  # frozen into Python, or generated
            return self.of_module(str(names.get("__name__", "__main__")))
        return self._judge_file(file)

    def _judge(self, name: str, file: str | None) -> Origin:
        top = name.partition(".")[0]
        if top in self._own_packages or top in {"__main__", "__mp_main__"}:
            return OWN
        if file is not None:
            return self._judge_file(file)
        return PYTHON if top in sys.stdlib_module_names else OWN

    def _judge_file(self, file: str) -> Origin:
        return _judge_file(os.path.abspath(file), self._own_packages)  # noqa: PTH100  # no links resolved


@lru_cache(maxsize=8192)
def _judge_file(file: str, own_packages: frozenset[str]) -> Origin:
    if file.startswith(_WHENCE):
        return WHENCE
    package = find_package(file)
    if package is not None:
        return OWN if _is_below(file, own_packages) else Origin("package", package)
    installed = "site-packages" in file or "dist-packages" in file
    return PYTHON if file.startswith(_STANDARD) and not installed else OWN


def _is_below(file: str, own_packages: frozenset[str]) -> bool:
    return not own_packages.isdisjoint(Path(file).with_suffix("").parts)


def _file_of(module: ModuleType) -> str | None:
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file
    paths = list(getattr(module, "__path__", ()))  # a namespace package has folders only
    return str(Path(paths[0]) / "__init__.py") if paths else None


def _find_file(name: str) -> str | None:
    """Return the file that an import of a module would load, without loading it."""
    from importlib.util import find_spec  # noqa: PLC0415  # few steps import anything themselves

    try:
        spec = find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        return None
    return spec.origin if spec is not None and spec.has_location else None


def module_name(obj: Callable[..., Any] | type) -> str:
    """Return the name of the module that something says it is from."""
    name = getattr(obj, "__module__", None)
    return name if isinstance(name, str) else "builtins"


def is_compiled(module: ModuleType) -> bool:
    """Whether a module is machine code."""
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and not file.endswith((".py", ".pyc", ".pyw"))
