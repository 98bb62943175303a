"""`whence gc`, `doctor`, `export` and `merge`: what they say, and the exit codes they end with."""

import pytest


@pytest.fixture
def recorded(project):
    """Give a project with three runs, of one of which nothing but a tag speaks for keeping it."""
    for count in ("2000", "3000", "4000"):
        project.whence("run", "train.py:delays", "--name", f"n{count}", "--count", count)
    return project


def test_gc_shows_what_would_go_and_deletes_only_when_told(recorded):
    """Without --yes it counts, with --yes it deletes, and then nothing is left to delete."""
    looked = recorded.whence("gc", "--keep-last", "1")
    assert looked.code == 0
    assert "Would delete" in looked.out
    assert "--yes" in looked.out

    done = recorded.whence("gc", "--keep-last", "1", "--yes", "--json").document
    assert done["deleted"] == {"contents": done["contents"], "bytes": done["bytes"]}
    assert done["contents"] > 0
    assert done["waits_for"] == []
    assert recorded.whence("gc", "--keep-last", "1", "--json").document["contents"] == 0


def test_gc_without_a_rule_says_which_there_are(recorded):
    """Nothing would go, and the answer names the rules."""
    answer = recorded.whence("gc")

    assert "Nothing would be deleted." in answer.out
    assert "--older-than" in answer.out


@pytest.mark.parametrize("words", [("--older-than", "soon"), ("--max-size", "big")])
def test_what_is_no_age_and_no_size_is_wrong_use(recorded, words):
    """The exit code is 2 and the answer says how to write it."""
    answer = recorded.whence("gc", *words)

    assert answer.code == 2
    assert "Write" in answer.err


def test_doctor_ends_with_0_on_a_healthy_store_and_with_1_on_another(recorded):
    """A fault is told with its fix; a repair ends with 0, and so does the next look."""
    healthy = recorded.whence("doctor")
    assert (healthy.code, "Nothing is wrong." in healthy.out) == (0, True)

    path = next(
        each
        for each in sorted(recorded.folder.rglob("artifacts/??/*/*"))
        if each.stat().st_size > 9000
    )
    path.chmod(0o644)
    path.write_text("[]")
    sick = recorded.whence("doctor")
    assert sick.code == 1
    assert "Damaged content" in sick.out
    assert "load.result of run" in sick.out
    assert "whence doctor --repair" in sick.out

    assert recorded.whence("doctor", "--repair").code == 0
    assert recorded.whence("doctor", "--json").document["findings"] == []


def test_an_export_is_merged_into_another_home(recorded, monkeypatch):
    """One run in one file; another home takes it over, and lists it."""
    place = str(recorded.folder / "one.tar")
    written = recorded.whence("export", place, "n3000", "--json").document
    assert (written["runs"], written["missing"]) == (1, [])

    monkeypatch.setenv("WHENCE_HOME", str(recorded.folder / "elsewhere"))
    merged = recorded.whence("merge", place)
    assert (merged.code, "1 run," in merged.out) == (0, True)
    assert [each["name"] for each in recorded.whence("runs", "--json").document["runs"]] == [
        "n3000"
    ]
    assert "there already" in recorded.whence("merge", place).out


def test_a_merge_that_leaves_something_out_ends_with_1(recorded, monkeypatch):
    """A damaged content of the other store is named."""
    place = str(recorded.folder / "all")
    recorded.whence("export", place)
    path = next(each for each in sorted((recorded.folder / "all").rglob("value.json")))
    path.chmod(0o644)
    path.write_text("[]")
    monkeypatch.setenv("WHENCE_HOME", str(recorded.folder / "elsewhere"))

    answer = recorded.whence("merge", place)

    assert answer.code == 1
    assert "computed again" in answer.out


def test_a_place_that_is_no_store_is_refused_in_words(recorded):
    """The exit code says that it failed, the answer why."""
    answer = recorded.whence("merge", "nowhere")

    assert answer.code == 1
    assert "There is no such place." in answer.err


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("--tag", "nope"), "run with tag 'nope'"),
        (("--pipeline", "nope"), "run of pipeline 'nope'"),
        (("--pipeline", "delays", "--tag", "nope"), "run of pipeline 'delays' with tag 'nope'"),
    ],
)
def test_an_export_of_no_runs_says_what_none_has(recorded, words, missing):
    """Nothing is written."""
    answer = recorded.whence("export", "out.tar", *words)

    assert answer.code == 2
    assert f"There is no {missing}." in answer.err
    assert not (recorded.folder / "out.tar").exists()


def test_a_project_without_runs_has_nothing_to_export(project):
    """It says so, and leaves nothing behind."""
    answer = project.whence("export", "out.tar")

    assert answer.code == 1
    assert "No run is recorded there." in answer.err
    assert not (project.folder / "out.tar").exists()
