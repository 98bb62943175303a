"""Merging stores that ran apart, and exporting a part of one: a set union, whatever the order."""

import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import pytest
from tests.integration.store_dumps import dump_rows, find_damage, list_leftovers

import whence
from whence import Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import (
    ForeignStoreError,
    NewerStoreError,
    RecordNotFoundError,
    StoreUnavailableError,
)
from whence.housekeeping.export_runs import export_runs
from whence.housekeeping.merge_stores import merge_store
from whence.stacks.current import make_local_stack, use_stack

DIARY = Path("diary.txt")


def note(words):
    """Leave a word of what was really computed."""
    with DIARY.open("a") as diary:
        diary.write(f"{words}\n")


@step
def load(rows: int) -> str:
    note(f"load {rows}")
    whence.log_metric("rows", rows)
    print("loaded", rows)
    return "x" * rows


@step
def count(data: str, factor: int = 1) -> int:
    note(f"count {len(data)}")
    return len(data) * factor


@step
def fail(data: str) -> int:
    raise ValueError(len(data))


@pipeline
def counting(rows: int = 9000, counted: Step[count] = count):
    return counted(load(rows))


@pytest.fixture
def stores(tmp_path, monkeypatch):
    """Return three stores that ran apart, with something in common and something not."""
    monkeypatch.chdir(tmp_path)
    made = [make_local_stack(tmp_path / name) for name in ("one", "two", "three")]
    for place, stack in enumerate(made):
        with use_stack(stack):
            counting(rows=9000)
            counting.with_options(tags=["mine"])(rows=9001 + place)
            counting(rows=9001 + place)
            with pytest.raises(ValueError, match="9001"):
                counting(rows=9001, counted=fail)
        stack.close()
    DIARY.unlink()
    return made


def members(steps):
    """Return the step runs of a run."""
    return [steps[name] for name in steps]


def copy_of(stack, folder):
    """Return a copy of a store in another folder."""
    shutil.copytree(stack.home, folder)
    return make_local_stack(folder)


def test_two_stores_that_ran_apart_are_the_same_in_both_orders_and_twice(stores, tmp_path):
    """One into the other, the other into the one, and both again: the same rows and contents."""
    one, two, _ = stores
    first, second = copy_of(one, tmp_path / "first"), copy_of(two, tmp_path / "second")

    merge_store(two.home, first)
    merge_store(one.home, second)
    merge_store(first.home, second)
    merge_store(second.home, first)
    rows = dump_rows(first)

    assert rows == dump_rows(second)
    assert len(rows["runs"]) == 8
    assert find_damage(first) == find_damage(second) == []
    assert merge_store(two.home, first).added == {"runs": 0, "artifacts": 0, "model_versions": 0}
    assert dump_rows(first) == rows


def test_it_makes_no_difference_how_three_stores_are_put_together(stores, tmp_path):
    """(one + two) + three is one + (two + three), and three + two + one."""
    one, two, three = stores
    left, right = copy_of(one, tmp_path / "left"), copy_of(one, tmp_path / "right")
    inner, back = copy_of(two, tmp_path / "inner"), copy_of(three, tmp_path / "back")

    merge_store(two.home, left)
    merge_store(three.home, left)
    merge_store(three.home, inner)
    merge_store(inner.home, right)
    merge_store(two.home, back)
    merge_store(one.home, back)

    assert dump_rows(left) == dump_rows(right) == dump_rows(back)


def test_what_either_store_computed_is_a_hit_in_the_other(stores):
    """After a merge no step of the other store's runs is computed again."""
    one, two, _ = stores
    merge_store(two.home, one)
    merge_store(one.home, two)

    for stack in (one, two):
        with use_stack(stack):
            again = [counting(rows=rows) for rows in (9000, 9001, 9002)]
        assert [each.read() for each in again] == [9000, 9001, 9002]
        assert all(step.cached for each in again for step in members(each.steps))
    assert not DIARY.exists()


def test_logs_metrics_and_code_come_along(stores):
    """A run of the other store shows what it printed and measured, and why it ran."""
    one, two, _ = stores
    with use_stack(two):
        theirs = whence.runs(tag="mine")[0]
        shown, printed = str(theirs), theirs.steps.load.logs()
    merge_store(two.home, one)

    with use_stack(one):
        here = whence.run(theirs.id)
        assert str(here) == shown
        assert here.steps.load.logs() == printed == "loaded 9002\n"
        assert here.metrics == theirs.metrics
        assert len(whence.runs(tag="mine")) == 2


