"""Names in any script and form: they come back as they were, and none stands for another."""

import os
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.faults.run_work import draw

import whence
from whence import Output, pipeline, step
from whence.artifacts import DataArtifact
from whence.errors import WhenceError

ODD = [
    *("CON", "nul.txt", "COM1", "trailing.", "trailing ", " leading", "a:b", "a*?b", "~", "-rf"),
    *("\u05d0\u05d1\u202egnp.exe", "\U0001f469\u200d\U0001f680", "\u00e9", "e\u0301"),
    *("stra\u00dfe", "STRASSE", "\ufeffbom", "zero\u200bwidth", "\U0001f3f4\U000e0067", "\u0130"),
]
NAMES = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
)
FILES = NAMES.filter(lambda name: not set(name) & set("/\\") and name not in {".", ".."}).filter(
    lambda name: len(name.encode()) < 200
)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


@step
def report(name: str, value: int) -> int:
    whence.log_metric(name, value)
    whence.log_metadata(given=name)
    print(name)
    return value


@pipeline
def named(name: str):
    return report(name, 1)


@step(cache=False)
def write(names: list[str], folder: Output[DataArtifact]):
    for number, name in enumerate(names):
        (folder.path / name).write_bytes(str(number).encode())


@SHARED
@given(name=NAMES, tag=NAMES.map(lambda name: name.strip() or "blank"))
@example(name="e\u0301", tag="\u00e9")
def test_names_of_runs_tags_parameters_and_metrics_come_back(name, tag):
    """What a run, tag or metric is called is not changed, and shown without harm."""
    run = named.with_options(name=name, tags=[tag])(name=name)
    again = whence.run(run.id)

    assert again.name == name
    assert list(again.tags) == [tag]
    assert again.parameters["name"] == name
    assert [point.name for point in again.steps.report.metrics.points] == [name]
    assert "\x1b" not in str(again)
    assert again.steps.report.logs() == f"{name}\n"


@SHARED
@given(names=st.lists(FILES, min_size=1, max_size=4, unique=True))
@example(names=["\u00e9", "e\u0301"])
@example(names=["a", "A", "\u0130", "i"])
def test_names_of_files_come_back(names):
    """No two files of an artifact become one, whatever their names look like."""
    folder = write.run(names).steps.write.outputs.folder.path

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: str(number).encode() for number, name in enumerate(names)
    }


@pytest.mark.parametrize("name", ["a" * 255, "\u00e9" * 127 + "a"])
def test_a_name_as_long_as_a_file_may_have_comes_back(name):
    """255 bytes are what file systems take."""
    assert [each.name for each in write.run([name]).steps.write.outputs.folder.path.iterdir()] == [
        name
    ]


def test_two_forms_of_one_letter_are_two_names():
    """A letter written as one sign or as two, and capital letters, make other names."""
    runs = {
        name: named.with_options(name=name)(name=name) for name in ("\u00e9", "e\u0301", "E\u0301")
    }

    assert {whence.run(run.id).name for run in runs.values()} == set(runs)
    assert unicodedata.normalize("NFC", "e\u0301") == "\u00e9"
    assert not runs["e\u0301"].steps.report.cached


@pytest.mark.parametrize("name", ["a\ud800b", "\udcff"])
def test_half_a_letter_is_an_error_or_comes_back(name):
    """Surrogates are no text: they are refused in words, never recorded as something else."""
    for act in (
        lambda: named(name=name).parameters["name"],
        lambda: named.with_options(name=name)(name="x").name,
    ):
        with suppress(WhenceError, UnicodeEncodeError):
            assert act() == name
    assert whence.runs() is not None


def test_a_step_writes_any_bytes_as_a_name_and_is_told():
    """A file name that is no text is refused when it is written."""

    @step
    def odd(folder: Output[DataArtifact]):
        Path(os.fsdecode(os.fsencode(folder.path) + b"/caf\xe9")).write_bytes(b"1")

    with pytest.raises(WhenceError, match="another name"):
        odd.run()
    assert draw.run(3, 1).status == "completed"
