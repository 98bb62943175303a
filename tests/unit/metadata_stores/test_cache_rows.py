"""The SQLite store's care for what it knows of cache keys, and its costs."""

import fcntl
import itertools
import sqlite3
import tempfile
import time
from contextlib import closing
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
from whence.domain.records import (
    AcceptanceChanged,
    AcceptanceRecord,
    InputRecord,
    RunStarted,
    StepStarted,
)
from whence.metadata_stores import reservation_table
from whence.metadata_stores.reservation_table import ReservationTable

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


def table_of(store):
    """Return the file in which a store keeps its reservations."""
    return store.path.parent / "reservations.table"


@pytest.mark.parametrize("byte", [b"\xff", b"\x00", b"\x7f", b"?"])
def test_a_damaged_reservation_blocks_nobody(store, byte):
    """What can never have been written is taken over."""
    store.reserve("key", "a", 60)
    table_of(store).write_bytes(byte * table_of(store).stat().st_size)

    assert store.reserve("key", "b", 60).is_mine


@given(shift=st.floats(-1e9, 1e9), lease=st.floats(0.1, 3600))
def test_no_clock_lets_a_reservation_block_longer_than_its_lease(shift, lease):
    """Whenever it seems to have been made, who asks next gets it or waits for one lease at most."""
    now = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reservation_table.time, "monotonic", lambda: now + shift)
            ReservationTable(Path(folder, "table")).reserve("key", "a", lease)

        found = ReservationTable(Path(folder, "table")).reserve("key", "b", lease)

    assert found.is_mine or 0 <= found.seconds_left <= lease + 1


def test_a_table_that_is_removed_is_made_anew(store):
    """Who goes on after somebody tidied up takes and gives back keys as before."""
    store.reserve("key", "a", 60)
    table_of(store).unlink()

    assert store.reserve("key", "b", 60).is_mine
    store.release(["key"], "a")
    assert not store.reserve("key", "a", 60).is_mine


def test_thousands_of_keys_are_told_apart(store):
    """Of many keys that are held at once nearly all are known to be, and no other one is."""
    keys = [f"key {number}" for number in range(6000)]
    for key in keys:
        store.reserve(key, "a", 60)

    kept = sum(not store.reserve(key, "b", 60).is_mine for key in keys)
    free = [store.reserve(f"other {number}", "b", 60).is_mine for number in range(100)]
    store.release(keys, "a")

    assert kept > 0.999 * len(keys)
    assert all(free)
    assert all(store.reserve(key, "c", 60).is_mine for key in keys[:100])


def test_the_table_does_not_grow_with_what_was_computed(store):
    """Keys that were given back leave room for others."""
    for number in range(20_000):
        store.reserve(f"key {number}", "a", 60)
        store.release([f"key {number}"], "a")

    assert table_of(store).stat().st_size <= 2 * 1024 * 1024


def test_who_was_stopped_in_the_middle_holds_up_nobody_for_long(store, monkeypatch):
    """The lock of the table is not waited for without end."""
    monkeypatch.setattr(reservation_table, "_PATIENCE_SECONDS", 0.02)
    store.reserve("other", "a", 60)
    with table_of(store).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert store.reserve("key", "b", 60).is_mine


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


def test_a_step_that_is_reused_costs_as_much_the_twentieth_time(store):
    """What a rerun writes does not grow with the number of earlier ones."""
    run = make_run()
    ends = [finish_keyed(run, make_step(run, each), f"key {each}") for each in range(300)]
    store.record([RunStarted(run), *ends])

    sizes = []
    for _ in range(20):
        with closing(sqlite3.connect(store.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        again = make_run()
        hits = [
            replace(
                reuse(end, again, position),
                inputs=[InputRecord("value", "", end.outputs[0].id)],
                is_first=True,
            )
            for position, end in enumerate(ends)
        ]
        store.record([RunStarted(again), *hits])
        sizes.append(store.path.with_name(f"{store.path.name}-wal").stat().st_size)

    assert max(sizes[10:]) < 1.3 * max(sizes[:3])
