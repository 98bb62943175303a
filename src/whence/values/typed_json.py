"""Typed JSON: values as text that comes back exactly, with its types, or is refused.

What JSON has stays plain JSON: `3`, `"a"`, `[1, 2]`, `{"lr": 0.1}`. All else stands in an object
with one key, a tag that begins with `$`: `{"$tuple": [1, 2]}`, `{"$date": "2026-01-31"}`,
`{"$dataclass": ["train:Config", {"lr": 0.1}]}`. A dict with keys that are not plain strings, or
that begin with `$`, is a `{"$dict": [[key, value], ...]}`.

Values that are equal and of equal types give equal texts. Order counts in a dict, which keeps it
when it is read, and not in a set. What is referred to twice comes back as two equal values.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any, NoReturn, TypeVar, cast

from whence.errors import NotStorableError, UnknownClassError, UnreadableArtifactError, WhenceError
from whence.values.class_names import ClassFinder, name_class
from whence.values.class_parts import find_member, kind_of, member_key, put_together, take_apart
from whence.values.type_forms import type_name
from whence.values.typed_json_faults import refuse, shorten_place, unreadable
from whence.values.typed_json_scalars import (
    PLAIN_INT_LIMIT,
    PLAIN_WRITERS,
    SCALARS,
    SCALARS_BY_TAG,
    is_encodable,
    read_scalar,
)

MAX_DEPTH = 100
"""Levels of nesting that are written: far below what a reader's stack may have left."""

_Fault = TypeVar("_Fault", bound=WhenceError)
_CLASS_TAGS = {"$dataclass": "dataclass", "$namedtuple": "namedtuple", "$model": "model"}
_to_text = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def encode(value: Any) -> str:
    """Return *value* as text from which `decode` gives back an equal value of the same types.

    Raises `NotStorableError`, whose `where` is the path to what is refused: `$.optimizer.lr[2]`.
    """
    try:
        return _to_text(_to_tree(value, 0))
    except NotStorableError as error:
        error.where = shorten_place(f"${error.where}")
        raise
    except RecursionError:
        raise _too_deep(value, "$") from None


def decode(text: str, as_type: Any = None) -> Any:
    """Return the value that `encode` wrote.

    Classes of a user's are found in *as_type*, in depth, and in modules that are imported already.
    Raises `UnknownClassError` for others, and `UnreadableArtifactError` for any other text.
    """
    try:
        return _from_tree(_parse(text), ClassFinder(as_type))
    except (UnreadableArtifactError, UnknownClassError) as error:
        error.where = shorten_place(f"${error.where}")
        raise
    except RecursionError:
        raise _at(unreadable(reason="It is nested too deeply."), "$") from None


def without_modules(text: str) -> str:
    """Return a text of `encode` with classes named without their modules.

    So a class means the same whether its file is run, imported or run by the command line.
    """
    return _to_text(_forget_modules(_parse(text))) if '{"$' in text else text


# ------------------------------------------------------------------ writing


def _to_tree(value: Any, depth: int) -> Any:
    """Return the plain JSON values that stand for *value*."""
    kind = cast("type[Any]", type(value))
    if value is None or kind is bool:
        return value
    if (write := PLAIN_WRITERS.get(kind)) is not None:
        return write(value)
    if (scalar := SCALARS.get(kind)) is not None:
        return {scalar.tag: scalar.write(value)}
    if depth >= MAX_DEPTH:
        raise _too_deep(value)
    return _CONTAINERS.get(kind, _instance_to_tree)(value, depth + 1)


def _items_to_trees(values: Iterable[Any], depth: int) -> list[Any]:
    trees: list[Any] = []
    try:
        for value in values:
            trees.append(_to_tree(value, depth))  # noqa: PERF401  # the length says where it failed
    except NotStorableError as error:
        raise _at(error, f"[{len(trees)}]") from error.__cause__
    return trees


def _list_to_tree(value: list[Any], depth: int) -> list[Any]:
    return value if _is_plain(value) else _items_to_trees(value, depth)


def _tuple_to_tree(value: tuple[Any, ...], depth: int) -> dict[str, Any]:
    return {"$tuple": _items_to_trees(value, depth)}


