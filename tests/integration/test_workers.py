"""Worker processes: how they die, what they write, and that nothing is left of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract import orchestrated
from tests.contract.orchestrated import (
    PlainJob,
    add,
    attempt,
    await_ends,
    await_gone,
    await_notice,
    clean_up,
    count_descriptors,
    crash_in_c,
    die_of,
    fail_with_stream,
    fork_and_fall_through,
    hang_deaf,
    hang_with_child,
    is_alive,
    leave,
    open_workers,
    own_pid,
    return_stream,
    run_one,
    say,
    say_and_wait,
    say_everywhere,
    say_much,
    surroundings,
    threads_and_devices,
    touch_and_hang,
    wait_for,
)

from whence.domain.resources import Resources
from whence.errors import ResultNotSentError
from whence.interfaces.orchestrator import Began, Ended, Lost, Printed
from whence.orchestrators import written_output

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")


@pytest.fixture
def workers(tmp_path):
    """Return an orchestrator with two workers."""
    made = open_workers(tmp_path / "logs")
    yield made
    made.close()


def printed(heard) -> str:
    """Return all that attempts wrote."""
    return "".join(each.text for each in heard if isinstance(each, Printed))


def start(workers, name, fn, *arguments, **options):
    """Start an attempt."""
    workers.start(attempt(name), PlainJob(fn, arguments, **options))


# ------------------------------------------------------------------ processes


def test_attempts_are_made_elsewhere_and_workers_stay(workers):
    """Attempts run in another process, and one after the other in the same."""
    first, second = (run_one(workers, own_pid).result.value for _ in range(2))

    assert first == second != os.getpid()


def test_two_workers_work_at_the_same_time(workers, tmp_path):
    """Two attempts of which each waits for the other both end."""
    start(workers, "a", orchestrated.touch_and_await, tmp_path / "a", tmp_path / "b")
    start(workers, "b", orchestrated.touch_and_await, tmp_path / "b", tmp_path / "a")

    assert len(await_ends(workers, 2)) == 4


@pytest.mark.parametrize(
    ("fn", "arguments", "reason"),
    [
        (leave, (3,), "Its process ended by itself, with exit code 3."),
        (die_of, (signal.SIGKILL,), "signal 9 (SIGKILL): the system may have run out of memory."),
        (die_of, (signal.SIGTERM,), "signal 15 (SIGTERM)."),
        (crash_in_c, (), "signal 11 (SIGSEGV): native code touched memory that is not its own."),
    ],
)
def test_an_attempt_whose_process_dies_is_lost(workers, fn, arguments, reason):
    """The death of a worker is told with its cause, and the next attempt has a new worker."""
    end = run_one(workers, fn, *arguments)

    assert isinstance(end, Lost)
    assert not end.was_stopped
    assert end.reason.endswith(reason)
    assert run_one(workers, add, 1, 2).result.value == 3


def test_a_death_leaves_other_attempts_alone(workers, tmp_path):
    """While one worker dies, the attempt of another goes on and ends."""
    start(workers, "waits", wait_for, tmp_path / "go")
    start(workers, "dies", leave, 1)

    lost = await_notice(workers, Lost)
    (tmp_path / "go").touch()

    assert lost.attempt == attempt("dies")
    assert isinstance(await_ends(workers)[-1], Ended)


def test_a_lost_attempt_leaves_what_it_wrote(workers):
    """What a crashing attempt wrote, where it was in Python included, is in the file it leaves."""
    end = run_one(workers, crash_in_c)

    assert "crash_in_c" in end.printed.read_text()


def test_a_forked_child_that_goes_on_is_not_the_worker(workers):
    """A job that forks and lets the child return has one result, the parent's."""
    end = run_one(workers, fork_and_fall_through)

    assert end.result.value > 0
    assert run_one(workers, add, 1, 2).result.value == 3


def test_a_worker_that_died_idle_costs_no_attempt(workers):
    """When something kills a worker that has nothing to do, the next attempt is made in another."""
    pid = run_one(workers, own_pid).result.value
    os.kill(pid, signal.SIGKILL)

    assert run_one(workers, own_pid).result.value != pid


def test_a_death_that_somebody_else_was_told_of_is_noticed(workers, tmp_path):
    """A program that waits for all of its children itself does not confuse the orchestrator."""
    start(workers, "hangs", touch_and_hang, tmp_path / "pid")
    wait_for(tmp_path / "pid")
    (pid,) = pids_in(tmp_path / "pid")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

    end = await_ends(workers)[-1]

    assert "told to another part of this program" in end.reason
    assert run_one(workers, add, 1, 2).result.value == 3


# ------------------------------------------------------------------ stopping


def test_a_stopped_attempt_is_lost_with_its_children(workers, tmp_path):
    """To stop an attempt ends its process and all that it started."""
    start(workers, "hangs", hang_with_child, tmp_path / "pids")
    wait_for(tmp_path / "pids")
    pids = pids_in(tmp_path / "pids")

    workers.stop(attempt("hangs"))
    end = await_ends(workers)[-1]

    assert isinstance(end, Lost)
    assert (end.was_stopped, end.reason) == (True, "It was stopped.")
    assert await_gone(pids) == []


