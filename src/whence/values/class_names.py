"""The names under which a user's classes are stored, and the classes that a reader finds by them.

A class is found where the reader names it, where its module is imported already, or, local to a
function, where this process has stored a value of it. Nothing is ever imported, and no code of a
module runs, because of a stored name.
"""

import inspect
import sys
import weakref
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, get_args

from whence.errors import UnknownClassError, UnresolvedAnnotationError
from whence.values.class_parts import field_types, has_fields, kind_of
from whence.values.type_forms import runtime_class, union_members
from whence.values.typed_json_faults import unreadable

_LOCAL = "<locals>"  # in the name of a class that no module offers
_named_here: weakref.WeakValueDictionary[str, type] = weakref.WeakValueDictionary()
_MAIN = {"__mp_main__": "__main__"}  # a process started by multiprocessing renames the script


class ClassName(NamedTuple):
    """The name of a class, or a function, that a stored content refers to."""

    module: str
    qualified: str
    is_imported: bool = False  # whether who reads the content imports the module for it

    @classmethod
    def parse(cls, stored: str) -> "ClassName":
        """Return the parts of a name that `name_class` gave."""
        module, _, qualified = stored.rpartition(":")
        return cls(module, qualified)


def name_class(cls: type) -> str:
    """Return the name under which a class is stored: `module:QualName`."""
    module = _MAIN.get(cls.__module__, cls.__module__)
    name = f"{module}:{cls.__qualname__}"
    if _LOCAL in name:
        _named_here[name] = cls
    return name


class ClassFinder:
    """Finds classes by their stored names: those in the type that the reader named, then others.

    A class that the reader named is also found if it has moved to another module since.
    """

    def __init__(self, as_type: Any = None) -> None:
        self._as_type = as_type
        self._named: Mapping[str, type] | None = None

    def find(self, name: Any, kind: str) -> type:
        """Return the class of this name.

        Raises `UnknownClassError`, or `UnreadableArtifactError` for what is not of that kind.
        """
        if not isinstance(name, str) or name.count(":") != 1:
            raise unreadable(reason=f"{name!r} is not the name of a class.")
        module, short = name.split(":")
        found = self.look_up(module, short)
        if found is None:
            raise UnknownClassError(
                where="", type=f"{module}.{short}", short=short.rpartition(".")[2]
            )
        if kind_of(found) != kind:
            raise unreadable(reason=f"{module}.{short} is not of the kind '{kind}' now.")
        return found

    def look_up(self, module: str, short: str) -> type | None:
        """Return the class of this name, of whatever kind; None where there is none here."""
        if self._named is None:
            self._named = _names_of(self._as_type)
        name = f"{module}:{short}"
        return self._named.get(name) or self._named.get(short) or _find_known(module, short)


def find_named_tuple(name: str, fields: tuple[str, ...]) -> type | None:
    """Return the NamedTuple class of a stored name, if it is known here and has these fields."""
    module, separator, qualified = name.rpartition(":")
    found = _find_known(module, qualified) if separator else None
    return found if getattr(found, "_fields", None) == fields else None


def classes_in(annotation: Any) -> Iterator[type]:
    """Yield each class of a user's that an annotation names, also in the fields of another."""
    yield from _classes_in(annotation, set())


def _classes_in(annotation: Any, seen: set[type]) -> Iterator[type]:
    for member in union_members(annotation):
        for argument in get_args(member):
            yield from _classes_in(argument, seen)
        cls = type(member) if isinstance(member, Enum) else runtime_class(member)  # in a `Literal`
        if cls is None or cls in seen:
            continue
        seen.add(cls)
        if kind_of(cls) is not None:
            yield cls
        if has_fields(cls):
            for part in _known_field_types(member).values():
                yield from _classes_in(part, seen)


def _known_field_types(annotation: Any) -> dict[str, Any]:
    try:
        return field_types(annotation)
    except UnresolvedAnnotationError:
        return {}  # classes that cannot be named here may still be imported


def _names_of(annotation: Any) -> dict[str, type]:
    """Return the classes in an annotation under their full names, by short ones if unique."""
    classes = list(classes_in(annotation)) if annotation is not None else []
    shorts = [cls.__qualname__ for cls in classes]
    named = {cls.__qualname__: cls for cls in classes if shorts.count(cls.__qualname__) == 1}
    return named | {name_class(cls): cls for cls in classes}


def _find_known(module: str, qualified: str) -> type | None:
    if _LOCAL in qualified:
        return _named_here.get(f"{module}:{qualified}")
    return _find_imported(module, qualified)


def _find_imported(module: str, qualified: str) -> type | None:
    """Return a class of a module that is imported already; its `__getattr__` is not asked."""
    found: Any = sys.modules.get(module)
    for part in qualified.split("."):
        try:
            found = object.__getattribute__(found, "__dict__").get(part)
        except AttributeError:
            return None
    return found if inspect.isclass(found) else None
