"""The last values of metrics that are kept with every run, computed or reused."""

import sqlite3
from contextlib import closing
from typing import Annotated

import pytest

from whence import Metric, log_metric, pipeline, step
from whence.stacks.current import open_stack


@step
def prepare() -> int:
    return 3


@step
def fit(size: int) -> Annotated[float, Metric("rmse", mode="min")]:
    for epoch in range(size):
        log_metric("loss", 1 / (epoch + 1), step=epoch)
    return 0.5


@step
def refuse(size: int) -> int:
    log_metric("tried", size)
    raise ValueError(size)


@pipeline
def training():
    return fit(prepare())


@pipeline
def failing():
    return refuse(prepare())


def read_kept(run) -> dict[str, float]:
    """Return what the database keeps of a run, by node and name."""
    with closing(sqlite3.connect(open_stack().metadata_store.path)) as connection:
        rows = connection.execute(
            "SELECT node, name, value FROM run_metrics WHERE run_id = ?", (run.id,)
        ).fetchall()
    return {f"{node}.{name}": value for node, name, value in rows}


def test_every_run_keeps_its_last_values():
    """One that computes, one that this process reuses, and one that reads what another did."""
    expected = {"fit.loss": pytest.approx(1 / 3), "fit.rmse": 0.5}
    computed, reused = training(), training()
    open_stack().close()
    read_anew = training()

    assert [read_kept(run) for run in (computed, reused, read_anew)] == [expected] * 3
    assert read_anew.steps.fit.cached


def test_a_failed_run_keeps_what_it_reported():
    """Also the step that failed has said something."""
    with pytest.raises(ValueError, match="3") as raised:
        failing()

    assert read_kept(raised.value.whence_run) == {"refuse.tried": 3.0}
