"""Moments as people give them: `7d` ago, a date, a time of day, a datetime."""

import re
from datetime import UTC, date, datetime, time, timedelta

from whence.errors import InvalidSearchError

Moment = str | date | datetime | timedelta
"""How far back, or when; a date is that day here, and a time without zone is one of here."""

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CURE = (
    "Give how far back, such as '7d', '12h' or '30m',\n"
    "or when, such as '2026-03-01' or '2026-03-01 18:30'."
)


def parse_moment(given: Moment, *, end_of_day: bool = False) -> datetime:
    """Return the moment that is meant, in UTC; of a date its beginning, or its end.

    Raises `InvalidSearchError`.
    """
    try:
        return _settle(given, end_of_day=end_of_day)
    except (OverflowError, TypeError, ValueError) as error:
        reason = "It is no moment that can be told."
        raise InvalidSearchError(given=str(given), reason=reason, cure=_CURE) from error


def _settle(given: Moment, *, end_of_day: bool) -> datetime:
    if isinstance(given, str):
        given = _read(given.strip())
    if isinstance(given, timedelta):
        return datetime.now(UTC) - given
    if not isinstance(given, datetime):
        day = given + timedelta(days=1) if end_of_day else given
        given = datetime.combine(day, time())  # of here, as people mean it
    return given.astimezone(UTC)


def _read(text: str) -> date | datetime | timedelta:
    if found := _AGO.fullmatch(text):
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)
