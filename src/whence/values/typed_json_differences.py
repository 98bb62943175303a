"""Where two values in typed JSON differ, path by path, without touching any class of the user's.

What does not count in canonical bytes does not count here: the order of a dict, the module of a
class.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from whence.domain.frozen import frozen

_BRACKETS: Mapping[str, tuple[str, str]] = {
    "$tuple": ("(", ")"),
    "$set": ("{", "}"),
    "$frozenset": ("frozenset({", "})"),
}
_ROWS = frozenset({"", "$tuple"})
_SETS = frozenset({"$set", "$frozenset"})
_OF_CLASS = frozenset({"$dataclass", "$namedtuple", "$model"})
_CALLS: Mapping[str, str] = {"$path": "Path", "$decimal": "Decimal"}


@frozen
class ValueDifference:
    """One place inside a value, and what was there before and after; None where nothing was.

    The path is what follows the value's name: `.model.depth`, `[3]`, `['a b']`, or nothing where
    the whole value differs. A set's members have the place `{}`.
    """

    path: str
    old: str | None
    new: str | None


def find_value_differences(old: str, new: str) -> tuple[ValueDifference, ...]:
    """Return where two typed JSON texts differ, at the innermost places that both have.

    No place differs exactly when the values are equal, whatever the order of their dicts and
    wherever their classes lie.
    """
    return tuple(_find(_parse(old), _parse(new), ""))


def show_value(text: str) -> str:
    """Return a value in typed JSON about as Python would write it."""
    return _show(_parse(text))


# ------------------------------------------------------------------ comparing


def _find(old: Any, new: Any, path: str) -> list[ValueDifference]:
    if _normal_text(old) == _normal_text(new):
        return []
    found: list[ValueDifference] = []
    if (kind := _kind(old)) is not None and kind == _kind(new):
        find = _find_in_sets if kind in _SETS else _find_in_parts
        found = list(find(old, new, path))
    # No part tells where, say, a NamedTuple has its fields in another order.
    return found or [ValueDifference(path, _show(old), _show(new))]


def _find_in_parts(old: Any, new: Any, path: str) -> Iterator[ValueDifference]:
    before, after = _parts(old), _parts(new)
    for step in before | after:
        place = path + step
        if step not in after:
            yield ValueDifference(place, _show(before[step]), None)
        elif step not in before:
            yield ValueDifference(place, None, _show(after[step]))
        else:
            yield from _find(before[step], after[step], place)


def _find_in_sets(old: Any, new: Any, path: str) -> Iterator[ValueDifference]:
    before, after = _members(old), _members(new)
    for text in before | after:
        if text not in after:
            yield ValueDifference(f"{path}{{}}", before[text], None)
        elif text not in before:
            yield ValueDifference(f"{path}{{}}", None, after[text])


def _members(tree: Any) -> dict[str, str]:
    """Return the members of a set, as they are shown, by their normal texts."""
    return {_normal_text(item): _show(item) for item in _split(tree)[1]}


def _kind(tree: Any) -> str | None:
    """Return what two values must share to be compared part by part; None for single values."""
    tag, payload = _split(tree)
    if tag in _OF_CLASS:
        return f"{tag} {_class_name(payload[0])}"
    if tag in _ROWS and isinstance(payload, list):
        return tag or "list"
    if tag == "$dict" or isinstance(payload, dict):
        return "dict"
    return tag if tag in _SETS else None


def _parts(tree: Any) -> dict[str, Any]:
    """Return the parts of a value by the step of a path that leads to each."""
    tag, payload = _split(tree)
    if tag in _OF_CLASS:
        return {f".{name}": part for name, part in payload[1].items()}
    if tag == "$dict":
        return {_step_to(key): part for key, part in payload}
    if isinstance(payload, dict):
        parts = cast("dict[str, Any]", payload)
        return {_step_to(name): part for name, part in parts.items()}
    return {f"[{position}]": part for position, part in enumerate(payload)}


def _step_to(key: Any) -> str:
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    return f"[{_show(key)}]"


# ------------------------------------------------------------------ normal form


def _normal_text(tree: Any) -> str:
    return json.dumps(_normal(tree), sort_keys=True, separators=(",", ":"))


def _normal(tree: Any) -> Any:
    """Return a tree in which all that differs counts: no modules, dicts in one order."""
    tag, payload = _split(tree)
    if tag in _OF_CLASS:
        fields = [[name, _normal(part)] for name, part in payload[1].items()]
        in_order = fields if tag == "$namedtuple" else sorted(fields, key=_text)
        return {tag: [_class_name(payload[0]), in_order]}
    if tag == "$enum":
        return {tag: [_class_name(payload[0]), payload[1]]}
    if tag == "$dict":
        return {tag: sorted(([_normal(key), _normal(part)] for key, part in payload), key=_text)}
    if isinstance(payload, list):
        items = [_normal(item) for item in cast("list[Any]", payload)]
        return {tag: sorted(items, key=_text)} if tag in _SETS else _under(tag, items)
    if isinstance(payload, dict):
        parts = cast("dict[str, Any]", payload)
        return _under(tag, {name: _normal(part) for name, part in parts.items()})
    return _under(tag, payload)


def _under(tag: str, payload: Any) -> Any:
    return {tag: payload} if tag else payload


def _text(tree: Any) -> str:
    return json.dumps(tree, sort_keys=True)


# ------------------------------------------------------------------ reading and showing


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # not a value, such as the name of a slot's step


def _split(tree: Any) -> tuple[str, Any]:
    """Return the tag of a typed value and what stands under it; of plain data, no tag."""
    if isinstance(tree, dict):
        parts = cast("dict[str, Any]", tree)
        first = next(iter(parts), "")
        if len(parts) == 1 and first.startswith("$"):
            return first, parts[first]
    return "", cast("Any", tree)


def _class_name(stored: str) -> str:
    return stored.rpartition(":")[2]


def _show(tree: Any) -> str:
    tag, payload = _split(tree)
    if tag in _OF_CLASS:
        fields = ", ".join(f"{name}={_show(part)}" for name, part in payload[1].items())
        return f"{_class_name(payload[0])}({fields})"
    if tag == "$enum":
        return f"{_class_name(payload[0])}.{payload[1]}"
    if tag == "$dict":
        return f"{{{', '.join(f'{_show(key)}: {_show(part)}' for key, part in payload)}}}"
    if tag in _BRACKETS:
        return _show_row(payload, *_BRACKETS[tag])
    return _show_plain(payload) if not tag else _show_scalar(tag, payload)


def _show_row(items: list[Any], start: str, end: str) -> str:
    shown = ", ".join(map(_show, items))
    comma = "," if start == "(" and len(items) == 1 else ""
    return f"{start}{shown}{comma}{end}"


def _show_scalar(tag: str, payload: Any) -> str:
    if tag in _CALLS:
        return f"{_CALLS[tag]}({_show(payload)})"
    if tag == "$bytes":
        return repr(base64.b64decode(payload))
    return payload if isinstance(payload, str) else f"{tag[1:]}{_show(payload)}"


def _show_plain(tree: Any) -> str:
    if isinstance(tree, list):
        return _show_row(cast("list[Any]", tree), "[", "]")
    if isinstance(tree, dict):
        parts = cast("dict[str, Any]", tree)
        return f"{{{', '.join(f'{name!r}: {_show(part)}' for name, part in parts.items())}}}"
    return repr(tree)
