"""The SQLite store's care for what it knows of cache keys, and its costs."""

import itertools
import os
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.example_records import (
    MOMENT,
    finish_keyed,
    make_artifact,
    make_chain,
    make_run,
    make_step,
    reuse,
)

from whence.domain.contents import make_inline_content
from whence.domain.records import AcceptanceChanged, AcceptanceRecord, RunStarted, StepStarted
from whence.metadata_stores.reservation_files import ReservationFiles

GOOD_STEP = "(SELECT id FROM step_runs WHERE cache_key = 'good')"


def record_entries(store, *keys):
    """Record a run with a reusable step of two outputs for each of *keys*."""
    run = make_run()
    ends = []
    for position, key in enumerate(keys):
        end = finish_keyed(run, make_step(run, position), key)
        more = make_inline_content({"value.json": f"more {key}".encode()})
        second = make_artifact(run, end.step, more, "second")
        ends.append(replace(end, outputs=[*end.outputs, second], contents=[*end.contents, more]))
    store.record([RunStarted(run, []), *ends])
    return ends


def test_a_step_with_a_new_key_costs_one_statement_more(store, statements):
    """Filing an entry is the database's own work; only the parts of a new key are sent."""
    run, started, ends = make_chain(20)
    store.record([started])
    ends = [finish_keyed(run, end.step, f"key {end.step.id}") for end in ends]
    statements.clear()

    for end, following in itertools.pairwise(ends):
        store.record([end, StepStarted(following.step.id, MOMENT)])

    assert statements.count("BEGIN IMMEDIATE") == 19
    assert len(statements) == 19 * (2 + 4)
    assert len(store.find_cache_entries([end.step.cache_key for end in ends])) == 19


def test_hits_cost_one_statement_a_batch(store, statements):
    """Recording cached steps touches their own rows and nothing else."""
    ends = record_entries(store, *map(str, range(50)))
    run = make_run()
    hits = [reuse(end, run, position) for position, end in enumerate(ends)]
    store.record([RunStarted(run, [make_step(run, 0, id=hit.step.id) for hit in hits])])
    statements.clear()

    store.record(hits)

    assert len(statements) == 2 + 1


@pytest.mark.parametrize("count", [1, 200])
def test_looking_up_keys_costs_one_query_whatever_their_number(store, statements, count):
    """There is no query per key, per output or per step name."""
    keys = [str(number) for number in range(count)]
    record_entries(store, *keys)
    statements.clear()

    assert len(store.find_cache_entries(keys)) == count
    assert len(store.list_cache_entries_like(["fit", "load"], 1000)) == count
    store.find_texts(keys)
    store.list_durations(keys)

    assert len([sent for sent in statements if sent not in {"BEGIN", "COMMIT"}]) == 4


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cache_entries SET created_at = 'never' WHERE key = 'bad'",
        "UPDATE cache_entries SET created_at = 9e18 WHERE key = 'bad'",
        "UPDATE cache_entries SET step_run_id = 'gone' WHERE key = 'bad'",
        f"UPDATE cache_entries SET step_run_id = {GOOD_STEP} WHERE key = 'bad'",
        "UPDATE step_runs SET outputs = '[' WHERE cache_key = 'bad'",
        "UPDATE step_runs SET outputs = '7' WHERE cache_key = 'bad'",
        "UPDATE step_runs SET outputs = '{}' WHERE cache_key = 'bad'",
        "UPDATE step_runs SET outputs = NULL WHERE cache_key = 'bad'",
        "UPDATE step_runs SET outputs = '[null]' WHERE cache_key = 'bad'",
        "UPDATE step_runs SET outputs = x'00ff' WHERE cache_key = 'bad'",
        "UPDATE step_runs SET status = 'failed' WHERE cache_key = 'bad'",
        f"DELETE FROM artifacts WHERE step_run_id <> {GOOD_STEP} AND name = 'second'",
        f"UPDATE artifacts SET created_at = 'never' WHERE step_run_id <> {GOOD_STEP}",
        "DELETE FROM contents WHERE inline = CAST('more bad' AS BLOB)",
        "UPDATE contents SET files = '[[1]]' WHERE inline = CAST('more bad' AS BLOB)",
        "UPDATE contents SET inline = 'text' WHERE inline = CAST('more bad' AS BLOB)",
    ],
)
def test_a_damaged_entry_is_a_miss_and_hides_no_other(store, alter, damage):
    """An entry of which any part is lost is not served at all, and the others are."""
    record_entries(store, "bad", "good")
    alter(damage)

    for found in (
        store.find_cache_entries(["bad", "good"]),
        store.list_cache_entries_like(["fit"], 10),
    ):
        assert list(found) == ["good"]
        assert len(found["good"].outputs) == 2


