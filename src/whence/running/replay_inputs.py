"""The inputs of a past step run, as its function takes them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.cache_keys import CacheKey
from whence.domain.frozen import frozen
from whence.domain.records import InputRecord
from whence.engine.step_job import CollectedInput, MissingInput, StepInput, StoredInput
from whence.graph.interface import Argument, StepSpec
from whence.graph.items import item_types
from whence.values.type_forms import is_named_tuple, runtime_class, union_members

_KINDS: Mapping[str, type[Any]] = {"list": list, "tuple": tuple, "dict": dict}


@frozen
class Taken:
    """One artifact that an argument took, and where in it."""

    record: InputRecord
    artifact: Artifact


def rebuild_inputs(
    spec: StepSpec, taken: Sequence[Taken], key: CacheKey | None
) -> dict[str, StepInput]:
    """Return what each argument took; lists and dicts as they were, as far as *key* tells."""
    by_argument: dict[str, list[Taken]] = {}
    for each in taken:
        by_argument.setdefault(each.record.argument, []).append(each)
    parts = {part.name: part.shown for part in key.parts if part.kind == "input"} if key else {}
    absent = [name for name in spec.arguments if name in parts and name not in by_argument]
    rebuilder = _Rebuilder(parts)
    return {
        name: rebuilder.rebuild(spec.arguments[name], by_argument.get(name, []))
        for name in (*by_argument, *absent)
        if name in spec.arguments
    }


class _Rebuilder:
    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts  # what the key says of each place, as Python would write it

    def rebuild(self, argument: Argument, taken: Sequence[Taken]) -> StepInput:
        items = [(each.record.path.split("/")[1:], each.artifact) for each in taken]
        return self._rebuild(argument.name, argument.annotation, items)

    def _rebuild(
        self, place: str, annotation: Any, items: Sequence[tuple[list[str], Artifact]]
    ) -> StepInput:
        if len(items) == 1 and not items[0][0]:
            return StoredInput(items[0][1], annotation)
        kind, count = self._kind_of(place, annotation, items)
        if kind is None:
            return MissingInput()
        groups: dict[str, list[tuple[list[str], Artifact]]] = {}
        for path, artifact in items:
            groups.setdefault(path[0], []).append((path[1:], artifact))
        keys = list(self._keys_of(place, kind, count, groups))
        types = item_types(annotation, kind, keys) or [Any] * len(keys)
        return CollectedInput(
            kind,
            tuple(
                (key, self._rebuild(f"{place}[{key!r}]", wanted, groups.get(str(key), ())))
                for key, wanted in zip(keys, types, strict=True)
            ),
        )

    def _kind_of(
        self, place: str, annotation: Any, items: Sequence[tuple[list[str], Artifact]]
    ) -> tuple[type[Any] | None, int]:
        """Return the class of a collection and its length; None for what never came."""
        words = self._parts.get(place, "").split()
        if len(words) == 4 and words[0] == "a" and words[2] == "of":  # noqa: PLR2004  # `a list of 3`
            return _KINDS.get(words[1]) or _named_tuple(annotation) or list, int(words[3])
        if not items:
            return None, 0
        names = list(dict.fromkeys(path[0] for path, _ in items))
        is_list = names == [str(index) for index in range(len(names))]
        return (list if is_list else dict), len(names)

    def _keys_of(
        self, place: str, kind: type[Any], count: int, groups: Mapping[str, Any]
    ) -> Iterator[Any]:
        """Yield the keys, of which records have the texts, in their order."""
        if kind is not dict:
            yield from range(count)
            return
        known = {str(key): key for key in self._literal_keys(place)}
        yield from dict.fromkeys(known.get(name, name) for name in (*groups, *known))

    def _literal_keys(self, place: str) -> Iterator[Any]:
        for name in self._parts:
            rest = name.removeprefix(place)
            if name.startswith(f"{place}[") and rest.endswith("]"):
                with suppress(ValueError, SyntaxError):  # deeper inside, or no plain key
                    (key,) = ast.literal_eval(f"[{rest[1:-1]}]")
                    yield key


def _named_tuple(annotation: Any) -> type[Any] | None:
    found = (runtime_class(each) for each in union_members(annotation) if is_named_tuple(each))
    return next((each for each in found if each is not None), None)
