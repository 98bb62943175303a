"""Tags and notes on runs and artifacts."""

from pathlib import Path

import pytest
from tests.contract.race import run_alone
from tests.unit.history.recorded_runs import RunBuilder

import whence
from whence.domain.output_shape import ArtifactShape
from whence.domain.records import RunStarted
from whence.errors import InvalidOptionError, InvalidSettingError, RecordNotFoundError
from whence.history.people import find_user


def record_run(stack, **facts):
    """Record a run of one step with one output."""
    builder = RunBuilder.start(stack, **facts)
    (result,) = builder.add("fit", {"result": 1})
    return builder.finish(ArtifactShape(result.id))


def texts(notes):
    """Return what notes say."""
    return [note.text for note in notes]


def test_a_run_has_the_tags_it_was_started_with_and_those_given_since(stack):
    """Tags are added to a run that is over, and found by, in this view of it and in any other."""
    run = record_run(stack, tags=("nightly",))

    run.tag("baseline", "a tag with spaces")

    assert run.tags == ("nightly", "a tag with spaces", "baseline")
    assert whence.run(run.id).tags == run.tags
    assert [each.id for each in whence.runs(tag="baseline")] == [run.id]


def test_a_tag_is_taken_away(stack):
    """What was taken away is no longer found by, whether it came at the start or later."""
    run = record_run(stack, tags=("nightly", "first"))
    run.tag("later")

    run.untag("nightly", "later")

    assert run.tags == ("first",)
    assert len(whence.runs(tag="nightly")) == len(whence.runs(tag="later")) == 0
    assert whence.runs()[0].tags == ("first",)


def test_a_tag_can_be_given_again(stack):
    """What was taken away, also from those of the start, holds again once it is given again."""
    run = record_run(stack, tags=("nightly",))
    for _ in range(2):
        run.untag("nightly")
        run.tag("nightly")

    assert whence.run(run.id).tags == ("nightly",)


def test_a_tag_holds_once_however_often_it_is_given(stack):
    """Giving a tag again changes nothing: it is taken away by one word."""
    run = record_run(stack)
    for _ in range(3):
        run.tag("baseline", "baseline")

    assert len(stack.metadata_store.list_annotations([run.id])) == 1
    run.untag("baseline")
    assert run.tags == ()


def test_it_is_recorded_who_tagged_and_who_took_it_away(stack):
    """The rows of tags stay, with who, when, and who took them away when."""
    run = record_run(stack, tags=("nightly",))
    run.tag("baseline", who="ada")
    run.untag("baseline", "nightly", who="grace")

    given, started = stack.metadata_store.list_annotations([run.id], withdrawn=True)
    assert (given.text, given.who, given.withdrawn_by) == ("baseline", "ada", "grace")
    assert given.made_at <= given.withdrawn_at
    assert (started.text, started.withdrawn_by) == ("nightly", "grace")
    assert stack.metadata_store.list_annotations([run.id]) == []


def test_a_tag_that_is_not_there_cannot_be_taken_away(stack):
    """A misspelt tag is an error that offers the right one, and nothing is taken away."""
    run = record_run(stack, tags=("nightly", "baseline"))

    with pytest.raises(RecordNotFoundError, match="Did you mean 'baseline'"):
        run.untag("nightly", "baselin")

    assert whence.run(run.id).tags == ("nightly", "baseline")


@pytest.mark.parametrize("tag", ["", " ", "a ", "a\nb", "\x1b[31m", "\ud800", "x" * 129, 3])
def test_what_cannot_be_a_tag_is_refused(stack, tag):
    """A tag is text that can be seen, with nothing at its edges that cannot."""
    run = record_run(stack)

    with pytest.raises(InvalidSettingError, match="Setting 'tag'"):
        run.tag("fine", tag)

    assert run.tags == ()


def test_the_tags_of_a_start_are_checked_alike(stack):
    """A run cannot be started with a tag that could not be given to it later."""

    @whence.pipeline
    def load():
        pass

    with pytest.raises(InvalidOptionError, match="control characters"):
        load.with_options(tags=["a\nb"])


def test_a_note_is_kept_with_who_wrote_it(stack):
    """Notes come back in their order, with who and when; you, if nobody is named."""
    run = record_run(stack)

    run.note("looks good\nbut slow", who="ada")
    run.note("  shipped  ")

    first, second = whence.run(run.id).notes
    assert (first.text, first.who) == ("looks good\nbut slow", "ada")
    assert (second.text, second.who) == ("shipped", find_user())
    assert first.made_at <= second.made_at
    assert texts(run.notes) == [first.text, second.text]


def test_a_note_that_says_nothing_is_refused(stack):
    """An empty note is a slip."""
    with pytest.raises(InvalidSettingError, match="says nothing"):
        record_run(stack).note(" ")


def test_an_artifact_is_tagged_and_noted(stack):
    """Artifacts have tags and notes of their own, which are those of no other artifact."""
    run, other = record_run(stack), record_run(stack)
    artifact = run.outputs.result

    artifact.tag("golden", "draft")
    artifact.untag("draft")
    artifact.note("checked by hand")

    again = whence.run(run.id).outputs.result
    assert (again.tags, texts(again.notes)) == (("golden",), ["checked by hand"])
    assert (other.outputs.result.tags, other.outputs.result.notes) == ((), ())
    assert run.tags == ()


def test_recording_the_end_of_a_run_gives_no_tag_back(stack):
    """A tag that was taken from a run that goes on stays away when the run ends."""
    builder = RunBuilder.start(stack, tags=("draft",))
    stack.metadata_store.record([RunStarted(builder.record, [])])
    whence.run(builder.record.id).untag("draft")

    run = builder.finish()

    assert whence.run(run.id).tags == ()


def test_processes_that_tag_one_run_at_once_lose_nothing(stack):
    """Each of eight processes gives its own tag and one that all give, and takes one away."""
    run = record_run(stack, tags=tuple(f"old {number}" for number in range(8)))
    script = """
        import json, sys
        from pathlib import Path
        from tests.contract.race import race
        import whence
        from whence.stacks.current import make_local_stack, use_stack

        def use(number):
            with use_stack(make_local_stack(Path(sys.argv[1]))):
                run = whence.run(sys.argv[2])
                for turn in range(5):
                    run.tag(f"new {number}.{turn}", "shared")
                    run.note(f"note {number}.{turn}")
                run.untag(f"old {number}")
            return number

        print(json.dumps(race(8, use)))
    """

    run_alone(script, Path(stack.home), run.id)

    found = whence.run(run.id)
    given = {f"new {number}.{turn}" for number in range(8) for turn in range(5)}
    assert set(found.tags) == {*given, "shared"}
    assert len(found.notes) == 40


def test_a_note_is_a_text(stack):
    """A number is refused as an empty note is."""
    run = RunBuilder.start(stack).finish()

    with pytest.raises(InvalidSettingError, match="Give a text"):
        run.note(3)
