"""What step runs used of their machine, as people read it."""

from collections.abc import Iterable, Iterator

from whence.domain.records import StepRunRecord, StepUsage
from whence.history.reports.quantities import NOTHING, format_duration, format_size
from whence.history.reports.report import Cell, Column, Table, Tone, make_row, make_table


def tabulate_usage(usage: StepUsage | None) -> Iterator[Table]:
    """Yield a table of what one step run used, where something is known."""
    if usage is None:
        return
    facts = {
        "CPU": (format_duration(usage.cpu_seconds), ""),
        "memory": (_format_size(usage.peak_memory), _describe_growth(usage.memory_growth)),
        "read": (_format_size(usage.read_bytes), "from storage"),
        "written": (_format_size(usage.written_bytes), "to storage"),
    }
    rows = [
        make_row(name, amount, Cell(note, Tone.QUIET))
        for name, (amount, note) in facts.items()
        if amount != NOTHING
    ]
    columns = (Column(keep=True), Column(align="right"), Column())
    yield make_table("Used", columns, rows)


def _format_size(count: int | None) -> str:
    return NOTHING if count is None else format_size(count)


def _describe_growth(growth: int | None) -> str:
    if growth is None:
        return "at most"
    more = "more" if growth >= 0 else "less"
    return f"at most; {format_size(abs(growth))} {more} at the end"


def sum_up_usage(steps: Iterable[StepRunRecord]) -> Iterator[str]:
    """Yield a sentence on what a run's steps used, where that is known of any."""
    measured = [(step.node, step.usage) for step in steps if step.usage is not None]
    spent = [usage.cpu_seconds for _, usage in measured if usage.cpu_seconds is not None]
    if not spent:
        return
    told = f"Used {format_duration(sum(spent))} of CPU"
    peaks = [(used.peak_memory, node) for node, used in measured if used.peak_memory is not None]
    if peaks:
        most, node = max(peaks)
        told += f", at most {format_size(most)} of memory in {node}"
    yield f"{told}."
