"""What the contract says of steps while they run, alone and several at once."""

import logging
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

import whence
from whence import Metric, pipeline, step
from whence.errors import OutputNotStoredError, WhenceError

SECONDS = 30  # far more than any wait for an event takes


@step
def add(a: int, b: int = 1) -> int:
    return a + b


@step
def zeros(n: int) -> np.ndarray:
    return np.zeros(n)


def run_script(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of its own in the project and return how it ended."""
    Path("script.py").write_text(textwrap.dedent(text))
    return subprocess.run(
        [sys.executable, "script.py", *arguments], capture_output=True, text=True, check=False
    )


# ------------------------------------------------------------------ reports of a step


def test_a_step_reports_metrics_facts_artifacts_and_progress():
    """Each report is found with the step run; a returned metric says which way is better."""

    @step
    def busy() -> Annotated[float, Metric("rmse", mode="min")]:
        for epoch in whence.progress(range(2)):
            whence.log_metric("loss", 1.0 - epoch, step=epoch)
        whence.log_metrics({"x": 1, "y": np.float32(0.5)})
        whence.log_metadata({"who": "me"}, how=[1])
        whence.log_artifact("table", pd.DataFrame({"a": [1]}))
        return 3.1

    run = busy.run()
    steps = run.steps.busy

    assert dict(run.metrics) == {"loss": 0.0, "x": 1.0, "y": 0.5, "rmse": 3.1}
    assert [point.step for point in run.metrics.points[:2]] == [0, 1]
    assert run.metrics.points[-1].mode == "min"
    assert steps.metadata == {"who": "me", "how": [1]}
    assert steps.artifacts.table.read().equals(pd.DataFrame({"a": [1]}))


def test_a_metric_of_nothing_is_not_reported():
    """A step whose metric is optional may return None."""

    @step
    def unsure() -> Annotated[float | None, Metric("m")]:
        return None

    assert dict(unsure.run().metrics) == {}


def test_facts_are_recorded_as_they_are_when_they_are_logged():
    """What the step does to the value afterwards changes nothing."""

    @step
    def later() -> None:
        facts = {"a": [1]}
        whence.log_metadata(facts=facts, lock=threading.Lock())
        facts["a"].append(2)

    metadata = later.run().steps.later.metadata

    assert metadata["facts"] == {"a": [1]}
    assert "lock" in metadata["lock"]


def test_outside_a_run_every_report_works_and_records_nothing():
    """So the bare function needs no set-up."""
    whence.log_metric("a", 1)
    whence.log_metrics({"a": 1})
    whence.log_metadata(a=1)
    whence.log_artifact("a", object())

    assert list(whence.progress([7])) == [7]
    assert list(whence.progress(2)) == [0, 1]
    assert len(whence.runs()) == 0


def test_prints_log_records_and_threads_of_a_step_are_captured():
    """Standard streams, `logging` and the threads that a step starts go to its log."""

    @step
    def wordy() -> None:
        print("out")
        print("err", file=sys.stderr)
        logging.getLogger("mine").warning("logged")
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()

    logs = wordy.run().steps.wordy.logs()

    assert all(word in logs for word in ("out\n", "err\n", "logged\n", "from a thread\n"))


# ------------------------------------------------------------------ several at once


def test_two_runs_of_two_threads_keep_their_words_and_numbers_apart():
    """Pipelines may run at the same time in one process."""
    meet = threading.Barrier(2)
    runs: dict[int, Any] = {}

    @step
    def speak(n: int) -> int:
        print("first", n)
        meet.wait(SECONDS)
        print("second", n)
        whence.log_metric("n", n)
        return n

    def go(n: int) -> None:
        runs[n] = speak.run(n)

    threads = [threading.Thread(target=go, args=(n,)) for n in range(2)]
    before = sys.stdout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert sys.stdout is before
    for n, run in runs.items():
        assert run.steps.speak.logs() == f"first {n}\nsecond {n}\n"
        assert run.metrics["n"] == n


def test_a_run_may_begin_while_a_step_runs_in_another_thread_and_outlive_it():
    """Only what is called inside a step is refused, and capturing lasts until the last run ends."""
    begun, inside, over = threading.Event(), threading.Event(), threading.Event()
    runs: dict[str, Any] = {}

    @step
    def first() -> None:
        begun.set()
        assert inside.wait(SECONDS)

    @step
    def second() -> None:
        inside.set()
        assert over.wait(SECONDS)
        print("late words")

    def go_first() -> None:
        runs["first"] = first.run()
        over.set()

    def go_second() -> None:
        assert begun.wait(SECONDS)
        runs["second"] = second.run()

    threads = [threading.Thread(target=each) for each in (go_first, go_second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert runs["second"].steps.second.logs() == "late words\n"


# ------------------------------------------------------------------ the machine


def test_records_stay_readable_from_anywhere():
    """Where a program goes after a run, the run's results can still be read."""
    run, home = zeros.run(10_000), Path.cwd()
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").touch()
    os.chdir(elsewhere)

    assert run.read().shape == (10_000,)
    assert run.outputs.result.producer.node == "zeros"
    assert len(whence.runs()) == 0
    zeros.run(3)
    assert (elsewhere / ".whence").is_dir()


def test_a_step_may_change_the_working_directory():
    """What comes after is recorded with the run all the same."""

    @step
    def wander() -> int:
        os.chdir("/")
        return 1

    home = Path.cwd()
    run = wander.run()
    value = run.read()
    os.chdir(home)

    assert value == 1
    assert [each.id for each in whence.runs()] == [run.id]


def test_whence_home_says_where_everything_lies(project, monkeypatch):
    """With `WHENCE_HOME` nothing is written into the project."""
    monkeypatch.setenv("WHENCE_HOME", str(project / "elsewhere" / "home"))

    assert add.run(1).read() == 2
    assert not (project / ".whence").exists()
    assert (project / "elsewhere" / "home").is_dir()


def test_a_deleted_home_is_made_anew_while_the_process_goes_on():
    """After `.whence` was deleted, the next run begins a new one."""
    zeros.run(10_000)
    for folder, _, _ in os.walk(".whence"):
        Path(folder).chmod(0o700)
    shutil.rmtree(".whence")

    run = zeros.run(10_001)

    assert run.read().shape == (10_001,)
    assert [each.id for each in whence.runs()] == [run.id]


FULL_DISK = """
    import resource, signal
    import numpy as np
    import whence
    from whence import step

    @step
    def small(n: int) -> int:
        return n

    @step
    def large(n: int) -> np.ndarray:
        return np.zeros(n)

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    small.run(1)
    for size, attempt in ((2_000_000, lambda: large.run(1_000_000)), (100, lambda: small.run(3))):
        limit(size)
        try:
            attempt()
        except whence.errors.WhenceError as error:
            print(type(error).__name__, getattr(error, "value", None) is not None)
            print("disk and its space" in str(error))
    limit(resource.RLIM_INFINITY)
    print(small.run(4).read(), sorted(run.status for run in whence.runs(pipeline="small"))[0])
"""


def test_a_full_disk_loses_nothing_and_is_named():
    """The value is in the error, which blames the disk; with space again, runs go on."""
    ended = run_script(FULL_DISK)

    assert ended.stdout.splitlines() == [
        *(f"{OutputNotStoredError.__name__} True", "True"),
        *("StoreUnavailableError False", "True"),
        "4 completed",
    ]


def test_errors_of_whence_are_its_own_and_at_hand():
    """`whence.errors` is there after `import whence`, and one class catches all."""

    @pipeline
    def empty():
        pass

    with pytest.raises(whence.errors.WhenceError) as caught:
        empty()
    assert isinstance(caught.value, WhenceError)
