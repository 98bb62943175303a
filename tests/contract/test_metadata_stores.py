"""What every metadata store promises."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.example_records import (
    MOMENT,
    finish,
    make_artifact,
    make_attempt,
    make_chain,
    make_run,
    make_step,
    report,
    reuse,
)

from whence.domain.contents import describe_files, make_inline_content
from whence.domain.ids import ArtifactId, RunId, StepRunId, new_id
from whence.domain.records import (
    ErrorRecord,
    InputRecord,
    RunFilter,
    RunFinished,
    RunOwner,
    RunStarted,
    StepFinished,
    StepRetried,
    StepsAdded,
    StepStarted,
    ValueStored,
)
from whence.domain.status import RunStatus, StepStatus
from whence.errors import WhenceError


def test_an_absent_store_is_empty(store, tmp_path):
    """Reading a store that was never written finds nothing and makes nothing."""
    assert store.list_runs(RunFilter()) == []
    assert store.find_run(RunId("x")) is None
    assert store.list_steps(RunId("x")) == []
    assert store.list_artifacts_of_steps(RunId("x")) == {}
    assert store.list_metrics(RunId("x")) == []
    assert store.list_series(RunId("x")) == []
    assert store.find_artifact(ArtifactId("x")) is None
    assert store.list_artifacts() == []
    assert store.list_consumers(ArtifactId("x")) == []
    assert store.find_step(StepRunId("x")) is None
    assert store.find_content("x") is None
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_read_back_as_it_was_recorded(store):
    """Every fact of a run comes back, to the microsecond."""
    fault = {"what": "No", "fix": None}
    run = make_run(
        name="näme 🎈",
        status=RunStatus.FAILED,
        ended_at=MOMENT + timedelta(microseconds=1),
        duration=0.1,
        parameters={"a": '"x"', "b": "[1, 2]"},
        tags=("b", "a"),
        outputs='{"result": 1}',
        error=ErrorRecord("ValueError", "bad \udcff", "Traceback", "WH301", fault),
        resumes=RunId("another"),
        owner=RunOwner("höst", 17, "boot"),
        origin='{"target": "train.py:delays"}',
    )

    store.record([RunFinished(run)])

    assert store.find_run(run.id) == run


def test_steps_are_pending_then_running_then_over(store):
    """A run shows all its steps from its start, in their order, and how each stands."""
    run = make_run()
    steps = [make_step(run, position) for position in range(3)]
    store.record([RunStarted(run, list(reversed(steps)))])
    done = finish(run, steps[0])
    store.record([StepStarted(steps[0].id, MOMENT)])
    store.record([done, StepStarted(steps[1].id, MOMENT)])

    running = replace(steps[1], status=StepStatus.RUNNING, started_at=MOMENT)
    assert store.list_steps(run.id) == [done.step, running, steps[2]]
    assert store.find_step(steps[1].id) == running


def test_a_step_that_no_run_announced_is_recorded(store):
    """Steps that become known only while the run goes on are kept like the others."""
    run = make_run()
    store.record([RunStarted(run, [])])
    late = finish(run, make_step(run, 7))

    store.record([late, StepStarted(StepRunId("unknown"), MOMENT)])

    assert store.list_steps(run.id) == [late.step]


def test_steps_are_added_to_a_run_that_goes_on(store):
    """A map over a list that only the run knows gives it more steps, in their places."""
    run = make_run()
    fan = make_step(run, 0)
    store.record([RunStarted(run, [fan])])
    items = [make_step(run, position, parent=fan.node) for position in (1, 2)]

    store.record([StepsAdded(items)])
    store.record([StepsAdded(items), finish(run, items[0])])

    found = store.list_steps(run.id)
    assert found[0] == fan
    assert [(step.parent, step.status) for step in found[1:]] == [
        (fan.node, StepStatus.COMPLETED),
        (fan.node, StepStatus.PENDING),
    ]


def test_attempts_are_seen_while_a_step_goes_on(store):
    """What became of the attempts so far is read before the step run ends."""
    run = make_run()
    step = make_step(run)
    store.record([RunStarted(run, [step]), StepStarted(step.id, MOMENT)])
    log = make_inline_content({"log.txt": b"1"})
    first = replace(make_attempt(1), log_digest=log.digest)

    store.record([StepRetried(step.id, (first,), [log])])

    assert store.find_step(step.id).attempts == (first,)
    assert store.find_content(log.digest) == log
    done = replace(step, status=StepStatus.COMPLETED, attempts=(first, make_attempt(2)))
    store.record([StepFinished(done)])
    store.record([StepRetried(step.id, (first,))])
    assert store.find_step(step.id) == replace(done, started_at=MOMENT)


def test_a_failed_step_keeps_its_error(store):
    """Status, error, attempts, metadata and logs of a step come back."""
    run = make_run()
    first = make_attempt(1)
    failed = make_step(
        run,
        status=StepStatus.FAILED,
        cached=False,
        duration=1.5,
        error=ErrorRecord("KeyError", "'x'", "Traceback"),
        metadata={"rows": "3"},
        log_digest="blake3:00",
        parent="fit_all",
        attempts=(first, replace(first, number=2, log_digest=None, process=None, host=None)),
    )

    store.record([RunStarted(run, []), StepFinished(failed)])

    assert store.find_step(failed.id) == failed


def test_artifacts_are_found_around_their_steps(store):
    """Inputs, outputs and extras of every step are told apart."""
    run, started, ends = make_chain(3)
    picture = make_inline_content({"roc.png": b"png"})
    extra = make_artifact(run, ends[1].step, picture, "roc")
    ends[1] = replace(ends[1], extras=[extra], contents=[*ends[1].contents, picture])
    store.record([started, *ends])

    found = store.list_artifacts_of_steps(run.id)

    assert list(found) == [end.step.id for end in ends]
    middle = found[ends[1].step.id]
    assert middle.inputs == ((ends[1].inputs[0], ends[0].outputs[0]),)
    assert middle.outputs == (ends[1].outputs[0],)
    assert middle.extras == (extra,)


def test_a_hit_shows_the_artifacts_of_the_step_that_computed_them(store):
    """A cached step run has outputs, and they are the original ones."""
    _, started, ends = make_chain(1)
    store.record([started, *ends])
    again = make_run()
    hit = replace(make_step(again), status=StepStatus.COMPLETED, cached=True, duration=0.0)
    store.record([RunStarted(again, [hit]), StepFinished(hit, outputs=ends[0].outputs)])

    assert store.list_artifacts_of_steps(again.id)[hit.id].outputs == tuple(ends[0].outputs)
    assert store.list_artifacts(run_id=again.id) == []
    assert store.list_steps(again.id) == [hit]


def test_consumers_are_found_in_every_run(store):
    """Who used an artifact is known, whichever run it was in."""
    _run, started, ends = make_chain(2)
    other = make_run()
    use = finish(other, make_step(other), inputs=ends[0].outputs)
    store.record([started, *ends, RunStarted(other, []), use])

    assert store.list_consumers(ends[0].outputs[0].id) == [ends[1].step, use.step]
    assert store.list_consumers(ends[1].outputs[0].id) == []


def test_reused_consumers_are_found_as_well(store):
    """A step that was served from an earlier run took what it names, too."""
    _run, started, ends = make_chain(2)
    other = make_run()
    reused = replace(make_step(other), cached=True, status=StepStatus.COMPLETED)
    taken = ends[0].outputs[0].id
    use = StepFinished(reused, inputs=[InputRecord("value", "", taken)], outputs=ends[1].outputs)
    store.record([started, *ends, RunStarted(other, [reused]), use])

    assert [step.id for step in store.list_consumers(taken)] == [ends[1].step.id, reused.id]
    assert store.list_consumers(ends[1].outputs[0].id) == []


def test_a_value_handed_to_a_run_is_an_artifact_without_a_producer(store):
    """A notebook's frame becomes an artifact that no step made."""
    run = make_run()
    content = make_inline_content({"a.json": b"1"})
    artifact = make_artifact(run, None, content, "train")

    store.record([RunStarted(run, []), ValueStored(artifact, content)])

    assert store.find_artifact(artifact.id) == artifact
    assert store.list_artifacts(run_id=run.id) == [artifact]


