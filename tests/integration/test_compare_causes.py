"""Two runs are compared by what was changed between them, and by what came of that."""

import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import pytest
from tests.integration.cache_sessions import run_session, write_modules
from tests.integration.test_cache_code import edit
from tests.integration.test_cache_statements import counting_statements

import whence
from whence import Metric, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.history.comparing.subjects import Subject
from whence.materializers import ParquetMaterializer

pytestmark = pytest.mark.heavy  # pandas

PROJECT = {
    "features.py": """
        RATE = 2


        def scale(frame):
            return frame * RATE
    """,
    "pipelines.py": """
        from typing import Annotated

        import pandas as pd
        from whence import Metric, pipeline, step
        import features

        @step
        def load(rows: int = 3) -> pd.DataFrame:
            return pd.DataFrame({"x": range(rows), "y": [1.5] * rows})

        @step
        def prepare(frame: pd.DataFrame) -> pd.DataFrame:
            return features.scale(frame)

        @step
        def fit(frame: pd.DataFrame, power: int = 1) -> float:
            return float(frame["x"].mean()) ** power

        @step
        def judge(model: float) -> Annotated[float, Metric("rmse", mode="min")]:
            return 10 / model

        @pipeline
        def work():
            return judge(fit(prepare(load())))
    """,
}


def last_two():
    """Return the comparison of the two newest runs."""
    newest, before = whence.runs(limit=2)
    return whence.compare(before, newest)


def sentence_of(comparison):
    """Return the one sentence that says where runs part."""
    (sentence,) = comparison.headlines
    return sentence


def causes_of(comparison):
    """Return what was changed, by node."""
    return {
        step["node"]: [cause["words"] for each in step["differences"] for cause in each["causes"]]
        for step in comparison.to_dict()["steps"]
        if any(each["causes"] for each in step["differences"])
    }


@pytest.fixture
def worked(project):
    """A project whose pipeline has run once."""
    write_modules(project, PROJECT)
    run_session(project)
    return project


def test_one_sentence_names_the_helper_and_the_metric(worked):
    """An edited helper is what the runs part by; what it moved stands behind it."""
    edit(worked, "features.py", "frame * RATE", "frame * RATE + 1")
    run_session(worked)
    comparison = last_two()

    assert sentence_of(comparison) == (
        "They part at prepare: helper `scale` in features.py changed (lines 5-6); "
        "rmse 5.0000 → 3.3333 (better)."
    )
    text = str(comparison)
    assert "-    return frame * RATE\n" in text
    assert "+    return frame * RATE + 1\n" in text
    assert "column y: mean 3 → 4, min 3 → 4, max 3 → 4" in text


def test_causes_and_consequences_are_told_apart(worked):
    """Only the step whose code was edited was changed; those behind it follow."""
    edit(worked, "features.py", "RATE = 2", "RATE = 4")
    run_session(worked)
    comparison = last_two()
    steps = {each["node"]: each["differences"][0] for each in comparison.to_dict()["steps"]}

    assert causes_of(comparison) == {
        "prepare": ["constant `RATE` in features.py 2 → 4 (line 2)"],
    }
    assert steps["fit"]["consequences"] == [{"input": "frame", "from": ["prepare"]}]
    assert steps["judge"]["consequences"] == [{"input": "model", "from": ["fit"]}]
    assert steps["load"] == {
        "run": comparison.runs[1].id,
        "causes": [],
        "consequences": [],
        "outputs": [],
        "status": None,
        "unexplained": None,
        "code_recorded": True,
    }


def test_a_change_without_effect_says_so(worked):
    """Code that gives the same is a cause that came to nothing."""
    edit(worked, "features.py", "frame * RATE", "RATE * frame")
    run_session(worked)

    assert sentence_of(last_two()) == (
        "They part at prepare: helper `scale` in features.py changed (lines 5-6); "
        "its outputs are equal."
    )


def test_code_that_lies_elsewhere_is_named_by_its_file_alone(worked, monkeypatch, tmp_path):
    """A sentence, and a page that is sent to somebody, say nothing of the folders of a machine."""
    edit(worked, "features.py", "frame * RATE", "frame * RATE + 1")
    run_session(worked)
    newest, before = whence.runs(limit=2)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    comparison = whence.compare(before, newest)
    page = comparison.to_html("page.html").read_text(encoding="utf-8")

    assert "helper `scale` in features.py changed (lines 5-6)" in sentence_of(comparison)
    assert str(tmp_path) not in page


def test_new_parameters_and_own_code_of_a_step_are_causes(worked):
    """A step that was edited itself is named as such."""
    edit(worked, "pipelines.py", "power: int = 1", "power: int = 1, by: int = 2")
    edit(worked, "pipelines.py", "** power", "** power * by")
    run_session(worked)
    found = causes_of(last_two())["fit"]

    assert found[0].startswith("step `fit` in pipelines.py changed (lines")
    assert found[-1] == "parameter by is new: 2"


