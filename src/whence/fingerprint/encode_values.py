"""Any value as tagged bytes, with references to the parts of code that it holds."""

import copyreg
import functools
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, ClassVar, cast

from whence.fingerprint.boundary import Origin, is_compiled, module_name
from whence.fingerprint.own_instances import attributes_of, content_of, is_all_visible
from whence.fingerprint.plain_values import encode_plain
from whence.fingerprint.tagged import tagged, text
from whence.fingerprint.walk import Target, Walk, module_shown, names_of_module

_HOLDERS: Mapping[type, tuple[str, ...]] = {
    property: ("fget", "fset", "fdel"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    types.MethodType: ("__func__", "__self__"),
    functools.partial: ("func", "args", "keywords"),
    functools.partialmethod: ("func", "args", "keywords"),
    functools.cached_property: ("func", "attrname"),
    functools.singledispatchmethod: ("dispatcher", "func"),
    slice: ("start", "stop", "step"),
}
"""Types whose values are no more than these of their attributes."""

_C_FUNCTIONS = (
    types.ClassMethodDescriptorType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
)
_OWN_WAYS = ("__getnewargs__", "__getnewargs_ex__", "__getstate__", "__reduce__", "__reduce_ex__")
_DEEPEST = 100
"""Levels of values within values that are looked at, far below what the stack may have left."""

_CHANGEABLE = {bytearray, dict, list, set}


class ValueEncoder:
    """Encodes the values of one part of the code.

    Equal encodings with equal references stand for equal values. What has no such encoding (a
    lock, an open file) is reported, and counts by its type alone.
    """

    def __init__(self, walk: Walk, holder: str) -> None:
        self.walk = walk
        self.holder = holder  # what a report names
        self.references: dict[int, int] = {}  # numbers of parts, in the order of their use here
        self._open: dict[int, int] = {}

    def encode(self, value: Any) -> bytes:
        """Return *value* as bytes."""
        plain = encode_plain(value)
        if plain is not None:
            return plain
        if id(value) in self._open:
            return tagged("within", b"%d" % self._open[id(value)])
        if len(self._open) >= _DEEPEST:
            return self.report(value, "it is nested too deeply")
        self._open[id(value)] = len(self._open)
        try:
            return self._encode(value)
        finally:
            del self._open[id(value)]

    def refer(self, number: int) -> bytes:
        """Return what stands for another part."""
        return tagged("part", b"%d" % self.references.setdefault(number, len(self.references)))

    def external(self, origin: Origin, name: str) -> bytes:
        """Return what stands for something of a package's, of Python's or of Whence's."""
        if origin.package is None:
            return tagged(origin.kind, text(name))
        package = origin.package
        number = self.walk.reach(("package", package), Target("package", package.name, package))
        return tagged("package", self.refer(number), text(name))

    def report(self, value: Any, reason: str) -> bytes:
        """Report a value that cannot be resolved, and return what its type says."""
        kind = cast("type[Any]", type(value))
        self.walk.report(f"a value of type {kind.__qualname__}", self.holder, reason)
        return tagged("unresolved", self._class(kind))

    # -------------------------------------------------------------- by kind

    def _encode(self, value: Any) -> bytes:
        kind = cast("type[Any]", type(value))
        if kind in _CHANGEABLE:
            self.walk.visit(value)
        if (write := self._WRITERS.get(kind)) is not None:
            return write(self, value)
        if isinstance(value, type):
            return self._class(cast("type[Any]", value))
        if (base := next((each for each in kind.__mro__ if each in _HOLDERS), None)) is not None:
            return self._holder(value, kind, _HOLDERS[base])
        if isinstance(value, Enum):
            return tagged(
                "member", self.encode(kind), text(str(value.name)), self.encode(value.value)
            )
        if isinstance(value, _C_FUNCTIONS):
            return self._c_function(value)
        return self._instance(value)

    def _holder(self, value: Any, kind: type[Any], held: tuple[str, ...]) -> bytes:
        parts = (self.encode(getattr(value, name, None)) for name in held)
        added = dict[str, Any]() if kind in _HOLDERS else getattr(value, "__dict__", {})
        return tagged("holder", self._class(kind), *parts, self.encode(added))

    def _sequence(self, value: list[Any] | tuple[Any, ...]) -> bytes:
        return tagged(type(value).__name__, *map(self.encode, value))

    def _mapping(self, value: Mapping[Any, Any]) -> bytes:
        """Return keys and values in their order, which whoever iterates can see."""
        if "__builtins__" in value and "__name__" in value:
            reason = "all names of the module are handed on, so any of them may be used"
            self.walk.report(module_shown(value), self.holder, reason)
            return self.whole_module(value)
        pairs = (self.encode(each) for pair in value.items() for each in pair)
        return tagged(type(value).__name__, *pairs)

    def _set(self, value: Iterable[Any]) -> bytes:
        ordered = sorted(value, key=self._apart)
        return tagged(type(value).__name__, *map(self.encode, ordered))

    def _apart(self, value: Any) -> bytes:
        """Return a value by itself, so that a set has an order that is not by chance."""
        alone = _NamingEncoder(Walk(self.walk.boundary), self.holder)
        return alone.encode(value)

    def function(self, value: types.FunctionType) -> bytes:
        """Return what stands for a function."""
        origin = self.walk.boundary.of_code(value.__code__, value.__globals__)
        if origin.is_own:
            shown = f"{module_shown(value.__globals__)}.{value.__qualname__}"
            target = Target("function", shown, value, value.__globals__)
            return self.refer(self.walk.reach(("function", id(value)), target))
        module, name = str(value.__globals__.get("__name__")), value.__code__.co_qualname
        outside = self.external(origin, f"{module}:{name}")
        if names_of_module(module).get(name) is value:
            return tagged("function", outside)
        return tagged("made", outside, *self._made_of(value))

    def _made_of(self, value: types.FunctionType) -> Iterable[bytes]:
        """Yield what a function holds that a package made here: what it decorates, its closure."""
        registry = getattr(value, "registry", None)
        if isinstance(registry, types.MappingProxyType):  # of `functools.singledispatch`
            ways = cast("Mapping[type, Any]", registry)
            for cls in sorted(ways, key=lambda cls: cls.__qualname__):
                yield tagged("way", self.encode(cls), self.encode(ways[cls]))
            return
        yield self.encode((value.__defaults__, value.__kwdefaults__))
        yield self.encode(getattr(value, "__wrapped__", None))
        yield from (self._cell(each) for each in value.__closure__ or ())

    def _cell(self, cell: types.CellType) -> bytes:
        self.walk.visit(cell)
        try:
            return tagged("cell", self.encode(cell.cell_contents))
        except ValueError:  # not filled yet
            return tagged("empty")

    def _class(self, value: type) -> bytes:
        module = module_name(value)
        origin = self.walk.boundary.of_module(module)
        if not origin.is_own:
            return tagged("class", self.external(origin, f"{module}:{value.__qualname__}"))
        found = sys.modules.get(module)
        if found is not None and is_compiled(found):
            return tagged("class", text(value.__qualname__), self.compiled_file(found))
        names = names_of_module(module)
        shown = f"{module_shown(names) if names else module}.{value.__qualname__}"
        target = Target("class", shown, value, names)
        return self.refer(self.walk.reach(("class", id(value)), target))

    def _module(self, value: types.ModuleType) -> bytes:
        origin = self.walk.boundary.of_module(value.__name__)
        if not origin.is_own:
            return tagged("module", self.external(origin, value.__name__))
        if is_compiled(value):
            return self.compiled_file(value)
        self.walk.report(
            value.__name__, self.holder, "the module itself is used, so any of its names may be"
        )
        return self.whole_module(vars(value))

    def whole_module(self, names: Mapping[str, Any]) -> bytes:
        """Return what stands for all that a module defines."""
        target = Target("module", module_shown(names), names, names)
        return self.refer(self.walk.reach(("module", id(names)), target))

    def compiled_file(self, module: types.ModuleType) -> bytes:
        """Return what stands for a compiled module that no package brought: its file."""
        file = str(module.__file__)
        self.walk.report(module.__name__, self.holder, f"compiled code, known by its file: {file}")
        return self.refer(self.walk.reach(("file", file), Target("file", module.__name__, file)))

    def _builtin(self, value: types.BuiltinFunctionType) -> bytes:
        owner: Any = value.__self__
        module = owner if isinstance(owner, types.ModuleType) else None
        if module is not None or owner is None:
            return self._named_outside(value.__qualname__, module_name(value))
        home = module_name(cast("type[Any]", type(owner)))
        if names_of_module(home).get(value.__name__) is value:  # `random.random`
            return self._named_outside(value.__qualname__, home)
        return tagged("method", text(value.__name__), self.encode(owner))

    def _named_outside(self, name: str, module: str) -> bytes:
        """Return what stands for something that is known by its name in a module."""
        origin = self.walk.boundary.of_module(module)
        if not origin.is_own:
            return tagged("named", self.external(origin, f"{module}:{name}"))
        found = sys.modules.get(module)
        holder = self.compiled_file(found) if found is not None and is_compiled(found) else b""
        return tagged("own", text(name), holder)

    def _c_function(self, value: Any) -> bytes:
        owner = getattr(value, "__objclass__", None)
        return tagged("method", text(value.__name__), self.encode(owner))

    def _wrapper(self, value: Any) -> bytes:
        """Return a function behind `functools.lru_cache`, without what it remembers."""
        return tagged(
            "cached", self.encode(value.__wrapped__), self.encode(value.cache_parameters())
        )

    # -------------------------------------------------------------- instances

    def _instance(self, value: Any) -> bytes:
        kind = cast("type[Any]", type(value))
        origin = self.walk.boundary.of_module(module_name(kind))
        if kind.__module__ == "logging" and kind.__name__.endswith("Logger"):
            return tagged("logger")  # named after its module, which does not count
        if origin.kind == "whence" and hasattr(value, "__wrapped__"):
            return self.encode(value.__wrapped__)  # a step or pipeline
        self.walk.visit(value)
        try:
            return self._taken_apart(value, kind)
        except Exception as error:  # noqa: BLE001  # code of any package
            return self.report(value, f"its value cannot be told: {error}")

    def _taken_apart(self, value: Any, kind: type[Any]) -> bytes:
        if self._has_own_way(kind):
            if not is_all_visible(kind):
                return self.report(
                    value, "it is kept outside of Python, and taken apart by own code"
                )
            parts = (content_of(value), attributes_of(value))
            return tagged("instance", self._class(kind), *map(self.encode, parts))
        reduce = copyreg.dispatch_table.get(kind)
        reduced: Any = value.__reduce_ex__(2) if reduce is None else reduce(value)
        self.walk.visit(reduced)  # kept, since what it holds is visited too
        if isinstance(reduced, str):
            return tagged("global", self._named_outside(reduced, module_name(value)))
        head, items = reduced[:3], [list(each or ()) for each in reduced[3:5]]
        return tagged("instance", *map(self.encode, (*head, *items)))

    def _has_own_way(self, kind: type[Any]) -> bool:
        """Whether a class says in own code how it is taken apart: that code is not run here."""
        own = (
            each for each in kind.__mro__ if self.walk.boundary.of_module(each.__module__).is_own
        )
        return any(name in vars(each) for each in own for name in _OWN_WAYS)

    _WRITERS: ClassVar[Mapping[type, Callable[[Any, Any], bytes]]] = {
        tuple: _sequence,
        list: _sequence,
        dict: _mapping,
        types.MappingProxyType: _mapping,
        set: _set,
        frozenset: _set,
        types.FunctionType: function,
        types.ModuleType: _module,
        types.BuiltinFunctionType: _builtin,
        types.CellType: _cell,
        type(functools.lru_cache(len)): _wrapper,
    }


class _NamingEncoder(ValueEncoder):
    """Encodes a value with the names of what it refers to, for an order."""

    def refer(self, number: int) -> bytes:
        return text(self.walk.targets[number].name.rpartition(".")[2])
