"""Results of earlier runs as inputs of a pipeline: named, checked, settled once, and recorded."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest

import whence
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import (
    ContentMissingError,
    InvalidPipelineError,
    RecordNotFoundError,
)


@step
def split(rows: int = 4) -> tuple[Annotated[list[int], "train"], Annotated[list[int], "test"]]:
    return list(range(rows)), [rows]


@step
def average(train: list[int]) -> float:
    return sum(train) / len(train)


@pipeline
def prepare(rows: int = 4):
    train, test = split(rows)
    return {"means": average(train), "parts": [train, test]}


@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}


@step
def judge(model: dict[str, int], means: float = 0.0) -> float:
    return model["depth"] + means


@step
def weigh(model: Input[ModelArtifact]) -> int:
    return model.size


@pipeline
def judging():
    return judge(
        model=whence.model("delay").as_input(), means=whence.artifact("prepare/means").as_input()
    )


def test_an_artifact_is_found_by_what_its_pipeline_returned():
    """PIPELINE/OUTPUT is of the latest completed run; `@RUN` means another."""
    first = prepare.with_options(name="small")(rows=2)
    prepare(rows=4)

    assert whence.artifact("prepare/means").read() == 1.5
    assert whence.artifact("prepare/means@small").read() == 0.5
    assert whence.artifact(f"prepare/means@{first.id[-8:]}").read() == 0.5


def test_an_artifact_is_found_by_its_step():
    """PIPELINE/STEP.OUTPUT is what a step made, whether or not it was returned."""
    prepare(rows=2)

    assert whence.artifact("prepare/split.train").read() == [0, 1]
    assert whence.artifact("prepare/average").read() == 0.5
    assert whence.artifact("prepare/parts[1]").read() == [2]


def test_an_artifact_is_found_by_the_end_of_its_id():
    """The last six characters or more of an id will do."""
    run = prepare()
    artifact_id = run.steps.average.outputs.result.source.fact("id")

    assert whence.artifact(artifact_id[-8:]).read() == 1.5


def test_what_does_not_exist_is_answered_with_what_does():
    """Unknown pipelines and outputs are named, with what may have been meant."""
    run = prepare()

    with pytest.raises(RecordNotFoundError, match="Did you mean 'prepare'"):
        whence.artifact("prepair/means")
    with pytest.raises(RecordNotFoundError, match="Did you mean 'means'"):
        whence.artifact("prepare/mean")
    with pytest.raises(RecordNotFoundError, match=r"Name one: prepare/parts\[0\]"):
        whence.artifact("prepare/parts")
    with pytest.raises(RecordNotFoundError, match="is one of pipeline 'prepare'"):
        whence.artifact(f"judging/means@{run.id[-8:]}")
    with pytest.raises(RecordNotFoundError, match="PIPELINE/OUTPUT"):
        whence.artifact("means")
    with pytest.raises(RecordNotFoundError, match=r"whence\.model\('delay@champion'\)"):
        whence.artifact("delay@champion")


def test_a_pipeline_that_never_completed_has_no_latest_result():
    """Without a completed run there is no result, and the error names the run there is."""

    @step
    def fail() -> int:
        message = "no"
        raise ValueError(message)

    @pipeline
    def failing():
        return fail()

    with pytest.raises(ValueError, match="no"):
        failing()

    with pytest.raises(RecordNotFoundError, match="is failed") as caught:
        whence.artifact("failing/result")
    assert "completed run of pipeline 'failing'" in str(caught.value)


def test_earlier_results_are_inputs():
    """A step takes them as it takes outputs, and its record names their true producers."""
    prepared, trained = prepare(), fit.run(depth=3)

    run = judging()

    assert run.read() == 4.5
    inputs = run.steps.judge.inputs
    assert inputs.model.producer.id == trained.steps.fit.id
    assert inputs.means.producer.id == prepared.steps.average.id
    assert set(run.earlier_results) == {"delay", "prepare/means"}
    assert run.earlier_results["delay"].read() == {"depth": 3}


def test_an_earlier_result_is_reused_by_its_content():
    """The key has the digest: another version with the same content is the same input."""
    prepare()
    fit.run(depth=3)
    judging()
    prepare.with_options(cache=False)()

    assert judging().steps.judge.cached


def test_a_plan_says_what_a_name_means():
    """Each name is shown with the version that it means; JSON tells it as well."""
    prepare()
    run = fit.run(depth=3)

    text = str(judging.plan())

    assert f"model ← delay = version 1 (run {run.id[-8:]})" in text
    assert "means ← prepare/means = result" in text


def test_a_later_plan_says_how_the_meaning_of_a_name_has_changed():
    """The reason of a miss names the version that was taken, and the one that is now."""
    prepare()
    fit.run(depth=3)
    judging()
    fit.run(depth=4)

    plan = judging.plan()

    assert "delay was version 1, is 2" in str(plan)


def test_a_name_means_one_thing_in_a_plan():
    """All uses see the first resolution, though another version comes in between."""
    fit.run(depth=1)

    @pipeline
    def twice():
        first = whence.model("delay").as_input()
        _train_elsewhere(2)
        second = whence.model("delay").as_input()
        return judge(first), judge.with_options(name="again")(second)

    assert twice().read() == (1.0, 1.0)
    assert len(whence.models()["delay"].versions) == 2


def _train_elsewhere(depth: int) -> None:
    """Train a model in a process of its own, as somebody else would."""
    code = f"""
