"""Runs side by side."""

import json

import pytest
from tests.contract.example_records import report
from tests.unit.history.recorded_runs import BOOM, RunBuilder

import whence
from whence.domain.status import RunStatus, StepStatus
from whence.errors import InvalidSettingError
from whence.stacks.current import make_local_stack


def record_run(stack, depth=6, rmse=3.5, model="fit", *, mode="min", **facts):
    """Record a run that loads, fits and evaluates."""
    parameters = {"seed": 1, "regressor.depth": depth}
    builder = RunBuilder.start(stack, parameters=parameters, **facts)
    (data,) = builder.add("load", {"result": [1, 2, 3]})
    (fitted,) = builder.add(
        "regressor",
        {"model": depth * 1.5},
        step=model,
        inputs={"train": data},
        parameters={"depth": depth},
        depends_on=("load",),
    )
    builder.add(
        "evaluate",
        {"rmse": rmse},
        inputs={"model": fitted},
        depends_on=("regressor",),
        metrics=[report("rmse", rmse, mode=mode)],
    )
    return builder.finish()


def test_a_comparison_shows_causes_and_effects(stack):
    """Two runs side by side: what differed, what moved and which way, and where they part."""
    first = record_run(stack, 6, 3.5, name="shallow")
    second = record_run(stack, 8, 3.25, name="deep")

    assert str(whence.compare(first, second)).splitlines() == [
        "2 runs of delays",
        "They part at regressor: parameter depth 6 → 8; rmse 3.50 → 3.25 (better).",
        "",
        "           shallow              deep",
        f"  run      {first.id[-8:]}             {second.id[-8:]}",
        "  status   completed            completed",
        "  started  2026-03-01 12:30:15  2026-03-01 12:30:15",
        "  time     2.50 s               2.50 s",
        "",
        "Parameters",
        "                   shallow  deep",
        "  regressor.depth        6     8",
        "  1 other parameter is equal",
        "",
        "Metrics",
        "        shallow  deep  change",
        "  rmse     3.50  3.25   -0.25  better",
        "",
        "Outputs",
        "                   shallow  deep",
        "  regressor.model      9.0  12.0",
        "  evaluate.rmse        3.5  3.25",
        "  1 other output is equal",
        "",
        "Steps",
        "             shallow    deep",
        "  load        1.25 s  1.25 s",
        "  regressor   1.25 s  1.25 s",
        "  evaluate    1.25 s  1.25 s",
        "",
        "Not every run recorded the code of load, regressor and evaluate: changes are not seen.",
    ]


def test_runs_are_named_as_they_are_looked_up(stack):
    """`compare` takes runs, names and ends of ids alike."""
    first, second = record_run(stack, name="shallow"), record_run(stack, 8)
    compared = whence.compare("shallow", second.id[-8:], first)

    assert [run.id for run in compared.runs] == [first.id, second.id, first.id]


def test_a_run_does_not_differ_from_itself(stack):
    """Comparing a run with itself shows no difference."""
    run = record_run(stack)
    text = str(whence.compare(run, run))

    assert "No step differs" in text
    assert "2 parameters are equal" in text


@pytest.mark.parametrize(("mode", "said"), [("min", "worse"), ("max", "better"), (None, "+0.25\n")])
def test_a_change_is_judged_by_the_metrics_mode(stack, mode, said):
    """A higher value is worse or better as the metric's mode says, and not judged without one."""
    first, second = record_run(stack, 6, 3.5, mode=mode), record_run(stack, 6, 3.75, mode=mode)

    assert said in str(whence.compare(first, second))


def test_a_swapped_step_is_named(stack):
    """A slot that another step filled is said in words."""
    first = record_run(stack, model="fit", name="trees")
    second = record_run(stack, 6, 4.0, model="fit_ridge", name="ridge")
    text = str(whence.compare(first, second))

    assert "They part at regressor: filled by fit → fit_ridge; rmse 3.5 → 4.0 (worse)." in text
    assert "filled by fit in trees; fit_ridge in ridge" in text


def test_a_step_of_one_run_alone_is_shown_as_such(stack):
    """A node that only one of the runs has is marked, and is where they part."""
    first = record_run(stack, name="short")
    builder = RunBuilder.start(stack, name="long")
    for node in ("load", "regressor", "evaluate", "extra"):
        builder.add(node)
    text = str(whence.compare(first, builder.finish()))

    assert "only in long" in text