# ---------------------------------------------------------------------- in one process


@dataclass
class Settings:
    """Nested parameters."""

    depth: int = 6
    names: tuple[str, ...] = ("a",)


@step
def make(rows: int = 3) -> pd.DataFrame:
    return pd.DataFrame({"x": range(rows)})


@step
def total(frame: pd.DataFrame, settings: Settings) -> int:
    return int(frame["x"].sum()) * settings.depth


@step
def double(frame: pd.DataFrame) -> int:
    return 2 * int(frame["x"].sum())


@step
def judge(model: int) -> Annotated[float, Metric("score", mode="max")]:
    return float(model)


USUAL = Settings()


@pipeline
def totals(rows: int = 3, settings: Settings = USUAL, model: Step[total] = total):
    frame = make(rows)
    return judge(model(frame) if model is double else model(frame, settings))


@step
def add(numbers: list[int]) -> int:
    return sum(numbers)


@step
def square(number: int) -> int:
    return number**2


@pipeline
def squares(numbers: list[int]):
    return add(square.map(numbers))


def test_a_field_of_a_parameter_is_named():
    """Of a dataclass the field that was changed is told, in the sentence and in the table."""
    comparison = whence.compare(totals(), totals(settings=Settings(depth=8)))

    assert sentence_of(comparison) == (
        "They part at model: parameter settings.depth 6 → 8; score 18 → 24 (better)."
    )
    assert "settings.depth" in str(comparison)
    assert "names" not in str(comparison)


def test_no_change_takes_the_credit_of_two():
    """Where steps further on were changed as well, the sentence says so before the metric."""
    both = whence.compare(totals(), totals(rows=4, settings=Settings(depth=8)))

    assert sentence_of(both) == (
        "They part at make: parameter rows 3 → 4; model was changed too; score 18 → 48 (better)."
    )


def test_steps_under_other_names_are_compared():
    """A node that was renamed is compared with what it was."""

    @pipeline
    def renamed(settings: Settings):
        frame = make.with_options(name="frame")(4)
        return judge(total.with_options(name="sum")(frame, settings))

    comparison = whence.compare(totals(4), renamed(Settings()))

    assert [row.title for row in comparison.steps] == ["make / frame", "model / sum", "judge"]
    assert not causes_of(comparison)


def test_a_step_that_was_swapped_in_is_the_cause():
    """Another step in a place is told as that, not as code that changed."""

    @pipeline
    def doubles():
        return judge(double(make()))

    comparison = whence.compare(totals(), doubles())

    assert causes_of(comparison) == {"model": ["filled by total → double"]}
    assert sentence_of(comparison) == (
        "They part at model: filled by total → double; score 18 → 6 (worse)."
    )


def test_an_item_that_was_dropped_leaves_the_others_alone():
    """The items of a map are compared by what they did, not by their numbers."""
    comparison = whence.compare(squares([1, 2, 3]), squares([2, 3]))

    assert causes_of(comparison) == {"square[0]": ["step square is gone"]}
    assert comparison.steps[-1].differences[0].consequences[0].rows == ("square[0]",)


def test_a_connection_that_was_changed_is_a_cause():
    """An input that comes from another step is told, with both."""

    @pipeline
    def connected(other: bool):
        one, two = make(3), make.with_options(name="two")(5)
        return double(two if other else one)

    comparison = whence.compare(connected(other=False), connected(other=True))

    assert causes_of(comparison)["double"] == ["input frame comes from two, was from make"]


def test_a_value_that_was_handed_in_is_a_cause():
    """A frame that a notebook passes is no parameter, yet what was changed."""

    @pipeline
    def given(frame: pd.DataFrame):
        return double(frame)

    one, other = (given(pd.DataFrame({"x": [1, each]})) for each in (2, 3))

    assert causes_of(whence.compare(one, other)) == {
        "double": ["input frame: another value was handed in"]
    }


def test_the_content_of_a_file_is_a_cause(project):
    """A path that names another content is told, though the parameter is the same."""

    @step
    def read(path: Path) -> str:
        return path.read_text()

    file = project / "in.txt"
    file.write_text("one")
    first = read.run(path=file)
    file.write_text("other")
    second = read.run(path=file)
    found = causes_of(whence.compare(first, second))["read"]

    assert "has other content" in found[0]


def test_the_environment_and_how_outputs_are_stored_are_causes(monkeypatch):
    """What the key holds beside code, parameters and inputs is told as well."""

    def make_step(kind):
        @step(env=["REGION"])
        def export() -> kind:
            return pd.DataFrame({"region": [os.environ["REGION"]]})

        return export

    monkeypatch.setenv("REGION", "north")
    first = make_step(pd.DataFrame).run()
    monkeypatch.setenv("REGION", "south")
    second = make_step(Annotated[pd.DataFrame, ParquetMaterializer()]).run()
    found = {
        cause["category"]: cause["words"]
        for cause in whence.compare(first, second).to_dict()["steps"][0]["differences"][0]["causes"]
    }

    assert found["environment"] == "environment REGION north → south"
    assert found["materializer"] == "output result is stored otherwise: arrow/1 → parquet/1"


