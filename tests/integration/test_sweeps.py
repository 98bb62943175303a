"""Sweeps: one pipeline, many sets of parameters, what they share computed once."""

from pathlib import Path
from typing import Annotated

import pytest

import whence
from whence import Metric, Step, pipeline, step
from whence.errors import InvalidPipelineError, InvalidSweepError, UnrankedMetricError

DIARY = Path("diary.txt")


def note(words: str) -> None:
    """Leave a word of what was really computed."""
    with DIARY.open("a") as diary:
        diary.write(f"{words}\n")


def noted() -> list[str]:
    """Return what was computed since the last look."""
    words = DIARY.read_text().split() if DIARY.exists() else []
    DIARY.unlink(missing_ok=True)
    return sorted(words)


@step
def load(rows: int) -> list[int]:
    note("load")
    return list(range(rows))


@step
def scale(data: list[int], factor: int = 1) -> list[int]:
    note(f"scale-{factor}")
    return [factor * each for each in data]


@step
def fit(data: list[int], depth: int = 6) -> Annotated[float, Metric("rmse", mode="min")]:
    note(f"fit-{depth}")
    if depth < 0:
        raise ValueError("a depth is positive")
    return sum(data) / depth


@step
def guess(data: list[int], luck: int = 7) -> Annotated[float, Metric("rmse", mode="min")]:
    note(f"guess-{luck}")
    return float(luck)


@pipeline
def training(rows: int, model: Step[fit] = fit):
    return model(scale(load(rows)))


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    """Let the diary lie beside the records."""
    monkeypatch.chdir(tmp_path)


def test_common_steps_run_once():
    """Six variants over one table load it once and scale it once for each factor."""
    sweep = whence.sweep(
        training.bind(rows=5), {"scale.factor": [1, 2], "model.depth": [2, 4, 8]}, name="depths"
    )

    assert noted() == ["fit-2"] * 2 + ["fit-4"] * 2 + ["fit-8"] * 2 + ["load", "scale-1", "scale-2"]
    assert len(sweep.runs) == 6
    assert {run.tags for run in sweep.runs} == {("sweep:depths",)}
    assert sweep.best("rmse").parameters["model.depth"] == 8


def test_a_plan_says_beforehand_what_is_shared():
    """Of 18 steps 9 are shared; nothing has run when the plan says so."""
    grid = {"scale.factor": [1, 2], "model.depth": [2, 4, 8]}
    plan = whence.sweep.plan(training.bind(rows=5), grid)

    assert noted() == []
    assert (plan.steps, plan.shared, plan.reused) == (18, 9, 0)
    assert "9 of 18 steps shared, 0 reused, 9 to run at most" in str(plan)

    sweep = whence.sweep(training.bind(rows=5), grid)
    again = sweep.plan()
    assert (again.steps, again.shared, again.reused) == (18, 9, 9)


def test_a_list_of_parameter_sets_may_vary_the_step_in_a_slot():
    """Slots vary like parameters, and variants need not name the same things."""
    sweep = whence.sweep(
        training.bind(rows=5),
        [{"model": fit}, {"model": guess}, {"model": guess.bind(luck=1)}, {"model.depth": 2}],
    )

    assert [each.varied for each in sweep.rank()] == [
        {"model": "guess(luck=1)"},
        {"model": "fit"},
        {"model.depth": "2"},
        {"model": "guess"},
    ]
    assert sweep.best().read() == 1.0


def test_a_failed_variant_stops_no_other():
    """It is told of with its error, and ranked nowhere."""
    sweep = whence.sweep(training.bind(rows=5), {"model.depth": [2, -1, 4]})

    assert [str(run.status) for run in sweep.runs] == ["completed", "failed", "completed"]
    assert isinstance(sweep.failures[1], ValueError)
    assert len(sweep.rank("rmse")) == 2
    assert "1 variant failed: ValueError: a depth is positive" in str(sweep)


def test_a_sweep_of_which_all_variants_fail_raises():
    """Nobody goes on with a sweep that has no result; the runs are with the error."""
    with pytest.raises(ExceptionGroup, match="all 2 variants") as caught:
        whence.sweep(training.bind(rows=5), {"model.depth": [-1, -2]})

    assert len(caught.value.whence_sweep.runs) == 2


def test_the_same_call_goes_on_where_an_earlier_one_ended():
    """What an interrupted sweep computed is not computed again."""
    with pytest.raises(KeyboardInterrupt):
        whence.sweep(
            training.bind(rows=5),
            [{"model.depth": 2}, {"model.depth": 4}, {"model": stop_here}, {"model.depth": 8}],
        )
    assert noted() == ["fit-2", "fit-4", "load", "scale-1"]

    whence.sweep(training.bind(rows=5), {"model.depth": [2, 4, 8]})
    assert noted() == ["fit-8"]


@step
def stop_here(data: list[int]) -> float:
    raise KeyboardInterrupt


def test_all_faults_are_told_before_anything_runs():
    """One report holds the faults of every variant, each once."""
    with pytest.raises(InvalidPipelineError) as caught:
        whence.sweep(training.bind(rows=5), {"model.depth": [2, "deep"], "scale.faktor": [1, 2]})

    said = [fault.code for fault in caught.value.faults]
    assert said.count("WH203") == 1
    assert len(said) == 2
    assert noted() == []


@pytest.mark.parametrize(
    ("pipeline_given", "variants", "reason"),
    [
        (fit, {"depth": [1]}, "is no pipeline"),
        (training, {"rows": 5}, "is no list of values"),
        (training, {"rows": "57"}, "is no list of values"),
        (training, {"rows": []}, "has no variants"),
        (training, [], "has no variants"),
        (training, "rows", "neither a grid nor a list"),
        (training, [5], "not a mapping"),
        (training, [{5: 5}], "is no name of an argument"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_words(pipeline_given, variants, reason):
    """Each wrong call says what is wrong with it."""
    with pytest.raises(InvalidSweepError, match=reason):
        whence.sweep(pipeline_given, variants)


def test_a_metric_that_nobody_reported_ranks_nothing():
    """The known ones are offered."""
    sweep = whence.sweep(training.bind(rows=5), {"model.depth": [2]})

    with pytest.raises(UnrankedMetricError, match="rmse"):
        sweep.best("rsme")
    assert sweep.best("rmse", mode="max").id == sweep.runs[0].id


def test_a_frame_has_a_row_for_each_variant():
    """What varied, the run and its metrics stand side by side."""
    pytest.importorskip("pandas")
    frame = whence.sweep(training.bind(rows=5), {"model.depth": [2, 4]}).frame()

    assert list(frame.columns) == [
        "parameters.model.depth",
        "id",
        "status",
        "duration",
        "metrics.rmse",
    ]
    assert list(frame["metrics.rmse"]) == [5.0, 2.5]