def test_the_other_store_is_not_changed(stores):
    """Not a file of it is touched, made or removed."""
    one, two, _ = stores

    def look():
        return {
            str(path.relative_to(two.home)): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in two.home.rglob("*")
        }

    before = look()
    merge_store(two.home, one)

    assert look() == before
    assert list_leftovers(one.home) == []


def test_a_store_that_others_have_open_is_merged_as_it_is_now(stores):
    """What is still in the log of the other database comes along."""
    one, two, _ = stores
    with use_stack(two):
        newest = counting(rows=9500)
        assert (two.home / "metadata.sqlite-wal").stat().st_size
        merge_store(two.home, one)

    with use_stack(one):
        assert whence.run(newest.id).read() == 9500


def test_an_exported_run_is_a_store_with_all_that_it_needs(stores, tmp_path):
    """The run, those whose results it reused, and their code, but no other run."""
    one, *_ = stores
    with use_stack(one):
        reused = whence.runs(status="completed")[0]
        assert all(step.cached for step in members(reused.steps))
        shown = str(reused)
        reasons = [str(whence.why(reused, name)) for name in reused.steps]
        lineage = str(reused.outputs.result.lineage())
    written = export_runs(tmp_path / "part", [reused.id], stack=one)

    with use_stack(make_local_stack(tmp_path / "part")) as part:
        there = whence.run(reused.id)
        assert str(there) == shown
        assert [str(whence.why(there, name)) for name in there.steps] == reasons
        assert str(there.outputs.result.lineage()) == lineage
        assert there.read() == 9001
        assert len(whence.runs()) == written.added["runs"] == 2
        assert find_damage(part) == []
        assert all(step.cached for step in members(counting(rows=9001).steps))
    assert not DIARY.exists()


def test_a_part_that_comes_back_changes_nothing(stores, tmp_path):
    """What was exported is in the store already, so merging it back leaves every row as it was."""
    one, *_ = stores
    before = dump_rows(one)
    export_runs(tmp_path / "part.tar", pipeline="counting", stack=one)

    merge_store(tmp_path / "part.tar", one)

    assert dump_rows(one) == before


def test_a_whole_store_in_one_file_is_the_same_store(stores, tmp_path):
    """Exported to an archive and merged into nothing, all rows and contents are there."""
    one, *_ = stores
    export_runs(tmp_path / "all.tar", stack=one)

    new = make_local_stack(tmp_path / "new")
    merge_store(tmp_path / "all.tar", new)

    assert dump_rows(new) == dump_rows(one)
    assert find_damage(new) == []
    assert [path.name for path in tmp_path.iterdir() if "all.tar" in path.name] == ["all.tar"]


def test_damaged_contents_stay_outside(stores):
    """A content with other bytes than its digest says is reported, and computed again here."""
    one, two, _ = stores
    path = next(each for each in two.home.rglob("value.json") if each.stat().st_size > 9000)
    path.chmod(0o644)
    path.write_text("y" * path.stat().st_size)

    merged = merge_store(two.home, one)

    assert [reason for _, reason in merged.contents.missing] == [
        "File 'value.json' has other bytes than were recorded."
    ] or len(merged.contents.missing) == 1
    assert not merged.is_whole
    assert not any(path.read_text()[:1] == "y" for path in one.home.rglob("value.json"))


def test_what_is_there_is_not_taken_for_damaged(stores):
    """A damaged content of the other store does no harm to the same content here."""
    one, two, _ = stores
    shared = {path.parent.name for path in one.home.rglob("value.json")}
    for path in two.home.rglob("value.json"):
        if path.parent.name in shared:
            path.chmod(0o644)
            path.write_text("y" * path.stat().st_size)

    merge_store(two.home, one)

    assert find_damage(one) == []


def edit(stack, *statements):
    """Change the database of a store by hand."""
    stack.close()
    with closing(sqlite3.connect(stack.home / "metadata.sqlite")) as connection:
        for statement in statements:
            connection.execute(*statement)
        connection.commit()


def test_a_newer_store_is_refused(stores):
    """A store that a newer Whence wrote says so, and nothing is taken from it."""
    one, two, _ = stores
    before = dump_rows(one)
    edit(two, ("UPDATE schema_version SET version = 99",))

    with pytest.raises(NewerStoreError, match="schema 99"):
        merge_store(two.home, one)

    assert dump_rows(one) == before


