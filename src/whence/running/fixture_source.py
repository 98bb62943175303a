"""Python source for what a test needs: values, types and materializers, with their imports."""

import ast
import inspect
import math
import sys
from collections.abc import Container, Iterator
from typing import Any, Literal, cast, get_args, get_origin

from whence import materializers
from whence.interfaces.materializer import Materializer
from whence.values.type_forms import is_union, runtime_class, unwrap

_ALIASES = {"numpy": "np", "pandas": "pd", "polars": "pl", "pyarrow": "pa"}
_LONGEST_LITERAL = 160  # characters of a value that stands in the test itself
WIDTH = 88
"""Where most formatters break a line."""

_PLAIN = (bool, int, float, str, bytes, type(None))


class Imports:
    """The imports of a module that is being written."""

    def __init__(self) -> None:
        self._modules: dict[str, str | None] = {}  # with their aliases
        self._names: dict[str, set[str]] = {}

    def module(self, name: str, alias: str | None = None) -> str:
        """Import a module; return what it is called."""
        self._modules[name] = alias
        return alias or name

    def name(self, module: str, name: str) -> str:
        """Import a name from a module; return it."""
        self._names.setdefault(module, set()).add(name)
        return name

    def write(self, own: Container[str] = ()) -> tuple[list[str], list[str]]:
        """Return the lines: of Python's own modules and packages, and of the modules *own*."""
        lines = [
            (name, f"import {name}" + (f" as {alias}" if alias else ""), 0)
            for name, alias in self._modules.items()
        ]
        lines += [
            (name, _write_from(name, sorted(names)), 1) for name, names in self._names.items()
        ]
        lines.sort(key=lambda line: (line[2], line[1]))
        groups: tuple[list[str], list[str], list[str]] = [], [], []
        for name, line, _ in lines:
            is_python = name.partition(".")[0] in sys.stdlib_module_names
            groups[2 if name in own else 0 if is_python else 1].append(line)
        gap = [""] if groups[0] and groups[1] else []
        return groups[0] + gap + groups[1], groups[2]


def _write_from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    inside = "".join(f"    {name},\n" for name in names)
    return f"from {module} import (\n{inside})"


_MODULES = frozenset({"asyncio", "np", "os", "pa", "pd", "pl", "pytest", "sys"})
_NAMES = frozenset({"Path", "RECORDED", "files_of", "monkeypatch", "tmp_path"})
_TAKEN = _MODULES | _NAMES | {"expected", "folder", "recorded", "stored"}
"""What means something else in a test that is written."""


def name_variable(name: str, prefix: str, *others: str) -> str:
    """Return what a value is called in a test: its name, unless that means something else there."""
    return f"{prefix}_{name}" if name in _TAKEN or name in others else name


def write_literal(value: Any) -> str | None:
    """Return plain data as Python writes it; None for what is too long, or more than that."""
    if not _is_plain(value):
        return None
    text = write_text(value)
    if len(text) > _LONGEST_LITERAL:
        return None
    try:
        return text if ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError):
        return None


def _is_plain(value: Any) -> bool:
    kind = cast("type[Any]", type(value))
    if kind is float:
        return math.isfinite(value)
    if kind in {list, tuple, set}:
        return all(map(_is_plain, value)) and not (kind is set and not value)
    if kind is dict:
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    return kind in _PLAIN


def write_text(value: Any) -> str:
    """Return plain data as Python writes it, with the quotes that formatters want."""
    text = repr(value)
    return text.replace("'", '"') if '"' not in text and "\\" not in text else text


def holds_float(value: Any) -> bool:
    """Return whether a number of plain data may come out a little otherwise."""
    if isinstance(value, dict):
        return any(map(holds_float, value.values()))  # pyright: ignore[reportUnknownArgumentType]  # plain data
    if isinstance(value, (list, tuple)):
        return any(map(holds_float, value))  # pyright: ignore[reportUnknownArgumentType]  # as above
    return isinstance(value, float)


def is_flat(value: Any) -> bool:
    """Return whether `pytest.approx` takes plain data: a number, or a list or dict of numbers."""
    if isinstance(value, dict):
        return all(isinstance(each, (int, float)) for each in value.values())  # pyright: ignore[reportUnknownVariableType]  # as above
    if isinstance(value, (list, tuple)):
        return all(isinstance(each, (int, float)) for each in value)  # pyright: ignore[reportUnknownVariableType]  # as above
    return True


