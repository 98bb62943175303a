"""Series of metrics as rows: what is packed comes back, and what is damaged hides nothing else."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.example_records import finish, make_run, make_step, report

from whence.domain.metrics import NO_STEP, MetricSeries
from whence.domain.records import RunStarted
from whence.metadata_stores.metric_rows import STRETCH, metric_rows, pack_points, unpack_points

INTEGERS = st.integers(-(2**63), 2**63 - 1)
POINTS = st.lists(st.tuples(st.floats(), st.none() | INTEGERS, INTEGERS), min_size=1, max_size=200)


def make_series(points) -> MetricSeries:
    """Return a series of values, steps and moments."""
    series = MetricSeries("loss", "min")
    for value, step, moment in points:
        series.add(value, step, moment)
    return series


def columns_of(series: MetricSeries) -> list[bytes]:
    """Return what a series holds, to the bit."""
    return [column.tobytes() for column in (series.values, series.steps, series.moments)]


@given(POINTS)
def test_what_is_packed_comes_back(points):
    """Any floats, any steps or none, any moments, to the bit."""
    series = make_series(points)

    unpacked = unpack_points(pack_points(series), "loss", "min", len(series))

    assert columns_of(unpacked) == columns_of(series)


@given(POINTS, st.integers(0), st.integers(1, 255))
def test_damage_is_told_or_does_no_harm(points, place, change):
    """A byte that has changed raises `ValueError`, or gives as many values as there were."""
    series = make_series(points)
    packed = bytearray(pack_points(series))
    packed[place % len(packed)] ^= change

    try:
        unpacked = unpack_points(bytes(packed), "loss", "min", len(series))
    except ValueError:
        return

    assert {len(column) for column in columns_of(unpacked)} == {8 * len(series)}


@given(st.binary(max_size=300), st.integers(-1, 20))
def test_bytes_that_were_never_packed_are_refused(data, count):
    """Whatever lies in the place of a series, nothing but `ValueError` comes of it."""
    try:
        assert len(unpack_points(data, "loss", None, count)) == count
    except ValueError as error:
        assert str(error)  # noqa: PT017  # both are right, depending on the bytes


def test_a_regular_series_takes_few_bytes():
    """Steps that count up and moments at even distances take next to nothing."""
    series = MetricSeries("loss", values=array("d", [1.0] * STRETCH))
    series.steps = array("q", range(STRETCH))
    series.moments = array("q", range(0, 1000 * STRETCH, 1000))

    assert len(pack_points(series)) < STRETCH


def test_a_long_series_takes_few_rows():
    """A row holds thousands of values; a value alone has none but its own columns."""
    run = make_run()
    values = [math.sin(each) for each in range(2 * STRETCH + 1)]
    end = finish(run, make_step(run), metrics=[report("loss", *values), report("rmse", 1.0)])

    rows = list(metric_rows(end))

    assert [(row["name"], row["count"]) for row in rows] == [
        ("loss", STRETCH),
        ("loss", STRETCH),
        ("loss", None),
        ("rmse", None),
    ]
    assert [row["position"] for row in rows] == [0, 1, 2, 3]
    assert rows[3]["points"] is rows[3]["outline"] is None
    assert rows[3]["step"] is None
    assert NO_STEP not in [row["step"] for row in rows]


@pytest.mark.parametrize("damage", ["x''", "x'01'", "x'0199'", "x'0901'", "'text'", "7", "NULL"])
def test_a_damaged_series_hides_nothing_else(store, alter, caplog, damage):
    """It is left out with a warning; what is known of it in short stays, as do the others."""
    run = make_run()
    reported = [report("loss", 3.0, 2.0), report("gain", 1.0, 2.0)]
    end = finish(run, make_step(run), metrics=reported)
    store.record([RunStarted(run, []), end])
    alter(f"UPDATE metrics SET points = {damage}, outline = {damage} WHERE name = 'loss'")

    assert store.list_series(run.id) == [(end.step.id, reported[1])]
    assert "series of 'loss' is left out" in caplog.text
    assert [each.value for each in store.list_metrics(run.id)] == [2.0, 2.0]