def test_a_stopped_attempt_may_clean_up(workers, tmp_path):
    """`finally` blocks of a stopped attempt run before its process ends."""
    start(workers, "cleans", clean_up, tmp_path / "started", tmp_path / "cleaned")
    wait_for(tmp_path / "started")

    workers.stop(attempt("cleans"))
    await_ends(workers)

    assert (tmp_path / "cleaned").exists()


def test_an_attempt_that_ignores_the_request_is_killed(workers, tmp_path):
    """After a moment of grace an attempt that does not end is killed."""
    start(workers, "deaf", hang_deaf, tmp_path / "pid")
    wait_for(tmp_path / "pid")

    workers.stop(attempt("deaf"))
    end = await_ends(workers)[-1]

    assert end.was_stopped
    assert await_gone(pids_in(tmp_path / "pid")) == []


def test_stopping_leaves_other_attempts_alone(workers, tmp_path):
    """Only the attempt that is stopped is lost."""
    start(workers, "hangs", touch_and_hang, tmp_path / "pid")
    start(workers, "waits", wait_for, tmp_path / "go")
    wait_for(tmp_path / "pid")

    workers.stop(attempt("hangs"))
    (tmp_path / "go").touch()
    heard = await_ends(workers, 2)

    ends = {each.attempt.node: type(each) for each in heard if isinstance(each, Ended | Lost)}
    assert ends == {"hangs": Lost, "waits": Ended}


def test_closing_kills_what_runs(workers, tmp_path):
    """A closed orchestrator leaves no process and no file."""
    start(workers, "hangs", hang_with_child, tmp_path / "pids")
    wait_for(tmp_path / "pids")

    workers.close()

    assert await_gone(pids_in(tmp_path / "pids")) == []
    assert list((tmp_path / "logs").iterdir()) == []


# ------------------------------------------------------------------ words


def test_everything_an_attempt_writes_is_heard_and_kept(workers):
    """What Python, C, subprocesses and loggers write is passed on, and is the attempt's log."""
    start(workers, "talks", say_everywhere)

    heard = await_ends(workers)

    text = printed(heard)
    for words in ("python", "descriptor", "subprocess", "logged", "from C"):
        assert words in text
    assert heard[-1].result.written.decode() == text


def test_words_are_heard_while_the_attempt_runs(workers, tmp_path):
    """What an attempt writes is passed on before it ends."""
    start(workers, "talks", say_and_wait, tmp_path / "go")

    said = await_notice(workers, Printed)
    (tmp_path / "go").touch()

    assert said.text == "under way\n"
    assert isinstance(await_ends(workers)[-1], Ended)


def test_each_attempt_has_its_own_words(workers):
    """Attempts of one worker, one after the other, are not given each other's words."""
    said = []
    for text in ("first", "", "third"):
        start(workers, "talks", say, text)
        said.append(await_ends(workers)[-1].result.written)

    assert said == [b"first\nfirst\n", b"\n\n", b"third\nthird\n"]


def test_words_beyond_the_limit_are_dropped(workers):
    """A log ends at its limit with a note, and the writer is never held up."""
    start(workers, "talks", say_much, written_output.LOG_LIMIT + (1 << 20))

    written = await_ends(workers)[-1].result.written

    kept, _, note = written.rpartition(b"\n[whence] ")
    assert len(kept) == written_output.LOG_LIMIT
    assert note == b"what was written after the first 64 MiB was not kept\n"


# ------------------------------------------------------------------ what travels


def test_a_result_that_cannot_travel_is_an_error(workers):
    """An open file as the result loses the attempt, with an error that says so."""
    end = run_one(workers, return_stream)

    assert isinstance(end, Lost)
    assert isinstance(end.error, ResultNotSentError)
    assert "Cannot pickle standard input" in end.reason
    assert run_one(workers, add, 1, 2).result.value == 3


def test_an_exception_leaves_behind_what_cannot_travel(workers):
    """An exception that holds an open file comes back, with the file's description."""
    error = run_one(workers, fail_with_stream).result.error

    assert type(error) is orchestrated.HoldsLock
    assert str(error) == "held"
    assert "<stdout>" in error.stream


def test_an_exception_whose_class_only_the_worker_has_is_still_one(workers, tmp_path):
    """Where the parent cannot import the class of an exception, the nearest known one stands in."""
    (tmp_path / "plugin_of_step.py").write_text("class PluginError(LookupError): pass\n")

    error = run_one(workers, orchestrated.fail_with_plugin, tmp_path).result.error

    assert type(error) is LookupError
    assert str(error) == "no such unit"
    assert "plugin_of_step.PluginError" in error.__notes__[0]


def test_surroundings_hold_in_the_worker(tmp_path, monkeypatch):
    """Working folder, environment, module path and arguments are those of the parent."""
    monkeypatch.setenv("SEEN_BY_STEPS", "yes")
    monkeypatch.syspath_prepend(str(tmp_path / "anywhere"))
    workers = open_workers(tmp_path / "logs")

    seen = run_one(workers, surroundings).result.value
    workers.close()

    assert seen == (str(Path.cwd()), "yes", sys.path, sys.argv)


