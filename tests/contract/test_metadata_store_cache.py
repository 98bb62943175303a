"""What every metadata store promises of cache keys."""

from dataclasses import replace
from datetime import timedelta

from tests.contract.example_records import (
    MOMENT,
    finish,
    finish_keyed,
    make_artifact,
    make_run,
    make_step,
    reuse,
)

from whence.domain.contents import make_inline_content
from whence.domain.ids import new_id
from whence.domain.records import (
    AcceptanceChanged,
    AcceptanceRecord,
    RunFilter,
    RunStarted,
    StepFinished,
)
from whence.domain.status import StepStatus


def begin(store):
    """Record the start of a run, and return it."""
    run = make_run()
    store.record([RunStarted(run, [])])
    return run


def later(end: StepFinished, seconds: float) -> StepFinished:
    """Return *end* as it would have been some time later."""
    begun = MOMENT + timedelta(seconds=seconds)
    return replace(end, step=replace(end.step, started_at=begun))


def make_acceptance(**facts) -> AcceptanceRecord:
    """Return somebody's word that a change is harmless."""
    known = {
        "id": new_id(),
        "kind": "function",
        "subject": "features.scale",
        "old": "blake3:00",
        "new": "blake3:11",
        "who": "ada",
        "reason": "only a new log line",
        "made_at": MOMENT,
    }
    return AcceptanceRecord(**{**known, **facts})


def test_an_absent_store_knows_no_key(store, tmp_path):
    """Asking a store that was never written finds nothing and makes nothing."""
    assert store.find_cache_entries(["k"]) == {}
    assert store.list_cache_entries_like(["fit"], 10) == {}
    assert store.find_key_parts("k") is None
    assert store.list_step_runs() == []
    assert store.find_texts(["d"]) == {}
    assert store.list_acceptances(withdrawn=True) == []
    assert store.list_durations(["fit"]) == {}
    store.renew(["k"], "holder", 1)
    store.release(["k"], "holder")
    assert list(tmp_path.iterdir()) == []


def test_an_entry_holds_all_outputs_with_their_contents(store):
    """What a completed step made is found by its key in one look, with the bytes kept inline."""
    run = begin(store)
    end = finish_keyed(run, make_step(run), "key")
    names = [f"part_{number}" for number in range(12)]
    parts = [make_inline_content({"value.json": name.encode(), "empty": b""}) for name in names]
    outputs = [make_artifact(run, end.step, part, n) for part, n in zip(parts, names, strict=True)]
    picture = make_artifact(run, end.step, parts[0], "picture")
    end = replace(end, outputs=outputs, extras=[picture], contents=parts)

    store.record([end])

    entry = store.find_cache_entries(["other", "key", "key"])["key"]
    assert (entry.key, entry.step_run_id) == ("key", end.step.id)
    assert entry.created_at == MOMENT + timedelta(seconds=end.step.duration)
    assert entry.outputs == tuple(outputs)
    assert entry.contents == {part.digest: part for part in parts}
    assert [entry.contents[part.digest].inline for part in parts] == [p.inline for p in parts]


def test_a_step_without_outputs_has_an_entry(store):
    """A step that is there for its effect is known to have completed."""
    run = begin(store)
    store.record([replace(finish_keyed(run, make_step(run), "key"), outputs=[], contents=[])])

    entry = store.find_cache_entries(["key"])["key"]

    assert (entry.outputs, entry.contents) == ((), {})


def test_what_is_not_reusable_has_a_key_but_no_entry(store):
    """A failed step is explained by its key, and never served."""
    run = begin(store)
    end = finish_keyed(run, make_step(run), "key")
    failed = replace(end.step, status=StepStatus.FAILED, not_reused="it failed")
    store.record([replace(end, step=failed, reusable=False, key_parts='{"a": 1}')])

    assert store.find_cache_entries(["key"]) == {}
    assert store.list_cache_entries_like(["fit"], 10) == {}
    assert store.find_key_parts("key") == '{"a": 1}'
    assert store.find_step(failed.id) == failed


def test_a_refresh_supersedes(store):
    """Of several results under one key the one computed last is served, however they arrive."""
    run = begin(store)
    ends = [later(finish_keyed(run, make_step(run, at), "key"), at) for at in range(3)]

    for end in (ends[1], ends[2], ends[0], *ends):
        store.record([end])

    assert store.find_cache_entries(["key"])["key"].step_run_id == ends[2].step.id
    assert list(store.list_cache_entries_like(["fit"], 10)) == ["key"]


def test_a_hit_is_recorded_with_the_artifacts_of_who_computed_them(store):
    """A cached step run shows the original artifacts, and neither adds one nor takes the key."""
    run = begin(store)
    end = finish_keyed(run, make_step(run), "key")
    store.record([end])
    again = begin(store)
    hit = reuse(end, again)

    store.record([hit])

    assert store.list_artifacts_of_steps(again.id)[hit.step.id].outputs == tuple(end.outputs)
    assert store.list_artifacts() == list(end.outputs)
    assert store.list_steps(again.id) == [hit.step]
    assert store.list_metrics(again.id) == []
    assert store.find_cache_entries(["key"])["key"].step_run_id == end.step.id


def test_a_batch_that_fails_files_no_entry(store):
    """An entry is filed with the records that it refers to, or not at all."""
    run = begin(store)
    end = finish_keyed(run, make_step(run), "key")
    try:
        store.record([end, replace(finish(run, make_step(run, 1)), contents=[])])
    except Exception:  # noqa: BLE001  # what it says is tested elsewhere
        assert store.find_cache_entries(["key"]) == {}
        assert store.find_key_parts("key") is None
    else:
        raise AssertionError("an output without content was recorded")


