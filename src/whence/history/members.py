"""Named things of a run, by attribute and by item."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from whence.errors import UnknownMemberError, suggest
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown

T_co = TypeVar("T_co", covariant=True)


class Members(Shown, Generic[T_co]):
    """Things by name: `steps.fit`, `steps["fit"]`, `"fit" in steps`, `len(steps)`.

    Iterating gives the names, in order. A dotted name can also be written as attributes:
    `steps.inner.fit`. There are no public methods, so that every name is free.
    """

    __slots__ = ("__absent", "__kind", "__report", "__values")

    def __init__(
        self,
        kind: str,
        values: Mapping[str, T_co],
        report: Callable[[], Report],
        absent: Mapping[str, str] | None = None,
    ) -> None:
        self.__kind = kind
        self.__values = values
        self.__report = report
        self.__absent = absent or {}  # names that are known, with the reason why nothing is there

    def __getitem__(self, name: str) -> T_co:
        try:
            return self.__values[name]
        except (KeyError, TypeError):
            raise self.__not_found(str(name)) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of Python's protocols; such a member has its item
            raise AttributeError(name)
        if name in self.__values:
            return self.__values[name]
        nested = self.__nested(f"{name}.")
        if not nested:
            raise self.__not_found(name)
        return Members(self.__kind, nested, self.__report)

    def __nested(self, prefix: str) -> dict[str, T_co]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.__values.items()
            if name.startswith(prefix)
        }

    def __not_found(self, name: str) -> UnknownMemberError:
        if name in self.__absent:
            return UnknownMemberError(kind=self.__kind, name=name, reason=self.__absent[name])
        return UnknownMemberError(
            kind=self.__kind, name=name, suggestion=suggest(name, self.__values)
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.__values)

    def __len__(self) -> int:
        return len(self.__values)

    def __contains__(self, name: object) -> bool:
        return name in self.__values

    def __dir__(self) -> list[str]:
        return sorted({name.partition(".")[0] for name in self.__values})

    def _report(self) -> Report:
        return self.__report()
