"""What a step is given decides whether it runs: values in depth, files by their content."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from tests.integration.cache_sessions import computed

from whence import pipeline, step
from whence.errors import WhenceError

LONG_AGO = 1_000_000_000  # seconds of the clock: a file this old has settled


@step
def show(value: object) -> str:
    return repr(value)


@step
def join(first: str, second: str) -> str:
    return f"{first} {second}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, True),
        (0, False),
        (1, 1.0),
        (0.0, -0.0),
        (None, "None"),
        ((1, 2), [1, 2]),
        ([[1], 2], [1, [2]]),
        ({"a": 1}, {"a": "1"}),
        ({1: "a"}, {"1": "a"}),
        (["1y", "2"], ["1", "y2"]),
        ("a", b"a"),
    ],
)
def test_values_that_differ_at_all_share_no_result(one, other):
    """Type and structure count: no two of these are one value to a key."""

    @pipeline
    def told(value: object):
        return show(value)

    assert told(one).read() == repr(one)
    assert told(other).read() == repr(other)
    assert computed(told(one)) == computed(told(other)) == []


def test_parameters_are_not_run_together():
    """`("1y", "2")` is not `("1", "y2")`, though both read 1y2."""
    assert join.run("1y", "2").read() == "1y 2"
    assert join.run("1", "y2").read() == "1 y2"
    assert join.run("y2", "1").read() == "y2 1"


# ------------------------------------------------------------------ files


@step
def read_text(path: Path) -> str:
    if path.is_dir():
        return ",".join(sorted(each.name for each in path.rglob("*")))
    return path.read_text()


@pytest.fixture
def text_file(project):
    """A file that nobody has touched for long."""
    file = project / "input.txt"
    file.write_text("one")
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


def test_a_file_is_its_content(text_file):
    """An edit runs the step; a touch, another name or a copy elsewhere does not."""
    read_text.run(text_file)
    text_file.touch()
    assert computed(read_text.run(text_file)) == []

    renamed = text_file.rename(text_file.with_name("renamed.txt"))
    assert computed(read_text.run(renamed)) == []

    renamed.write_text("two")
    assert read_text.run(renamed).read() == "two"
    renamed.write_text("one")
    assert computed(read_text.run(renamed)) == []


def test_an_edit_that_keeps_size_and_time_is_seen(text_file):
    """Whatever a clock or a copying tool says of its time, changed content is changed."""
    read_text.run(text_file)
    text_file.write_text("two")
    os.utime(text_file, (LONG_AGO, LONG_AGO))

    assert read_text.run(text_file).read() == "two"


def test_edits_in_quick_succession_are_seen(project):
    """A file that changed a moment ago is read again, not remembered by its time."""
    file = project / "input.txt"
    for number in range(5):
        file.write_text(str(number))
        status = file.stat()
        os.utime(file, ns=(status.st_atime_ns, (status.st_mtime_ns // 10**9) * 10**9))

        assert read_text.run(file).read() == str(number)


def test_a_missing_file_is_refused_before_anything_runs(project):
    """A parameter that names no file is a fault of the call."""
    with pytest.raises(WhenceError, match="no such file"):
        read_text.run(project / "missing.txt")


def test_a_folder_is_all_that_it_holds(project):
    """A file, a name, an empty folder more or less: each makes another folder."""
    folder = project / "folder"
    (folder / "inner").mkdir(parents=True)
    seen = [read_text.run(folder).read()]
    for change in (
        lambda: (folder / "a.txt").write_text("a"),
        lambda: (folder / "a.txt").rename(folder / "b.txt"),
        (folder / "empty").mkdir,
        (folder / "inner/c.txt").touch,
    ):
        change()
        run = read_text.run(folder)
        assert computed(run) == ["read_text"]
        seen.append(run.read())
    assert len(set(seen)) == 5
    assert computed(read_text.run(folder)) == []


def test_what_a_link_leads_to_counts(project):
    """A linked folder's files are read by the step, so they are part of the key."""

    @step
    def read_inside(folder: Path) -> str:
        return (folder / "link/data.txt").read_text()

    (project / "data").mkdir()
    (project / "folder").mkdir()
    (project / "data/data.txt").write_text("one")
    (project / "folder/link").symlink_to(project / "data")
    (project / "folder/broken").symlink_to("nowhere")
    assert read_inside.run(project / "folder").read() == "one"
    (project / "data/data.txt").write_text("two")

    assert read_inside.run(project / "folder").read() == "two"


