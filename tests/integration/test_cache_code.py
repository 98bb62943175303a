"""Whoever edits code gets what the edited code gives, and computes nothing else again."""

import pytest
from tests.integration.cache_sessions import run_session, write_modules

PROJECT = {
    "features.py": """
        SHIFT = 1

        def scale(value):
            return value * 2

        def unrelated(value):
            return value
    """,
    "pipelines.py": """
        import os
        from whence import pipeline, step
        import features

        @step(env=["REGION"])
        def load(rows: int = 3) -> int:
            return rows + len(os.environ.get("REGION", ""))

        @step
        def prepare(rows: int) -> int:
            return features.scale(rows) + features.SHIFT

        @step
        def judge(value: int) -> bool:
            return value > 5

        @pipeline
        def work():
            value = prepare(load())
            return {"value": value, "good": judge(value)}
    """,
}

ALL = ["load", "prepare", "judge"]


def edit(project, file, old, new):
    """Change one place of a module, as an editor does."""
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def worked(project):
    """A project whose pipeline has run once."""
    write_modules(project, PROJECT)
    assert run_session(project).computed == ALL
    return project


def test_an_unchanged_pipeline_computes_nothing_in_a_new_process(worked):
    """The second session reuses every step, and returns the same."""
    session = run_session(worked)

    assert (session.computed, session.cached) == ([], ALL)
    assert session.result == {"value": 7, "good": True}


@pytest.mark.parametrize(
    ("file", "old", "new", "computed", "value"),
    [
        ("features.py", "value * 2", "value * 3", ["prepare", "judge"], 10),
        ("features.py", "SHIFT = 1", "SHIFT = 2", ["prepare", "judge"], 8),
        ("pipelines.py", "rows: int = 3", "rows: int = 4", ALL, 9),
        ("pipelines.py", "return rows +", "return 1 + rows +", ALL, 9),
        ("pipelines.py", "judge(value: int) -> bool", "judge(value: int) -> int", ["judge"], 7),
        ("pipelines.py", "value > 5", "value > 6", ["judge"], 7),
        ("pipelines.py", 'env=["REGION"]', 'env=["REGION", "ZONE"]', ["load"], 7),
    ],
)
def test_an_edit_computes_what_it_reaches(worked, file, old, new, computed, value):  # noqa: PLR0913, PLR0917  # a row of the table
    """A changed helper, constant, default, body, type or option reruns its steps and no other."""
    edit(worked, file, old, new)
    if "-> int" in new:
        edit(worked, file, "return value > 5", "return int(value > 5)")

    session = run_session(worked)

    assert (session.computed, session.result["value"]) == (computed, value)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("features.py", "return value * 2", "# twice\n    return (value * 2)"),
        ("features.py", "def scale(value):", 'def scale(value):\n    """Scale."""'),
        ("features.py", "    return value\n", "    return value + 1\n"),
        ("pipelines.py", "def load", "\n\n\ndef load"),
        ("pipelines.py", "@pipeline", "OTHER = 3\n\n@pipeline"),
    ],
)
def test_an_edit_that_changes_nothing_computes_nothing(worked, file, old, new):
    """Comments, docstrings, lines and functions that no step reaches are not in a key."""
    edit(worked, file, old, new)

    assert run_session(worked).computed == []


def test_taking_an_edit_back_finds_the_earlier_results(worked):
    """What was computed stays: going back computes nothing."""
    edit(worked, "features.py", "value * 2", "value * 3")
    run_session(worked)
    edit(worked, "features.py", "value * 3", "value * 2")

    session = run_session(worked)

    assert (session.computed, session.result["value"]) == ([], 7)


def test_an_environment_value_is_part_of_the_key_where_it_is_declared(worked):
    """Another value is another result; going back, or setting what nobody names, is a hit."""
    assert run_session(worked, REGION="eu").result["value"] == 11
    assert run_session(worked, REGION="us").computed == ["load"]
    assert run_session(worked, REGION="eu").computed == []
    assert run_session(worked, OTHER="x").computed == []


def test_a_step_that_yields_the_same_leaves_what_follows_alone(worked):
    """Early cut-off: keys use contents, so other code with the same outcome stops there."""
    edit(worked, "features.py", "value * 2", "value + value")

    assert run_session(worked).computed == ["prepare"]


def test_names_of_steps_modules_and_files_are_not_in_the_key(worked):
    """Who renames a step, or moves it to another module, keeps its results."""
    edit(worked, "pipelines.py", "def prepare(", "def ready(")
    edit(worked, "pipelines.py", "prepare(load())", "ready(load())")
    assert run_session(worked).cached == ["load", "ready", "judge"]

    (worked / "pipelines.py").rename(worked / "moved.py")
    (worked / "features.py").rename(worked / "traits.py")
    edit(worked, "moved.py", "import features", "import traits as features")
    assert run_session(worked, module="moved").computed == []


