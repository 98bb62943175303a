"""Exceptions as they travel: of their own class, with their causes and the places they came by."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from whence.errors import StepFailedError
from whence.orchestrators.traceback_parcels import build_traceback, list_spots

LARGEST_ATTRIBUTE = 1 << 20
"""Bytes up to which what an exception carries travels with it."""

Fits = Callable[[object], int | None]
"""Returns how many bytes a value takes, or None where it cannot travel."""

Place = type[BaseException] | tuple[str, str]
"""A class, or the module and name under which an import finds it."""


def reduce_error(
    error: BaseException, fits: Fits, goes_by_name: Callable[[type], bool]
) -> tuple[Any, ...]:
    """Return how *error* is rebuilt elsewhere.

    What cannot travel of it goes as its text. Where that is its class, or an import there does not
    find that, the nearest class of Python's own stands in.
    """
    cls = type(error)
    make, args, attributes = _take_apart(error)
    if isinstance(error, StepFailedError) and error.value is not None:
        attributes["value"] = error.value  # a finished result is not lost to a check
    if make is not cls and fits((make, args)) is not None:
        head = make, args
    else:
        place: Place | None = cls if fits(cls) is not None else None
        if place is not None and goes_by_name(cls):
            place = cls.__module__, cls.__qualname__
        kept = tuple(_or_text(each, fits) for each in (args if make is cls else error.args))
        head = make_error, (place, _plain_base(cls), kept, _full_name(cls), _text_of(error))
    links = error.__cause__, error.__context__, error.__suppress_context__
    travelling = {name: _or_text(value, fits) for name, value in attributes.items()}
    state = travelling, links, list_spots(error.__traceback__)
    return *head, state, None, None, restore_error


def _take_apart(error: BaseException) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return what makes it, of what, and its attributes, as pickle would be told."""
    try:
        make, args, *more = error.__reduce_ex__(4)
    except Exception:  # noqa: BLE001  # whatever a user's own way raises
        return type(error), error.args, dict(error.__dict__)
    given: Any = more[0] if more else {}
    return make, tuple(args), dict(given) if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  # of names


def _or_text(value: object, fits: Fits) -> object:
    size = fits(value)
    return value if size is not None and size <= LARGEST_ATTRIBUTE else repr(value)


def _plain_base(cls: type[BaseException]) -> type[BaseException]:
    """Return the nearest class of Python itself."""
    return next(each for each in cls.__mro__ if each.__module__ == "builtins")


def _full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # a broken __str__ must not hide the failure
        return "<the message could not be shown>"


def make_error(
    place: Place | None, base: type[BaseException], args: tuple[Any, ...], name: str, text: str
) -> BaseException:
    """Return an exception without calling an `__init__` of the user's.

    That takes what its author liked, which need not be what is kept as `args`.
    """
    cls = place if isinstance(place, type) else _find_class(place)
    if cls is None:
        return _make_stand_in(base, name, text)
    error = cls.__new__(cls, *args)
    with contextlib.suppress(TypeError):  # a built-in class then has what `__new__` gave it
        base.__init__(error, *args)
    return error


def _find_class(place: tuple[str, str] | None) -> type[BaseException] | None:
    if place is None:
        return None
    try:
        __import__(place[0])
        found: Any = sys.modules[place[0]]
        for part in place[1].split("."):
            found = getattr(found, part)
    except Exception:  # noqa: BLE001  # an import runs code of anybody's
        return None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _make_stand_in(base: type[BaseException], name: str, text: str) -> BaseException:
    for cls in _from_nearest(base):
        with contextlib.suppress(TypeError):  # some want more than a message
            error = cls(text)
            error.add_note(f"It was of the class {name}, which cannot be had here.")
            return error
    raise AssertionError(base)


def _from_nearest(base: type[BaseException]) -> Iterator[type[BaseException]]:
    yield from (each for each in base.__mro__ if issubclass(each, BaseException))


def restore_error(error: BaseException, state: tuple[Any, ...]) -> None:
    """Give a rebuilt exception its attributes, causes and traceback."""
    attributes, (cause, context, suppressed), spots = state
    notes = [*getattr(error, "__notes__", ()), *attributes.pop("__notes__", ())]
    with contextlib.suppress(Exception):  # attributes may be of any kind; the error matters more
        BaseException.__setstate__(error, attributes)
    for note in notes:
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = suppressed
    error.__traceback__ = build_traceback(spots)