def test_inline_bytes_come_back(store):
    """A small value's files are kept with its record, an empty one too."""
    run = make_run()
    content = make_inline_content({"b.json": b"", "a.json": b"12", "c/d.bin": bytes(range(256))})
    store.record([RunStarted(run, []), finish(run, make_step(run), content=content)])

    found = store.find_content(content.digest)

    assert found == content
    assert found is not None
    assert found.inline == content.inline


def test_a_stored_content_later_kept_inline_gains_its_bytes(store):
    """Of two ways to keep a content, the one that cannot be lost is taken."""
    run = make_run()
    content = make_inline_content({"a.json": b"1"})
    stored = describe_files(content.files)
    store.record([RunStarted(run, []), finish(run, make_step(run), content=stored)])
    assert store.find_content(content.digest).inline is None

    store.record([finish(run, make_step(run, 1), content=content)])
    store.record([finish(run, make_step(run, 2), content=stored)])

    assert store.find_content(content.digest).inline == {"a.json": b"1"}


def test_a_metric_is_told_in_short(store):
    """Last value, count and extent of each metric come back, in the order of reporting."""
    run = make_run()
    reported = [report("loss", 0.5, 2.0, 0.25, mode="min", steps=[1, 2, 3]), report("rmse", 3.25)]
    end = finish(run, make_step(run), metrics=reported)
    store.record([RunStarted(run, []), end])

    loss, rmse = store.list_metrics(run.id)

    assert (loss.step_run_id, loss.name, loss.value, loss.step) == (end.step.id, "loss", 0.25, 3)
    assert (loss.mode, loss.reported_at) == ("min", MOMENT + timedelta(seconds=2))
    assert (loss.count, loss.minimum, loss.maximum) == (3, 0.25, 2.0)
    assert list(loss.outline) == [0.5, 2.0, 0.25]
    assert (rmse.name, rmse.value, rmse.step, rmse.mode, rmse.count) == (
        "rmse",
        3.25,
        None,
        None,
        1,
    )
    assert (rmse.minimum, rmse.maximum, list(rmse.outline)) == (3.25, 3.25, [3.25])