def test_likely_hits_are_the_newest_of_the_steps_named(store):
    """One look brings the latest entries of the steps of a pipeline, and no others."""
    run = begin(store)
    for number, step in enumerate(("fit", "load", "fit", "score", "fit", "load")):
        end = finish_keyed(run, make_step(run, number, step=step), f"key_{number}")
        store.record([later(end, number)])

    def look(limit):
        return set(store.list_cache_entries_like(["fit", "load", "fit", "unknown"], limit))

    assert look(100) == {"key_0", "key_1", "key_2", "key_4", "key_5"}
    assert look(3) == {"key_2", "key_4", "key_5"}
    assert store.list_cache_entries_like([], 9) == {}


def test_parts_of_keys_and_texts_of_code_are_kept_once(store):
    """What a hash stands for is recorded with its first use; the same again changes nothing."""
    run = begin(store)
    end = replace(finish_keyed(run, make_step(run), "key"), texts={"d1": "def f(): ...", "d2": ""})
    store.record([end])
    again = replace(finish_keyed(run, make_step(run, 1), "key"), key_parts="[]")

    store.record([replace(again, texts={"d1": "other", "d3": "ü\udcff"})])

    assert store.find_key_parts("key") == "{}"
    assert store.find_texts(["d1", "d2", "d3", "d4"]) == {
        "d1": "def f(): ...",
        "d2": "",
        "d3": "ü\\udcff",
    }


def test_step_runs_with_a_key_are_listed_newest_first(store):
    """What `why` looks through: earlier step runs, of one step or of all, page by page."""
    run = begin(store)
    steps = sorted((make_step(run, at) for at in range(6)), key=lambda step: step.id)
    names = ["fit", "load", "fit", "fit", "load", "fit"]
    ends = [
        finish_keyed(run, replace(step, step=name), f"key_{name}")
        for step, name in zip(steps, names, strict=True)
    ]
    keyless = finish(run, make_step(run, 9))
    store.record([*ends, keyless])
    newest_first = [end.step for end in reversed(ends)]

    assert store.list_step_runs(limit=None) == newest_first
    assert store.list_step_runs(limit=2) == newest_first[:2]
    fits = [step for step in newest_first if step.step == "fit"]
    assert store.list_step_runs(step="fit") == fits
    assert store.list_step_runs(step="fit", before=fits[0].id, limit=2) == fits[1:3]
    assert store.list_step_runs(step="unknown") == []


def test_durations_are_those_of_computed_steps(store):
    """How long a step takes is told by its last computations, not by hits or failures."""
    run = begin(store)
    ends = [finish(run, make_step(run, at)) for at in range(4)]
    ends = sorted(ends, key=lambda end: end.step.id)
    ends = [replace(end, step=replace(end.step, duration=float(at))) for at, end in enumerate(ends)]
    failed = finish(run, make_step(run, 7))
    failed = replace(failed, step=replace(failed.step, status=StepStatus.FAILED, duration=99.0))
    store.record([*ends, failed, reuse(ends[0], run, 8)])

    assert store.list_durations(["fit", "unknown"]) == {"fit": [3.0, 2.0, 1.0, 0.0]}
    assert store.list_durations(["fit", "fit"], limit=2) == {"fit": [3.0, 2.0]}


def test_acceptances_are_listed_until_they_are_withdrawn(store):
    """Who accepted what, when and why comes back, and a withdrawal is shown on demand."""
    early = make_acceptance()
    late = make_acceptance(made_at=MOMENT + timedelta(seconds=1), kind="package", subject="numpy")
    withdrawn = replace(early, withdrawn_at=MOMENT + timedelta(days=1), withdrawn_by="bob")
    store.record([AcceptanceChanged(late), AcceptanceChanged(early)])
    assert store.list_acceptances() == [early, late]

    store.record([AcceptanceChanged(withdrawn)])

    assert store.list_acceptances() == [late]
    assert store.list_acceptances(withdrawn=True) == [withdrawn, late]


def test_a_withdrawn_acceptance_stays_withdrawn(store):
    """Recording its making again does not bring an acceptance back, nor who withdrew it change."""
    made = make_acceptance()
    withdrawn = replace(made, withdrawn_at=MOMENT, withdrawn_by="bob")

    for record in (withdrawn, made, replace(withdrawn, withdrawn_by="eve")):
        store.record([AcceptanceChanged(record)])

    assert store.list_acceptances(withdrawn=True) == [withdrawn]


def test_a_cached_run_is_listed_like_any_other(store):
    """Hits of steps without a run's announcement change no listing of runs."""
    run = begin(store)
    end = finish_keyed(run, make_step(run), "key")
    store.record([end, reuse(end, run, 1)])

    assert store.list_runs(RunFilter()) == [run]
    assert [step.cached for step in store.list_steps(run.id)] == [False, True]


def test_contents_are_found_together(store):
    """Of several digests those that are recorded are returned, with their bytes."""
    run = begin(store)
    contents = [make_inline_content({"a": bytes([number])}) for number in range(3)]
    ends = [finish(run, make_step(run, place), content=each) for place, each in enumerate(contents)]
    store.record(ends)

    found = store.find_contents([*(each.digest for each in contents), "blake3:none"])
    assert found == {each.digest: each for each in contents}
    assert store.find_contents([]) == {}
