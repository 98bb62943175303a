"""What every metadata store promises of models: their numbers, aliases and history."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.contract.example_records import MOMENT, finish, make_run, make_step
from tests.contract.metadata_store_kinds import STORES
from tests.contract.race import race, run_alone

from whence.domain.ids import ModelVersionId, PromotionId, RunId, new_id
from whence.domain.model_records import GateVerdict, ModelVersionRecord, PromotionRecord
from whence.domain.records import RunStarted, StepFinished
from whence.interfaces.metadata_store import MetadataStore


def make_model(digest: str = "blake3:1", model: str = "delay", **facts) -> ModelVersionRecord:
    """Return a version that no store has numbered yet."""
    made = ModelVersionRecord(ModelVersionId(new_id()), model, 0, digest, new_id(), MOMENT)
    return replace(made, **facts)


def end_with(*versions: ModelVersionRecord) -> StepFinished:
    """Return the end of a step that gave models."""
    run = make_run()
    return replace(finish(run, make_step(run)), versions=versions)


def make_promotion(previous: str | None, **facts) -> PromotionRecord:
    """Return a promotion of a model to its champion."""
    gates = (GateVerdict("better_than('rmse')", passed=True, text="3.1 is below 4"),)
    made = PromotionRecord(
        PromotionId(new_id()), "delay", "champion", "", previous, "jo@host", "it is", gates, MOMENT
    )
    return replace(made, **facts)


def numbers_of(store: MetadataStore, model: str = "delay") -> list[int]:
    """Return the numbers that were given, in the order of the versions."""
    return [row.number for row in store.list_model_versions(model)]


def test_an_absent_store_has_no_models(store, tmp_path):
    """Reading a store that was never written finds no models and makes nothing."""
    assert store.list_model_versions() == []
    assert store.list_promotions() == []
    assert list(tmp_path.iterdir()) == []


def test_models_are_numbered_from_one_by_name(store):
    """Every model counts its own versions, in the order in which steps end."""
    store.record([end_with(make_model("a")), end_with(make_model("a", "other"))])
    store.record([end_with(make_model("b"))])

    assert numbers_of(store) == [1, 2]
    assert numbers_of(store, "other") == [1]
    assert len(store.list_model_versions()) == 3


def test_a_version_is_read_back_as_it_was_recorded(store):
    """Every fact of a version comes back, with its number."""
    version = make_model()
    store.record([end_with(version)])

    assert store.list_model_versions("delay") == [replace(version, number=1)]


def test_the_same_model_again_is_the_same_version(store):
    """Equal content under one name gets no second number, however often it is recorded."""
    end = end_with(make_model("a"))
    store.record([end])
    store.record([end, end_with(make_model("a")), end_with(make_model("b"))])

    assert numbers_of(store) == [1, 2]


def test_candidates_are_found_by_the_name_of_their_model(store):
    """Artifacts that could be promoted are listed, newest first, whether they are numbered."""
    run = make_run()
    ends = [finish(run, make_step(run, position)) for position in range(3)]
    ends = [
        replace(end, outputs=[replace(end.outputs[0], model=name)])
        for end, name in zip(ends, ["delay", None, "delay"], strict=True)
    ]
    store.record([RunStarted(run), *ends])

    found = store.list_artifacts(model="delay")
    assert [each.id for each in found] == [ends[2].outputs[0].id, ends[0].outputs[0].id]
    assert found[0].model == "delay"


def test_a_promotion_is_read_back_as_it_was_recorded(store):
    """Who, when, why, from which version and what the gates said: all of it comes back."""
    version = make_model()
    store.record([end_with(version)])

    recorded = store.promote(make_promotion(None), version)

    assert recorded == replace(make_promotion(None), id=recorded.id, version_id=version.id)
    assert store.list_promotions("delay") == [recorded]
    assert store.list_promotions("other") == []


def test_a_promotion_numbers_what_had_no_number(store):
    """A candidate becomes a version by its promotion, in the same transaction."""
    store.record([end_with(make_model("a"))])
    candidate = make_model("b")

    recorded = store.promote(make_promotion(None), candidate)

    assert recorded.version_id == candidate.id
    assert numbers_of(store) == [1, 2]


def test_a_promotion_names_the_version_that_has_the_content(store):
    """A model that is promoted under another id is the version that bears a number already."""
    known = make_model("a")
    store.record([end_with(known)])

    assert store.promote(make_promotion(None), make_model("a")).version_id == known.id


def test_a_promotion_from_a_version_that_bears_the_alias_no_more_is_not_made(store):
    """Who saw another version in office has judged against the wrong one: nothing is written."""
    first, second = make_model("a"), make_model("b")
    store.record([end_with(first)])
    store.promote(make_promotion(None), first)

    assert store.promote(make_promotion(None), second) is None
    assert store.promote(make_promotion(second.id), second) is None
    assert numbers_of(store) == [1]
    assert store.promote(make_promotion(first.id), second).previous_id == first.id


def test_aliases_are_apart(store):
    """What bears one alias says nothing of another one, nor of another model's."""
    version = make_model()
    store.promote(make_promotion(None), version)

    assert store.promote(make_promotion(None, alias="canary"), version) is not None
    assert store.promote(make_promotion(None, model="x"), make_model(model="x")) is not None


