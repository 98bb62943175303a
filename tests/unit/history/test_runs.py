"""What a run and its step runs say of themselves."""

import copy
import math
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.example_records import MOMENT, report
from tests.unit.history.recorded_runs import BOOM, RunBuilder

from whence.domain.artifacts import Artifact, ModelArtifact
from whence.domain.contents import make_inline_content
from whence.domain.output_shape import (
    ArtifactShape,
    CollectionShape,
    MissingShape,
    NothingShape,
)
from whence.domain.status import RunStatus, StepStatus
from whence.errors import RecordNotFoundError, UnknownFormatError, UnknownMemberError
from whence.history.runs import Run


def test_a_single_result_is_read_as_the_value(stack):
    """A body that returned one output gives its value, and names it `result`."""
    builder = RunBuilder.start(stack)
    (score,) = builder.add("fit", {"result": 0.5})
    run = builder.finish(ArtifactShape(score.id))

    assert run.read() == 0.5
    assert run.outputs.result.read() == 0.5
    assert list(run.outputs) == ["result"]


def test_a_dict_names_the_outputs(stack):
    """A body that returned a dict of outputs gives a dict of values, and outputs of these names."""
    builder = RunBuilder.start(stack)
    low, high = builder.add("fit", {"low": 1.0, "high": 2.0})
    shape = CollectionShape.of(dict, [("a", ArtifactShape(low.id)), ("b", ArtifactShape(high.id))])
    run = builder.finish(shape)

    assert run.read() == {"a": 1.0, "b": 2.0}
    assert list(run.outputs) == ["a", "b"]
    assert run.outputs["b"].read() == 2.0


def test_a_list_is_one_output(stack):
    """A body that returned a list of outputs gives a list, of artifacts as of values."""
    builder = RunBuilder.start(stack)
    made = builder.add("fit", {"low": 1.0, "high": 2.0})
    shape = CollectionShape.of(list, enumerate(ArtifactShape(each.id) for each in made))
    run = builder.finish(shape)

    assert run.read() == [1.0, 2.0]
    assert all(isinstance(each, Artifact) for each in run.outputs.result)


def test_a_body_that_returned_nothing_has_no_outputs(stack):
    """A body that returned None gives None and no outputs."""
    builder = RunBuilder.start(stack)
    builder.add("fit")
    run = builder.finish(NothingShape())

    assert run.read() is None
    assert len(run.outputs) == 0


def test_an_output_that_never_came_says_why(stack):
    """Asking for the output of a step that failed names the step and how it ended."""
    builder = RunBuilder.start(stack)
    builder.add("fit", status=StepStatus.FAILED, error=BOOM)
    run = builder.finish(MissingShape("fit", "result"), RunStatus.FAILED, error=BOOM)

    assert "result" not in run.outputs
    assert not hasattr(run.outputs, "result")
    with pytest.raises(RecordNotFoundError, match="step 'fit', which is failed"):
        run.read()
    with pytest.raises(UnknownMemberError, match="step 'fit', which is failed"):
        _ = run.outputs.result


def test_steps_are_found_by_attribute_and_by_item(stack):
    """Steps have attributes, items, iteration, `len` and `in`; dotted names are also paths."""
    builder = RunBuilder.start(stack)
    for node in ("load", "inner.fit", "fit[3]"):
        builder.add(node)
    steps = builder.finish().steps

    assert list(steps) == ["load", "inner.fit", "fit[3]"]
    assert len(steps) == 3
    assert "inner.fit" in steps
    assert "fit" not in steps
    assert steps.inner.fit.node == steps["inner.fit"].node == "inner.fit"
    assert steps["fit[3]"].node == "fit[3]"


def test_a_misspelt_step_is_answered_by_the_right_one(stack):
    """A name that is not there is an AttributeError and a KeyError that suggests another."""
    builder = RunBuilder.start(stack)
    builder.add("evaluate")
    steps = builder.finish().steps

    with pytest.raises(AttributeError, match="Did you mean 'evaluate'"):
        _ = steps.evalute
    with pytest.raises(KeyError, match="Did you mean 'evaluate'"):
        _ = steps["evalute"]


def test_members_have_no_names_of_their_own(stack):
    """A step or output may bear any name: steps and outputs have no public methods."""
    builder = RunBuilder.start(stack)
    for node in ("items", "values", "get"):
        builder.add(node)
    steps = builder.finish().steps

    assert dir(steps) == ["get", "items", "values"]
    assert steps.items.node == "items"
    assert len(copy.copy(steps)) == 3