def test_steps_of_the_same_code_share_their_results(project):
    """Two steps that do the same to the same compute it once, whatever they are called."""
    write_modules(
        project,
        {
            "pipelines.py": """
                from whence import pipeline, step

                @step
                def one(rows: int) -> int:
                    return rows + 1

                @step
                def other(rows: int) -> int:
                    return rows + 1

                @pipeline
                def work():
                    return one(3), other(3)
            """
        },
    )

    session = run_session(project)

    assert (session.computed, session.result) == (["one"], [4, 4])


def test_a_method_that_only_an_annotation_leads_to_is_code_of_the_step(project):
    """The class of an input counts, though the step never names it in its body."""
    modules = {
        "shapes.py": """
            from dataclasses import dataclass

            @dataclass
            class Box:
                side: int

                def area(self):
                    return self.side * self.side
        """,
        "pipelines.py": """
            from shapes import Box
            from whence import pipeline, step

            @step
            def build(side: int) -> Box:
                return Box(side)

            @step
            def measure(box: Box) -> int:
                return box.area()

            @pipeline
            def work():
                return measure(build(3))
        """,
    }
    write_modules(project, modules)
    run_session(project)
    edit(project, "shapes.py", "self.side * self.side", "6 * self.side")

    session = run_session(project)

    assert "measure" in session.computed
    assert session.result == 18


MATERIALIZED = {
    "formats.py": """
        from whence.interfaces.materializer import SingleFileMaterializer

        class Word:
            def __init__(self, text):
                self.text = text

        class WordMaterializer(SingleFileMaterializer):
            format = "word/1"
            file_name = "word.txt"

            def __init__(self, mark="!"):
                self.mark = mark

            def encode(self, value):
                return value.text.encode()

            def decode(self, data, as_type=None):
                return Word(data.decode() + self.mark)
    """,
    "pipelines.py": """
        from typing import Annotated
        from formats import Word, WordMaterializer
        from whence import pipeline, step
        from whence.registry.materializers import register

        register(Word, WordMaterializer())

        @step
        def say(text: str) -> Word:
            return Word(text)

        @step
        def hear(word: Word) -> str:
            return word.text

        @pipeline
        def work():
            return hear(say("hello"))
    """,
}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("formats.py", "data.decode() + self.mark", "data.decode() + 2 * self.mark"),
        ("pipelines.py", "(Word, WordMaterializer())", "(Word, WordMaterializer('!!'))"),
    ],
)
def test_how_an_input_is_read_is_part_of_the_key(project, file, old, new):
    """A user's materializer reads the same bytes otherwise: who takes them runs again."""
    write_modules(project, MATERIALIZED)
    assert run_session(project).result == "hello!"
    edit(project, file, old, new)

    session = run_session(project)

    assert "hear" in session.computed
    assert session.result == "hello!!"


def test_a_constant_that_a_notebook_changes_is_seen_in_the_same_process(project):
    """Code counts as it is when a run begins, not as it was at the first one."""
    write_modules(
        project,
        {
            **PROJECT,
            "notebook.py": """
                from pipelines import work
                import features

                def rerun():
                    work()
                    features.SHIFT = 10
                    return work()
            """,
        },
    )

    session = run_session(project, "rerun()", module="notebook")

    assert (session.computed, session.result["value"]) == (["prepare", "judge"], 16)


def test_code_that_was_edited_after_it_was_loaded_files_nothing(worked):
    """The process goes on with the code it has; its results serve no later run."""
    write_modules(
        worked,
        {
            "late.py": """
                from pathlib import Path
                from pipelines import work
                import features

                def edit_and_work():
                    file = Path(features.__file__)
                    file.write_text(file.read_text().replace("* 2", "* 5"))
                    return work()
            """
        },
    )

    late = run_session(worked, "edit_and_work()", module="late")
    after = run_session(worked)

    assert (late.computed, late.result["value"]) == (["prepare"], 7)
    assert (after.computed, after.result["value"]) == (["prepare", "judge"], 16)


def test_another_way_to_store_an_output_is_another_result(project):
    """A step whose output gets another materializer runs again; who takes it reads it anew."""
    write_modules(
        project,
        {
            "pipelines.py": """
                from typing import Annotated
                import pandas as pd
                from whence import pipeline, step
                from whence.materializers import CsvMaterializer, ParquetMaterializer

                @step
                def tabulate() -> Annotated[pd.DataFrame, ParquetMaterializer()]:
                    return pd.DataFrame({"a": [1, 2]})

                @step
                def total(frame: pd.DataFrame) -> int:
                    return int(frame["a"].sum())

                @pipeline
                def work():
                    return total(tabulate())
            """
        },
    )
    run_session(project)
    edit(project, "pipelines.py", "ParquetMaterializer()]", "CsvMaterializer()]")

    session = run_session(project)

    assert (session.computed, session.result) == (["tabulate", "total"], 3)
