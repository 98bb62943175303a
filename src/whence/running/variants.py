"""The variants of a sweep: sets of parameters and fillers of slots, by grid or one by one."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from whence.authoring.places import calling_place
from whence.errors import InvalidSweepError
from whence.values.validation import describe_value

Values = Mapping[str, Any]
"""What one variant binds: arguments of the pipeline, or settings of nodes as `node.argument`."""


def read_variants(given: Any) -> list[Values]:
    """Return the variants of a grid (a mapping of names to lists) or of a list of mappings.

    A grid gives every combination, the last name varying fastest. Raises `InvalidSweepError`.
    """
    if isinstance(given, Mapping) and not given:
        raise _refuse(reason="Nothing varies.", cure='Name what does: {"fit.depth": [4, 8]}.')
    variants = list(_read_grid(given) if isinstance(given, Mapping) else _read_list(given))  # pyright: ignore[reportUnknownArgumentType]  # of whatever keys
    if not variants:
        raise _refuse(reason="It has no variants.", cure="Give at least one value for each name.")
    return variants


def _read_grid(grid: Mapping[Any, Any]) -> Iterator[Values]:
    choices: list[Sequence[Any]] = []
    for name, values in grid.items():
        _check_name(name)
        if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
            reason = f"'{name}' is to vary, but {describe_value(values)} is no list of values."
            raise _refuse(reason, f"Write the values as a list: {{{name!r}: [{values!r}]}}.")
        choices.append(list(values))
    for combination in itertools.product(*choices):
        yield dict(zip(grid, combination, strict=True))


def _read_list(given: Any) -> Iterator[Values]:
    if isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
        reason = f"{describe_value(given)} is neither a grid nor a list of parameter sets."
        raise _refuse(reason, 'Give a grid, as in {"fit.depth": [4, 8]}, or a list of mappings.')
    for position, values in enumerate(given):
        if not isinstance(values, Mapping):
            reason = f"Item {position} of the list is {describe_value(values)}, not a mapping."
            raise _refuse(reason, 'Write each variant as a mapping: {"fit.depth": 4}.')
        variant = cast("Mapping[Any, Any]", values)
        for name in variant:
            _check_name(name)
        yield dict(variant)


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        reason = f"{describe_value(name)} is no name of an argument."
        raise _refuse(reason, 'Name what varies by a text, as in "depth" or "fit.depth".')


def _refuse(reason: str, cure: str) -> InvalidSweepError:
    return InvalidSweepError(where=calling_place(), reason=reason, cure=cure)


def show_value(value: Any) -> str:
    """Return a value that varies in a few characters: a step by its name and what it binds."""
    spec = getattr(value, "spec", None)
    if spec is None:
        return value if isinstance(value, str) else repr(value)
    bound = ", ".join(f"{name}={each!r}" for name, each in getattr(value, "bound", {}).items())
    return f"{spec.name}({bound})" if bound else str(spec.name)