@pytest.mark.parametrize("count", [1, 2, 4096, 4097, 10_000])
def test_a_series_comes_back_value_by_value(store, count):
    """However long it is, every value, step and moment is there, in the order of reporting."""
    run = make_run()
    values, steps = [float(each % 7) for each in range(count)], list(range(count))
    reported = report("loss", *values, mode="max", steps=steps)
    end = finish(run, make_step(run), metrics=[reported, report("rmse", 1.0)])
    store.record([RunStarted(run, []), end])

    assert store.list_series(run.id, name="loss") == [(end.step.id, reported)]
    assert store.list_metrics(run.id)[0].count == count
    assert store.list_metrics(run.id)[0].value == values[-1]


def test_a_reused_step_run_has_the_series_of_the_original(store):
    """Nothing is recorded twice, and nothing is missed."""
    first, second = make_run(), make_run()
    computed = finish(first, make_step(first), metrics=[report("loss", 2.0, 1.0)])
    hit = reuse(computed, second)
    store.record([RunStarted(first, []), RunStarted(second, []), computed, hit])

    assert store.list_series(second.id) == [(hit.step.id, report("loss", 2.0, 1.0))]
    assert [(each.step_run_id, each.count) for each in store.list_metrics(second.id)] == [
        (hit.step.id, 2)
    ]


def test_a_clock_that_is_set_back_leaves_a_series_in_order(store):
    """The values of a step come as they were reported."""
    run = make_run()
    series = report("loss", 1.0, 2.0, 3.0)
    series.moments[1] += 3_600_000_000
    store.record([RunStarted(run, []), finish(run, make_step(run), metrics=[series])])

    assert store.list_series(run.id)[0][1] == series
    assert store.list_metrics(run.id)[0].value == 3.0