def test_native_threads_are_bound_to_a_share(tmp_path, monkeypatch):
    """Each worker may use an even share of the processors, or what its step asks for."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    workers = open_workers(tmp_path / "logs", workers=64)

    share = run_one(workers, threads_and_devices).result.value[0]
    asked = run_one(workers, threads_and_devices, resources=Resources(cpu=3)).result.value[0]
    workers.close()

    assert (share, asked) == ("1", "3")


def test_a_users_own_bound_on_threads_stays(tmp_path, monkeypatch):
    """A variable that the user has set is left as it is."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    workers = open_workers(tmp_path / "logs")

    seen = run_one(workers, threads_and_devices, resources=Resources(cpu=3)).result.value[0]
    workers.close()

    assert seen == "7"


def test_each_attempt_is_given_devices_of_its_own(tmp_path, monkeypatch):
    """Two attempts with a device each see different ones, in workers that had no others before."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    workers = open_workers(tmp_path / "logs")
    needs = {"resources": Resources(gpu=1)}
    start(workers, "a", orchestrated.devices_after, tmp_path / "a", tmp_path / "b", **needs)
    start(workers, "b", orchestrated.devices_after, tmp_path / "b", tmp_path / "a", **needs)

    seen = orchestrated.results(await_ends(workers, 2))
    both = run_one(workers, threads_and_devices, resources=Resources(gpu=2)).result.value
    workers.close()

    assert seen == {"a": "4", "b": "6"}
    assert both[1] == "4,6"
    assert workers.capacity.gpu == 2


# ------------------------------------------------------------------ the parent


def pids_in(file: Path) -> list[int]:
    """Return the numbers in a file."""
    return [int(each) for each in file.read_text().split()]


PARENT = """
import signal
import sys
from pathlib import Path
from tests.contract.orchestrated import *
from tests.contract import orchestrated

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever started the tests may ignore it
folder = Path(sys.argv[1])
workers = open_workers(folder / "logs")
for name in ("a", "b"):
    workers.start(attempt(name), PlainJob(getattr(orchestrated, sys.argv[2]), (folder / name,)))
await_ends(workers, 2)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("fn", ["hang_with_child", "hang_in_native_code"])
def test_nobody_outlives_the_parent(tmp_path, number, fn):
    """Two seconds after the parent was killed, workers and their children are gone."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), fn],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pids = []
    for name in ("a", "b"):
        wait_for(tmp_path / name)
        pids += pids_in(tmp_path / name)
    assert all(is_alive(pid) for pid in pids)

    os.kill(parent.pid, number)
    parent.wait(orchestrated.PATIENCE)

    assert await_gone(pids) == []


def test_an_interrupt_of_the_terminal_does_not_reach_workers(workers, tmp_path):
    """Workers are in sessions of their own, so that the parent decides what an interrupt means."""
    start(workers, "hangs", touch_and_hang, tmp_path / "pid")
    wait_for(tmp_path / "pid")
    (pid,) = pids_in(tmp_path / "pid")

    assert os.getsid(pid) == os.getpgid(pid) == pid != os.getsid(0)


def test_descriptors_do_not_leak(workers):
    """After 2,000 attempts, some of which died, neither side has more open files than before."""
    run_one(workers, leave, 1)
    before = count_descriptors(), run_one(workers, count_descriptors).result.value
    for number in range(2000):
        start(workers, str(number), *((leave, 1) if number % 200 == 199 else (say, "word")))
        await_ends(workers)

    after = count_descriptors(), run_one(workers, count_descriptors).result.value
    assert after == before


IMPORTED = """
import threading
import numpy, pandas, polars, pyarrow
from pathlib import Path
import sys
from tests.contract.orchestrated import *

pyarrow.array([1, 2]).sum()
polars.DataFrame({"a": [1, 2]}).lazy().select(polars.col("a").sum()).collect()
numpy.ones((500, 500)) @ numpy.ones((500, 500))
busy = [threading.Thread(target=lambda: [sum(range(1000)) for _ in range(20000)]) for _ in range(4)]
for each in busy:
    each.start()
workers = open_workers(Path(sys.argv[1]))
for number in range(10):
    workers.start(attempt(str(number)), PlainJob(count_in_polars, (number,)))
print(sorted(results(await_ends(workers, 10)).values()))
workers.close()
"""


@pytest.mark.heavy
def test_threads_of_the_parent_do_no_harm(tmp_path):
    """Workers of a parent whose libraries hold threads and locks work, and none hangs."""
    for package in ("pandas", "polars", "pyarrow"):
        pytest.importorskip(package)

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )

    assert done.stdout.strip() == str(list(range(10)))


def test_a_began_attempt_names_its_process(workers):
    """Who is told of the beginning of an attempt learns the process that makes it."""
    start(workers, "a", own_pid)

    heard = await_ends(workers)

    began = next(each for each in heard if isinstance(each, Began))
    assert began.pid == heard[-1].result.value