def test_a_damaged_reservation_blocks_nobody(store):
    """A lease that can never have been given, as after a clock went back, is taken over."""
    folder = store.path.parent / "reservations"
    an_hour_ahead = time.time() + 3600
    for damage in (b"never\nsomebody", b"\xff\xfe", None):
        store.reserve("key", "a", 60)
        if damage is None:
            os.utime(folder / "key", (an_hour_ahead, an_hour_ahead))
        else:
            (folder / "key").write_bytes(damage)

        assert store.reserve("key", "b", 60).is_mine
        store.release(["key"], "b")


@given(shift=st.floats(-1e9, 1e9), lease=st.floats(0.1, 3600))
def test_no_clock_lets_a_reservation_block_longer_than_its_lease(shift, lease):
    """Whenever it seems to have been made, who asks next gets it or waits for one lease at most."""
    with tempfile.TemporaryDirectory() as folder:
        files = ReservationFiles(Path(folder))
        files.reserve("key", "a", lease)
        os.utime(Path(folder, "key"), (time.time() + shift,) * 2)

        found = files.reserve("key", "b", lease)

    assert found.is_mine or 0 <= found.seconds_left <= lease + 1


def test_a_reservation_that_says_nothing_blocks_until_its_maker_must_have_died(store):
    """Between the making of a file and its first word, nobody else takes the key."""
    file = store.path.parent / "reservations" / "key"
    file.parent.mkdir()
    file.write_bytes(b"")

    blocked = store.reserve("key", "b", 60)
    a_minute_ago = time.time() - 60
    os.utime(file, (a_minute_ago, a_minute_ago))

    assert not blocked.is_mine
    assert store.reserve("key", "b", 60).is_mine


def test_who_is_about_to_write_is_waited_for(store):
    """Who asks between the making of a file and its first word learns its holder all the same."""
    file = store.path.parent / "reservations" / "key"
    file.parent.mkdir()
    file.write_bytes(b"")
    writer = threading.Timer(0.05, file.write_text, ["60\na"])
    writer.start()

    found = store.reserve("key", "b", 60)
    writer.join()

    assert (found.holder, found.is_mine) == ("a", False)


def test_what_nobody_gave_back_is_removed_after_a_day(store):
    """What died long ago goes at the first reservation of a process; what is younger stays."""
    for key, age in (("old", 90_000), ("young", 80_000)):
        store.reserve(key, "dead", 60)
        os.utime(store.path.parent / "reservations" / key, (time.time() - age,) * 2)

    ReservationFiles(store.path.parent / "reservations").reserve("key", "a", 60)

    left = {each.name for each in (store.path.parent / "reservations").iterdir()}
    assert left == {".lock", "key", "young"}


def test_damaged_acceptances_and_durations_are_left_out(store, alter, caplog):
    """What cannot be read is named and hides nothing else."""
    facts = ("function", "f", "old", "new", "ada", "why not")
    good, bad = (AcceptanceRecord(name, *facts, made_at=MOMENT) for name in ("good", "bad"))
    record_entries(store, "one", "two")
    store.record([AcceptanceChanged(good), AcceptanceChanged(bad)])

    alter(
        "UPDATE acceptances SET made_at = 'never' WHERE id = 'bad'",
        "UPDATE step_runs SET duration = 'long' WHERE cache_key = 'one'",
    )

    assert store.list_acceptances() == [good]
    assert "bad" in caplog.text
    assert store.list_durations(["fit"]) == {"fit": [0.25]}


def test_a_text_that_is_no_text_is_still_shown(store, alter):
    """Source that was damaged on disk is given with a mark in its place."""
    (end,) = record_entries(store, "key")
    store.record([replace(end, texts={"d": "def f(): ..."})])

    alter("UPDATE code_texts SET text = CAST(x'61ff' AS TEXT)")

    assert store.find_texts(["d"]) == {"d": "a\ufffd"}
