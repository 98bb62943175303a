"""What merging promises, as laws: idempotent, commutative, associative, whatever stores hold."""

import os
import shutil
import signal
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.contract.example_records import (
    MOMENT,
    finish_keyed,
    make_run,
    make_step,
    report,
    reuse,
)
from tests.integration.store_dumps import dump_rows, find_damage, list_leftovers

from whence import step
from whence.domain.contents import make_inline_content
from whence.domain.ids import RunId
from whence.domain.records import (
    AcceptanceChanged,
    AcceptanceRecord,
    ErrorRecord,
    RunCrashed,
    RunFinished,
    RunStarted,
    StepStarted,
)
from whence.domain.status import RunStatus
from whence.housekeeping.merge_stores import merge_store
from whence.stacks.current import make_local_stack, use_stack

LONG_AGO = "UPDATE contents SET inline = NULL, collected_at = 5 WHERE rowid % 2 = {parity}"


def make_history(number):
    """Return all that is ever told of one run, and of what was said about its code."""
    run = make_run(name=f"run {number}", tags=(f"tag {number % 2}",))
    first, second = make_step(run, 0), make_step(run, 1)
    content = make_inline_content({"value.json": b"%d" % (number % 3)})
    end = finish_keyed(
        run,
        first,
        f"key {number % 2}",
        content=content,
        metrics=[report("loss", 1.0, 0.5 + number, mode="min")],
    )
    hit = reuse(end, run, 1)
    hit = replace(hit, step=replace(hit.step, id=second.id))
    acceptance = AcceptanceRecord(
        f"acceptance-{number}", "step", "fit", "a", "b", "ada", "tidied", MOMENT
    )
    withdrawn = replace(
        acceptance, withdrawn_at=MOMENT + timedelta(days=1), withdrawn_by=f"bob {number}"
    )
    ended = replace(
        run, status=RunStatus.COMPLETED, ended_at=MOMENT + timedelta(minutes=1), duration=60.0
    )
    return [
        RunStarted(run, [first, second]),
        StepStarted(first.id, MOMENT),
        AcceptanceChanged(acceptance),
        end,
        hit,
        AcceptanceChanged(withdrawn),
        RunFinished(ended, measured=(first.id, second.id)),
    ], RunCrashed(RunId(run.id), MOMENT, 1.0, ErrorRecord("RunCrashed", "killed", ""))


HISTORIES = [make_history(number) for number in range(3)]
HELD = st.lists(
    st.tuples(st.integers(0, 7), st.booleans()), min_size=len(HISTORIES), max_size=len(HISTORIES)
)
"""How much of each history a store has heard, and whether somebody then called the run crashed."""

STORES = st.lists(st.tuples(HELD, st.sampled_from([None, 0, 1])), min_size=3, max_size=3)


def fill_store(stack, held, collected):
    """Let a store hear some of the histories, and lose some of its bytes."""
    for (events, crash), (heard, crashed) in zip(HISTORIES, held, strict=True):
        stack.metadata_store.record([*events[:heard], *([crash] if heard and crashed else [])])
    stack.make_home()
    if collected is not None:
        with stack.metadata_store.database.writing(durable=False) as connection:
            connection.exec_driver_sql(LONG_AGO.format(parity=collected))
    stack.close()


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(filled=STORES)
def test_merging_is_a_union(filled, tmp_path_factory):
    """In any order, in any grouping, once or twice: the same rows in every table."""
    root = tmp_path_factory.mktemp("stores")
    stores = [make_local_stack(root / str(number)) for number in range(len(filled))]
    for stack, (held, collected) in zip(stores, filled, strict=True):
        fill_store(stack, held, collected)

    def merged(name, *order):
        first, *others = order
        shutil.copytree(first, root / name)
        stack = make_local_stack(root / name)
        for other in others:
            merge_store(other, stack)
        stack.close()
        return stack

    one, two, three = (stack.home for stack in stores)
    forward = dump_rows(merged("forward", one, two, three))
    backward = dump_rows(merged("backward", three, two, one))
    inner = merged("inner", two, three)
    grouped = dump_rows(merged("grouped", one, inner.home))
    again = dump_rows(merged("again", one, two, three, one, two))

    assert forward == backward
    assert forward == grouped
    assert forward == again
    shutil.rmtree(root)


def test_the_more_final_word_wins(tmp_path):
    """A run that ended over one that was called crashed, withdrawn over not, bytes over none."""
    early, late = make_local_stack(tmp_path / "early"), make_local_stack(tmp_path / "late")
    fill_store(early, [(6, True), (1, False), (0, False)], 0)
    fill_store(late, [(7, False), (5, True), (0, False)], None)

    merge_store(late.home, early)
    rows = dump_rows(early)

    assert sorted(row[3] for row in rows["runs"]) == ["completed", "crashed"]
    assert {row[9] for row in rows["acceptances"]} == {"bob 0", None}
    assert find_damage(early) == []
    assert all(row[-1] is None for row in rows["contents"])


# ---------------------------------------------------------------------- killed


@step
def write(number: int) -> str:
    return f"{number}" * 9000


@pytest.fixture
def large(tmp_path):
    """Return a store with files and rows enough for several transactions."""
    stack = make_local_stack(tmp_path / "large")
    with use_stack(stack):
        for number in range(4):
            write.run(number)
    stack.close()
    return stack


def merge_and_die(other, home, last):
    """Merge in a process that is killed when it has said so often that it goes on."""
    said = []

    def count(_done, _of):
        said.append(1)
        if len(said) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    process = os.fork()
    if process == 0:
        merge_store(other, make_local_stack(home), on_progress=count)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_merge_that_is_killed_is_done_by_the_next_one(large, tmp_path):
    """Killed after any of its transactions it leaves a sound store, and the next one finishes."""
    whole = make_local_stack(tmp_path / "whole")
    merge_store(large.home, whole)
    expected = dump_rows(whole)
    killed = 0
    for last in range(1, 50):
        stack = make_local_stack(tmp_path / f"killed-{last}")
        code = merge_and_die(large.home, stack.home, last)
        if code == 0:
            break
        killed += 1
        assert code == -signal.SIGKILL
        assert find_damage(stack) == []
        merge_store(large.home, stack)
        assert dump_rows(stack) == expected
        assert not [name for name in list_leftovers(stack.home) if "staging" in name]
    assert killed >= 5


def test_an_import_into_nothing_is_the_same_store(large, tmp_path):
    """Merged into a store that does not exist yet, all is as it was."""
    new = make_local_stack(tmp_path / "new")
    merge_store(large.home, new)

    assert dump_rows(new) == dump_rows(large)
    assert find_damage(new) == []
