"""Objects as bytes for another process: own code as it is loaded, what is known there by its key.

On both sides every class is one class: an instance that returns is of the class that was sent.
"""

import inspect
import io
import pickle
import re
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, cast

from whence.orchestrators.code_places import CodePlaces, find_wrapper, unwrap
from whence.orchestrators.error_parcels import reduce_error
from whence.orchestrators.fresh_objects import reduce_anew
from whence.orchestrators.shared_objects import Key, Namespace, SharedObjects

_cloudpickle: Any = import_module("cloudpickle")  # it has no types

_reduce: Any = _cloudpickle.Pickler.reducer_override

_BY_VALUE_PARTS = 6
"""A reduction with a way of its own to set the state: cloudpickle's, of code that goes by value."""

_NAME = re.compile(r"[^\W\d]\w*")


class Packer:
    """Packs objects for one other end, whose knowledge *known* mirrors."""

    def __init__(self, known: SharedObjects) -> None:
        self._known = known

    def pack(self, value: object, places: CodePlaces) -> bytes:
        """Return *value* as bytes; raises whatever its parts raise when they cannot be pickled."""
        file = io.BytesIO()
        pickler = _Pickler(file, self._known, places)
        pickler.pack(value)
        for key, held in pickler.defined.items():  # only what really travels is known there
            self._known.add(key, held)
        return file.getvalue()

    def find_obstacle(self, fn: object, places: CodePlaces) -> str | None:
        """Return a sentence on the first name that a function uses and that cannot be packed."""
        if not isinstance(fn, FunctionType):
            return None
        used = inspect.getclosurevars(fn)
        for name, value in {**used.globals, **used.nonlocals}.items():
            try:
                _Pickler(io.BytesIO(), self._known, places).pack(value)
            except Exception as error:  # noqa: BLE001  # whatever a user's object raises
                kind = cast("type[Any]", type(value)).__name__
                return f"It uses '{name}', of type {kind}, which cannot travel: {error}"
        return None


def unpack(data: bytes | memoryview, known: SharedObjects) -> Any:
    """Return what was packed; only ever for bytes of a process that belongs to this one."""
    return _Unpickler(io.BytesIO(data), known).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, known: SharedObjects) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, pid: Key) -> object:
        return self._known.resolve(pid)