def test_chance_is_named_where_nothing_was_changed():
    """Equal keys with other outputs leave chance, or what no key sees."""

    @step(cache=False)
    def draw() -> float:
        return random.random()

    comparison = whence.compare(draw.run(), draw.run())

    assert comparison.headlines[0].startswith(
        "They part at draw: equal code, parameters and inputs gave other outputs: chance"
    )


def test_each_run_parts_from_the_first():
    """Of more than two runs, each that differs has its sentence."""
    runs = [
        totals.with_options(name=name)(settings=Settings(depth))
        for name, depth in (("first", 6), ("again", 6), ("deep", 7))
    ]

    assert sentence_of(whence.compare(*runs)) == (
        "deep parts from first at model: parameter settings.depth 6 → 7; score 18 → 21 (better)."
    )


def test_a_step_run_is_compared_with_what_it_depends_on():
    """Of a step run, steps that it does not depend on are left out."""
    one, other = totals(3), totals(4)
    comparison = whence.compare(one.steps.model, other.steps.model)

    assert [row.node for row in comparison.steps] == ["make", "model"]
    assert "judge" not in str(comparison)


def test_a_failure_is_what_came_of_a_change():
    """A run that failed is compared as far as it came."""

    @step
    def divide(by: int) -> float:
        return 1 / by

    with pytest.raises(ZeroDivisionError) as raised:
        divide.run(by=0)
    comparison = whence.compare(divide.run(by=1), raised.value.whence_run)

    assert sentence_of(comparison) == (
        "They part at divide: parameter by 1 → 0; failed: ZeroDivisionError: division by zero."
    )


def test_a_comparison_costs_the_same_queries_however_long_the_runs(project):
    """All that is read of two runs is read at once: keys, code, source texts and small values."""

    @step
    def advance(number: int, by: int) -> int:
        return number + by

    def measure(length):
        @pipeline
        def chain(by: int):
            value = by
            for place in range(length):
                value = advance.with_options(name=f"step_{place}")(value, by)
            return value

        ids = chain(1).id, chain(2).id
        with counting_statements() as counts:
            json.dumps(whence.compare(*ids).to_dict())
        return counts.total()

    assert measure(3) == measure(60) <= 20


def test_something_that_came_of_a_run_is_compared_by_that_part_of_it():
    """What knows the step that made it, as a model does, is compared with who judged it."""

    class Made:
        """What a version of a model tells of itself."""

        def __init__(self, run, name):
            self._run, self._name = run, name

        def to_subject(self):
            """Return the run, the step, and who takes what that made."""
            return Subject(self._run.records, "total", self._name, with_takers=True)

    @pipeline
    def two_models(depth: int):
        frame = make(3)
        add([double(frame), double.with_options(name="aside")(frame)])
        return judge(total(frame, Settings(depth)))

    comparison = whence.compare(Made(two_models(6), "model 1"), Made(two_models(7), "model 2"))

    assert comparison.names == ("model 1", "model 2")
    assert [row.node for row in comparison.steps] == ["make", "total", "judge"]
    assert "score 18 → 21 (better)" in sentence_of(comparison)


@step
def learn(frame: pd.DataFrame, depth: int) -> Annotated[int, ModelArtifact, "delay"]:
    return depth * int(frame["x"].sum())


@pipeline
def learned(depth: int):
    frame = make()
    double(frame)
    return judge(learn(frame, depth))


def test_versions_of_a_model_are_compared_by_what_made_and_judged_them():
    """What else their runs did is left out; the metric that moved is there."""
    learned(6)
    learned(7)
    comparison = whence.compare(whence.model("delay@1"), "delay@2")

    assert comparison.names == ("delay 1", "delay 2")
    assert [row.node for row in comparison.steps] == ["make", "learn", "judge"]
    assert sentence_of(comparison) == (
        "They part at learn: parameter depth 6 → 7; score 18 → 21 (better)."
    )


def test_what_was_changed_is_the_same_from_either_side():
    """The steps that were changed, and those that follow, do not depend on the order of runs."""
    one, other = totals(), totals(4, Settings(7))
    forwards, backwards = whence.compare(one, other), whence.compare(other, one)

    assert causes_of(forwards).keys() == causes_of(backwards).keys() == {"make", "model"}
    assert [row.differs for row in forwards.steps] == [row.differs for row in backwards.steps]
    assert forwards.divergences[0].node == backwards.divergences[0].node