def test_an_older_store_is_taken_as_far_as_it_goes(stores):
    """What an older version did not record is empty; all else is there, and is reused."""
    one, two, _ = stores
    edit(
        two,
        ("DROP TRIGGER run_tags_of_new",),
        ("DROP TABLE model_versions",),
        ("DROP TABLE promotions",),
        ("DROP TABLE annotations",),
        ("DROP TABLE run_metrics",),
        ("ALTER TABLE step_runs DROP COLUMN usage",),
        ("ALTER TABLE runs DROP COLUMN earlier_results",),
        ("UPDATE schema_version SET version = 4",),
    )

    merge_store(two.home, one)

    with use_stack(one):
        assert all(step.cached for step in members(counting(rows=9002).steps))
    with closing(sqlite3.connect(two.home / "metadata.sqlite")) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchone() == (4,)


@pytest.mark.parametrize("place", ["nowhere", "empty", "text", "sqlite", "same"])
def test_what_is_no_other_store_is_refused(place, stores, tmp_path):
    """A missing or empty folder, another file, another database, and the store itself."""
    one, *_ = stores
    folder = tmp_path / "other"
    if place != "nowhere":
        folder.mkdir()
    if place == "text":
        (folder / "metadata.sqlite").write_text("hello" * 100)
    if place == "sqlite":
        with closing(sqlite3.connect(folder / "metadata.sqlite")) as connection:
            connection.execute("CREATE TABLE songs (name TEXT)")

    with pytest.raises(ForeignStoreError):
        merge_store(one.home if place == "same" else folder, one)


def test_nothing_else_is_overwritten_by_an_export(stores, tmp_path):
    """A folder with anything else in it is refused, and so is a run that does not exist."""
    one, *_ = stores
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").touch()

    with pytest.raises(StoreUnavailableError, match="Something else"):
        export_runs(tmp_path / "thesis", stack=one)
    with pytest.raises(RecordNotFoundError):
        export_runs(tmp_path / "part", pipeline="unknown", stack=one)
    assert not (tmp_path / "part").exists()


# ---------------------------------------------------------------------- of a stranger

