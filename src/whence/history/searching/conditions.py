"""Reading conditions on runs: `rmse<3.2`, `fit.depth >= 4`, `parameters.kind="ridge"`.

    condition  =  name operator value
    name       =  [ `metrics.` | `parameters.` ] text without operators, or a quoted text
    operator   =  `<` `<=` `>` `>=` `=` `==` `!=`
    value      =  number | true | false | none | quoted text | text without operators

Spaces around them do not count. Quotes are single or double, with a backslash before one inside.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, cast
from uuid import UUID

from whence.domain.run_filters import (
    Comparable,
    Condition,
    Operator,
    OrderBy,
    Quantity,
    RunOrder,
)
from whence.errors import InvalidSearchError

_QUOTED = r"""(?P<{0}_quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_PLAIN = r"(?P<{0}_plain>[^<>=!\"']+?)"
_PIECE = rf"(?:{_QUOTED}|{_PLAIN})"
_NAME = rf"\s*(?:(?P<quantity>metrics|parameters)\.)?{_PIECE.format('name')}\s*"
_CONDITION = re.compile(
    rf"{_NAME}(?P<operator><=|>=|!=|==|=|<|>)\s*{_PIECE.format('value')}\s*", re.DOTALL
)
_ORDER = re.compile(rf"(?P<descending>-?){_NAME}", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf)")
_WORDS: Mapping[str, Comparable] = {"true": True, "false": False, "none": None, "null": None}
_QUANTITIES = {"metrics": Quantity.METRIC, "parameters": Quantity.PARAMETER}
_FORM = "Write it as name, sign and value, such as 'rmse<3.2', 'depth>=4' or 'kind=ridge'."


def parse_condition(text: str) -> Condition:
    """Return the condition that *text* states. Raises `InvalidSearchError`."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise InvalidSearchError(given=text, reason=_find_reason(text), cure=_FORM)
    operator = cast("Operator", "=" if found["operator"] == "==" else found["operator"])
    condition = Condition(_quantity(found), _text(found, "name"), operator, _value(found))
    _check_kinds(text, condition)
    return condition


def _find_reason(text: str) -> str:
    signs = re.findall(r"<=|>=|!=|==|=|<|>", text)
    if not signs:
        return "It has no sign: one of <, <=, >, >=, =, !=."
    if len(signs) > 1:
        return "It has several signs; give each condition by itself, and quote text that has one."
    return "It lacks what stands before or behind the sign, or a quote is open."


def _check_kinds(text: str, condition: Condition) -> None:
    value, is_order = condition.value, condition.operator not in {"=", "!="}
    if is_order and (value is None or isinstance(value, bool)):
        reason = "Nothing is more or less than true, false or none."
        raise InvalidSearchError(given=text, reason=reason, cure="Compare with = or !=.")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if condition.quantity is Quantity.METRIC and not is_number:
        reason = "A metric is a number."
        raise InvalidSearchError(given=text, reason=reason, cure="Compare it with a number.")


def _quantity(found: re.Match[str]) -> Quantity:
    return _QUANTITIES.get(found["quantity"] or "", Quantity.EITHER)


def _text(found: re.Match[str], part: str) -> str:
    quoted = found[f"{part}_quoted"]
    if quoted is None:
        return found[f"{part}_plain"].strip()
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)


def _value(found: re.Match[str]) -> Comparable:
    text = _text(found, "value")
    if found["value_quoted"] is not None:
        return text
    if _NUMBER.fullmatch(text):
        return _number(text)
    return _WORDS.get(text.lower(), text)


def _number(text: str) -> float:
    is_whole = text.lstrip("+-").isdecimal() and len(text) < 20  # noqa: PLR2004  # of a 64-bit number
    return int(text) if is_whole else float(text)


def parse_order(text: str) -> tuple[Quantity, RunOrder]:
    """Return what runs are ordered by, and as what a name of no known kind may be looked up.

    Raises `InvalidSearchError`.
    """
    found = _ORDER.fullmatch(text)
    if found is None:
        cure = "Name one: 'started', 'duration', a metric or a parameter; '-rmse' turns it round."
        raise InvalidSearchError(given=text, reason="It is nothing to order runs by.", cure=cure)
    quantity, name = _quantity(found), _text(found, "name")
    descending = bool(found["descending"])
    is_word = quantity is Quantity.EITHER and found["name_quoted"] is None
    if is_word and name in {OrderBy.STARTED, OrderBy.DURATION}:
        return quantity, RunOrder(OrderBy(name), "", descending)
    by = OrderBy.PARAMETER if quantity is Quantity.PARAMETER else OrderBy.METRIC
    return quantity, RunOrder(by, name, descending)


def make_conditions(parameters: Mapping[str, Any]) -> list[Condition]:
    """Return the conditions that parameters have just these values.

    Raises `InvalidSearchError` for a value that no search compares, such as a list.
    """
    return [
        Condition(Quantity.PARAMETER, name, "=", _simplify(name, value))
        for name, value in parameters.items()
    ]


def _simplify(name: str, value: Any) -> Comparable:
    """Return a value as it is compared: numbers, text, and what is written as text."""
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (PurePath, UUID)):
        return str(value)
    item = getattr(value, "item", None)  # of a NumPy scalar
    if callable(item) and getattr(value, "shape", None) == ():
        return _simplify(name, item())
    raise InvalidSearchError(
        given=f"{name}={value!r}",
        reason=f"Runs are not searched by a {type(value).__name__}.",
        cure="Give a number, a text, True, False or None.",
    )


def name_quantities(conditions: Sequence[Condition], order: RunOrder) -> list[tuple[Quantity, str]]:
    """Return the metrics and parameters that a search is about, each once, in their order."""
    asked = [(each.quantity, each.name) for each in conditions]
    if order.by is OrderBy.METRIC:
        asked.append((Quantity.METRIC, order.name))
    elif order.by is OrderBy.PARAMETER:
        asked.append((Quantity.PARAMETER, order.name))
    return list({name: (quantity, name) for quantity, name in asked}.values())
