"""The history of aliases: who promoted which version, when and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, overload

from whence.domain.ids import ModelVersionId
from whence.domain.model_numbers import ModelNumbers
from whence.domain.model_records import GateVerdict, PromotionRecord
from whence.history.frames import make_frame
from whence.history.reports.promotion_report import report_promotions, tell_promotion
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("model", "alias", "version", "previous", "who", "reason", "made_at")


@dataclass(frozen=True, slots=True)
class Promotion:
    """A version was given an alias; a rollback is one too, of an earlier version."""

    model: str
    alias: str
    version: str  # its number, as it is shown
    previous: str | None  # the version that bore the alias until then
    who: str
    reason: str
    gates: tuple[GateVerdict, ...]  # what they said
    made_at: datetime
    record: PromotionRecord
    is_new: bool = field(default=True, compare=False)  # not if the version bore the alias already

    def __str__(self) -> str:
        return tell_promotion(self)


class PromotionList(Shown, Sequence[Promotion]):
    """Promotions, oldest first."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        self._promotions = tuple(promotions)

    @overload
    def __getitem__(self, index: int) -> Promotion: ...
    @overload
    def __getitem__(self, index: slice) -> "PromotionList": ...
    def __getitem__(self, index: int | slice) -> "Promotion | PromotionList":
        if isinstance(index, slice):
            return PromotionList(self._promotions[index])
        return self._promotions[index]

    def __len__(self) -> int:
        return len(self._promotions)

    def frame(self) -> "pd.DataFrame":
        """Return the promotions as a DataFrame, one row each."""
        rows = [[getattr(each, fact) for fact in _FACTS] for each in self]
        return make_frame(_FACTS, rows, "PromotionList.frame()")

    def _report(self) -> Report:
        return report_promotions(self._promotions)


def show_promotion(
    record: PromotionRecord, numbers: ModelNumbers, *, is_new: bool = True
) -> Promotion:
    """Return a promotion with its versions as people know them."""
    previous = None if record.previous_id is None else _label(record.previous_id, numbers)
    return Promotion(
        record.model,
        record.alias,
        _label(record.version_id, numbers),
        previous,
        record.who,
        record.reason,
        record.gates,
        record.made_at,
        record,
        is_new,
    )


def _label(version_id: ModelVersionId, numbers: ModelNumbers) -> str:
    found = numbers.find_by_id(version_id)
    return f"~{version_id[-8:]}" if found is None else found.label


def find_previous_bearer(
    promotions: Sequence[PromotionRecord], versions: Mapping[ModelVersionId, ModelVersionId]
) -> ModelVersionId | None:
    """Return the version that a rollback gives the alias back to; None where there is none.

    *promotions* are all those to one alias, oldest first, and *versions* says which row stands for
    each. A promotion back to the version before undoes the one that replaced it, so rolling back
    twice goes back two versions.
    """
    line: list[ModelVersionId] = []
    for each in promotions:
        version = versions.get(each.version_id, each.version_id)
        if line[-2:-1] == [version]:
            line.pop()
        elif line[-1:] != [version]:
            line.append(version)
    return line[-2] if len(line) > 1 else None