class _Pickler(_cloudpickle.Pickler):
    def __init__(self, file: io.BytesIO, known: SharedObjects, places: CodePlaces) -> None:
        _cloudpickle.Pickler.__init__(self, file, protocol=pickle.HIGHEST_PROTOCOL)
        self._known = known
        self._keys = known.keys
        self._places = places
        self._by_value: list[ModuleType] = []
        self.defined: dict[Key, object] = {}

    def pack(self, value: object) -> None:
        with _registered(self._by_value):
            self.dump(value)

    def persistent_id(self, obj: Any) -> Key | None:
        return self._keys.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type):
            return self._reduce_class(cast("type[Any]", obj))
        if isinstance(obj, FunctionType):
            return self._reduce_function(obj)
        if isinstance(obj, ModuleType):
            self._place(obj.__name__)
        if isinstance(obj, BaseException):
            return reduce_error(obj, self._fits, self._class_goes_by_name)
        if not self._goes_by_name(obj) and (made_anew := reduce_anew(obj)) is not None:
            return made_anew
        return _reduce(self, obj)

    def _reduce_class(self, cls: type[Any]) -> Any:
        if id(cls) in self._places.classes_by_name:
            return NotImplemented
        self._place(cls.__module__)
        reduced = _reduce(self, cls)
        if reduced is NotImplemented:
            self._places.classes_by_name[id(cls)] = cls
        if reduced is NotImplemented or len(reduced) < _BY_VALUE_PARTS:
            return reduced
        make, args, state, _, _, set_state = reduced
        key = self._known.new_key("class")
        self.defined[key] = cls
        filling = (self._known, set_state, state, self._space_of(cls), _names_around(cls))
        return _make_class, (self._known, key, make, args), filling, None, None, _fill_class

    def _reduce_function(self, fn: FunctionType) -> Any:
        self._place(fn.__module__)
        if not self._places.goes_as_loaded(fn.__module__) and (found := find_wrapper(fn)):
            return unwrap, found
        module = fn.__globals__.get("__name__")
        if _globals_of(module) is fn.__globals__:
            space = self._placeholder(cast("str", module), fn.__globals__)
            self.globals_ref[id(fn.__globals__)] = space
        reduced = _reduce(self, fn)
        if isinstance(reduced, tuple):
            _, slots = cast("tuple[Any, dict[str, Any]]", reduced[2])
            slots["__globals__"] = {**_names_around(fn), **slots["__globals__"]}
        return cast("Any", reduced)

    def _class_goes_by_name(self, cls: type) -> bool:
        if id(cls) in self._keys:
            return False
        self._place(cls.__module__)
        return _reduce(self, cls) is NotImplemented

    def _goes_by_name(self, held: Any) -> bool:
        """Return whether *held* is a wrapped function that can be imported where it arrives."""
        module = getattr(held, "__module__", None) if hasattr(held, "__wrapped__") else None
        return isinstance(module, str) and not self._places.goes_as_loaded(module)

    def _space_of(self, cls: type) -> Any:
        """Return the namespace in which a class of the top level is to be found by its name."""
        names = _globals_of(cls.__module__)
        if names is None or names.get(cls.__name__) is not cls:
            return None
        return self._placeholder(cls.__module__, names)

    def _placeholder(self, module: str, names: dict[str, Any]) -> Namespace:
        return self._known.placeholder(module, names, self._places.is_importable(module))

    def _place(self, module: str | None) -> None:
        held = sys.modules.get(module or "")
        if held is None or held.__name__ == "__main__" or held in self._by_value:
            return
        if self._places.goes_as_loaded(held.__name__):
            if held.__name__ not in _cloudpickle.list_registry_pickle_by_value():
                _cloudpickle.register_pickle_by_value(held)
            self._by_value.append(held)

    def _fits(self, value: object) -> int | None:
        """Return how many bytes *value* takes by itself; None if it cannot travel."""
        file = io.BytesIO()
        trial = _Pickler(file, self._known, self._places)
        trial._by_value = self._by_value  # registered until this one is done
        try:
            trial.dump(value)
        except Exception:  # noqa: BLE001  # whatever a user's object raises
            return None
        return file.tell()


_registering = threading.RLock()


@contextmanager
def _registered(modules: list[ModuleType]) -> Generator[None]:
    """Take back, at the end of the block, what it registers: the registry is everybody's."""
    with _registering:
        before = _cloudpickle.list_registry_pickle_by_value()
        try:
            yield
        finally:
            for module in modules:
                if module.__name__ not in before:
                    _cloudpickle.unregister_pickle_by_value(module)


def _globals_of(module: Any) -> dict[str, Any] | None:
    held = sys.modules.get(module) if isinstance(module, str) else None
    return None if held is None else vars(held)


def _names_around(held: Any) -> dict[str, Any]:
    """Return what the annotations that are texts name: it is looked up where the code arrives."""
    names = _globals_of(held.__module__) or {}
    return {name: names[name] for name in _annotated_names(held) if name in names}


def _annotated_names(held: Any) -> Iterator[str]:
    for text in inspect.get_annotations(held).values():
        if isinstance(text, str):
            yield from _NAME.findall(text)


def _make_class(known: SharedObjects, key: Key, make: Callable[..., type], args: Any) -> type:
    cls = known.find(key)
    if not isinstance(cls, type):
        cls = make(*args)
        known.add(key, cls)
    return cls


def _fill_class(cls: type, filling: tuple[Any, ...]) -> None:
    known, set_state, state, space, around = filling
    filled = ("filled", known.keys.get(id(cls)))
    if known.find(filled) is not None:
        return
    known.add(filled, object())
    set_state(cls, state)
    names: dict[str, Any] = space if space is not None else {}
    names.setdefault(cls.__name__, cls)
    for name, each in around.items():
        names.setdefault(name, each)
