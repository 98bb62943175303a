"""Finding runs again."""

import pytest
from tests.unit.history.recorded_runs import RunBuilder

import whence
from whence.domain.status import RunStatus
from whence.errors import AmbiguousNameError, InvalidSettingError, RecordNotFoundError


def record_run(stack, **facts):
    """Record a run of one step."""
    status = facts.pop("status", RunStatus.COMPLETED)
    builder = RunBuilder.start(stack, **facts)
    builder.add("fit")
    return builder.finish(status=status)


def test_a_run_is_found_by_id_and_by_its_end(stack):
    """The whole id or its last six characters name a run."""
    run = record_run(stack)
    record_run(stack)

    assert whence.run(run.id).id == run.id
    assert whence.run(run.id[-6:]).id == run.id
    assert whence.run(run.id[-8:].upper()).id == run.id


def test_a_name_means_the_newest_run_of_that_name(stack):
    """Of several runs with one name the newest is found."""
    record_run(stack, name="nightly")
    newest = record_run(stack, name="nightly")

    assert whence.run("nightly").id == newest.id


def test_a_misspelt_name_is_answered_by_the_right_one(stack):
    """An unknown name is an error that suggests one of the recent runs."""
    record_run(stack, name="nightly")

    with pytest.raises(RecordNotFoundError, match="Did you mean 'nightly'"):
        whence.run("nigthly")


def test_too_few_characters_of_an_id_are_not_enough(stack):
    """Fewer than six characters of an id name nothing, and the error says so."""
    run = record_run(stack)

    with pytest.raises(RecordNotFoundError, match="last 6 characters or more"):
        whence.run(run.id[-4:])


def test_an_end_that_fits_several_ids_is_refused(stack, monkeypatch):
    """Where several ids end alike, the error lists them."""
    ids = iter([f"0197f000-0000-7000-8000-00000{index}abcdef" for index in range(9)])
    monkeypatch.setattr("tests.unit.history.recorded_runs.new_id", lambda: next(ids))
    first, _ = record_run(stack), record_run(stack)

    with pytest.raises(AmbiguousNameError, match=first.id):
        whence.run("abcdef")


def test_an_empty_store_has_no_runs(stack):
    """Before the first run, the listing is empty and a lookup says that there are none."""
    assert len(whence.runs()) == 0
    assert "no such runs" in repr(whence.runs())
    with pytest.raises(RecordNotFoundError, match="No run is recorded here yet"):
        whence.run("nightly")


def test_a_listing_is_narrowed_down(stack):
    """Runs are listed by pipeline, status and tag, newest first, as many as asked for."""
    failed = record_run(stack, status=RunStatus.FAILED, tags=("a",))
    other = record_run(stack, pipeline="other")
    last = record_run(stack)

    assert [run.id for run in whence.runs()] == [last.id, other.id, failed.id]
    assert [run.id for run in whence.runs(pipeline="other")] == [other.id]
    assert [run.id for run in whence.runs(status="failed")] == [failed.id]
    assert [run.id for run in whence.runs(tag="a")] == [failed.id]
    assert [run.id for run in whence.runs(limit=1)] == [last.id]
    assert [run.id for run in whence.runs()[1:]] == [other.id, failed.id]


def test_an_unknown_status_is_refused(stack):
    """A status that no run can have is an error, not an empty listing."""
    with pytest.raises(InvalidSettingError, match="Did you mean 'failed'"):
        whence.runs(status="faild")


def test_a_listing_is_a_frame_with_a_row_for_each_run(stack):
    """`.frame()` has id, pipeline, status and times of the runs."""
    pytest.importorskip("pandas")
    run = record_run(stack, name="nightly")
    frame = whence.runs().frame()

    assert frame.loc[0, "id"] == run.id
    assert frame.loc[0, "status"] == "completed"


@pytest.mark.parametrize("ask", [whence.model, whence.artifact])
def test_what_is_no_text_names_nothing(stack, ask):
    """The error says what it is, and how to name it."""
    with pytest.raises(InvalidSettingError, match=r"of type int"):
        ask(3)