NAMES = ["../../escaped", "/tmp/escaped", "a/../../escaped", "a\\b", "a//b", ".", "a\nb"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_a_manifest_leads_out_of_the_store(name, stores, tmp_path):
    """A content whose files have such names is left out, with its artifacts; nothing is written."""
    from whence.domain.contents import FileEntry, compute_digest, hash_bytes

    one, two, _ = stores
    data = b"z" * 9000
    files = (FileEntry(name, len(data), hash_bytes(data)),)
    digest = compute_digest(files)
    place = two.artifact_store.place_of(digest)
    place.mkdir(parents=True)
    with closing(sqlite3.connect(two.home / "metadata.sqlite")) as connection:
        connection.execute(
            "INSERT INTO contents (digest, size, files) VALUES (?, ?, ?)",
            (digest, len(data), json.dumps([[name, len(data), hash_bytes(data)]])),
        )
        connection.commit()

    merged = merge_store(two.home, one)

    assert merged.contents.refused == 1
    assert one.metadata_store.find_content(digest) is None
    assert not list(tmp_path.rglob("*escaped*"))


def test_links_are_not_followed(stores, tmp_path):
    """A file that is a link to another place is not taken over, whatever it leads to."""
    one, two, _ = stores
    secret = tmp_path / "secret"
    path = next(each for each in two.home.rglob("value.json") if each.stat().st_size > 9001)
    path.parent.chmod(0o755)
    path.rename(secret)
    path.symlink_to(secret)

    merged = merge_store(two.home, one)

    assert [reason for _, reason in merged.contents.missing] == [
        "File 'value.json' is no longer a plain file."
    ]


def test_no_id_leads_out_of_the_store(stores, tmp_path):
    """Runs and steps whose ids are paths are left out: ids name files of running runs."""
    one, two, _ = stores
    edit(
        two,
        ("UPDATE runs SET id = '../../' || substr(id, 10), status = 'running'",),
        ("UPDATE artifacts SET id = '/etc/' || id",),
    )

    merged = merge_store(two.home, one)

    assert merged.refused > 0
    with use_stack(one):
        assert len(whence.runs()) == 4


def test_rows_of_a_wrong_kind_are_left_out(stores):
    """Bytes for text, text for numbers, lists that are none, references to nothing: left out."""
    one, two, _ = stores
    edit(
        two,
        ("UPDATE runs SET started_at = 'yesterday' WHERE name IS NULL",),
        ("DROP TRIGGER consumers_of_finished",),
        ("UPDATE step_runs SET inputs = '{', cached = 0",),
        ("UPDATE cache_keys SET parts = x'00ff'",),
    )

    merged = merge_store(two.home, one)

    assert merged.refused > 0
    with use_stack(one):
        assert len(whence.runs()) == 4
        assert counting(rows=9001).read() == 9001


def test_views_and_triggers_of_a_stranger_do_nothing(stores):
    """A view in the place of a table gives no rows; triggers of the other file never fire."""
    one, two, _ = stores
    edit(
        two,
        ("ALTER TABLE runs RENAME TO hidden",),
        ("CREATE VIEW runs AS SELECT * FROM hidden",),
        ("CREATE TRIGGER evil AFTER UPDATE ON schema_version BEGIN DELETE FROM contents; END",),
    )

    merge_store(two.home, one)

    with use_stack(one):
        assert len(whence.runs()) == 4


def test_an_archive_writes_nothing_but_a_store(stores, tmp_path):
    """Names that lead elsewhere, links and devices in an archive come to nothing."""
    one, two, _ = stores
    export_runs(tmp_path / "theirs.tar", stack=two)
    digits = "a" * 62
    with tarfile.open(tmp_path / "theirs.tar", "a") as archive:
        for name in (
            "../escaped",
            str(tmp_path / "escaped"),
            f"artifacts/aa/{digits}/../../../../../escaped",
            "other",
        ):
            member = tarfile.TarInfo(name)
            archive.addfile(member)
        link = tarfile.TarInfo(f"artifacts/aa/{digits}/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = sorted(tmp_path.iterdir())

    merge_store(tmp_path / "theirs.tar", one)

    assert sorted(tmp_path.iterdir()) == before
    assert not any(path.is_symlink() for path in one.home.rglob("*"))
    assert find_damage(one) == []


def test_a_damaged_archive_is_refused(stores, tmp_path):
    """What is no archive, or ends in the middle, is refused in words."""
    one, *_ = stores
    Path(tmp_path / "bad.tar").write_bytes(b"no archive" * 100)

    with pytest.raises(ForeignStoreError, match="damaged"):
        merge_store(tmp_path / "bad.tar", one)


# ---------------------------------------------------------------------- models


@step
def fit(degree: int) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"degree": degree}


@pipeline
def training(degree: int):
    return fit(degree)


def test_a_version_that_lost_its_alias_does_not_bear_it_elsewhere(stores, tmp_path):
    """Exported without the version that followed it, it comes with how it lost the alias."""
    one, _, _ = stores
    with use_stack(one):
        first = training(1)
        training(2)
        whence.promote("delay", 1)
        whence.promote("delay", 2)
    export_runs(tmp_path / "model.tar", [first.id], stack=one)
    new = make_local_stack(tmp_path / "new")

    merge_store(tmp_path / "model.tar", new)

    with use_stack(new):
        assert whence.model("delay@1").aliases == ()
        assert len(whence.models()["delay"].promotions) == 2
        with pytest.raises(RecordNotFoundError):
            whence.model("delay@champion")


def test_models_promotions_tags_and_notes_come_along(stores, tmp_path):
    """Versions of two stores, their aliases and what was said of them, are the same in both."""
    one, two, _ = stores
    with use_stack(one):
        training(1).tag("mine")
        whence.promote("delay", 1, alias="champion", reason="the first")
    with use_stack(two):
        theirs = training(2)
        theirs.note("better")
        whence.promote("delay", 1, alias="champion", reason="the other first")

    merge_store(two.home, one)
    merge_store(one.home, two)
    export_runs(tmp_path / "model.tar", [theirs.id], stack=one)
    new = make_local_stack(tmp_path / "new")
    merge_store(tmp_path / "model.tar", new)

    assert dump_rows(one) == dump_rows(two)
    for stack in (one, two, new):
        with use_stack(stack):
            assert whence.model("delay@champion").read() == {"degree": 2}
            assert "the other first" in str(whence.models()["delay"])
    with use_stack(one):
        assert len(whence.models()["delay"].versions) == 2
