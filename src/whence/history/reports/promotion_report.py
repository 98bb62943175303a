"""What is shown of promotions."""

from typing import TYPE_CHECKING

from whence.domain.model_records import GateVerdict
from whence.history.reports.quantities import format_count, format_moment
from whence.history.reports.report import (
    Cell,
    Column,
    Report,
    Table,
    Tone,
    make_row,
    make_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whence.history.models.promotions import Promotion

_COLUMNS = (
    Column("alias", keep=True),
    Column("version", align="right", keep=True),
    Column("before", align="right"),
    Column("when", keep=True),
    Column("who"),
    Column("why"),
)


def report_promotions(promotions: "Sequence[Promotion]") -> Report:
    """Return the report of promotions, newest first."""
    title = format_count(len(promotions), "promotion") if promotions else "Nothing was promoted."
    sections = (tabulate_promotions("", promotions),) if promotions else ()
    return Report((Cell(title, Tone.STRONG),), sections=sections)


def tabulate_promotions(title: str, promotions: "Sequence[Promotion]") -> Table:
    """Return a table of promotions, newest first."""
    return make_table(title, _COLUMNS, [_row(each) for each in reversed(promotions)])


def _row(promotion: "Promotion") -> tuple[Cell, ...]:
    return make_row(
        promotion.alias,
        Cell(promotion.version, Tone.STRONG),
        Cell(promotion.previous or "", Tone.QUIET),
        Cell(format_moment(promotion.made_at), Tone.QUIET),
        Cell(promotion.who, Tone.QUIET),
        "; ".join(filter(None, [promotion.reason, *(_said(each) for each in promotion.gates)])),
    )


def _said(verdict: GateVerdict) -> str:
    return verdict.text or tell_verdict(verdict)


def tell_verdict(verdict: GateVerdict) -> str:
    """Return what a gate said, in one line."""
    said = "passed" if verdict.passed else "refused"
    return f"{verdict.gate}: {verdict.text or said}"


def tell_promotion(promotion: "Promotion") -> str:
    """Return a promotion as a sentence."""
    if not promotion.is_new:
        since = format_moment(promotion.made_at)
        bears = (
            f"{promotion.model} {promotion.version} is {promotion.alias} already, since {since}."
        )
        return f"{bears}\n  No gate was asked, and nothing is recorded."
    before = f", before it {promotion.previous}" if promotion.previous else ""
    said = "".join(f"\n  {tell_verdict(each)}" for each in promotion.gates)
    why = f"\n  {promotion.reason}" if promotion.reason else ""
    return f"{promotion.model} {promotion.version} is {promotion.alias} now{before}.{why}{said}"