@pytest.mark.parametrize("values", [[math.nan], [math.nan, math.nan], [1.0, math.inf, math.nan]])
def test_a_metric_may_be_not_a_number(store, values):
    """A loss that became NaN is recorded as such and loses nothing else."""
    run = make_run()
    end = finish(run, make_step(run), metrics=[report("loss", *values)])

    store.record([RunStarted(run, []), end])

    (found,) = store.list_metrics(run.id)
    assert math.isnan(found.value)
    assert found.maximum == (math.inf if math.inf in values else None)
    assert [str(each) for each in store.list_series(run.id)[0][1].values] == list(map(str, values))
    assert store.find_step(end.step.id) == end.step


def test_recording_twice_changes_nothing(store):
    """A writer that is not sure may repeat itself, also out of order."""
    run, started, ends = make_chain(3)
    ends[0] = replace(ends[0], metrics=[report("a", 1.0), report("b", 1.0, 2.0)])
    over = RunFinished(replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0))
    begun = [StepStarted(end.step.id, MOMENT) for end in ends]
    events = [started, *begun, *ends, over]
    store.record(events)

    def see():
        return (
            store.list_runs(RunFilter()),
            store.list_steps(run.id),
            store.list_artifacts_of_steps(run.id),
            store.list_artifacts(),
            store.list_metrics(run.id),
        )

    before = see()
    store.record(events)
    for event in events:
        store.record([event])

    assert see() == before
    assert before[0] == [over.run]


def test_a_batch_is_recorded_wholly_or_not_at_all(store):
    """If one record cannot be kept, none of its batch is, and the store goes on."""
    run, started, ends = make_chain(2)
    dangling = replace(ends[1], contents=[])

    with pytest.raises(WhenceError):
        store.record([started, ends[0], dangling])
    assert store.find_run(run.id) is None

    store.record([started, *ends], durable=True)
    assert len(store.list_steps(run.id)) == 2


def test_runs_are_listed_newest_first_in_pages(store):
    """A listing shows the newest runs, and the next page goes on where it ended."""
    runs = sorted((make_run(id=RunId(new_id())) for _ in range(7)), key=lambda run: run.id)
    store.record([RunStarted(run, []) for run in runs])

    first = store.list_runs(RunFilter(limit=3))
    second = store.list_runs(RunFilter(limit=3, before=first[-1].id))

    newest_first = runs[::-1]
    assert first + second == newest_first[:6]
    assert store.list_runs(RunFilter(limit=None)) == newest_first


def test_runs_are_found_by_what_is_known_of_them(store):
    """Pipeline, status, tag, name and the end of the id each narrow a listing, also together."""
    odd = make_run(pipeline="other", name="mine", tags=("x", "y"), status=RunStatus.FAILED)
    store.record([RunFinished(odd), *(RunStarted(make_run(), []) for _ in range(3))])

    for wanted in (
        RunFilter(pipeline="other"),
        RunFilter(status=RunStatus.FAILED),
        RunFilter(tags=("y",)),
        RunFilter(name="mine"),
        RunFilter(id_suffix=odd.id[-8:]),
        RunFilter(pipeline="other", tags=("x", "y"), name="mine", id_suffix=odd.id[-6:]),
    ):
        assert store.list_runs(wanted) == [odd]
    assert store.list_runs(RunFilter(pipeline="other", tags=("nightly",))) == []
    assert store.list_runs(RunFilter(id_suffix="%")) == []


def test_artifacts_are_listed_newest_first(store):
    """Artifacts are found by the end of their id, and listed with the newest first."""
    _run, started, ends = make_chain(4)
    store.record([started, *ends])
    made = sorted((end.outputs[0] for end in ends), key=lambda found: found.id, reverse=True)

    assert store.list_artifacts(limit=2) == made[:2]
    assert store.list_artifacts(id_suffix=made[3].id[-12:]) == [made[3]]


def test_names_need_not_be_proper_text(store):
    """A name with half a character is kept readable, and costs nothing else of its batch."""
    run = make_run()
    step = make_step(run, node="bad \udcff")

    store.record([RunStarted(run, []), finish(run, step), finish(run, make_step(run, 1))])

    assert [found.node for found in store.list_steps(run.id)] == ["bad \\udcff", "fit_1"]


def test_a_closed_store_opens_again(store):
    """Closing ends nothing for good."""
    run = make_run()
    store.record([RunStarted(run, [])])
    store.close()
    store.close()

    assert store.find_run(run.id) == run
