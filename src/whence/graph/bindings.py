"""What an argument of a node is bound to."""

from collections.abc import Iterator, Mapping
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.earlier_results import EarlierName
from whence.domain.frozen import frozen


@frozen
class Constant:
    """A plain value: a parameter, or a value that is stored as an input."""

    value: Any


@frozen
class Reference:
    """An output of a node."""

    node: str
    output: str


@frozen
class Given:
    """An artifact that exists already: of an earlier run, or the user's own files."""

    artifact: Artifact
    named: EarlierName | None = None  # how the body named it; None for files of the user's own


@frozen
class Collection:
    """A list, tuple or dict that holds at least one output."""

    kind: type[Any]
    items: tuple[tuple[Any, "Binding"], ...]  # by index or key


@frozen
class Each:
    """In what a map places: the item of one of its lists that the node takes."""

    map: str
    argument: str


@frozen
class Item:
    """One item of an output that is a list."""

    of: "Reference | Item"
    index: int


@frozen
class Unusable:
    """Something whose fault is reported already; checks pass over it."""


Binding = Constant | Reference | Given | Collection | Each | Item | Unusable


@frozen
class Condition:
    """A truth value that decides whether a node is run: `when(flag)`."""

    flag: Binding
    expected: bool = True


def references(binding: Binding) -> Iterator[Reference]:
    """Yield every output that a binding refers to."""
    if isinstance(binding, Reference):
        yield binding
    elif isinstance(binding, Collection):
        for _, item in binding.items:
            yield from references(item)
    elif isinstance(binding, Item):
        yield from references(binding.of)


def earlier_names(binding: Binding) -> Iterator[EarlierName]:
    """Yield the name of every result of an earlier run that a binding takes."""
    if isinstance(binding, Given) and binding.named is not None:
        yield binding.named
    elif isinstance(binding, Collection):
        for _, item in binding.items:
            yield from earlier_names(item)


def rebuild(kind: type[Any], items: Mapping[Any, Any]) -> Any:
    """Return a list, tuple, dict or NamedTuple of the class *kind* holding *items*, in order."""
    if issubclass(kind, dict):
        return dict(items)
    if hasattr(kind, "_fields"):
        return kind(*items.values())
    return tuple(items.values()) if issubclass(kind, tuple) else list(items.values())