def test_the_history_keeps_its_order_where_a_clock_was_set_back(store):
    """A promotion is later than those before it, whatever the clock says."""
    first, second = make_model("a"), make_model("b")
    store.promote(make_promotion(None), first)
    earlier = make_promotion(first.id, made_at=MOMENT - timedelta(days=1))

    recorded = store.promote(earlier, second)

    assert recorded.made_at == MOMENT + timedelta(microseconds=1)
    assert [each.version_id for each in store.list_promotions()] == [first.id, second.id]


def test_writers_at_once_give_distinct_numbers(kind, tmp_path):
    """Processes that record models at the same moment leave each its own number."""
    script = """
        import sys
        from tests.contract.test_model_records import number_in_processes
        number_in_processes(*sys.argv[1:])
    """

    assert run_alone(script, kind, tmp_path) == list(range(1, 41))


def number_in_processes(kind: str, folder: str) -> None:
    """Print the numbers that four processes got for ten models each."""
    import json  # of a process of its own

    def act(number: int) -> None:
        store = STORES[kind](Path(folder))
        for each in range(10):
            store.record([end_with(make_model(f"{number} {each}"))])
        store.close()

    race(4, act)
    store = STORES[kind](Path(folder))
    print(json.dumps(sorted(numbers_of(store))))  # the answer


def test_promotions_at_once_leave_one_chain(kind, tmp_path):
    """Of those who saw the same version in office one is recorded; the others must look again."""
    script = """
        import sys
        from tests.contract.test_model_records import promote_in_processes
        promote_in_processes(*sys.argv[1:])
    """

    history = run_alone(script, kind, tmp_path)

    assert len(history) == 20
    assert [previous for previous, _ in history] == [None, *(each for _, each in history[:-1])]


def promote_in_processes(kind: str, folder: str) -> None:
    """Print from and to which version each promotion went that four processes made."""
    import json  # as above

    def act(number: int) -> None:
        store = STORES[kind](Path(folder))
        for each in range(5):
            version = make_model(f"{number} {each}")
            while True:
                known = store.list_promotions("delay")
                seen = known[-1].version_id if known else None
                if store.promote(make_promotion(seen), version) is not None:
                    break
        store.close()

    race(4, act)
    made = STORES[kind](Path(folder)).list_promotions("delay")
    print(json.dumps([(each.previous_id, each.version_id) for each in made]))  # as above


def test_a_run_tells_which_earlier_results_it_took(store):
    """The names that its body used come back, each with the artifact that it meant."""
    run = make_run(earlier_results={"delay@champion": new_id(), "prepare/means": new_id()})
    store.record([RunStarted(run)])

    assert store.find_run(RunId(run.id)) == run