def test_a_step_run_tells_what_it_was_given_and_gave(stack):
    """Parameters, inputs, outputs, metadata and metrics of a step run are its own."""
    builder = RunBuilder.start(stack)
    (data,) = builder.add("load", {"result": [1, 2]})
    builder.add(
        "fit",
        {"model": 1.5},
        inputs={"train": data},
        parameters={"depth": 6},
        metadata={"rows": 2},
        metrics=[report("loss", 0.5)],
    )
    fit = builder.finish().steps.fit

    assert fit.inputs.train.read() == [1, 2]
    assert fit.outputs.model.read() == 1.5
    assert fit.parameters == {"depth": 6}
    assert fit.metadata == {"rows": 2}
    assert dict(fit.metrics) == {"loss": 0.5}
    assert (fit.status, fit.cached, fit.duration) == (StepStatus.COMPLETED, False, 1.25)


def test_an_input_of_several_artifacts_has_its_own_shape(stack):
    """An argument that took a list or dict of artifacts gives a list or dict."""
    builder = RunBuilder.start(stack)
    low, high = builder.add("load", {"low": 1, "high": 2})
    places = {"many/0": low, "many/1": high, "named/low": low, "named/deep/0": high}
    builder.add("join", inputs=places)
    inputs = builder.finish().steps.join.inputs

    assert [each.read() for each in inputs.many] == [1, 2]
    assert inputs.named["low"].read() == 1
    assert inputs.named["deep"][0].read() == 2


def test_an_artifact_knows_what_lies_around_it(stack):
    """An artifact names the step run that made it and those that took it."""
    builder = RunBuilder.start(stack)
    given = builder.hand("frame", [1])
    (data,) = builder.add("load", {"result": [1, 2]}, inputs={"frame": given})
    builder.add("fit", inputs={"train": data})
    run = builder.finish()
    artifact = run.steps.load.outputs.result

    assert artifact.producer.node == "load"
    assert artifact.producer.run.id == run.id
    assert [step.node for step in artifact.consumers] == ["fit"]
    assert run.steps.load.inputs.frame.producer is None
    assert artifact.uri == f"whence:{artifact.digest}"
    assert artifact.format == "json/1"


def test_files_of_a_steps_own_are_taken_as_files(stack):
    """An artifact without a format is read by a named materializer, or as a path."""
    builder = RunBuilder.start(stack)
    content = make_inline_content({"report.txt": b"fine"})
    builder.add("write", contents={"report": content})
    report = builder.finish().steps.write.outputs.report

    assert report.read(Path).read_text() == "fine"
    assert (report.path / "report.txt").read_text() == "fine"
    with pytest.raises(UnknownFormatError, match=r"SomeMaterializer\(\)\.read"):
        report.read()


class Weights(ModelArtifact):
    """An artifact type of a user's."""


def test_an_artifact_has_the_type_that_its_step_declared(stack, monkeypatch):
    """A user's artifact type is used where its module is imported, and never imported for it."""
    monkeypatch.setitem(sys.modules, "mine", sys.modules[__name__])
    builder = RunBuilder.start(stack)
    builder.add("fit", {"known": 1, "unknown": 2})
    step = builder.events[-1]
    step.outputs[0] = _with_type(step.outputs[0], "mine.Weights", "model")
    step.outputs[1] = _with_type(step.outputs[1], "not_imported.Weights", "model")
    outputs = builder.finish().steps.fit.outputs

    assert type(outputs.known) is Weights
    assert type(outputs.unknown) is ModelArtifact
    assert "not_imported" not in sys.modules


def _with_type(record, place, family):
    return type(record)(
        **{name: getattr(record, name) for name in record.__slots__}
        | {"type": place, "family": family}
    )


def test_logs_are_read_from_the_store_or_from_where_they_grow(stack):
    """The log of a step is there after it ended, and while it runs or after it crashed."""
    builder = RunBuilder.start(stack)
    builder.add("ended", log=make_inline_content({"log.txt": "grüße\n".encode()}))
    builder.add("silent")
    builder.add("crashed", status=StepStatus.CRASHED)
    run = builder.finish()
    growing = stack.logs / run.id / f"{run.steps.crashed.id}.log"
    growing.parent.mkdir(parents=True)
    growing.write_text("so far\n")

    assert run.steps.ended.logs() == "grüße\n"
    assert run.steps.silent.logs() == ""
    assert run.steps.crashed.logs() == "so far\n"


def test_parameters_are_values(stack):
    """Parameters come back as values; of a class that is not imported, as plain data."""
    builder = RunBuilder.start(stack, parameters={"data": Path("a/b"), "share": 0.5})
    unknown = '{"$dataclass":["not_imported:Config",{"lr":{"$tuple":[1,2]}}]}'
    builder.record.parameters["config"] = unknown
    builder.add("fit")
    run = builder.finish()

    assert run.parameters == {"data": Path("a/b"), "share": 0.5, "config": {"lr": [1, 2]}}


