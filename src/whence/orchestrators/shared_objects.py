"""Objects that both ends of a channel know by a key, so that they need not travel again."""

import sys
from types import ModuleType
from typing import Any

Key = tuple[Any, ...]

TABLE: Key = ("table",)
"""Stands for the table of the end that reads."""


class Namespace(dict[str, Any]):
    """Stands, while code is packed, for the globals of a module as the other end has them."""


class SharedObjects:
    """A table of objects by key, and of keys by object. *side* begins the keys that are made here.

    Modules whose code travels have one namespace each, where all functions of that module live.
    """

    def __init__(self, side: str) -> None:
        self._side = side
        self._count = 0
        self._objects: dict[Key, object] = {TABLE: self}
        self.keys: dict[int, Key] = {id(self): TABLE}
        self._spaces: dict[str, dict[str, Any]] = {}

    def new_key(self, kind: str) -> Key:
        """Return a key that neither side has used."""
        self._count += 1
        return (kind, self._side, self._count)

    def add(self, key: Key, held: object) -> None:
        """Let *key* stand for *held* from now on."""
        self._objects[key] = held
        self.keys[id(held)] = key

    def find(self, key: Key) -> object | None:
        """Return what a key stands for, if it is known."""
        return self._objects.get(key)

    def resolve(self, key: Key) -> object:
        """Return what a key stands for; raise `KeyError` for an unknown one."""
        if key[0] == "names":
            return self._names_of(*key[1:])
        return self._objects[key]

    def forget_all(self) -> None:
        """Know nothing any more: what follows travels anew."""
        self._objects = {TABLE: self}
        self.keys = {id(self): TABLE}

    def placeholder(
        self,
        module: str,
        names: dict[str, Any],
        is_importable: bool,  # noqa: FBT001  # one of three facts
    ) -> Namespace:
        """Return what stands for a module's globals, on their way to the other end."""
        place = names.get("__file__"), names.get("__package__")
        key = ("names", module, *place, is_importable)
        known = self._objects.get(key)
        if not isinstance(known, Namespace):
            known = Namespace({"__name__": module})
            self.add(key, known)
        return known

    def _names_of(
        self,
        module: str,
        file: str | None,
        package: str | None,
        is_importable: bool,  # noqa: FBT001  # as above
    ) -> dict[str, Any]:
        """Return the globals that code of a module has here, apart from an import of it."""
        if module not in self._spaces:
            held = sys.modules["__main__"] if module == "__main__" else ModuleType(module)
            if not is_importable:
                sys.modules.setdefault(module, held)  # types and pickles are looked up there
            self._spaces[module] = vars(held)
            given = {"__name__": module, "__file__": file, "__package__": package}
            vars(held).update({name: each for name, each in given.items() if each is not None})
        return self._spaces[module]
