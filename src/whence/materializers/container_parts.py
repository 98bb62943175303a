"""What a container consists of: its items by key, their types, and how it is built from them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args, get_origin, is_typeddict

from whence.domain.frozen import frozen
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.values import typed_json
from whence.values.class_names import ClassFinder, ClassName, name_class
from whence.values.class_parts import field_types, has_fields, kind_of, put_together, take_apart
from whence.values.type_forms import is_union, runtime_class, type_name, union_members, unwrap
from whence.values.typed_json_names import list_names

FORMAT = "container/1"
ONE = "one"
"""The kind of a container around one value, of a type that allows several formats."""

_PLAIN_KINDS: Mapping[str, type] = {"list": list, "tuple": tuple, "dict": dict}
_FIELDS = {"kind", "class", "keys", "formats"}


@frozen
class Index:
    """What stands beside the items: enough to put the container together without its type."""

    kind: str
    class_name: str | None  # of a NamedTuple, dataclass or model
    keys: Sequence[Any]
    formats: Sequence[str]  # of each item, under the same position as its key


def take_items(value: Any, annotation: Any) -> tuple[Index, list[Any]]:
    """Return the index of a container, its formats still open, and its items.

    Raises `NotStorableError` for a value that would not come back as what it is.
    """
    if annotation is not None and is_union(annotation):
        return Index(ONE, None, [0], ()), [value]
    cls = cast("type[Any]", type(value))
    if cls is list or cls is tuple:
        return Index(cls.__name__, None, range(len(value)), ()), list(value)
    if cls is dict:
        return Index("dict", None, list(value), ()), list(value.values())
    kind = kind_of(cls)
    if kind is None or kind == "enum":
        raise NotStorableError(
            subject=f"A value of type '{type_name(cls)}'",
            format=FORMAT,
            reason="It is no list, tuple, dict, NamedTuple, dataclass or pydantic model.",
            cure="Use one of those, not a class derived from a builtin.",
        )
    parts = take_apart(value, kind)
    return Index(kind, name_class(cls), list(parts), ()), list(parts.values())


def put_items_together(index: Index, items: Sequence[Any], annotation: Any) -> Any:
    """Return the container with these items; classes are found in *annotation* or imported.

    Raises `UnknownClassError` or `UnreadableArtifactError`.
    """
    match index.kind:
        case "one":
            return items[0]
        case "list":
            return list(items)
        case "tuple":
            return tuple(items)
        case "dict":
            return _make_dict(index.keys, items)
        case "namedtuple" | "dataclass" | "model" as kind:
            cls = ClassFinder(annotation).find(index.class_name, kind)
            return put_together(cls, kind, _make_dict(index.keys, items))
        case kind:
            raise unreadable(reason=f"Its index says that it is a {kind!r}.")


def write_index(index: Index) -> str:
    """Return the index as typed JSON; positions, which say nothing, are left out."""
    keys = [] if isinstance(index.keys, range) or index.kind == ONE else list(index.keys)
    return typed_json.encode(
        {
            "kind": index.kind,
            "class": index.class_name,
            "keys": keys,
            "formats": list(index.formats),
        }
    )


def read_index(text: str, annotation: Any) -> Index:
    """Return the index that `write_index` wrote.

    Raises `UnreadableArtifactError` for anything else.
    """
    found = typed_json.decode(text, annotation)
    if not isinstance(found, dict) or set(cast("dict[Any, Any]", found)) != _FIELDS:
        raise unreadable(reason="Its index has other entries than those known.")
    entries = cast("dict[str, Any]", found)
    kind, formats = entries["kind"], entries["formats"]
    if not _are_texts(formats) or type(entries["keys"]) is not list or type(kind) is not str:
        raise unreadable(reason="Its index has entries of the wrong types.")
    keys = cast("Sequence[Any]", entries["keys"])
    if kind in {"list", "tuple", ONE} and not keys:
        keys = range(len(formats))
    if len(keys) != len(formats) or (kind == ONE and len(formats) != 1):
        raise unreadable(reason="Its index has another number of keys than of items.")
    return Index(kind, entries["class"], keys, formats)


def read_names(text: bytes) -> tuple[list[ClassName], Sequence[str]]:
    """Return the classes that an index names, of its keys too, and the formats of the items.

    Unlike `read_index` it needs none of these classes. Raises `UnreadableArtifactError`.
    """
    try:
        found: Any = json.loads(text)
        class_name, formats = found["class"], found["formats"]
    except (ValueError, LookupError, TypeError) as error:
        raise unreadable(reason=f"Its index cannot be read: {error}.") from error
    own = [] if class_name is None else [ClassName.parse(str(class_name))]
    return [*own, *list_names(text)], formats if _are_texts(formats) else ()


def unreadable(*, reason: str) -> UnreadableArtifactError:
    """Return the error for files that are not a container's."""
    cure = "Read it with the materializer that wrote it, or run the step that made it again."
    return UnreadableArtifactError(format=FORMAT, reason=reason, cure=cure)


# ------------------------------------------------------------------ types of parts


def part_types(annotation: Any) -> list[Any]:
    """Return the types of all that a container type stores; keys of a dict are not among them."""
    bare = unwrap(annotation)
    if is_union(bare):
        return list(union_members(bare))
    cls = runtime_class(bare)
    if cls is not None and (has_fields(cls) or is_typeddict(cls)):
        return list(field_types(bare).values())
    arguments = [part for part in get_args(bare) if part is not ...]
    return arguments[1:] if cls is dict else arguments


def part_type(annotation: Any, index: Index, position: int) -> Any:
    """Return the type of one item, or None where the container's type does not say."""
    bare = _member_of_kind(annotation, index)
    if bare is None:
        return None
    if index.kind in {"list", "tuple"}:
        return _sequence_part(get_args(bare), position)
    if get_origin(bare) is dict:
        return get_args(bare)[1]
    key = index.keys[position]
    return field_types(bare).get(key) if isinstance(key, str) else None


def _member_of_kind(annotation: Any, index: Index) -> Any:
    """Return the type, or the member of a union, that a container of this kind has."""
    for member in union_members(annotation) if annotation is not None else ():
        cls = runtime_class(member)
        if cls is None:
            continue
        if index.kind in _PLAIN_KINDS:
            if cls is _PLAIN_KINDS[index.kind] or (index.kind == "dict" and is_typeddict(cls)):
                return member if get_args(member) or is_typeddict(cls) else None
        elif kind_of(cls) == index.kind and _same_name(cls, index):
            return member
    return None


def _same_name(cls: type, index: Index) -> bool:
    return str(index.class_name).rpartition(":")[2] == cls.__qualname__


def _sequence_part(arguments: tuple[Any, ...], position: int) -> Any:
    if len(arguments) == 1 or arguments[1:] == (...,):
        return arguments[0]
    return arguments[position] if position < len(arguments) else None


def _are_texts(formats: Any) -> bool:
    return type(formats) is list and all(type(each) is str for each in cast("list[Any]", formats))


def _make_dict(keys: Sequence[Any], items: Sequence[Any]) -> dict[Any, Any]:
    try:
        made = dict(zip(keys, items, strict=True))
    except (TypeError, ValueError) as error:
        raise unreadable(reason=f"Its keys cannot be used: {error}.") from error
    if len(made) != len(items):
        raise unreadable(reason="It has the same key twice.")
    return made