def test_metrics_of_one_name_are_told_apart_by_node(stack):
    """A metric is known by its name, and by `node.name` where two nodes report it."""
    builder = RunBuilder.start(stack)
    builder.add("fit", metrics=[report("loss", 0.5, 0.25, steps=[0, 1]), report("size", 7)])
    builder.add("tune", metrics=[report("loss", 0.75, at=MOMENT + timedelta(minutes=1))])
    metrics = builder.finish().metrics

    assert dict(metrics) == {"fit.loss": 0.25, "size": 7.0, "tune.loss": 0.75}
    assert [point.value for point in metrics.points] == [0.5, 7.0, 0.25, 0.75]


def test_a_series_is_known_in_short_and_value_by_value(stack):
    """Summaries tell count, extent and best value; `.series` gives columns side by side."""
    builder = RunBuilder.start(stack)
    losses = report("loss", 0.5, math.nan, 0.125, 0.25, mode="min", steps=[0, 1, 2, 3])
    builder.add("fit", metrics=[losses, report("gain", 2, 1, steps=[None, 7], mode="max")])
    metrics = builder.finish().metrics

    summary = metrics.summaries["loss"]
    assert (summary.count, summary.minimum, summary.maximum, summary.best) == (4, 0.125, 0.5, 0.125)
    assert metrics.summaries["gain"].best == 2.0
    series = metrics.series("loss")
    assert (list(series.steps), series.mode, len(series)) == ([0, 1, 2, 3], "min", 4)
    assert series.values[2:].tolist() == [0.125, 0.25]
    assert series.times[1] - series.times[0] == 1.0
    assert metrics.series("gain").steps == [None, 7]


def test_a_metric_that_is_not_there_is_named(stack):
    """Items and `.series` name what there is; `get` gives None as for every mapping."""
    builder = RunBuilder.start(stack)
    builder.add("fit", metrics=[report("loss", 0.5)])
    metrics = builder.finish().metrics

    assert metrics.get("lost") is None
    with pytest.raises(UnknownMemberError, match="There is no metric 'lost'") as raised:
        metrics.series("lost")
    assert "loss" in str(raised.value)


def test_metrics_are_a_frame_with_a_row_for_each_value(stack):
    """`.frame()` has every reported value with its node, name and step, in the order of time."""
    pytest.importorskip("pandas")
    builder = RunBuilder.start(stack)
    builder.add("fit", metrics=[report("loss", 0.5, 0.25, mode="min", steps=[0, 1])])
    builder.add("tune", metrics=[report("size", 7)])
    frame = builder.finish().metrics.frame()

    rows = frame[["node", "name", "step", "value", "mode"]].values.tolist()
    assert rows[0] == ["fit", "loss", 0, 0.5, "min"]
    assert rows[1][:2] == ["tune", "size"]
    assert rows[2] == ["fit", "loss", 1, 0.25, "min"]
    assert frame["step"].isna().tolist() == [False, True, False]
    assert frame["reported_at"][0] == MOMENT


def test_a_run_without_metrics_has_an_empty_frame(stack):
    """The columns are there all the same."""
    pytest.importorskip("pandas")

    frame = RunBuilder.start(stack).finish().metrics.frame()

    assert list(frame) == ["node", "name", "step", "value", "mode", "reported_at"]
    assert len(frame) == 0


class CountingStore:
    """Passes calls on to a metadata store, and counts them."""

    def __init__(self, store):
        self._store = store
        self.calls = 0

    def __getattr__(self, name):
        self.calls += 1
        return getattr(self._store, name)


def test_a_run_of_many_steps_costs_few_calls(stack):
    """Showing a run of 1,000 steps asks the store no more often than one of ten steps."""
    runs = []
    for count in (10, 1000):
        builder = RunBuilder.start(stack)
        for index in range(count):
            builder.add(f"step_{index}", {"result": index}, metrics=[report("m", index)])
        runs.append(builder.finish())
    stores = [CountingStore(stack.metadata_store) for _ in runs]
    for run, store in zip(runs, stores, strict=True):
        replaced = type(stack)(stack.name, stack.home, stack.artifact_store, store)
        shown = str(Run(run.record, replaced))
        assert f"step_{len(run.steps) - 1}" in shown

    assert stores[0].calls == stores[1].calls <= 4


def test_a_metric_is_found_with_its_node_before_it(stack):
    """As in a search, also where no other node reports it."""
    builder = RunBuilder.start(stack)
    builder.add("fit", metrics=[report("rmse", 3.5)])
    run = builder.finish()

    assert run.metrics["fit.rmse"] == run.metrics["rmse"] == 3.5
    assert "load.rmse" not in run.metrics
    assert list(run.metrics) == ["rmse"]
