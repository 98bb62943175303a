"""What `gc` deletes, what it keeps, and what is left to read afterwards."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pytest
from tests.integration.store_dumps import dump_rows, find_damage, list_contents

import whence
from whence import Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import ContentCollectedError, InvalidSettingError
from whence.housekeeping.collect_garbage import collect_garbage, parse_age, parse_size
from whence.stacks.current import make_local_stack, use_stack


@step
def load(rows: int) -> str:
    whence.log_metric("rows", rows)
    return "x" * rows


@step
def count(data: str) -> int:
    return len(data)


@step
def fail(data: str) -> int:
    raise ValueError(len(data))


@pipeline
def counting(rows: int = 9000, counted: Step[count] = count):
    return counted(load(rows))


@pipeline
def loading(rows: int = 9000):
    return load(rows)


@pytest.fixture
def store(tmp_path):
    """Return a store of its own, in use."""
    with use_stack(make_local_stack(tmp_path / "home")) as stack:
        yield stack


def make_runs(*rows):
    """Run the pipeline with each of some sizes, in this order."""
    return [counting(rows=each) for each in rows]


def is_there(run, name="load"):
    """Return whether the bytes of a step's output are there."""
    try:
        whence.run(run.id).steps[name].outputs.result.read()
    except ContentCollectedError:
        return False
    return True


def test_nothing_is_deleted_unless_it_is_said(store):
    """A look says what would go, and changes not a row and not a file."""
    runs = make_runs(9000, 9001, 9002)
    before = dump_rows(store), sorted(store.home.rglob("artifacts/??/*/*"))

    found = collect_garbage(keep_last=1)

    assert (found.contents, found.size) == (4, 9002 + 9003 + 8)
    assert "Would delete  4 contents" in str(found)
    assert (dump_rows(store), sorted(store.home.rglob("artifacts/??/*/*"))) == before
    assert all(map(is_there, runs))


def test_without_a_rule_every_run_is_kept(store):
    """Somebody who only says yes loses nothing, and is told which rules there are."""
    runs = make_runs(9000, 9001)

    found = collect_garbage(yes=True)

    assert (found.contents, found.deleted.contents) == (0, 0)
    assert all(map(is_there, runs))
    assert "--keep-last" in str(collect_garbage())


def test_the_newest_runs_of_each_pipeline_stay(store):
    """Of each pipeline so many; what they share with older ones stays as well."""
    old, *kept = make_runs(9000, 9001, 9002)
    other = loading(rows=9000)
    oldest = loading(rows=8999)
    newest = loading(rows=9003)

    collect_garbage(keep_last=2, yes=True)

    assert [is_there(run, "counted") for run in (old, *kept)] == [False, True, True]
    assert [is_there(run) for run in (other, oldest, newest)] == [False, True, True]
    assert find_damage(store) == []


def test_what_is_gone_is_still_known(store):
    """Runs, steps, artifacts, metrics, lineage and code are as before; only the bytes are gone."""
    old, _ = make_runs(9000, 9001)
    shown, why = str(whence.compare(old, _)), str(whence.why(old, "load"))
    tables = ("runs", "step_runs", "artifacts", "metrics", "code_texts", "cache_keys")
    before = dump_rows(store)

    collect_garbage(keep_last=1, yes=True)

    after = dump_rows(store)
    assert {name: after[name] for name in tables} == {name: before[name] for name in tables}
    assert str(whence.why(old, "load")) == why
    assert "load" in str(whence.run(old.id).steps.load.outputs.result.lineage())
    assert shown
    with pytest.raises(ContentCollectedError, match="was deleted by gc or doctor on 20"):
        whence.run(old.id).steps.load.outputs.result.read()


def test_a_plan_says_why_it_computes_again_and_a_run_brings_it_back(store):
    """What was deleted is a miss with that reason; computed again, the old run has it too."""
    old, _ = make_runs(9000, 9001)
    collect_garbage(keep_last=1, yes=True)

    assert "the stored output 'result' was deleted by gc or doctor on 20" in str(
        counting.plan(rows=9000)
    )
    again = counting(rows=9000)

    assert not again.steps.load.cached
    assert is_there(again)
    assert is_there(old)
    assert find_damage(store) == []


def test_a_process_that_remembers_results_does_not_serve_what_is_gone(store):
    """The same process that made them computes them again after a collection."""
    make_runs(9000, 9000, 9001)
    collect_garbage(keep_last=1, yes=True)

    again = counting(rows=9000)

    assert again.read() == 9000
    assert not again.steps.counted.cached


def set_age(store, run, days):
    """Let a run have started some days ago."""
    moment = datetime.now(UTC) - timedelta(days=days)
    store.close()
    with closing(sqlite3.connect(store.home / "metadata.sqlite")) as connection:
        connection.execute(
            "UPDATE runs SET started_at = ? WHERE id = ?", (int(moment.timestamp() * 1e6), run.id)
        )
        connection.commit()


def test_runs_that_are_not_old_stay(store):
    """By age: what started within that time, and the newest run, however old."""
    runs = make_runs(9000, 9001, 9002)
    for run, days in zip(runs, (40, 20, 35), strict=True):
        set_age(store, run, days)

    collect_garbage(older_than="30d", yes=True)

    assert [is_there(run) for run in runs] == [False, True, True]


def test_what_any_rule_protects_stays(store):
    """Two rules keep what either keeps."""
    runs = make_runs(9000, 9001, 9002, 9003)
    for run, days in zip(runs, (1, 50, 40, 35), strict=True):
        set_age(store, run, days)

    collect_garbage(older_than="30d", keep_last=2, yes=True)

    assert [is_there(run) for run in runs] == [True, False, True, True]


