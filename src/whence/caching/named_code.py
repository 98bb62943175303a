"""Classes of the user's own by the names that stored contents have for them, as they are now."""

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from types import FunctionType
from typing import Any

from whence.caching.own_code import own_boundary
from whence.values.class_names import ClassFinder, ClassName

Code = type | FunctionType

_found: dict[tuple[Any, ...], tuple[Sequence[Any], tuple[Code, ...]]] = {}
"""The types are kept with what was found, so that their ids stay their own."""

_reached: dict[str, dict[int, Code]] = {}
"""Code that steps were seen to reach, by its qualified name."""


def find_named_code(names: tuple[ClassName, ...], types: Sequence[Any]) -> tuple[Code, ...]:
    """Return the classes, and functions, of the user's own among *names*, in an order of names.

    Each is found as whoever reads the content as one of *types* finds it. A class that no reader
    finds here is looked for among the code that steps reach: the one that made an instance of it
    does, whatever its module is called by now. What is not found at all is left out.
    """
    key = (names, *map(id, types))
    known = _found.get(key)
    if known is not None:
        return known[1]
    finders = [ClassFinder(each) for each in types]
    by_name = [list(_find(each, finders)) for each in sorted(names, key=_order) if _is_own(each)]
    code = tuple(dict.fromkeys(each for found in by_name for each in found))
    if all(by_name):  # else a module may be imported soon
        _found[key] = types, code
    return code


def notice_reached(code: Iterable[Code]) -> None:
    """Keep what a step was seen to reach."""
    for each in code:
        _reached.setdefault(each.__qualname__, {})[id(each)] = each


def forget_code() -> None:
    """Look for all code anew: a class may be another one by now."""
    _found.clear()
    _reached.clear()


def is_own(code: Code) -> bool:
    """Return whether code counts by what it says."""
    return own_boundary().of_module(code.__module__).is_own


def _order(name: ClassName) -> tuple[str, str]:
    return name.qualified, name.module


def _is_own(name: ClassName) -> bool:
    return own_boundary().of_module(name.module).is_own


def _find(name: ClassName, finders: Sequence[ClassFinder]) -> Iterator[Code]:
    found = [each.look_up(name.module, name.qualified) for each in finders]
    candidates = [*found, _import(name) if name.is_imported else None]
    code = [each for each in candidates if isinstance(each, Code)] or _find_reached(name.qualified)
    yield from filter(is_own, code)


def _import(name: ClassName) -> Any:
    """Return what a name stands for in its module, which the step is about to import."""
    try:
        module = sys.modules.get(name.module) or import_module(name.module)
        return functools.reduce(getattr, name.qualified.split("."), module)
    except Exception:  # noqa: BLE001  # whatever the code of a module raises; the step will meet it
        return None


def _find_reached(qualified: str) -> list[Code]:
    """Return the one class or function of this name that steps reach; none if there are several."""
    reached = list(_reached.get(qualified, {}).values())
    return reached if len(reached) == 1 else []