from typing import Annotated
from whence import step
from whence.artifacts import ModelArtifact
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {{"depth": depth}}
step(fit).run(depth={depth})
"""
    Path("elsewhere.py").write_text(code)
    subprocess.run([sys.executable, "elsewhere.py"], check=True)


def test_a_run_that_is_resumed_takes_the_same_results():
    """What a name meant when the run was planned is what it means when the run goes on."""
    fit.run(depth=1)
    flag = Path("ready")

    @step
    def wait(model: dict[str, int]) -> int:
        if not flag.exists():
            message = "no"
            raise ValueError(message)
        return model["depth"]

    @pipeline
    def waiting():
        return wait(whence.model("delay").as_input())

    with pytest.raises(ValueError, match="no") as failure:
        waiting()
    fit.run(depth=2)
    flag.touch()

    resumed = waiting.with_options(resume=failure.value.whence_run)()

    assert resumed.read() == 1
    assert resumed.record.earlier_results == failure.value.whence_run.record.earlier_results
    assert waiting().read() == 2


def test_an_artifact_is_an_input_as_it_is():
    """What an earlier run gave may be handed to a step without a word more."""
    run = prepare()

    @pipeline
    def again():
        return average(run.steps.split.outputs.test), average(whence.artifact("prepare/split.test"))

    taken = again()

    assert taken.read() == (4.0, 4.0)
    named = f"prepare/split.test@{run.id[-8:]}"
    assert set(taken.record.earlier_results) == {named, "prepare/split.test"}


def test_earlier_results_may_be_given_to_a_pipeline():
    """A pipeline's parameter takes an earlier result as it takes a value."""
    prepare()

    @pipeline
    def averaging(train: list[int]):
        return average(train)

    assert averaging(train=whence.artifact("prepare/split.train").as_input()).read() == 1.5


def test_what_a_step_takes_as_anything_is_read_as_it_was_stored():
    """An argument that names no type takes any earlier result."""
    fit.run(depth=2)

    @step
    def name_type(model: Any) -> str:
        return type(model).__name__

    @pipeline
    def naming():
        return name_type(whence.model("delay").as_input())

    assert naming().read() == "dict"


def test_the_items_of_a_map_share_an_earlier_result():
    """What goes whole to every item may be of an earlier run, in worker processes too."""
    fit.run(depth=2)

    @step
    def scale(number: int, model: dict[str, int]) -> int:
        return number * model["depth"]

    @pipeline
    def scaling():
        return scale.map([1, 2], model=whence.model("delay").as_input())

    assert scaling.with_options(workers=1)().read() == [2, 4]


def test_a_version_may_be_given_as_it_is():
    """Who forgets `.as_input()` means it: for a step, a list of inputs and a pipeline alike."""
    fit.run(depth=2)

    @step
    def count(models: list[dict[str, int]]) -> int:
        return len(models)

    @pipeline
    def counting(model: dict[str, int]):
        return count([model, whence.model("delay@1")]), judge(model), weigh(model)

    run = counting(model=whence.model("delay"))

    assert run.read()[:2] == (2, 2.0)
    assert set(run.record.earlier_results) == {"delay", "delay@1"}


def test_a_model_is_taken_as_an_artifact():
    """An `Input[ModelArtifact]` gets the model's files."""
    fit.run(depth=1)

    @pipeline
    def weighing():
        return weigh(whence.model("delay").as_input())

    assert weighing().read() == whence.model("delay").artifact.size


