"""The shape of a run's outputs: what the body returned, with artifacts in place of values."""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId
from whence.errors import UnreadableArtifactError

T = TypeVar("T")


class OutputShape:
    """One of `ArtifactShape`, `MissingShape`, `NothingShape` and `CollectionShape`."""

    __slots__ = ()

    def to_json(self) -> str:
        """Return the shape as text; `parse_shape` gives it back."""
        return json.dumps(_to_plain(self), separators=(",", ":"))


@frozen
class ArtifactShape(OutputShape):
    """An output that came."""

    artifact_id: ArtifactId


@frozen
class MissingShape(OutputShape):
    """An output that never came, since its step did not complete."""

    node: str
    output: str


@frozen
class NothingShape(OutputShape):
    """The body returned None."""


class CollectionKind(StrEnum):
    """What holds several outputs."""

    LIST = "list"
    TUPLE = "tuple"
    DICT = "dict"
    NAMED_TUPLE = "named tuple"


@frozen
class CollectionShape(OutputShape):
    """A list, tuple, dict or NamedTuple of outputs; each item has its index, key or field name."""

    kind: CollectionKind
    items: tuple[tuple[Any, OutputShape], ...]
    name: str = ""  # of a NamedTuple's class: `module:QualName`, or the last part alone

    @classmethod
    def of(
        cls, container: type, items: Iterable[tuple[Any, OutputShape]], name: str = ""
    ) -> "CollectionShape":
        """Return the shape of a *container*: a class of list, tuple, dict or NamedTuple.

        *name* is the full one of a NamedTuple's class, where that may be found again.
        """
        fields: tuple[str, ...] | None = getattr(container, "_fields", None)
        shapes = list(items)
        if fields is not None:
            named = tuple(zip(fields, (shape for _, shape in shapes), strict=True))
            return cls(CollectionKind.NAMED_TUPLE, named, name or container.__name__)
        kind = _kind_of(container)
        as_key = _plain_key if kind is CollectionKind.DICT else str
        return cls(kind, tuple((as_key(key), shape) for key, shape in shapes))


Leaf = ArtifactShape | MissingShape
FindClass = Callable[[str, tuple[str, ...]], Any]
"""Returns the NamedTuple class of a full name, if it is known here and has these fields."""


def map_shape(
    shape: OutputShape, convert: Callable[[Leaf], T], find_class: FindClass | None = None
) -> Any:
    """Return what the body returned, with *convert* applied to each output in it.

    A NamedTuple is of the class that *find_class* finds, else of one that looks like it.
    """
    match shape:
        case ArtifactShape() | MissingShape():
            return convert(shape)
        case CollectionShape(CollectionKind.NAMED_TUPLE, items, name):
            fields = tuple(key for key, _ in items)
            cls = find_class(name, fields) if find_class is not None else None
            values = (map_shape(item, convert, find_class) for _, item in items)
            return (cls or _named_tuple(name, fields))._make(values)
        case CollectionShape(kind, items):
            return _build(
                kind, [(key, map_shape(each, convert, find_class)) for key, each in items]
            )
        case _:
            return None


def parse_shape(text: str) -> OutputShape:
    """Return the shape that was written by `to_json`. Raises `UnreadableArtifactError`."""
    try:
        return _from_plain(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableArtifactError(
            format="the shape of a run's outputs",
            reason=f"{type(error).__name__}: {error}",
            cure="A newer Whence wrote it, or it is damaged. See what each step made: `run.steps`.",
        ) from error


def _plain_key(key: Any) -> Any:
    """Return a key as JSON has it: numbers and truth values as they are, else its text."""
    return key if key is None or type(key) in {int, float, bool} else str(key)


def _kind_of(container: type) -> CollectionKind:
    if issubclass(container, dict):
        return CollectionKind.DICT
    return CollectionKind.TUPLE if issubclass(container, tuple) else CollectionKind.LIST


def _to_plain(shape: OutputShape) -> Any:
    match shape:
        case ArtifactShape(artifact_id):
            return {"artifact": artifact_id}
        case MissingShape(node, output):
            return {"missing": [node, output]}
        case CollectionShape(kind, items, name):
            plain = {"kind": kind.value, "items": [[key, _to_plain(item)] for key, item in items]}
            return {**plain, "name": name} if name else plain
        case _:
            return None


def _from_plain(plain: Any) -> OutputShape:
    if plain is None:
        return NothingShape()
    if "artifact" in plain:
        return ArtifactShape(ArtifactId(str(plain["artifact"])))
    if "missing" in plain:
        node, output = plain["missing"]
        return MissingShape(str(node), str(output))
    items = tuple((_plain_key(key), _from_plain(item)) for key, item in plain["items"])
    shape = CollectionShape(CollectionKind(plain["kind"]), items, str(plain.get("name", "")))
    if shape.kind is CollectionKind.NAMED_TUPLE:
        _named_tuple(shape.name, tuple(key for key, _ in items))  # refuses what is no field name
    return shape


def _build(kind: CollectionKind, values: list[tuple[Any, Any]]) -> Any:
    if kind is CollectionKind.DICT:
        return dict(values)
    items = [value for _, value in values]
    return tuple(items) if kind is CollectionKind.TUPLE else items


@cache
def _named_tuple(name: str, fields: tuple[str, ...]) -> Any:
    """Return a class like the one that the body used; that one is never imported."""
    short = name.rpartition(":")[2].rpartition(".")[2]
    return namedtuple(short, fields)  # noqa: PYI024  # pyright: ignore[reportUntypedNamedTuple]  # known at run time
