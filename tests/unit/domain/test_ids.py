"""Ids: unique, sortable, and safe in threads and forked processes."""

import os
import threading
import uuid

import pytest

from whence.domain.ids import new_id, short_id


def test_an_id_is_a_uuid_of_version_7():
    """Other tools read an id as what it is."""
    parsed = uuid.UUID(new_id())

    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_ids_sort_by_the_time_of_their_making(monkeypatch):
    """Ids sort as the moments they were made in, so that stores merge without renumbering."""
    start = 1_700_000_000_000_000_000
    moments = iter(range(start, start + 500_000_000, 250))
    monkeypatch.setattr("time.time_ns", lambda: next(moments))
    ids = [new_id() for _ in range(5000)]

    assert ids == sorted(ids)


def test_ids_of_many_threads_differ():
    """No two threads are given the same chance."""
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend([new_id() for _ in range(2000)]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 16_000
    assert len({short_id(each) for each in made}) > 15_900


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_draws_its_own_chance():
    """A child never repeats what its parent will draw."""
    new_id()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, "\n".join(new_id()[14:] for _ in range(50)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read_end, 1 << 16).decode().split("\n")

    assert not {new_id()[14:] for _ in range(300)} & set(theirs)
