"""What shows itself: in a terminal, in a notebook, in a Python session."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from whence.history.reports.as_html import render_html
from whence.history.reports.as_text import TerminalReport, render_text

if TYPE_CHECKING:
    from whence.history.reports.report import Report


class Shown(ABC):
    """Something that has a report, and is shown by it wherever it is displayed."""

    __slots__ = ()

    @abstractmethod
    def _report(self) -> "Report":
        """Return what is to be shown."""

    def _one_line(self) -> str | None:
        """Return what stands for it in lists and messages; None if that is the whole report."""
        return None

    def __repr__(self) -> str:
        return self._one_line() or str(self)

    def __str__(self) -> str:
        return render_text(self._report())

    def __rich__(self) -> TerminalReport:
        return TerminalReport(self._report())

    def _repr_html_(self) -> str:
        return render_html(self._report())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's protocol
        is_inside = cycle or len(printer.stack) > 1  # of a list, say
        printer.text(repr(self) if is_inside else str(self))
