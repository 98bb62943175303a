"""What a map over lists that are known now gives in a body: the results of all items."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

from whence.authoring.handles import NodeHandle, Outputs, handle_of, is_probe, output_names
from whence.authoring.places import calling_place
from whence.errors import NodeUsedAsValueError, UnknownOutputError, suggest


class MappedList(list[Any]):
    """The results of a map, in the order of the items.

    It is a list of nodes: it has a length, can be iterated over, and is an input as it is.
    """

    def __init__(self, name: str, items: Iterable[Any], outputs: Sequence[str] = ()) -> None:
        super().__init__(items)
        self._name = name
        self._outputs = outputs

    @property
    def outputs(self) -> "MappedOutputs":
        """The results by the name of the output, of which there is at most one."""
        return MappedOutputs(self._name, dict.fromkeys(self._outputs, self))

    def __repr__(self) -> str:
        return f"<map {self._name}: {len(self)} results, known when the run has come to them>"


class MappedOutputs:
    """The results of a map of which each item gives several outputs: a list for each of them.

    They unpack in order, as the outputs of a node do.
    """

    __slots__ = ("_lists", "_name")

    def __init__(self, name: str, lists: Mapping[str, MappedList]) -> None:
        self._name = name
        self._lists = dict(lists)

    @property
    def outputs(self) -> "MappedOutputs":
        """The same, as a node has its outputs."""
        return self

    def __getattr__(self, name: str) -> MappedList:
        if is_probe(name):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> MappedList:
        if name in self._lists:
            return self._lists[name]
        if isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # whoever takes it for a list
            suggestion = suggest(name, self._lists)
            raise UnknownOutputError(
                where=calling_place(), node=self._name, output=name, suggestion=suggestion
            )
        use = f"it was indexed with {name!r}, and each item has several outputs"
        raise NodeUsedAsValueError(where=calling_place(), kind="Map", node=self._name, use=use)

    def __iter__(self) -> Iterator[MappedList]:
        return iter(self._lists.values())

    def __len__(self) -> int:
        return len(self._lists)

    def __dir__(self) -> list[str]:
        return [*self._lists]

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<outputs of map {self._name}: {', '.join(self._lists)}>"


lists_of: Callable[[MappedOutputs], Mapping[str, MappedList]] = attrgetter("_lists")
"""Return the results of a map by output."""


def gather_results(
    name: str, results: Sequence[Any], outputs: Sequence[str] | None = None
) -> MappedList | MappedOutputs:
    """Return what a map gives: the list of its results, by output where each has several.

    *outputs* are the names of these, if they are known without looking at the results.
    """
    names = _names_in_common(results) if outputs is None else outputs
    if (outputs is None and len(names) < 2) or len(names) == 1:  # noqa: PLR2004  # one stands for all
        return MappedList(name, results, names)
    parts = [parts_of(result) for result in results]
    return MappedOutputs(
        name, {each: MappedList(name, [part[each] for part in parts]) for each in names}
    )


def _names_in_common(results: Sequence[Any]) -> list[str]:
    names = list(parts_of(results[0])) if results else []
    return names if all(list(parts_of(each)) == names for each in results) else []


def parts_of(result: Any) -> Mapping[str, Any]:
    """Return the outputs of one item by name; of what a body returned, its parts."""
    if isinstance(result, Outputs):
        result = handle_of(result)
    if isinstance(result, NodeHandle):
        return _OutputsByName(result)
    if isinstance(result, dict):
        return cast("dict[str, Any]", result)
    if isinstance(result, tuple):
        items = cast("tuple[Any, ...]", result)
        fields = getattr(items, "_fields", map(str, range(len(items))))
        return dict(zip(fields, items, strict=True))
    return {}


class _OutputsByName(Mapping[str, Any]):
    """The outputs of a node, whose handles are made when they are asked for."""

    def __init__(self, handle: NodeHandle) -> None:
        self._handle = handle

    def __getitem__(self, name: str) -> Any:
        return self._handle.outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(output_names(self._handle))

    def __len__(self) -> int:
        return len(output_names(self._handle))
