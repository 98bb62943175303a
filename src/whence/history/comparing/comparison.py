"""Runs side by side, as data: what differed, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whence.domain.records import ArtifactRecord
from whence.history.comparing.content_summaries import (
    ContentSummary,
    can_be_summarised,
    describe_content_change,
    summarise_content,
)
from whence.history.comparing.plain_comparison import comparison_to_dict
from whence.history.comparing.rows import ComparedRuns, ContentChange, OutputRow
from whence.history.frames import make_frame
from whence.history.plain_values import to_plain_data
from whence.history.reports.as_page import render_page
from whence.history.reports.comparison_page import report_comparison_page
from whence.history.reports.comparison_report import (
    describe_divergences,
    describe_runs,
    report_comparison,
)
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.runs import open_step_run
from whence.history.stored_artifact import open_artifact
from whence.stacks.stack import Stack

if TYPE_CHECKING:
    import pandas as pd

_MOST_CONTENTS = 8  # outputs whose contents are looked into


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(ComparedRuns, Shown):
    """Two or more runs side by side.

    `print` shows where they part and what differs, causes before effects; `to_html` writes a page
    with every step that differs; `to_dict` and `frame` give all of it as data.
    """

    stacks: tuple[Stack, ...] = ()  # where each run is recorded

    @property
    def headlines(self) -> tuple[str, ...]:
        """Where each run parts from the first, in a sentence."""
        return describe_divergences(self)

    @cached_property
    def summaries(self) -> Mapping[str, ContentSummary | None]:
        """What the first frames and arrays that differ hold, by digest.

        Those come first whose step was changed itself. They are read when they are first asked for.
        """
        return {
            artifact.digest: summarise_content(open_artifact(artifact, stack, open_step_run))
            for row in self._rows_to_look_into
            for artifact, stack in zip(row.artifacts, self.stacks, strict=True)
            if artifact is not None and can_be_summarised(artifact.format, artifact.size)
        }

    @cached_property
    def _rows_to_look_into(self) -> Sequence[OutputRow]:
        rows = [
            row
            for row in self.outputs
            if not row.equal
            and sum(a is not None and can_be_summarised(a.format, a.size) for a in row.artifacts)
            > 1
        ]
        return sorted(rows, key=lambda row: not self.steps[row.step].changed)[:_MOST_CONTENTS]

    @cached_property
    def contents(self) -> Mapping[str, Sequence[ContentChange]]:
        """How frames and arrays that differ have changed since the first run, by output."""
        found = {row.name: list(self._compare_contents(row)) for row in self._rows_to_look_into}
        return {name: changes for name, changes in found.items() if changes}

    def _compare_contents(self, row: OutputRow) -> Iterator[ContentChange]:
        first, *others = (self._summary(artifact) for artifact in row.artifacts)
        digests = [artifact and artifact.digest for artifact in row.artifacts]
        for run, other in enumerate(others, 1):
            if first is not None and other is not None and digests[run] != digests[0]:
                yield ContentChange(run, describe_content_change(first, other))

    def _summary(self, artifact: ArtifactRecord | None) -> ContentSummary | None:
        return None if artifact is None else self.summaries.get(artifact.digest)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was compared, equal or not, as what JSON has."""
        return comparison_to_dict(self, self.summaries)

    def to_html(self, path: Path | str) -> Path:
        """Write one HTML file that shows every step that differs, and return its path.

        It needs nothing from elsewhere and runs nothing, whatever the records hold.
        """
        file = Path(path)
        page = render_page(report_comparison_page(self))
        file.write_text(page, encoding="utf-8", errors="replace")
        return file

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each thing compared and a column for each run."""
        columns = ("section", "name", *self.names, "equal")
        return make_frame(columns, list(self._frame_rows()), "Comparison.frame()")

    def _frame_rows(self) -> Iterator[tuple[Any, ...]]:
        yield from self._cause_rows()
        for row in self.parameters:
            values = [None if text is None else to_plain_data(text) for text in row.per_run]
            yield "parameter", row.name, *values, row.equal
        for row in self.environment:
            yield "environment", row.name, *row.per_run, row.equal
        for row in self.metrics:
            yield "metric", row.name, *row.per_run, len(set(row.per_run)) == 1
        for row in self.outputs:
            digests = [artifact and artifact.digest for artifact in row.artifacts]
            yield "output", row.name, *digests, row.equal
        for row in self.steps:
            durations = [step and step.duration for step in row.steps]
            yield "duration", row.node, *durations, len(set(durations)) == 1
        for row in self.steps:
            peaks = [step and step.usage and step.usage.peak_memory for step in row.steps]
            if any(peaks):
                yield "memory", row.node, *peaks, len(set(peaks)) == 1

    def _cause_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield what was changed, in words, in the column of the run that has it."""
        for row in self.steps:
            words = [[cause.words for cause in each.causes] for each in row.differences]
            for cause in dict.fromkeys(each for causes in words for each in causes):
                yield (
                    "cause",
                    row.node,
                    None,
                    *(cause if cause in each else None for each in words),
                    False,
                )

    def _one_line(self) -> str:
        return f"<Comparison of {describe_runs(self)}: {' '.join(self.headlines)}>"

    def _report(self) -> Report:
        return report_comparison(self)
