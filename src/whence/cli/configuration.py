"""A pipeline's parameters from a TOML file: top-level keys are its own, tables are nodes."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from whence.errors import InvalidConfigurationError, suggest
from whence.running.targets import Target, find_step
from whence.values.validation import CommandLineText


def read_configuration(file: str, target: Target) -> dict[str, Any]:
    """Return what a file gives, as `pipeline.bind` takes it. Raises `InvalidConfigurationError`."""
    given: dict[str, Any] = {}
    arguments = target.pipeline.spec.arguments
    for key, value in _parse(file).items():
        known = arguments.get(key)
        if known is not None and known.slot is not None and isinstance(value, str):
            given[key] = find_step(value, target)
        elif isinstance(value, dict) and (known is None or known.slot is not None):
            table = cast("dict[str, Any]", value)
            given |= {f"{key}.{name}": _as_text(each) for name, each in table.items()}
        elif known is None and "." not in key:
            raise InvalidConfigurationError(
                file=file,
                reason=f"Pipeline '{target.pipeline.spec.name}' has no parameter {key!r}.",
                cure=suggest(key, arguments),
            )
        else:
            given[key] = _as_text(value)
    return given


def read_grid(file: str, target: Target) -> dict[str, list[Any]]:
    """Return the values that a file gives for what varies, by name.

    It is written like a configuration, with a list of values for each name. Raises
    `InvalidConfigurationError`.
    """
    grid: dict[str, list[Any]] = {}
    arguments = target.pipeline.spec.arguments
    for key, value in _parse(file).items():
        for name, values in _name_settings(key, value):
            if not isinstance(values, list):
                reason = f"{name!r} is to vary, but {values!r} is no list of values."
                cure = f"Write its values as a list: {name} = [{values!r}]"
                raise InvalidConfigurationError(file=file, reason=reason, cure=cure)
            known = arguments.get(name)
            takes_step = known is not None and known.slot is not None
            grid[name] = [
                find_step(each, target) if takes_step else _as_text(each)
                for each in cast("list[Any]", values)
            ]
    return grid


def _name_settings(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what stands under a key: of a table, each entry by `node.argument`."""
    if not isinstance(value, dict):
        yield key, value
        return
    for name, each in cast("dict[str, Any]", value).items():
        yield f"{key}.{name}", each


def _parse(file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"{error.strerror or error}."
        raise InvalidConfigurationError(file=file, reason=reason, cure="Name a file.") from None
    except UnicodeDecodeError as error:
        reason, cure = f"It is no text: {error}.", "Write it in UTF-8."
        raise InvalidConfigurationError(file=file, reason=reason, cure=cure) from None
    except tomllib.TOMLDecodeError as error:
        cure = "Write it as TOML: `depth = 6`, and `[split]` before the parameters of node 'split'."
        raise InvalidConfigurationError(file=file, reason=f"{error}.", cure=cure) from None


def _as_text(value: Any) -> Any:
    """Return a value as it is taken laxly: as on the command line; a plain number stays one."""
    if isinstance(value, (list, dict)):
        return CommandLineText(json.dumps(value, default=str))
    return CommandLineText(value) if isinstance(value, str) else value
