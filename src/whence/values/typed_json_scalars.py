"""Typed JSON of single values: numbers, text, bytes, dates and times, ids, paths.

Each type has a pair of functions, to a payload of plain JSON and back. What reads a payload may be
lenient: `read_scalar` accepts only what the writing function would have written.
"""

import base64
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Context, Decimal, InvalidOperation
from math import isfinite
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

from whence.domain.frozen import frozen
from whence.values.typed_json_faults import refuse, unreadable

PLAIN_INT_LIMIT = 1 << 2048
"""Integers below are JSON numbers; Python may refuse to parse longer ones, down to 640 digits."""

_NOT_FINITE = {"nan": "nan", "inf": "inf", "-inf": "-inf"}
_ZONE_KEY = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_DECIMALS = Context(capitals=1, traps=[InvalidOperation])  # the caller's context must not matter
_SHORTEST_OFFSET = timedelta(seconds=1)  # Python reads a shorter one, but zero, as UTC


@frozen
class Scalar:
    """How values of one type are written under a tag and read back."""

    tag: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def write_int(value: int) -> Any:
    """Return an integer as a JSON number, or as hexadecimal text where it is very long."""
    if -PLAIN_INT_LIMIT < value < PLAIN_INT_LIMIT:
        return value
    return {"$int": hex(value)}


def write_float(value: float) -> Any:
    """Return a float as a JSON number; NaN and the infinities, which JSON lacks, by name.

    Every NaN is written alike: its sign and payload are not kept.
    """
    return value if isfinite(value) else {"$float": repr(value)}


def write_text(value: str) -> Any:
    """Return a string as itself, or as Base64 where it holds surrogates, which no file can."""
    return value if is_encodable(value) else {"$str": _to_base64(_surrogate_bytes(value))}


