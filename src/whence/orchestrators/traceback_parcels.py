"""Tracebacks as they travel: the spots that an exception came by, shown as they were."""

import ast
from types import TracebackType
from typing import Any, cast

_MOST_FRAMES = 200

Spot = tuple[str, str, str, tuple[int | None, int | None, int | None, int | None]]
"""File, name, qualified name, and the first and last line and column."""


def list_spots(frames: TracebackType | None) -> list[Spot]:
    """Return the spots of a traceback; of very many the first and the last."""
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


def build_traceback(spots: list[Spot]) -> TracebackType | None:
    """Return a traceback that shows *spots*, with the lines of their files."""
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
