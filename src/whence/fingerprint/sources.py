"""The source texts of loaded code, and whether they are still what was loaded."""

import ast
import linecache
import os
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any


@dataclass(frozen=True)
class SourceFile:
    """The text of a file, or of a notebook's cell, as it is now."""

    name: str
    lines: tuple[str, ...]
    is_on_disk: bool

    def part(self, first: int, last: int) -> str:
        """Return these lines, counted from one."""
        return "".join(self.lines[first - 1 : last])

    @cached_property
    def codes(self) -> frozenset[CodeType]:
        """All code objects that this text compiles to; none if it does not compile."""
        try:
            compiled = compile("".join(self.lines), self.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return frozenset()
        return frozenset(_all_codes(compiled))

    @cached_property
    def definitions(self) -> Mapping[str, tuple[int, int]]:
        """The first and last lines of classes and of names that are given values, by name."""
        try:
            tree = ast.parse("".join(self.lines))
        except (SyntaxError, ValueError):
            return {}
        return dict(_definitions(tree, ""))


def find_source(file: str, names: Mapping[str, Any]) -> SourceFile | None:
    """Return the text that code was compiled from; None if there is none to be had."""
    try:
        state = os.stat(file)  # noqa: PTH116  # asked for every function: a `Path` costs more
    except OSError:
        lines = linecache.getlines(file, dict(names) if "__loader__" in names else None)
        return _cell(file, tuple(lines)) if lines else None
    return _read_file(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1024)
def _read_file(file: str, _modified: int, _size: int) -> SourceFile | None:
    try:
        with tokenize.open(file) as opened:
            return SourceFile(file, tuple(opened.readlines()), is_on_disk=True)
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=1024)
def _cell(name: str, lines: tuple[str, ...]) -> SourceFile:
    return SourceFile(name, lines, is_on_disk=False)


_first_seen: dict[int, tuple[CodeType, SourceFile]] = {}
"""The text that each code object was first seen with; it is kept, so that its id stays its own."""


def has_changed(code: CodeType, names: Mapping[str, Any], source: SourceFile) -> bool:
    """Return whether the text is no longer what *code* was compiled from.

    Code that an import hook rewrites cannot be compared with its text; there a change shows from
    the first look on.
    """
    _, first = _first_seen.setdefault(id(code), (code, source))
    if first is not source and first.lines != source.lines:
        return True
    is_plain = isinstance(names.get("__loader__"), SourceFileLoader | None)
    return source.is_on_disk and is_plain and code not in source.codes


def last_line(code: CodeType) -> int:
    """Return the last line of a function."""
    return _last_line(code, code.co_firstlineno)


def _last_line(code: CodeType, first: int) -> int:
    last = max((end for _, end, _, _ in code.co_positions() if end is not None), default=first)
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return max(last, *(_last_line(each, last) for each in inner), first)


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _all_codes(each)


def _definitions(tree: ast.AST, outer: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield outer + node.name, (first, node.end_lineno or node.lineno)
            yield from _definitions(node, f"{outer}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _definitions(node, f"{outer}{node.name}.<locals>.")
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name in _assigned(node):
                yield outer + name, (node.lineno, node.end_lineno or node.lineno)
        else:
            yield from _definitions(node, outer)


def _assigned(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