def test_a_failed_step_is_shown_beside_a_completed_one(stack):
    """How steps ended stands where their times would."""
    builder = RunBuilder.start(stack)
    builder.add("load", {"result": [1, 2, 3]})
    builder.add("regressor", status=StepStatus.FAILED, error=BOOM, parameters={"depth": 6})
    text = str(whence.compare(record_run(stack), builder.finish(status=RunStatus.FAILED)))

    assert "1.25 s    failed  ValueError: boom" in text
    assert "failed: ValueError: boom." in text


def test_chance_is_named_where_nothing_else_differs(stack):
    """Equal parameters and inputs with other outputs point at code, environment or chance."""
    text = str(whence.compare(record_run(stack, 6, 3.5), record_run(stack, 6, 3.75)))

    assert "They part at evaluate: equal parameters and inputs gave other outputs" in text


def test_several_runs_are_columns(stack):
    """More than two runs stand side by side, and the best of each metric is named."""
    runs = [record_run(stack, 6, rmse, name=f"run {rmse}") for rmse in (3.5, 3.0, 4.0)]
    text = str(whence.compare(*runs))

    assert "  rmse      3.5      3.0      4.0  run 3.0" in text


def test_equal_things_are_shown_when_asked_for(stack):
    """With `show_equal` everything that was compared is listed."""
    text = str(whence.compare(record_run(stack), record_run(stack, 8), show_equal=True))

    assert "  seed " in text
    assert "load.result" in text


def test_a_comparison_is_data(stack):
    """`to_dict` holds everything that was compared, and JSON can hold it."""
    data = whence.compare(record_run(stack, 6), record_run(stack, 8, 3.0)).to_dict()

    assert json.loads(json.dumps(data)) == data
    assert data["divergence"] == {
        "run": data["runs"][1]["id"],
        "node": "regressor",
        "reasons": ["parameter depth 6 → 8"],
        "effect": "rmse 3.5 → 3.0 (better)",
        "sentence": "They part at regressor: parameter depth 6 → 8; rmse 3.5 → 3.0 (better).",
    }
    assert data["divergences"] == [data["divergence"]]
    assert data["metrics"][0]["change"] == -0.5
    assert data["metrics"][0]["best"] == 1
    assert [row["equal"] for row in data["outputs"]] == [True, False, False]


def test_a_comparison_is_a_frame(stack):
    """`frame` has a row for each thing compared and a column for each run."""
    pytest.importorskip("pandas")
    frame = whence.compare(record_run(stack, name="a"), record_run(stack, 8, name="b")).frame()
    row = frame[frame["name"] == "regressor.depth"].iloc[0]

    assert (row["a"], row["b"], row["equal"]) == (6, 8, False)


def test_a_comparison_is_shown_in_notebooks(stack):
    """A notebook shows a comparison as HTML tables."""
    html = whence.compare(record_run(stack), record_run(stack, 8))._repr_html_()

    assert html.count("<table") == 5
    assert "<script" not in html


def test_a_series_that_was_better_before_is_shown_at_its_best(stack):
    """Of a metric with many values the last and the best are compared."""
    runs = []
    for values in ((5.0, 2.0, 3.0), (5.0, 1.0, 4.0)):
        builder = RunBuilder.start(stack)
        builder.add("train", {"result": 1}, metrics=[report("loss", *values, mode="min")])
        runs.append(builder.finish())
    text = str(whence.compare(*runs))

    assert "loss                  3         4      +1  worse" in text
    assert "loss, at best         2         1      -1  better" in text


def test_runs_of_two_stores_are_compared(stack, tmp_path):
    """Each run is read from where it was recorded, small values too."""
    other = make_local_stack(tmp_path / "other")
    other.make_home()
    comparison = whence.compare(record_run(stack, 6), record_run(other, 8, 3.0))
    text = str(comparison)
    other.close()

    assert "They part at regressor: parameter depth 6 → 8; rmse 3.5 → 3.0 (better)." in text
    assert {"9.0", "12.0"} <= set(text.split())


def test_what_is_no_run_cannot_be_compared(stack):
    """The error says what it is, and what would do."""
    first = record_run(stack)

    with pytest.raises(InvalidSettingError, match="of type int"):
        whence.compare(first, 3)


def test_durations_are_called_in_a_document_as_everywhere(stack):
    """As in `whence runs --json` and `whence show --json`."""
    document = whence.compare(record_run(stack), record_run(stack)).to_dict()

    assert [run["duration_seconds"] for run in document["runs"]] == [2.5, 2.5]
    assert document["steps"][0]["runs"][0]["duration_seconds"] == 1.25