def test_what_does_not_fit_is_refused_before_anything_runs():
    """Artifact type, format and declared type are compared as those of a producer's output."""
    prepare()
    fit.run(depth=1)

    @step
    def write(files: Output[DataArtifact]):
        (files.path / "a.txt").write_text("a")

    write.run()

    @pipeline
    def wrong():
        average(whence.model("delay").as_input())
        weigh(whence.artifact("prepare/means").as_input())
        average(whence.artifact("write/write.files").as_input())

    with pytest.raises(InvalidPipelineError) as caught:
        wrong.plan()

    faults = [str(fault) for fault in caught.value.faults]
    assert "It is dict[str, int]; the argument accepts list[int]" in faults[0]
    assert "a DataArtifact" in faults[1]
    assert "Input[DataArtifact]" in faults[2]


def test_what_is_gone_is_refused_when_the_run_is_planned(project: Path):
    """A result whose bytes are no longer there cannot be an input."""

    @step
    def many() -> list[int]:
        return list(range(100_000))

    many.run()
    for folder in (project / ".whence" / "artifacts").iterdir():
        _remove(folder)

    @pipeline
    def taking():
        return average(whence.artifact("many/result").as_input())

    with pytest.raises(ContentMissingError):
        taking.plan()


def _remove(folder: Path) -> None:
    for each in [folder, *folder.rglob("*")]:
        if each.is_dir():
            each.chmod(0o700)
    shutil.rmtree(folder)


def test_a_sweep_sees_one_version_in_all_its_variants():
    """The variants of a sweep are planned together: a name means one thing in all of them."""
    fit.run(depth=1)
    seen = []

    @pipeline
    def swept(means: float):
        if seen:
            _train_elsewhere(5)
        seen.append(means)
        return judge(whence.model("delay").as_input(), means)

    sweep = whence.sweep(swept, {"means": [0.5, 1.5]})

    assert [run.read() for run in sweep.runs] == [1.5, 2.5]


def test_a_run_shows_which_results_it_took():
    """The report and the JSON of a run name them with what they meant."""
    prepare()
    fit.run(depth=1)

    run = judging()

    assert "delay" in str(run)
    assert "version 1" in str(run)
    assert "Earlier results" in run._repr_html_()


@step
def compare_depths(old: dict[str, int], new: dict[str, int]) -> list[int]:
    return [old["depth"], new["depth"]]


@pipeline
def comparing(old: dict[str, int], new: dict[str, int]):
    return compare_depths(old, new)


def _look_up_around_a_training(look_up: Any) -> tuple[Any, Any]:
    """Return what a name means before another model is trained, and after that."""
    fit.run(depth=1)
    before = look_up()
    fit.run(depth=2)
    return before, look_up()


@pytest.mark.parametrize(
    "look_up", [lambda: whence.model("delay"), lambda: whence.artifact("fit/fit")]
)
def test_what_was_looked_up_at_two_times_by_one_name_stays_two_things(look_up: Any):
    """Versions held from before and after a training are compared, not one with itself."""
    before, after = _look_up_around_a_training(look_up)

    run = comparing(before, after)

    assert run.read() == [1, 2]
    assert comparing(after, before).read() == [2, 1]
    assert comparing(before, before).read() == [1, 1]
    assert len(set(run.record.earlier_results.values())) == 2


def test_a_sweep_over_versions_of_one_name_takes_each():
    """One meaning for all variants is that of a name, not of versions that are given."""
    before, after = _look_up_around_a_training(lambda: whence.model("delay"))

    @pipeline
    def judging_one(model: dict[str, int]):
        return judge(model)

    sweep = whence.sweep(judging_one, {"model": [before, after]})

    assert [run.read() for run in sweep.runs] == [1.0, 2.0]


def test_a_resumed_run_takes_both_results_of_one_name():
    """What goes on after a failure takes the two as the run before did."""
    before, after = _look_up_around_a_training(lambda: whence.model("delay"))
    flag = Path("ready")

    @step
    def wait(old: dict[str, int], new: dict[str, int]) -> list[int]:
        if not flag.exists():
            message = "no"
            raise ValueError(message)
        return [old["depth"], new["depth"]]

    @pipeline
    def waiting(old: dict[str, int], new: dict[str, int]):
        return wait(old, new)

    with pytest.raises(ValueError, match="no") as failure:
        waiting(before, after)
    flag.touch()

    resumed = waiting.with_options(resume=failure.value.whence_run)(before, after)

    assert resumed.read() == [1, 2]
    assert resumed.record.earlier_results == failure.value.whence_run.record.earlier_results
