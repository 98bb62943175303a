"""Finds what the variables in a function stand for now, as far as anybody can tell by looking."""

import builtins
import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec, resolve_name
from types import CellType, FunctionType, MemberDescriptorType, ModuleType
from typing import Any, cast

from whence.fingerprint.boundary import is_compiled
from whence.fingerprint.encode_values import ValueEncoder
from whence.fingerprint.lookups import Access, Import, Lookup
from whence.fingerprint.tagged import tagged, text
from whence.fingerprint.walk import Target, module_shown

_MODULE_FACTS = {
    "__builtins__",
    "__cached__",
    "__debug__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
}
"""Names in every module; they say where it lies, which does not count."""

_ANYTHING = (eval, exec, globals, __import__, importlib.import_module)
"""Functions that may reach anything by a name that only the run decides."""

_ANYTHING_IN = {("importlib", "import_module"), ("runpy", "run_path"), ("sys", "modules")}
_DATA = (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple, type(None))
_ABSENT = object()


@dataclass(slots=True)
class _Found:
    """What a chain of accesses has come to, under which name."""

    value: Any
    name: str
    names: Mapping[str, Any]  # the globals of the module that the name is in


class LookupResolver:
    """Resolves the lookups of one function, each to what its encoder writes for it."""

    def __init__(self, function: FunctionType, encoder: ValueEncoder) -> None:
        self.function = function
        self.encoder = encoder
        self.names = function.__globals__
        self.shown = module_shown(self.names)
        cells = function.__closure__ or ()
        self.cells = dict(zip(function.__code__.co_freevars, cells, strict=True))

    def resolve(self, lookup: Lookup) -> bytes:
        """Return what stands for what *lookup* finds now."""
        if lookup.source == "free":
            return self._free(lookup)
        if lookup.imported is not None:
            return self._imported(lookup, lookup.imported)
        return self._global(lookup)

    # -------------------------------------------------------------- where it is looked up

    def _free(self, lookup: Lookup) -> bytes:
        cell: CellType = self.cells[lookup.name]
        self.encoder.walk.visit(cell)
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet
            return tagged("empty")
        name = f"{self.shown}.{self.function.__qualname__}: {lookup.name}"
        return self._taken(_Found(value, name, {}), lookup, owner=cell)

    def _global(self, lookup: Lookup) -> bytes:
        name = lookup.name
        if name in self.names and name not in _MODULE_FACTS:
            found = _Found(self.names[name], f"{self.shown}.{name}", self.names)
            return self._taken(found, lookup, owner=self.names)
        if name in _MODULE_FACTS:
            return tagged("fact", text(name))
        value = self._builtin(name)
        if value is not _ABSENT:
            return self._taken(_Found(value, name, {}), lookup, owner=builtins)
        if not lookup.optional:
            self._report(name, lookup, "there is nothing of this name now")
        return tagged("absent")

    def _builtin(self, name: str) -> Any:
        known: Any = self.names.get("__builtins__", builtins)
        held: Mapping[str, Any] = vars(known) if isinstance(known, ModuleType) else known
        return held.get(name, _ABSENT)

    def _imported(self, lookup: Lookup, imported: Import) -> bytes:
        try:
            name = self._absolute(imported)
        except (ImportError, TypeError) as error:
            self._report(imported.module, lookup, f"it cannot be imported: {error}")
            return tagged("absent")
        origin = self.encoder.walk.boundary.of_module(name)
        if not origin.is_own:
            return tagged("module", self.encoder.external(origin, name))
        module = self._load(name, lookup)
        if module is None:
            return tagged("absent")
        start = sys.modules[name.partition(".")[0]] if imported.binds_root else module
        chain = (*imported.chain, *lookup.chain)
        found = _Found(start, start.__name__, vars(start))
        return self._encode(self._follow(found, chain, lookup), lookup, owner=vars(start))

    def _absolute(self, imported: Import) -> str:
        if not imported.level:
            return imported.module
        package = self.names.get("__package__") or str(self.names["__name__"]).rpartition(".")[0]
        return resolve_name("." * imported.level + imported.module, package)

    def _load(self, name: str, lookup: Lookup) -> ModuleType | None:
        """Import a module of the user's, as the step is about to do."""
        try:
            return importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  # whatever its code raises
            self._report(name, lookup, f"it cannot be imported: {error}")
            return None

    # -------------------------------------------------------------- what is taken from it

    def _taken(self, found: _Found, lookup: Lookup, owner: Any) -> bytes:
        return self._encode(self._follow(found, lookup.chain, lookup), lookup, owner)

    def _follow(self, found: _Found, chain: tuple[Access, ...], lookup: Lookup) -> _Found | None:
        """Take from *found* what the code takes, as long as it is plain what that gives."""
        for access in chain:
            if isinstance(found.value, ModuleType) and self._can_look_into(found.value):
                following = self._attribute(found, str(access[1]), lookup)
                if following is None:
                    return None
            else:
                following = self._narrow(found, access)
            if following is None:
                self._check_module(found.value, access, lookup)
                return found
            found = following
        return found

    def _can_look_into(self, module: ModuleType) -> bool:
        is_own = self.encoder.walk.boundary.of_module(module.__name__).is_own
        return is_own and not is_compiled(module)

    def _attribute(self, found: _Found, name: str, lookup: Lookup) -> _Found | None:
        held = cast("Mapping[str, Any]", vars(found.value))
        shown = f"{module_shown(held)}.{name}"
        try:
            return _Found(held[name] if name in held else getattr(found.value, name), shown, held)
        except AttributeError:
            submodule = f"{found.value.__name__}.{name}"
            if hasattr(found.value, "__path__") and find_spec(submodule) is not None:
                loaded = self._load(submodule, lookup)
                return None if loaded is None else _Found(loaded, shown, held)
            self._report(shown, lookup, "there is nothing of this name now")
            return None

    def _narrow(self, found: _Found, access: Access) -> _Found | None:
        """Return the one item or attribute that is used of a container, class or instance.

        None where taking it runs code, or may: then the whole counts.
        """
        value, (how, key) = found.value, access
        taken: Any = _ABSENT
        shown = f"{found.name}.{key}" if how == "attribute" else f"{found.name}[{key!r}]"
        if how == "item" and type(value) is dict:
            taken = cast("dict[str, Any]", value).get(key, _ABSENT)
        elif how == "attribute" and isinstance(value, type):
            taken = self._class_attribute(value, key)
        elif how == "attribute":
            taken = self._instance_attribute(value, key)
        if taken is _ABSENT:
            return None
        self.encoder.walk.visit(value)
        return _Found(taken, shown, found.names)

    def _class_attribute(self, cls: type, name: str) -> Any:
        if type(cls) is not type or not self._is_own_class(cls):
            return _ABSENT
        value = next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), _ABSENT)
        return value if type(value) in _DATA else _ABSENT

    def _instance_attribute(self, value: Any, name: str) -> Any:
        cls = cast("type[Any]", type(value))
        if not self._is_own_class(cls) or cls.__getattribute__ is not object.__getattribute__:
            return _ABSENT
        descriptor: Any = next(
            (vars(each)[name] for each in cls.__mro__ if name in vars(each)), None
        )
        if isinstance(descriptor, MemberDescriptorType):
            held = getattr(value, name, _ABSENT)
        elif hasattr(cast("type[Any]", type(descriptor)), "__set__"):
            return _ABSENT
        else:
            held = getattr(value, "__dict__", {}).get(name, _ABSENT)
        return held if type(held) in _DATA else _ABSENT

    def _is_own_class(self, cls: type) -> bool:
        return self.encoder.walk.boundary.of_module(cls.__module__).is_own

    def _check_module(self, value: Any, access: Access, lookup: Lookup) -> None:
        if isinstance(value, ModuleType) and (value.__name__, access[1]) in _ANYTHING_IN:
            self._reaches_anything(f"{value.__name__}.{access[1]}", lookup)

    # -------------------------------------------------------------- what was found

    def _encode(self, found: _Found | None, lookup: Lookup, owner: Any) -> bytes:
        if found is None:
            return tagged("absent")
        value = found.value
        if any(value is each for each in _ANYTHING):
            return self._reaches_anything(value.__name__, lookup)
        is_code = isinstance(value, FunctionType | ModuleType | type)
        if is_code or callable(value) or lookup.optional:
            return self.encoder.encode(value)
        identity = ("constant", id(owner), found.name)
        number = self.encoder.walk.reach(
            identity, Target("constant", found.name, value, found.names)
        )
        return self.encoder.refer(number)

    def _reaches_anything(self, name: str, lookup: Lookup) -> bytes:
        self._report(name, lookup, "what it reaches is decided only when it runs")
        return tagged("anything", text(name), self.encoder.whole_module(self.names))

    def _report(self, name: str, lookup: Lookup, reason: str) -> None:
        file = os.path.basename(self.function.__code__.co_filename)  # noqa: PTH119  # a name, not a path
        line = lookup.line or self.function.__code__.co_firstlineno
        self.encoder.walk.report(name, f"{file}:{line}", reason)
