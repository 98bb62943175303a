"""A run drawn on a terminal while it goes on, in place, below what the steps print."""

import io
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from whence.cli.run_view import MOST_ROWS, Fold, RunView, StepRow
from whence.cli.terminal import is_terminal, open_console
from whence.domain.ids import short_id
from whence.domain.records import RunRecord
from whence.domain.status import StepStatus
from whence.graph.plan import Plan
from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.quantities import format_duration, format_number

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

_FRAMES_PER_SECOND = 8
_BAR_WIDTH = 20
_LINES_AROUND = 7  # title, counts, and the lines that the terminal itself needs
_MARKS: Mapping[StepStatus, tuple[str, str, str]] = {
    StepStatus.PENDING: ("·", ".", "dim"),
    StepStatus.COMPLETED: ("✓", "+", "green"),
    StepStatus.FAILED: ("✗", "x", "red"),
    StepStatus.CRASHED: ("✗", "x", "red"),
    StepStatus.SKIPPED: ("↷", "-", "dim"),
    StepStatus.CANCELLED: ("■", "#", "yellow"),
}
_FOLD_MARKS = {
    Fold.COMPLETED: _MARKS[StepStatus.COMPLETED],
    Fold.SKIPPED: _MARKS[StepStatus.SKIPPED],
    Fold.WAITING: _MARKS[StepStatus.PENDING],
}


