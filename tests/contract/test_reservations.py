"""What every metadata store promises of who computes a key."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.metadata_store_kinds import STORES
from tests.contract.race import run_alone

HOUR = 3600
OVER = 0  # a lease that has ended when it begins


def test_one_holder_has_a_key(store):
    """Who asks first computes; who asks next learns whom to wait for, and how long at most."""
    first = store.reserve("key", "a", HOUR)
    second = store.reserve("key", "b", HOUR)

    assert (first.key, first.holder, first.is_mine) == ("key", "a", True)
    assert (second.key, second.holder, second.is_mine) == ("key", "a", False)
    assert 0 < second.seconds_left <= first.seconds_left <= HOUR
    assert store.reserve("other", "b", HOUR).is_mine


def test_a_holder_may_ask_again(store):
    """Asking for what one has prolongs it."""
    store.reserve("key", "a", HOUR)

    again = store.reserve("key", "a", 2 * HOUR)

    assert again.is_mine
    assert again.seconds_left > HOUR


def test_a_dead_holder_blocks_for_one_lease(store):
    """A reservation that nobody renewed is taken over."""
    store.reserve("key", "dead", OVER)

    assert store.reserve("key", "b", HOUR).is_mine
    assert not store.reserve("key", "dead", HOUR).is_mine


def test_a_fraction_of_a_second_is_a_lease(store):
    """Leases are not rounded to seconds."""
    assert 0.2 < store.reserve("key", "a", 0.9).seconds_left <= 0.9


def test_only_the_holder_renews_and_releases(store):
    """What others have stays as it is, one's own is prolonged and given back."""
    for key, holder in (("mine", "a"), ("theirs", "b")):
        store.reserve(key, holder, HOUR)

    store.renew(["mine", "theirs", "unknown"], "a", 9 * HOUR)
    left = [store.reserve(key, "c", 1).seconds_left for key in ("mine", "theirs")]
    store.release(["mine", "theirs", "unknown"], "a")

    assert left[0] > 8 * HOUR > HOUR >= left[1]
    assert store.reserve("mine", "c", HOUR).is_mine
    assert store.reserve("theirs", "c", HOUR).holder == "b"


ACTS = st.tuples(
    st.sampled_from(["reserve", "renew", "release"]),
    st.sampled_from("xy"),
    st.sampled_from("abc"),
    st.sampled_from([OVER, HOUR]),
)


@pytest.mark.parametrize("kind", STORES)
@given(acts=st.lists(ACTS, min_size=4, max_size=30))
def test_a_key_has_at_most_one_live_holder(kind, acts):
    """Whatever a few holders do in turn, a live one is never robbed and a free key is given."""
    live: dict[str, str] = {}  # by key
    last: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = STORES[kind](Path(folder))
        for act, key, holder, lease in acts:
            may = live.get(key, holder) == holder
            if act == "reserve":
                assert store.reserve(key, holder, lease).is_mine == may
                has = may
            elif act == "renew":
                store.renew([key], holder, lease)
                has = last.get(key) == holder
            else:
                store.release([key], holder)
                has = False
                if last.get(key) == holder:
                    last.pop(key)
                    live.pop(key, None)
            if has:
                last[key] = holder
                live.pop(key, None)
                if lease:
                    live[key] = holder
        store.close()


@pytest.mark.parametrize("earlier", ["nobody", "dead"])
def test_of_eight_processes_one_gets_the_key(kind, earlier, tmp_path):
    """Processes that ask at the same moment agree on who computes, also after a dead holder."""
    script = """
        import json, sys
        from pathlib import Path
        from tests.contract.metadata_store_kinds import STORES
        from tests.contract.race import race
        store = STORES[sys.argv[1]](Path(sys.argv[2]))
        store.reserve("key" if sys.argv[3] == "dead" else "other", "dead", 0)

        def ask(number):
            found = store.reserve("key", f"process {number}", 3600)
            return [found.holder, found.is_mine]

        print(json.dumps([race(8, ask) for _ in range(3)]))
    """

    rounds = run_alone(script, kind, tmp_path, earlier)

    holders = {holder for answers in rounds for holder, _ in answers}
    assert len(holders) == 1
    assert sum(mine for _, mine in rounds[0]) == 1
    assert [sum(mine for _, mine in answers) for answers in rounds[1:]] == [1, 1]


@pytest.mark.parametrize("kind", STORES)
def test_no_two_hold_a_key_at_once(kind, tmp_path):
    """However often a few processes take and give back one key, and everyone learns who has it."""
    script = """
        import json, os, sys, time
        from pathlib import Path
        from tests.contract.metadata_store_kinds import STORES
        from tests.contract.race import race
        store = STORES[sys.argv[1]](Path(sys.argv[2]))
        inside = sys.argv[2] + "/inside"

        def take_turns(number):
            taken, met, until = 0, [], time.monotonic() + 1
            while time.monotonic() < until:
                found = store.reserve("key", f"process {number}", 3600)
                if not found.is_mine:
                    met.append(found.holder)
                    continue
                taken += 1
                os.close(os.open(inside, os.O_CREAT | os.O_EXCL))  # raises if anyone is there
                os.unlink(inside)
                store.release(["key"], f"process {number}")
            return [taken, sorted(set(met))]

        print(json.dumps(race(4, take_turns)))
    """

    turns = run_alone(script, kind, tmp_path)

    assert sum(taken for taken, _ in turns) > 40
    assert {holder for _, met in turns for holder in met} <= {f"process {n}" for n in range(4)}


@pytest.mark.parametrize("kind", STORES)
def test_a_forked_process_has_a_part_of_its_own(kind, tmp_path):
    """A child that was forked while its parent had a key learns of it, and takes another one."""
    script = """
        import json, os, sys
        from pathlib import Path
        from tests.contract.metadata_store_kinds import STORES
        from tests.integration.forked import ask_child
        store = STORES[sys.argv[1]](Path(sys.argv[2]))
        store.reserve("key", "parent", 3600)

        def ask():
            return [store.reserve(key, "child", 3600).holder for key in ("key", "other")]

        print(json.dumps([ask_child(ask), store.reserve("other", "parent", 3600).holder]))
    """

    assert run_alone(script, kind, tmp_path) == [["parent", "child"], "child"]
