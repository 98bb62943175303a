"""Times, sizes, numbers, moments and long texts as people read them."""

import math
from collections.abc import Sequence
from datetime import datetime

NOTHING = "\N{EN DASH}"
"""Stands where there is no value."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SIGNIFICANT = 5  # digits of a number that are shown
_MOST_DECIMALS = 8
_PLAIN_NUMBERS = (1e-4, 1e9)  # outside, numbers are written with an exponent


def format_duration(seconds: float | None) -> str:
    """Return a time span with three digits: `0.4 ms`, `12 ms`, `1.23 s`, `2 min 05 s`."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    if seconds < 0:
        return f"-{format_duration(-seconds)}"
    if seconds < 0.9995:  # noqa: PLR2004  # what rounds to a second is one
        milliseconds = seconds * 1000
        return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"  # noqa: PLR2004  # three digits
    if seconds < 9.995:  # noqa: PLR2004  # as above
        return f"{seconds:.2f} s"
    if seconds < 59.95:  # noqa: PLR2004  # as above
        return f"{seconds:.1f} s"
    return _format_long(round(seconds))


def _format_long(seconds: int) -> str:
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE:02} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR:02} h"


def format_size(count: int) -> str:
    """Return a number of bytes in the binary unit that leaves one to four digits."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 999.5:  # noqa: PLR2004  # what rounds to four digits has the next unit
            return f"{count} B" if unit == "B" else f"{_three_digits(size)} {unit}"
        size /= 1024
    return f"{_three_digits(size)} TiB"


def _three_digits(size: float) -> str:
    return f"{size:.1f}" if abs(size) < 99.95 else f"{size:.0f}"  # noqa: PLR2004  # what rounds to three


def format_moment(moment: datetime | None) -> str:
    """Return a moment in the reader's own time zone, to the second."""
    return NOTHING if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def format_start(moment: datetime) -> str:
    """Return when something began, in the reader's own time zone: of today, the time alone."""
    here = moment.astimezone()
    is_today = here.date() == datetime.now().astimezone().date()
    return here.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M")


def format_number(value: float) -> str:
    """Return a number with five significant digits; whole ones in full."""
    return format_numbers([value])[0]


def format_numbers(values: Sequence[float | None], *, signed: bool = False) -> list[str]:
    """Return numbers that stand side by side, with the same number of decimals."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    write = _choose_form(known)
    sign = "+" if signed else ""
    return [
        NOTHING if value is None else f"{value:{sign}{write if math.isfinite(value) else ''}}"
        for value in values
    ]


def _choose_form(values: Sequence[float]) -> str:
    largest = max((abs(value) for value in values), default=0.0)
    if all(float(value).is_integer() for value in values) and largest < 1e15:  # noqa: PLR2004  # exact in a float
        return ".0f"
    low, high = _PLAIN_NUMBERS
    if not low <= largest < high:
        return f".{_SIGNIFICANT - 1}g"
    decimals = max(0, _SIGNIFICANT - 1 - math.floor(math.log10(largest)))
    return f".{_needed_decimals(values, min(decimals, _MOST_DECIMALS))}f"


def _needed_decimals(values: Sequence[float], most: int) -> int:
    """Return how many decimals are left when zeros that all values end in are dropped."""
    texts = [f"{value:.{most}f}" for value in values]
    return max((len(_fraction(text).rstrip("0")) for text in texts), default=0)


def _fraction(text: str) -> str:
    return text.partition(".")[2]


def format_count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 step`, `3 steps`."""
    return f"{number} {singular if number == 1 else plural or f'{singular}s'}"


def shorten_text(text: str, longest: int) -> str:
    """Return a text, of a longer one its beginning and its end."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} [… {len(text) - 2 * half} characters …] {text[-half:]}"
