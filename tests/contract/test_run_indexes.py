"""What runs are found by follows from what is recorded, in whatever order that comes."""

import itertools
from datetime import timedelta

import pytest
from tests.contract.example_records import MOMENT, make_run

from whence.domain.annotations import AnnotationKind, AnnotationRecord
from whence.domain.ids import new_id
from whence.domain.records import AnnotationChanged, RunFilter, RunStarted


def make_tag(run, text, *, taken=False):
    """Return what gives a run a tag; with *taken*, what took it away again."""
    moment = MOMENT + timedelta(seconds=1) if taken else None
    return AnnotationChanged(
        AnnotationRecord(
            new_id(),
            run.id,
            AnnotationKind.TAG,
            text,
            "ada",
            MOMENT,
            moment,
            "ada" if taken else None,
        )
    )


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))])
def test_the_tags_of_a_run_do_not_depend_on_the_order_of_records(store, order):
    """Records that come from elsewhere, a tag before its run or after, leave the same tags."""
    run = make_run(tags=("kept", "dropped"))
    given = make_tag(run, "given")
    events = [
        RunStarted(run, []),
        given,
        make_tag(run, "dropped", taken=True),
        make_tag(run, "kept"),
    ]

    for index in order:
        store.record([events[index]])
    store.record(events)

    assert store.find_run(run.id).tags == ("kept", "given")
    assert [each.id for each in store.list_runs(RunFilter(tags=("given",)))] == [run.id]
    assert store.list_runs(RunFilter(tags=("dropped",))) == []


def test_annotations_of_many_are_listed_at_once(store):
    """What was said of each of some runs comes back, oldest first, and of no other."""
    one, two, other = make_run(), make_run(), make_run()
    events = [make_tag(run, text) for run, text in ((one, "a"), (two, "b"), (other, "c"))]
    store.record([RunStarted(run, []) for run in (one, two, other)])
    store.record(events)

    found = store.list_annotations([two.id, one.id])

    assert found == [event.annotation for event in events[:2]]