class LiveView(RunView):
    """Draws a run on the terminal behind *stream* inside its `with` block.

    What is printed meanwhile appears above, as it was printed; the last picture stays.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        from rich.live import Live  # noqa: PLC0415  # slow to load: only where something is drawn
        from rich.spinner import Spinner  # noqa: PLC0415  # as above

        self._console = open_console(stream)
        self._unicode = self._console.encoding.lower().startswith("utf")
        self._spinner = Spinner("dots" if self._unicode else "line", style="cyan")
        self._live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=_FRAMES_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._streams: tuple[TextIO, TextIO] = sys.stdout, sys.stderr

    def __enter__(self) -> Self:
        self._streams = sys.stdout, sys.stderr
        if is_terminal(sys.stdout):
            sys.stdout = PrintsAbove(sys.stdout, self._console)
        if is_terminal(sys.stderr):
            sys.stderr = PrintsAbove(sys.stderr, self._console)
        return self

    def run_started(self, run: RunRecord, plan: Plan) -> None:
        """Begin to draw."""
        super().run_started(run, plan)
        self._live.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, PrintsAbove):
                stream.finish()
        sys.stdout, sys.stderr = self._streams
        self._live.stop()

    # ------------------------------------------------------------------ drawing

    def _draw(self) -> "RenderableType":
        from rich.console import Group  # noqa: PLC0415  # as above
        from rich.text import Text  # noqa: PLC0415  # as above

        if self.run is None:
            return Group()
        shown = self.select(max(3, min(MOST_ROWS, self._console.height - _LINES_AROUND)))
        parts: list[RenderableType] = [Text(""), self._draw_title()]
        counts = dict(shown.folded)
        waiting = counts.pop(Fold.WAITING, 0)
        parts += [self._draw_fold(fold, count) for fold, count in counts.items()]
        parts.append(self._draw_rows(shown.rows))
        if waiting:
            parts.append(self._draw_fold(Fold.WAITING, waiting))
        return Group(*parts)

    def _draw_title(self) -> "Text":
        from rich.text import Text  # noqa: PLC0415  # as above

        run = self.run
        if run is None:
            return Text("")
        over = run.duration is not None
        spent = format_duration(run.duration) if over else _format_ticking(self.elapsed)
        title = Text(make_harmless(run.pipeline), "bold")
        title.append(f"  run {short_id(run.id)}", "dim not bold")
        title.append(f"  {self.finished_count}/{self.step_count} steps", "dim not bold")
        return title.append(f"  {spent}", "not bold")

    def _draw_fold(self, fold: Fold, count: int) -> "Text":
        from rich.text import Text  # noqa: PLC0415  # as above

        mark, plain, style = _FOLD_MARKS[fold]
        steps = "step" if count == 1 else "steps"
        text = f"  {mark if self._unicode else plain} {count} {steps} {fold}"
        return Text(text, style)

    def _draw_rows(self, rows: tuple[StepRow, ...]) -> "Table":
        from rich.table import Table  # noqa: PLC0415  # as above

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=40)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold", ratio=1)
        for row in rows:
            table.add_row(
                self._draw_mark(row), _draw_name(row), self._draw_time(row), self._draw_rest(row)
            )
        return table

    def _draw_mark(self, row: StepRow) -> "RenderableType":
        from rich.columns import Columns  # noqa: PLC0415  # as above
        from rich.text import Text  # noqa: PLC0415  # as above

        if row.status is StepStatus.RUNNING:
            frame = self._spinner.render(self._console.get_time())
            return Text("  ").append_text(frame) if isinstance(frame, Text) else Columns([frame])
        mark, plain, style = _MARKS[row.status]
        return Text(f"  {mark if self._unicode else plain}", style)

    def _draw_time(self, row: StepRow) -> "Text":
        from rich.text import Text  # noqa: PLC0415  # as above

        if row.status is StepStatus.RUNNING:
            return Text(_format_ticking(self.clock() - row.began), "cyan")
        if row.duration is None or row.status is StepStatus.SKIPPED:
            return Text("")
        return Text(format_duration(row.duration), "dim")

    def _draw_rest(self, row: StepRow) -> "RenderableType":
        from rich.text import Text  # noqa: PLC0415  # as above

        if row.status is StepStatus.RUNNING and row.progressed:
            return self._draw_progress(row)
        if row.status is StepStatus.SKIPPED:
            reason = f"skipped, for '{row.because}' did not complete"
            if row.because is None:
                reason = "skipped, for its condition does not hold"
            return Text(make_harmless(reason), "dim")
        if row.status in {StepStatus.FAILED, StepStatus.CRASHED}:
            return Text(row.status.value, "red")
        if row.status is StepStatus.CANCELLED:
            return Text("cancelled", "yellow")
        return Text("cached", "dim") if row.cached else _draw_metrics(row)

    def _draw_progress(self, row: StepRow) -> "Text":
        from rich.text import Text  # noqa: PLC0415  # as above

        if not row.total:
            return Text(f"{row.done} done", "cyan")
        full, empty = ("━", "─") if self._unicode else ("#", ".")
        filled = min(_BAR_WIDTH, _BAR_WIDTH * row.done // row.total)
        bar = Text(full * filled, "cyan").append(empty * (_BAR_WIDTH - filled), "dim")
        return bar.append(f"  {row.done}/{row.total}", "default")


def _draw_name(row: StepRow) -> "Text":
    from rich.text import Text  # noqa: PLC0415  # as above

    is_quiet = row.status in {StepStatus.PENDING, StepStatus.SKIPPED}
    return Text(make_harmless(row.node), "dim" if is_quiet else "")


def _draw_metrics(row: StepRow) -> "Text":
    from rich.text import Text  # noqa: PLC0415  # as above

    words = [f"{make_harmless(name)} {format_number(each)}" for name, each in row.metrics.items()]
    return Text("  ".join(words))


def _format_ticking(seconds: float) -> str:
    """Return a time that goes on: in whole seconds, so that it ticks and does not flicker."""
    return f"{int(seconds)} s" if seconds < 60 else format_duration(seconds)  # noqa: PLR2004  # a minute


class PrintsAbove(io.TextIOBase):
    """Stands in for a stream on the terminal: whole lines go above the picture as they are."""

    def __init__(self, stream: TextIO, console: "Console") -> None:
        self._stream = stream
        self._console = console
        self._held = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        """Print the lines that are whole now; hold the rest back until its line ends."""
        with self._lock:
            *lines, self._held = (self._held + text).split("\n")
            if lines:
                self._print("\n".join(lines))
        return len(text)

    def finish(self) -> None:
        """Print what is held back."""
        if self._held:
            self._print(self._held)
            self._held = ""

    def _print(self, lines: str) -> None:
        from rich.text import Text  # noqa: PLC0415  # as above

        shown = "\n".join(line.rsplit("\r", 1)[-1] for line in lines.split("\n"))
        self._console.print(Text.from_ansi(shown), soft_wrap=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def isatty(self) -> bool:
        """Return that this is a terminal."""
        return True

    def fileno(self) -> int:
        """Return the terminal's own file."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return that this can be written to."""
        return True
