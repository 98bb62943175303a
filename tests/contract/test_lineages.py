"""What every metadata store tells of lineages."""

import pytest
from tests.contract.metadata_store_kinds import STORES
from tests.unit.history.recorded_runs import RunBuilder

from whence.stacks.current import make_local_stack


@pytest.fixture(params=sorted(STORES))
def store(request, tmp_path):
    """Make a store of each kind, in which a chain of four steps is recorded."""
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def chain(store, tmp_path):
    """Record two runs, of which the second goes on from what the first has made."""
    stack = make_local_stack(tmp_path / "home")
    first, second = (RunBuilder.start(stack, pipeline=name) for name in ("one", "two"))
    made = [first.add("a", {"r": 0.0})[0]]
    made += first.add("b", {"r": 0.0}, inputs={"x": made[0]})
    made += second.add("c", {"r": 0.0}, inputs={"x": made[1], "y": made[1]})
    made += second.add("d", {"r": 0.0}, inputs={"x": made[2]})
    for builder in (first, second):
        builder.stack = _Holder(store)
        builder.finish()
    return [each.id for each in made]


class _Holder:
    def __init__(self, store):
        self.metadata_store = store


def nodes_of(records):
    """Return the nodes of the step runs that were found."""
    return sorted(each.step.node for each in records.steps.values())


def test_what_lies_behind_is_found_through_all_runs(store, chain):
    """The step runs, the artifacts around them, and what their runs are called."""
    found = store.trace_lineage([chain[3]], down=False)

    assert nodes_of(found) == ["a", "b", "c", "d"]
    assert set(found.artifacts) == set(chain)
    assert sorted(run.pipeline for run in found.runs.values()) == ["one", "two"]


def test_what_lies_ahead_is_found_through_all_runs(store, chain):
    """With the step run that made the artifact itself, so that it has a name."""
    found = store.trace_lineage([chain[0]], down=True)

    assert nodes_of(found) == ["a", "b", "c", "d"]
    assert set(found.artifacts) == set(chain)


def test_depth_counts_step_runs(store, chain):
    """Two of them in either direction."""
    assert nodes_of(store.trace_lineage([chain[3]], down=False, depth=2)) == ["c", "d"]
    assert nodes_of(store.trace_lineage([chain[0]], down=True, depth=2)) == ["a", "b", "c"]


def test_what_is_not_recorded_has_no_lineage(store):
    """In an empty store too."""
    for down in (True, False):
        found = store.trace_lineage(["nothing"], down=down)

        assert (dict(found.steps), dict(found.artifacts)) == ({}, {})
