"""What counts as the user's own code: by setting, and the classes of parameter values."""

import dataclasses
import functools
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from whence.errors import InvalidSettingError
from whence.fingerprint.boundary import Boundary

SETTING = "tool.whence.own_packages"
_DEEPEST = 8
_PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None)})


def find_boundary() -> Boundary:
    """Return where own code ends for the project here.

    `own_packages = ["team_library"]` under `[tool.whence]` in the nearest `pyproject.toml` lets an
    installed package count by what it says, not by its version. Raises `InvalidSettingError`.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return Boundary(_read_own_packages(file))
    return Boundary()


own_boundary = functools.cache(find_boundary)
"""As `find_boundary`, as it was when code was last looked at anew."""


def _read_own_packages(file: Path) -> frozenset[str]:
    try:
        return _parse_own_packages(file, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError):
        return frozenset()  # whose file that is will say so; no result depends on it


@functools.lru_cache(maxsize=8)
def _parse_own_packages(file: Path, text: str) -> frozenset[str]:
    try:
        plain: Any = tomllib.loads(text)
    except ValueError:
        return frozenset()  # as above
    given = plain.get("tool", {}).get("whence", {}).get("own_packages", [])
    if not isinstance(given, list) or not all(
        isinstance(name, str) and name for name in cast("list[Any]", given)
    ):
        raise InvalidSettingError(
            where=str(file),
            setting=SETTING,
            value=given,
            reason="It is a list of names of packages.",
            cure='Write own_packages = ["team_library"].',
        )
    return frozenset(cast("list[str]", given))


def find_classes(values: Iterable[Any]) -> list[type]:
    """Return the classes of parameter values, in depth: their methods are code that a step runs."""
    found: dict[type, None] = {}
    for value in values:
        found.update(dict.fromkeys(_classes_in(value, 0)))
    return list(found)


def _classes_in(value: Any, depth: int) -> Iterator[type]:
    cls = cast("type[Any]", type(value))
    if cls in _PLAIN or depth > _DEEPEST:
        return
    if cls.__module__ not in {"builtins", "pathlib", "datetime", "decimal", "uuid"}:
        yield cls
    for item in _items_of(value):
        yield from _classes_in(item, depth + 1)


def _items_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*cast("dict[Any, Any]", value).keys(), *cast("dict[Any, Any]", value).values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return cast("Iterable[Any]", value)
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    is_model = hasattr(cast("object", value).__class__, "model_fields")
    return dict(getattr(value, "__dict__", {})).values() if is_model else ()
