"""What has been reached so far: each part once, in the order in which it was found."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whence.fingerprint.boundary import Boundary
from whence.fingerprint.parts import Unresolved


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One part to be encoded; *names* are the globals of the module that it is from."""

    kind: str
    name: str
    value: Any
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Walk:
    """Collects the parts that are reached, what cannot be resolved, and shared values.

    A part is known by its number, which depends on the order of finding alone.
    """

    boundary: Boundary
    with_subclasses: bool = False
    targets: list[Target] = field(default_factory=list[Target])
    unresolved: dict[Unresolved, None] = field(default_factory=dict[Unresolved, None])
    names: set[str] = field(default_factory=set[str])
    """All names of attributes and globals in the code that was reached."""
    rebinds: bool = False
    """Whether some of that code gives global names other values."""
    _numbers: dict[tuple[Any, ...], int] = field(default_factory=dict[tuple[Any, ...], int])
    _visits: list[int] = field(default_factory=list[int])
    _alive: list[Any] = field(default_factory=list[Any])

    def reach(self, identity: tuple[Any, ...], target: Target) -> int:
        """Return the number of a part; it is new if nothing with this identity was reached."""
        if identity not in self._numbers:
            self._numbers[identity] = len(self.targets)
            self.targets.append(target)
        return self._numbers[identity]

    def visit(self, changeable: Any) -> None:
        """Note a value that can change: two names may share it, which is then part of the code."""
        self._alive.append(changeable)  # or another would soon have its id
        self._visits.append(id(changeable))

    def sharing(self) -> bytes:
        """Return which of the values visited are one and the same."""
        first: dict[int, int] = {}
        seen = [first.setdefault(each, at) for at, each in enumerate(self._visits)]
        return ",".join(f"{at}={each}" for at, each in enumerate(seen) if at != each).encode()

    def report(self, name: str, where: str, reason: str) -> None:
        """Note something that cannot be resolved."""
        self.unresolved.setdefault(Unresolved(name, where, reason))


def module_shown(names: Mapping[str, Any]) -> str:
    """Return the name of a module as people know it: that of its file, for a script."""
    name = str(names.get("__name__", "__main__"))
    file = names.get("__file__")
    if name in {"__main__", "__mp_main__"} and isinstance(file, str):
        return os.path.basename(file).removesuffix(".py")  # noqa: PTH119  # a name, not a path
    return name


def names_of_module(module: str) -> Mapping[str, Any]:
    """Return the globals of an imported module; none if it is not."""
    found = sys.modules.get(module)
    return {} if found is None else vars(found)