def test_the_oldest_goes_first_until_all_fits(store):
    """By size: what was used last at the end stays as long as there is room."""
    runs = make_runs(9000, 9001, 9002, 9003)

    collect_garbage(max_size="20KB", yes=True)

    assert [is_there(run) for run in runs] == [False, False, True, True]
    assert collect_garbage(max_size="20KB").contents == 0


def test_what_is_tagged_stays(store):
    """A tagged run with all it took and gave; a tagged artifact alone."""
    first, second, third, _ = make_runs(9000, 9001, 9002, 9003)
    first.tag("paper")
    second.steps.load.outputs.result.tag("figure 1")

    collect_garbage(keep_last=1, yes=True)

    assert [is_there(run) for run in (first, second, third)] == [True, True, False]
    assert [is_there(run, "counted") for run in (first, second, third)] == [True, False, False]


def test_variants_of_a_sweep_may_go(store):
    """The tag that all variants of a sweep bear is nobody's wish to keep them."""
    swept = whence.sweep(counting, {"rows": [9000, 9001, 9002]})
    swept.runs[0].tag("paper")

    collect_garbage(keep_last=1, yes=True)

    assert [is_there(run) for run in swept.runs] == [True, False, True]


def test_a_tag_that_was_taken_back_protects_nothing(store):
    """What was tagged once, and is not now, may go."""
    first, _ = make_runs(9000, 9001)
    first.tag("paper")
    first.untag("paper")

    collect_garbage(keep_last=1, yes=True)

    assert not is_there(first)


def test_what_a_run_needs_that_can_be_resumed_stays(store):
    """The results of a run that failed stay until one of its pipeline has completed."""
    with pytest.raises(ValueError, match="9000") as failed:
        counting(rows=9000, counted=fail)
    run = failed.value.whence_run

    collect_garbage(keep_last=1, yes=True)
    assert is_there(run)

    counting(rows=9001)
    collect_garbage(keep_last=1, yes=True)
    assert not is_there(run)


def test_what_a_run_that_goes_on_may_use_is_not_deleted_yet(store):
    """While a run goes on, nothing goes that was there when it began; afterwards it does."""
    old, _ = make_runs(9000, 9001)
    home = store.home

    @step
    def collect_meanwhile(place: str, cut: int) -> int:
        other = make_local_stack(Path(place))
        found = collect_garbage(keep_last=1, yes=True, stack=other)
        other.close()
        return len(found.waits_for)

    waited = collect_meanwhile.with_options(cache=False).run(str(home), 1)

    assert waited.outputs.result.read() == 1
    assert is_there(old)
    with pytest.raises(ValueError, match="9002"):
        counting(rows=9002, counted=fail)  # it keeps what it needs, and no more
    done = collect_garbage(keep_last=1, yes=True)
    assert done.waits_for == ()
    assert not is_there(old)


def test_bytes_that_are_recorded_within_the_row_go_too(store):
    """A small value has no file; its bytes leave the row."""
    old, _ = make_runs(9000, 9001)

    collect_garbage(keep_last=1, yes=True)

    gone = [digest for digest, collected_at in list_contents(store) if collected_at]
    assert len(gone) == 2
    assert all(store.metadata_store.find_content(digest).inline is None for digest in gone)
    assert not is_there(old, "counted")


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 2_592_000), ("12h", 43_200), ("2w", 1_209_600), ("1.5m", 90)]
)
def test_ages_are_read(text, seconds):
    """An age is a number with its unit."""
    assert parse_age(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("50GiB", 50 << 30),
        ("500 MB", 500_000_000),
        ("10", 10),
        ("2kb", 2000),
        ("1.5MiB", 1_572_864),
    ],
)
def test_sizes_are_read(text, size):
    """A size is a number with its unit, of a thousand or of 1024."""
    assert parse_size(text) == size


@pytest.mark.parametrize("wrong", [{"older_than": "soon"}, {"max_size": "small"}])
def test_what_is_no_age_and_no_size_is_refused(store, wrong):
    """The error says how to write it."""
    with pytest.raises(InvalidSettingError, match="Write"):
        collect_garbage(**wrong)


# ---------------------------------------------------------------------- models


@step
def fit(degree: int) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"degree": degree}


@pipeline
def training(degree: int):
    return fit(degree)


def list_readable(model):
    """Return the numbers of the versions whose bytes are there."""
    found = []
    for number in range(1, 6):
        try:
            whence.model(f"{model}@{number}").read()
        except ContentCollectedError:
            continue
        found.append(number)
    return found


def test_versions_that_bear_or_bore_an_alias_stay(store):
    """A champion, one that was a champion before, and a tagged one stay; others may go."""
    for degree in range(5):
        training(degree)
    whence.promote("delay", 1, alias="champion")
    whence.promote("delay", 2, alias="champion")
    whence.model("delay@3").tag("for the paper")

    collect_garbage(keep_last=1, yes=True)

    assert list_readable("delay") == [1, 2, 3, 5]
    assert whence.model("delay@champion").read() == {"degree": 1}
    assert find_damage(store) == []


def test_a_result_that_a_pipeline_takes_by_name_is_there_again_or_said_to_be_gone(store):
    """A run that names a deleted version says so before anything runs."""
    for degree in range(3):
        training(degree)
    collect_garbage(keep_last=1, yes=True)

    @step
    def show(model: dict[str, int]) -> int:
        return model["degree"]

    @pipeline
    def showing(number: int):
        return show(whence.model(f"delay@{number}").as_input())

    assert showing(3).read() == 2
    with pytest.raises(ContentCollectedError):
        showing(1)