def is_encodable(text: str) -> bool:
    """Return whether UTF-8 can hold a text, which is so unless it has surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_scalar(tag: str, payload: Any) -> Any:
    """Return the value under a tag of `SCALARS_BY_TAG`.

    Raises `UnreadableArtifactError` for a payload that is never written.
    """
    scalar = SCALARS_BY_TAG[tag]
    try:
        value = scalar.read(payload)
        written = scalar.write(value)
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise unreadable(reason=f"What stands under {tag!r} cannot be read: {error}.") from error
    if written != payload:
        raise unreadable(reason=f"What stands under {tag!r} is not as it is written.")
    return value


def _surrogate_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(payload: str) -> bytes:
    return base64.b64decode(payload, validate=True)


def _read_float(payload: Any) -> float:
    return float(_NOT_FINITE[payload])  # a new object each time: two NaNs in a set stay two


def _plain_float(payload: Any) -> float:
    if isinstance(payload, dict):
        return read_scalar("$float", payload["$float"])
    return float(payload)


def _plain_text(payload: Any) -> str:
    return read_scalar("$str", payload["$str"]) if isinstance(payload, dict) else payload


def _write_timedelta(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _read_timedelta(payload: Any) -> timedelta:
    days, seconds, microseconds = payload
    return timedelta(days, seconds, microseconds)


# ------------------------------------------------------------------ dates and times


def _write_clock(value: datetime | time) -> Any:
    """Return a date or time of day: ISO 8601, or `[wall, zone, fold]` where that says less."""
    zone, fold = value.tzinfo, value.fold
    if not fold and (zone is None or _is_readable_offset(zone)):
        return value.isoformat()
    wall = value.replace(tzinfo=None, fold=0).isoformat()
    return [wall, _write_zone(value, zone), fold]


def _is_bare_offset(zone: tzinfo) -> bool:
    if type(zone) is not timezone:
        return False
    return zone.tzname(None) == timezone(zone.utcoffset(None)).tzname(None)


def _is_readable_offset(zone: tzinfo) -> bool:
    offset = zone.utcoffset(None) if _is_bare_offset(zone) else None
    if offset is None:
        return False
    return not offset or abs(offset) >= _SHORTEST_OFFSET


def _write_zone(value: Any, zone: tzinfo | None) -> Any:
    if zone is None:
        return None
    if type(zone) is timezone:
        offset = _write_timedelta(zone.utcoffset(None))
        return offset if _is_bare_offset(zone) else [*offset, write_text(zone.tzname(None))]
    key = getattr(zone, "key", None)
    zoneinfo = sys.modules.get("zoneinfo")
    if zoneinfo is not None and type(zone) is zoneinfo.ZoneInfo and _is_known_zone(key):
        return key
    raise refuse(
        value,
        reason=f"Its time zone is {zone!r}, which cannot be found again by a name.",
        cure="Use `zoneinfo.ZoneInfo('Area/City')` or `datetime.timezone`.",
    )


def _is_known_zone(key: Any) -> bool:
    try:
        return isinstance(key, str) and _read_zone(key) is not None
    except (LookupError, OSError, ValueError):
        return False


def _read_zone(payload: Any) -> tzinfo | None:
    if payload is None:
        return None
    if isinstance(payload, str):
        from zoneinfo import ZoneInfo  # noqa: PLC0415  # slow to import, and seldom needed

        if not _ZONE_KEY.fullmatch(payload):
            msg = f"{payload!r} is no time zone"
            raise ValueError(msg)
        return ZoneInfo(payload)
    offset, name = _read_timedelta(payload[:3]), payload[3:]
    return timezone(offset, _plain_text(*name)) if name else timezone(offset)


def _read_clock(kind: type[datetime] | type[time], payload: Any) -> datetime | time:
    if isinstance(payload, str):
        return kind.fromisoformat(payload)
    wall, zone, fold = payload
    return kind.fromisoformat(wall).replace(tzinfo=_read_zone(zone), fold=fold)


def _read_datetime(payload: Any) -> datetime | time:
    return _read_clock(datetime, payload)


def _read_time(payload: Any) -> datetime | time:
    return _read_clock(time, payload)


# ------------------------------------------------------------------ the table


def _path_scalar(tag: str, kind: type[PurePath]) -> Scalar:
    return Scalar(tag, lambda path: write_text(str(path)), lambda text: kind(_plain_text(text)))


PLAIN_WRITERS: Mapping[type, Callable[[Any], Any]] = {
    int: write_int,
    float: write_float,
    str: write_text,
}
"""Types that are plain JSON but for a few of their values."""

SCALARS: Mapping[type, Scalar] = {
    bytes: Scalar("$bytes", _to_base64, _from_base64),
    complex: Scalar(
        "$complex",
        lambda value: [write_float(value.real), write_float(value.imag)],
        lambda payload: complex(*map(_plain_float, payload)),
    ),
    date: Scalar("$date", date.isoformat, date.fromisoformat),
    datetime: Scalar("$datetime", _write_clock, _read_datetime),
    time: Scalar("$time", _write_clock, _read_time),
    timedelta: Scalar("$timedelta", _write_timedelta, _read_timedelta),
    Decimal: Scalar(
        "$decimal", _DECIMALS.to_sci_string, lambda payload: Decimal(payload, _DECIMALS)
    ),
    UUID: Scalar("$uuid", str, UUID),
    type(Path()): _path_scalar("$path", Path),
    PurePosixPath: _path_scalar("$posix_path", PurePosixPath),
    PureWindowsPath: _path_scalar("$windows_path", PureWindowsPath),
}
"""Types that are always written under a tag."""

SCALARS_BY_TAG: Mapping[str, Scalar] = {
    "$int": Scalar("$int", hex, lambda payload: int(payload, 16)),
    "$float": Scalar("$float", repr, _read_float),
    "$str": Scalar(
        "$str",
        lambda text: _to_base64(_surrogate_bytes(text)),
        lambda payload: _from_base64(payload).decode("utf-8", "surrogatepass"),
    ),
    **{scalar.tag: scalar for scalar in SCALARS.values()},
}
