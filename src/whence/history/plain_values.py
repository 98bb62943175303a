"""Recorded parameters as values, and as words, also where their classes are not imported."""

import json
from typing import Any, cast

from whence.errors import WhenceError
from whence.values.typed_json import decode

_DIGITS = 12  # enough to tell numbers apart, too few for the noise of binary fractions
_LONGEST = 72  # characters of a value that are shown
_BRACKETS = {"$tuple": "()", "$set": "{}", "$frozenset": "{}"}
_OF_CLASS = frozenset({"$dataclass", "$namedtuple", "$model"})


def decode_leniently(text: str) -> Any:
    """Return a recorded value; where its class is not imported or has changed, its plain data."""
    try:
        return decode(text)
    except WhenceError:
        return to_plain_data(text)


def to_plain_data(text: str) -> Any:
    """Return a recorded value as what JSON has: numbers, text, lists and dicts."""
    return _simplify(_parse(text))


def describe_value(text: str) -> str:
    """Return a recorded value in a few words, without touching any class of the user's."""
    return shorten(_describe(_parse(text)))


def describe_result(text: str) -> str:
    """Return a stored value in a few words; of a lone number, the digits that mean something."""
    tree = _parse(text)
    if isinstance(tree, float):
        rounded = format(tree, f".{_DIGITS}g")
        return repr(tree) if float(rounded) == tree else rounded
    return shorten(_describe(tree))


def shorten(words: str) -> str:
    """Return at most as many characters as a cell holds well."""
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _split_tag(tree: Any) -> tuple[str, Any]:
    """Return the tag of a typed value and what stands under it; of plain data, no tag."""
    if isinstance(tree, dict):
        parts = cast("dict[str, Any]", tree)
        first = next(iter(parts), "")
        if len(parts) == 1 and first.startswith("$"):
            return first, parts[first]
    return "", cast("Any", tree)


def _simplify(tree: Any) -> Any:
    tag, payload = _split_tag(tree)
    if tag in _OF_CLASS or tag == "$enum":
        return _simplify(payload[1])
    if tag == "$dict":
        return {_hashable(key): _simplify(value) for key, value in payload}
    if isinstance(payload, list):
        return [_simplify(item) for item in cast("list[Any]", payload)]
    if isinstance(payload, dict):
        parts = cast("dict[str, Any]", payload)
        return {name: _simplify(value) for name, value in parts.items()}
    return payload


def _hashable(tree: Any) -> Any:
    simple = _simplify(tree)
    return json.dumps(simple) if isinstance(simple, (list, dict)) else simple


def _describe(tree: Any) -> str:
    tag, payload = _split_tag(tree)
    if tag in _OF_CLASS:
        fields = ", ".join(f"{name}={_describe(value)}" for name, value in payload[1].items())
        return f"{_class_name(payload[0])}({fields})"
    if tag == "$enum":
        return f"{_class_name(payload[0])}.{payload[1]}"
    if tag == "$dict":
        pairs = ", ".join(f"{_describe(key)}: {_describe(value)}" for key, value in payload)
        return f"{{{pairs}}}"
    if tag in _BRACKETS:
        start, end = _BRACKETS[tag]
        return f"{start}{', '.join(map(_describe, payload))}{end}"
    if tag and isinstance(payload, str):
        return payload
    return _describe_plain(payload)


def _describe_plain(tree: Any) -> str:
    if isinstance(tree, list):
        return f"[{', '.join(map(_describe, cast('list[Any]', tree)))}]"
    if isinstance(tree, dict):
        parts = cast("dict[str, Any]", tree)
        return f"{{{', '.join(f'{name}: {_describe(value)}' for name, value in parts.items())}}}"
    return repr(tree)


def _class_name(place: str) -> str:
    return place.rpartition(":")[2].rpartition(".")[2]
