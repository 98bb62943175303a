"""Cleans single rows."""

from config import CODE, LIMIT, SKIPPED


def clip(minutes, low=-60, *, high=LIMIT):
    """Keep a delay within bounds."""
    if minutes < low:
        return low
    return min(minutes, high)


def is_flight(code):
    """Whether this is the code of a flight."""
    return bool(CODE.match(code)) and code not in SKIPPED


def shorten(name):
    # only the first part is stable
    first = name.split("-")[0]
    return first.strip().lower()


def parity(number):
    """Call `odd`, which calls this again."""
    return True if number == 0 else odd(number - 1)


def odd(number):
    return False if number == 0 else parity(number - 1)


def never_called(value):
    return value + 1