def write_type(annotation: Any, imports: Imports) -> str | None:
    """Return a type as a module names it that has these imports; None if it has no such name."""
    bare = unwrap(annotation)
    if bare is type(None) or bare is None:
        return "None"
    if bare is Any or bare is object:
        return None
    if get_args(bare):
        return _write_generic(bare, imports)
    if bare is ...:
        return "..."
    return write_class(bare, imports) if inspect.isclass(bare) else None


def _write_generic(bare: Any, imports: Imports) -> str | None:
    arguments = get_args(bare)
    if get_origin(bare) is Literal:
        imports.name("typing", "Literal")
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if is_union(bare):
        return _write_all(" | ", arguments, imports)
    inside = _write_all(", ", arguments, imports)
    outside = write_type(get_origin(bare), imports)
    return None if inside is None or outside is None else f"{outside}[{inside}]"


def _write_all(sign: str, types: tuple[Any, ...], imports: Imports) -> str | None:
    written = [write_type(each, imports) for each in types]
    return None if None in written else sign.join(each for each in written if each is not None)


def write_class(cls: type, imports: Imports) -> str | None:
    """Return a class by its name; None for one that is local to a function."""
    if cls.__module__ == "builtins":
        return cls.__name__
    if "<locals>" in cls.__qualname__ or cls.__module__ == "__main__":
        return None
    package = cls.__module__.partition(".")[0]
    top, _, rest = cls.__qualname__.partition(".")
    if package in _ALIASES and getattr(sys.modules[package], top, None) is cls:
        return f"{imports.module(package, _ALIASES[package])}.{cls.__qualname__}"
    name = imports.name(_find_public_module(cls, top), top)
    return f"{name}.{rest}" if rest else name


def _find_public_module(cls: type, top: str) -> str:
    """Return the shortest module that has a class: a package shows what its inner modules hold."""
    parts = cls.__module__.split(".")
    names = [".".join(parts[: length + 1]) for length in range(len(parts))]
    found = getattr(sys.modules[cls.__module__], top, None)
    shown = (name for name in names if getattr(sys.modules.get(name), top, None) is found)
    return next(shown, cls.__module__)


def write_materializer(found: Materializer, annotation: Any, imports: Imports) -> str | None:
    """Return what makes a materializer; None where only its own module knows how."""
    cls = type(found)
    if vars(found) or not _is_made_without_arguments(cls):
        written = write_type(annotation, imports)
        choose = imports.name("whence.materializers", "materializer_for")
        return None if written is None else f"{choose}({written})"
    if getattr(materializers, cls.__name__, None) is cls:
        return f"{imports.name('whence.materializers', cls.__name__)}()"
    name = write_class(cls, imports)
    return None if name is None else f"{name}()"


def _is_made_without_arguments(cls: type) -> bool:
    try:
        needed = inspect.signature(cls).parameters.values()
    except (ValueError, TypeError):
        return False
    return all(
        each.default is not each.empty or each.kind in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
        for each in needed
    )


def frame_kind(value: Any) -> str | None:
    """Return which package's comparison a frame or array has; None for other values."""
    cls = runtime_class(type(value))
    name = f"{type(value).__module__.partition('.')[0]}.{cls.__name__ if cls else ''}"
    return name if name in _COMPARED else None


_COMPARED = {
    "pandas.DataFrame",
    "pandas.Series",
    "polars.DataFrame",
    "polars.Series",
    "pyarrow.Table",
    "numpy.ndarray",
}


def wrap_line(line: str, indent: int = 0) -> Iterator[str]:
    """Yield a line of source, broken at its last brackets where it is too long."""
    if len(line) + indent <= WIDTH or line.startswith("#") or not line.endswith((")", "]", "}")):
        yield line
        return
    opening, commas = _find_last_brackets(line)
    if opening is None:
        yield line
        return
    inside = line[opening + 1 : -1]
    yield line[: opening + 1]
    if len(inside) + indent + 4 <= WIDTH:
        yield f"    {inside}"
    else:
        ends = [*commas, len(line) - 1]
        starts = [opening + 1, *(each + 1 for each in commas)]
        for start, end in zip(starts, ends, strict=True):
            piece = list(wrap_line(line[start:end].strip(), indent + 5))
            yield from (f"    {each}" for each in [*piece[:-1], f"{piece[-1]},"])
    yield line[-1]


def _find_last_brackets(line: str) -> tuple[int | None, list[int]]:
    """Return where the brackets open that end a line, and the commas directly between them."""
    opened: list[tuple[int, list[int]]] = []
    last: tuple[int | None, list[int]] = None, []
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote and line[index - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            opened.append((index, []))
        elif character in ")]}" and opened:
            last = opened.pop()
        elif character == "," and opened:
            opened[-1][1].append(index)
    return last
