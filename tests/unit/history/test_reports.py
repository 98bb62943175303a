"""How runs, listings and comparisons look."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.example_records import report
from tests.unit.history.recorded_runs import BOOM, RunBuilder

import whence
from whence.domain.output_shape import ArtifactShape
from whence.domain.records import ErrorRecord
from whence.domain.status import RunStatus, StepStatus
from whence.history.reports.as_html import render_html
from whence.history.reports.as_text import render_text
from whence.history.reports.quantities import (
    format_duration,
    format_number,
    format_numbers,
    format_size,
)
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.sparkline import draw_sparkline


def finished_run(stack):
    """Return a run with everything in it that a report shows."""
    builder = RunBuilder.start(stack, name="nightly", tags=("a", "b"), parameters={"share": 0.2})
    (data,) = builder.add("load", {"result": [1] * 900}, cached=True, duration=None)
    (score,) = builder.add(
        "fit",
        {"rmse": 3.5},
        step="fit_ridge",
        inputs={"train": data},
        metrics=[report("rmse", 3.5, mode="min")],
    )
    return builder.finish(ArtifactShape(score.id))


def failed_run(stack, message="boom"):
    """Return a run whose second step failed, so that the third was skipped."""
    builder = RunBuilder.start(stack, pipeline="fails")
    builder.add("load", {"result": 1})
    error = ErrorRecord("ValueError", message, BOOM.traceback)
    builder.add("fit", status=StepStatus.FAILED, error=error)
    builder.add("after", status=StepStatus.SKIPPED, started_at=None, duration=None)
    return builder.finish(status=RunStatus.FAILED, error=error)


def test_a_run_as_text_is_complete_and_aligned(stack):
    """`str(run)` names every step with status, time, cached flag and outputs, then the results."""
    run = finished_run(stack)

    assert str(run).splitlines() == [
        "delays  completed  2.50 s",
        f"run {run.id[-8:]} · nightly · 2026-03-01 12:30:15 · tags: a, b",
        "",
        "Parameters",
        "  share  0.2",
        "",
        "Steps",
        "  step  filled by  status               time  outputs",
        "  load             completed, cached          result 1.8 KiB",
        "  fit   fit_ridge  completed          1.25 s  rmse 3 B",
        "",
        "Metrics",
        "  rmse  3.5  lower is better  fit",
        "",
        "Outputs",
        "  name    value  type   format  size  from",
        "  result  3.5    float  json/1   3 B  fit.rmse",
    ]


def test_a_failed_run_says_why(stack):
    """`str(run)` gives the last line of each failure, and where its traceback is."""
    text = str(failed_run(stack))

    assert "fit  ValueError: boom" in text
    assert 'run.steps["fit"].error.traceback' in text
    assert "after  skipped" in text


def test_a_step_run_shows_its_traceback(stack):
    """`str(step_run)` ends with the traceback of its failure."""
    text = str(failed_run(stack).steps.fit)

    assert text.startswith("fit  failed  1.25 s")
    assert text.endswith("ValueError: boom")


def test_a_listing_has_a_line_for_each_run(stack):
    """`whence.runs()` shows short id, pipeline, status and time of each run, newest first."""
    first, second = finished_run(stack), failed_run(stack)
    lines = repr(whence.runs()).splitlines()

    assert lines[0] == "2 runs"
    assert lines[3].split()[:3] == [second.id[-8:], "fails", "failed"]
    assert lines[4].split()[:3] == [first.id[-8:], "delays", "nightly"]


def test_a_short_repr_stands_in_lists(stack):
    """`repr(run)` is one line, as it stands in lists and error messages."""
    run = finished_run(stack)

    assert repr(run) == f"<Run {run.id[-8:]} 'nightly' of delays: completed, 2.50 s>"
    assert repr(run.steps.load) == f"<StepRun load of run {run.id[-8:]}: completed, cached>"


def test_recorded_text_is_inert(stack):
    """What was recorded cannot inject HTML or steer the terminal, and is not read as markup."""
    run = failed_run(stack, "<script>alert(1)</script> \x1b[31m[red]mark[/red] \u202egnp.exe")
    html, text = run._repr_html_(), str(run)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in text + html
    assert "\u202e" not in text + html
    assert "[red]mark[/red]" in text


def test_colours_are_for_terminals_only(stack):
    """Rich prints a run with colours; `str` has none."""
    from io import StringIO

    from rich.console import Console

    run = failed_run(stack)
    file = StringIO()
    Console(file=file, force_terminal=True, width=100, color_system="standard").print(run)

    assert "\x1b[31mfailed" in file.getvalue()
    assert "\x1b" not in str(run)


def test_ipython_shows_the_whole_run(stack):
    """In an IPython session a run displays as its text, and as one line inside of a list."""
    pretty = pytest.importorskip("IPython.lib.pretty")
    run = finished_run(stack)

    assert pretty.pretty(run) == str(run)
    assert pretty.pretty([run]) == f"[{run!r}]"


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_any_text_can_be_shown(pairs):
    """Whatever text is recorded, both renderers give something, within the width."""
    rows = [make_row(first, Cell(second)) for first, second in pairs]
    table = make_table("t", (Column("a", keep=True), Column("b")), rows)
    report = Report((Cell("title"),), sections=(table,))

    assert max(len(line) for line in render_text(report, 60).splitlines()) <= 60
    assert render_html(report).endswith("</div>")


def test_a_long_cell_is_wrapped_not_cut():
    """A cell that is wider than the terminal goes on in the next line; nothing is lost."""
    word = "abcdefghij" * 20
    table = make_table("", (Column("a", keep=True), Column("b")), [make_row("name", word)])
    text = render_text(Report((Cell("title"),), sections=(table,)), 80)

    assert "".join(text.split()[3:]).replace("name", "") == word


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0.0 ms"),
        (0.00042, "0.4 ms"),
        (0.0123, "12 ms"),
        (0.9996, "1.00 s"),
        (1.234, "1.23 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3725, "1 h 02 min"),
        (90_000, "1 d 01 h"),
    ],
)
def test_durations_have_the_right_unit(seconds, shown):
    """A time span is shown in the unit in which it has about three digits."""
    assert format_duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (102_400, "100 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 40, "3.0 TiB"),
    ],
)
def test_sizes_have_the_right_unit(count, shown):
    """A size is shown in binary units."""
    assert format_size(count) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        (0.1, "0.1"),
        (28.123456, "28.123"),
        (123456789, "123456789"),
        (1.5e-7, "1.5e-07"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_numbers_have_five_digits(value, shown):
    """A number is shown with five significant digits, whole ones in full."""
    assert format_number(value) == shown


def test_numbers_side_by_side_have_the_same_decimals():
    """Numbers of one row can be compared digit by digit."""
    assert format_numbers([0.25, 0.1, None]) == ["0.25", "0.10", "\N{EN DASH}"]


@given(st.floats() | st.integers(-(10**18), 10**18).map(float))
def test_any_number_can_be_shown(value):
    """Whatever number is recorded, it is shown in at most 20 characters."""
    assert 0 < len(format_number(value)) <= 20


@pytest.mark.parametrize(
    ("values", "mode", "drawn", "tone"),
    [
        ([3, 2, 1], "min", "█▅▁", Tone.GOOD),
        ([3, 2, 1], "max", "█▅▁", Tone.BAD),
        ([3, 2, 1], None, "█▅▁", Tone.QUIET),
        ([2, 2], "min", "▄▄", Tone.QUIET),
        ([1, math.nan, 2, math.inf], "max", "▁ █ ", Tone.GOOD),
        ([math.nan, math.inf], "max", "", Tone.PLAIN),
        ([-1e308, 1e308], "max", "▁█", Tone.GOOD),
        (range(1200), "max", "▁▂▂▃▄▄▅▅▆▇▇█", Tone.GOOD),
    ],
)
def test_a_sparkline_tells_the_course_and_whether_it_is_better(values, mode, drawn, tone):
    """The lowest value is the lowest block; the direction that is better is a good tone."""
    assert draw_sparkline(values, mode) == Cell(drawn, tone)


def test_metrics_show_their_course(stack):
    """Printed metrics tell the last value, the course, count and extent, and who reported them."""
    builder = RunBuilder.start(stack)
    losses = report("loss", 0.5, 0.25, 0.125, mode="min", steps=[0, 1, 2])
    builder.add("fit", metrics=[losses, report("rows", 7), report("odd", math.nan, math.nan)])
    metrics = builder.finish().metrics

    assert str(metrics).splitlines() == [
        "3 metrics",
        "",
        "  loss  0.125  lower is better  █▃▁  of 3, 0.125 to 0.5  fit",
        "  rows      7                                            fit",
        "  odd     nan                        of 2                fit",
    ]
    assert repr(metrics) == "{'loss': 0.125, 'rows': 7.0, 'odd': nan}"
