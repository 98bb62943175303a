"""Exceptions as they travel: of their own class, with their causes and the places they came by."""

import ast
import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, cast

LARGEST_ATTRIBUTE = 1 << 20
"""Bytes up to which what an exception carries travels with it."""

_MOST_FRAMES = 200

Fits = Callable[[object], int | None]
"""Returns how many bytes a value takes, or None where it cannot travel."""

Spot = tuple[str, str, str, tuple[int | None, int | None, int | None, int | None]]
"""File, name, qualified name, and the first and last line and column."""


def reduce_error(error: BaseException, fits: Fits) -> tuple[Any, ...]:
    """Return how *error* is rebuilt elsewhere.

    What cannot travel of it goes as its text; where that is its class, the nearest one that can.
    """
    make, args, attributes = _take_apart(error, fits)
    links = error.__cause__, error.__context__, error.__suppress_context__
    state = attributes, links, _spots(error.__traceback__)
    return make, args, state, None, None, restore_error


def _take_apart(
    error: BaseException, fits: Fits
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    cls, base = type(error), _plain_base(type(error))
    if fits(cls) is None:
        note = f"It was of {cls.__module__}.{cls.__qualname__}, a class that cannot travel."
        return base, (str(error),), {"__notes__": [*_notes(error), note]}
    make, args, attributes = _usual_parts(error, base)
    if fits(args) is None:
        shown = tuple(each if _may_go(each, fits) else repr(each) for each in error.args)
        make, args = make_error, (cls, shown)
    return make, args, _travelling(attributes, fits)


def _usual_parts(
    error: BaseException, base: type[BaseException]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """Return what rebuilds *error* if all of it can travel."""
    cls = type(error)
    says_how = cls.__reduce__ is not base.__reduce__ or cls.__reduce_ex__ is not base.__reduce_ex__
    if not says_how and cls.__init__ is not base.__init__:
        return make_error, (cls, error.args), dict(error.__dict__)
    make, args, *more = cast("tuple[Any, ...]", error.__reduce_ex__(4))
    attributes: Any = more[0] if more else None
    return make, args, dict(attributes) if isinstance(attributes, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  # of names


def _notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))


def _plain_base(cls: type[BaseException]) -> type[BaseException]:
    """Return the nearest class of Python itself."""
    return next(each for each in cls.__mro__ if each.__module__ == "builtins")


def _travelling(attributes: Mapping[str, Any], fits: Fits) -> dict[str, Any]:
    return {
        name: value if _may_go(value, fits) else repr(value) for name, value in attributes.items()
    }


def _may_go(value: object, fits: Fits) -> bool:
    size = fits(value)
    return size is not None and size <= LARGEST_ATTRIBUTE


def make_error(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    """Return an exception of *cls* without calling an `__init__` of the user's.

    That takes what its author liked, which need not be what is kept as `args`.
    """
    error = cls.__new__(cls, *args)
    with contextlib.suppress(TypeError):  # a built-in class then has what `__new__` gave it
        _plain_base(cls).__init__(error, *args)
    return error


def restore_error(error: BaseException, state: tuple[Any, ...]) -> None:
    """Give a rebuilt exception its attributes, causes and traceback."""
    attributes, (cause, context, suppressed), spots = state
    error.__dict__.update(attributes)
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = suppressed
    error.__traceback__ = _build_traceback(spots)


def _spots(frames: TracebackType | None) -> list[Spot]:
    found: list[Spot] = []
    while frames is not None:
        code = frames.tb_frame.f_code
        at = list(code.co_positions())[frames.tb_lasti // 2] if frames.tb_lasti >= 0 else None
        places = (
            at if at is not None and at[0] is not None else (frames.tb_lineno, None, None, None)
        )
        found.append((code.co_filename, code.co_name, code.co_qualname, places))
        frames = frames.tb_next
    if len(found) <= _MOST_FRAMES:
        return found
    return found[: _MOST_FRAMES // 2] + found[-_MOST_FRAMES // 2 :]


def _build_traceback(spots: list[Spot]) -> TracebackType | None:
    built: TracebackType | None = None
    for spot in reversed(spots):
        seen = _be_there(spot)
        built = TracebackType(built, seen.tb_frame, seen.tb_lasti, seen.tb_lineno)
    return built


def _be_there(spot: Spot) -> TracebackType:
    """Return the traceback of an error that was raised at a spot of a file, which is not run."""
    file, name, qualified, (line, end_line, column, end_column) = spot
    tree = ast.parse("raise Exception")
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno, node.end_lineno = line or 1, end_line or line or 1
            node.col_offset, node.end_col_offset = column or 0, end_column or column or 0
    code = compile(tree, file, "exec").replace(co_name=name, co_qualname=qualified)
    here: Any = None
    try:
        exec(code, {"__name__": "<elsewhere>"})  # noqa: S102  # the line above, and nothing else
    except Exception as raised:  # noqa: BLE001  # it raises just this
        here = raised.__traceback__
    return cast("TracebackType", here.tb_next)
