"""Inputs as a step's arguments had them: artifacts, or lists and dicts of artifacts."""

from collections.abc import Iterable
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.records import InputRecord


def nest_inputs(taken: Iterable[tuple[InputRecord, Artifact]]) -> dict[str, Any]:
    """Return what each argument took.

    A path such as `/0` or `/train/0` places an artifact inside its argument; keys that count from
    zero make a list, others a dict.
    """
    nested: dict[str, Any] = {}
    for record, artifact in taken:
        place, keys = nested, [record.argument, *record.path.split("/")[1:]]
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = artifact
    return {argument: _as_collection(found) for argument, found in nested.items()}


def _as_collection(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    items = {str(key): _as_collection(item) for key, item in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # made above, of strings and artifacts
    if list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items
