"""The shape of a run's outputs: what the body returned, with artifacts in place of values."""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from whence.domain.ids import ArtifactId
from whence.errors import UnreadableArtifactError

T = TypeVar("T")


class OutputShape:
    """One of `ArtifactShape`, `MissingShape`, `NothingShape` and `CollectionShape`."""

    __slots__ = ()

    def to_json(self) -> str:
        """Return the shape as text; `parse_shape` gives it back."""
        return json.dumps(_to_plain(self), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ArtifactShape(OutputShape):
    """An output that came."""

    artifact_id: ArtifactId


@dataclass(frozen=True, slots=True)
class MissingShape(OutputShape):
    """An output that never came, since its step did not complete."""

    node: str
    output: str


@dataclass(frozen=True, slots=True)
class NothingShape(OutputShape):
    """The body returned None."""


class CollectionKind(StrEnum):
    """What holds several outputs."""

    LIST = "list"
    TUPLE = "tuple"
    DICT = "dict"
    NAMED_TUPLE = "named tuple"


@dataclass(frozen=True, slots=True)
class CollectionShape(OutputShape):
    """A list, tuple, dict or NamedTuple of outputs; each item has its index, key or field name."""

    kind: CollectionKind
    items: tuple[tuple[str, OutputShape], ...]
    name: str = ""  # of a NamedTuple's class

    @classmethod
    def of(cls, container: type, items: Iterable[tuple[Any, OutputShape]]) -> "CollectionShape":
        """Return the shape of a *container*: a class of list, tuple, dict or NamedTuple."""
        fields: tuple[str, ...] | None = getattr(container, "_fields", None)
        shapes = [(str(key), shape) for key, shape in items]
        if fields is not None:
            named = tuple(zip(fields, (shape for _, shape in shapes), strict=True))
            return cls(CollectionKind.NAMED_TUPLE, named, container.__name__)
        return cls(_kind_of(container), tuple(shapes))


Leaf = ArtifactShape | MissingShape


def map_shape(shape: OutputShape, convert: Callable[[Leaf], T]) -> Any:
    """Return what the body returned, with *convert* applied to each output in it."""
    match shape:
        case ArtifactShape() | MissingShape():
            return convert(shape)
        case CollectionShape(kind, items, name):
            values = [(key, map_shape(item, convert)) for key, item in items]
            return _build(kind, name, values)
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
    items = tuple((str(key), _from_plain(item)) for key, item in plain["items"])
    shape = CollectionShape(CollectionKind(plain["kind"]), items, str(plain.get("name", "")))
    if shape.kind is CollectionKind.NAMED_TUPLE:
        _named_tuple(shape.name, tuple(key for key, _ in items))  # refuses what is no field name
    return shape


def _build(kind: CollectionKind, name: str, values: list[tuple[str, Any]]) -> Any:
    match kind:
        case CollectionKind.LIST:
            return [value for _, value in values]
        case CollectionKind.TUPLE:
            return tuple(value for _, value in values)
        case CollectionKind.DICT:
            return dict(values)
        case CollectionKind.NAMED_TUPLE:
            fields = tuple(key for key, _ in values)
            return _named_tuple(name, fields)(*(value for _, value in values))


@cache
def _named_tuple(name: str, fields: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    """Return a class like the one that the body used; that one is never imported."""
    made = namedtuple(name, fields)  # noqa: PYI024  # pyright: ignore[reportUntypedNamedTuple]  # known at run time
    return cast("Callable[..., tuple[Any, ...]]", made)