def test_a_link_in_a_circle_is_refused(project):
    """A folder that contains itself has no content; the step fails and says where."""
    folder = project / "folder"
    folder.mkdir()
    (folder / "again").symlink_to(folder)

    with pytest.raises(OSError, match="links back"):
        read_text.run(folder)


@dataclass
class Sources:
    train: Path
    more: dict[str, list[Path]] = field(default_factory=dict)


def test_files_inside_a_parameter_are_their_contents(project):
    """A list, dict or dataclass that holds paths is as good as the paths themselves."""

    @step
    def read_all(sources: Sources, paths: list[Path]) -> str:
        each = [sources.train, *sources.more["more"], *paths]
        return "".join(path.read_text() for path in each)

    files = [project / name for name in "abc"]
    for file in files:
        file.write_text(file.name)
    given = (Sources(files[0], {"more": [files[1]]}), [files[2]])
    assert read_all.run(*given).read() == "abc"
    for number, file in enumerate(files):
        file.write_text(str(number))
        assert read_all.run(*given).read() == "012"[: number + 1] + "abc"[number + 1 :]
    assert computed(read_all.run(*given)) == []


def test_a_file_that_changes_under_a_step_files_nothing(project):
    """What was read is of neither the old content nor the new, so it serves no other run."""
    file = project / "input.txt"
    file.write_text("one")

    @step
    def overwrite(path: Path) -> str:
        read = path.read_text()
        path.write_text("two")
        return read

    run = overwrite.run(file)
    file.write_text("one")

    assert run.steps.overwrite.record.not_reused == "file path changed while it ran"
    assert computed(overwrite.run(file)) == ["overwrite"]


def test_an_environment_that_a_step_changes_files_nothing_false(monkeypatch):
    """A step whose declared value changed before it ran is not filed under the earlier value."""
    monkeypatch.setenv("REGION", "eu")

    @step(cache=False)
    def move() -> None:
        os.environ["REGION"] = "us"

    @step(env=["REGION"])
    def where() -> str:
        return os.environ["REGION"]

    @pipeline
    def work():
        move()
        return where()

    work()
    monkeypatch.setenv("REGION", "eu")

    assert where.run().read() == "eu"


# ------------------------------------------------------------------ values and collections


def test_a_frame_that_is_handed_in_counts_by_its_content():
    """An equal frame is a hit; one other number, name or type is not."""

    @step
    def total(frame: pd.DataFrame) -> float:
        return float(frame.iloc[:, 0].sum())

    @pipeline
    def work(frame: pd.DataFrame):
        return total(frame)

    frame = pd.DataFrame({"a": [1, 2]})
    work(frame)
    assert computed(work(frame.copy())) == []
    assert work.plan(frame.copy()).decisions["total"].verdict == "hit"
    for other in (
        pd.DataFrame({"a": [1, 3]}),
        pd.DataFrame({"b": [1, 2]}),
        pd.DataFrame({"a": [1.0, 2.0]}),
        pd.DataFrame({"a": [1, 2]}, index=[1, 0]),
    ):
        assert computed(work(other)) == ["total"]


def test_collections_of_outputs_keep_their_keys_apart():
    """Keys that print alike, and empty collections of two kinds, are two inputs."""

    @step
    def make(value: int) -> int:
        return value

    @step
    def describe(parts: object) -> str:
        return repr(parts)

    @pipeline
    def work(kind: int):
        one = make(1)
        return describe(
            [
                [one],
                (one,),
                {0: one},
                {"0": one},
                {"a": {"b": one}},
                {"a": one, "b": one},
                [[one], []],
                [[one], {}],
                [[], [one]],
            ][kind]
        )

    results = [work(kind).read() for kind in range(9)]

    assert len(set(results)) == 9
    assert [work(kind).read() for kind in range(9)] == results