def _set_to_tree(value: set[Any] | frozenset[Any], depth: int) -> dict[str, Any]:
    """Return a set in the order of its items' texts: the order it iterates in is by chance."""
    tag = "$set" if type(value) is set else "$frozenset"
    return {tag: sorted(_items_to_trees(value, depth), key=_to_text)}


def _dict_to_tree(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    if all(type(key) is str and key[:1] != "$" and is_encodable(key) for key in value):
        return _parts_to_tree(value, depth)
    keys = _items_to_trees(value, depth)
    return {
        "$dict": [
            [key, _part_to_tree(value, name, depth)] for key, name in zip(keys, value, strict=True)
        ]
    }


def _parts_to_tree(parts: Mapping[str, Any], depth: int) -> dict[str, Any]:
    return {name: _part_to_tree(parts, name, depth) for name in parts}


def _part_to_tree(parts: Mapping[Any, Any], name: Any, depth: int) -> Any:
    try:
        return _to_tree(parts[name], depth)
    except NotStorableError as error:
        step = f".{name}" if isinstance(name, str) and name.isidentifier() else f"[{name!r}]"
        raise _at(error, step) from error.__cause__


def _instance_to_tree(value: Any, depth: int) -> Any:
    cls = cast("type[Any]", type(value))
    kind = kind_of(cls)
    if kind is None:
        raise _refuse_class(value)
    if kind == "enum":
        return {"$enum": [name_class(cls), member_key(value)]}
    return {f"${kind}": [name_class(cls), _parts_to_tree(take_apart(value, kind), depth)]}


_CONTAINERS: Mapping[type, Callable[[Any, int], Any]] = {
    list: _list_to_tree,
    tuple: _tuple_to_tree,
    dict: _dict_to_tree,
    set: _set_to_tree,
    frozenset: _set_to_tree,
}

_ALL_PLAIN: Mapping[type, Callable[[list[Any]], bool]] = {
    int: lambda values: min(values) > -PLAIN_INT_LIMIT and max(values) < PLAIN_INT_LIMIT,
    float: lambda values: all(map(isfinite, values)),
    str: lambda values: all(map(is_encodable, values)),
    bool: lambda _: True,
}


def _is_plain(values: list[Any]) -> bool:
    """Return whether a list is plain JSON as it is: a short cut for long lists of one type."""
    kinds = set(map(type, values))
    check = _ALL_PLAIN.get(kinds.pop()) if len(kinds) == 1 else None
    return check is not None and check(values)


def _refuse_class(value: Any) -> NotStorableError:
    cls = cast("type[Any]", type(value))
    if cls.__module__.partition(".")[0] == "numpy":
        return refuse(value, "It belongs to NumPy.", "Use `.item()` or `.tolist()`.")
    for plain in (*PLAIN_WRITERS, *_CONTAINERS, *SCALARS):
        if isinstance(value, plain):
            name = type_name(plain)
            return refuse(value, f"It would come back as a plain {name}.", f"Use a {name}.")
    return refuse(
        value,
        reason="It is neither plain data nor an Enum, NamedTuple, dataclass or pydantic model.",
        cure="Use one of those, or let a materializer for its type store it.",
    )


def _too_deep(value: Any, place: str = "") -> NotStorableError:
    reason = f"It is nested more than {MAX_DEPTH} levels deep, or contains itself."
    return _at(refuse(value, reason, "Take the circle out, or flatten it."), place)


# ------------------------------------------------------------------ reading


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_from_text = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _parse(text: str) -> Any:
    try:
        return _from_text(text)
    except ValueError as error:
        raise unreadable(reason=f"It is not JSON: {error}.") from error


def _from_tree(tree: Any, classes: ClassFinder) -> Any:
    if isinstance(tree, list):
        return _items_from_trees(cast("list[Any]", tree), classes)
    if not isinstance(tree, dict):
        return tree
    parts = cast("dict[str, Any]", tree)
    if any(name[:1] == "$" for name in parts):
        return _tagged_from_tree(parts, classes)
    return _parts_from_tree(parts, classes)


def _items_from_trees(trees: list[Any], classes: ClassFinder) -> list[Any]:
    if {list, dict}.isdisjoint(map(type, trees)):
        return trees
    values: list[Any] = []
    try:
        for tree in trees:
            values.append(_from_tree(tree, classes))  # noqa: PERF401  # as in `_items_to_trees`
    except (UnreadableArtifactError, UnknownClassError) as error:
        raise _at(error, f"[{len(values)}]") from error.__cause__
    return values


def _parts_from_tree(trees: dict[str, Any], classes: ClassFinder) -> dict[str, Any]:
    return {name: _part_from_tree(trees, name, classes) for name in trees}


def _part_from_tree(trees: dict[str, Any], name: str, classes: ClassFinder) -> Any:
    try:
        return _from_tree(trees[name], classes)
    except (UnreadableArtifactError, UnknownClassError) as error:
        raise _at(error, f".{name}") from error.__cause__


def _tagged_from_tree(tree: dict[str, Any], classes: ClassFinder) -> Any:
    tag, payload = next(iter(tree.items()))
    if len(tree) != 1:
        raise unreadable(reason="A tag stands beside other keys.")
    if tag in SCALARS_BY_TAG:
        return read_scalar(tag, payload)
    if not isinstance(payload, list):
        raise unreadable(reason=f"What stands under {tag!r} is not a list.")
    items = cast("list[Any]", payload)
    if tag in _TAG_READERS:
        return _TAG_READERS[tag](items, classes)
    if len(items) != 2:  # noqa: PLR2004  # a class and what its instance is made of
        raise unreadable(reason=f"What stands under {tag!r} is not a pair.")
    return _instance_from_tree(tag, items[0], items[1], classes)


def _instance_from_tree(tag: str, name: Any, parts: Any, classes: ClassFinder) -> Any:
    if tag == "$enum":
        return find_member(classes.find(name, "enum"), parts)
    if tag not in _CLASS_TAGS or not isinstance(parts, dict):
        raise unreadable(reason=f"What stands under {tag!r} is not known.")
    kind = _CLASS_TAGS[tag]
    cls = classes.find(name, kind)
    return put_together(cls, kind, _parts_from_tree(cast("dict[str, Any]", parts), classes))


def _set_from_trees(trees: list[Any], classes: ClassFinder) -> set[Any]:
    return _hashed(set, _items_from_trees(trees, classes))


def _frozenset_from_trees(trees: list[Any], classes: ClassFinder) -> frozenset[Any]:
    return _hashed(frozenset, _items_from_trees(trees, classes))


def _dict_from_trees(trees: list[Any], classes: ClassFinder) -> dict[Any, Any]:
    pairs = _items_from_trees(trees, classes)
    if any(type(pair) is not list or len(pair) != 2 for pair in pairs):  # noqa: PLR2004  # key and value
        raise unreadable(reason="A dict is not written as pairs.")
    return _hashed(dict, pairs)


def _hashed(build: Callable[[list[Any]], Any], items: list[Any]) -> Any:
    """Return the set or dict of *items*, which must all differ."""
    try:
        built = build(items)
    except Exception as error:  # a user's own `__hash__` may raise anything
        raise unreadable(reason=f"Its items or keys cannot be hashed: {error}.") from error
    if len(built) != len(items):
        raise unreadable(reason="It has the same item or key twice.")
    return built


_TAG_READERS: Mapping[str, Callable[[list[Any], ClassFinder], Any]] = {
    "$tuple": lambda trees, classes: tuple(_items_from_trees(trees, classes)),
    "$set": _set_from_trees,
    "$frozenset": _frozenset_from_trees,
    "$dict": _dict_from_trees,
}


# ------------------------------------------------------------------ both ways


def _forget_modules(tree: Any) -> Any:
    """Return a tree in which each class has its qualified name alone."""
    if isinstance(tree, list):
        return [_forget_modules(item) for item in cast("list[Any]", tree)]
    if not isinstance(tree, dict):
        return tree
    parts = {name: _forget_modules(part) for name, part in cast("dict[str, Any]", tree).items()}
    tag = next(iter(parts), "")
    if tag == "$enum" or tag in _CLASS_TAGS:
        name, *rest = parts[tag]
        parts[tag] = [name.partition(":")[2], *rest]
    return parts


def _at(error: _Fault, step: str) -> _Fault:
    """Return *error*, placed one step further inside what is written or read."""
    error.where = f"{step}{error.where}"
    return error
