"""What steps that misbehave may not break: streams, exceptions, texts of any length."""

import dataclasses
import io
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whence import step


@step
def add(a: int, b: int = 1) -> int:
    return a + b


def run_script(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of its own in the project and return how it ended."""
    Path("script.py").write_text(textwrap.dedent(text))
    return subprocess.run(
        [sys.executable, "script.py", *arguments], capture_output=True, text=True, check=False
    )


@dataclasses.dataclass(frozen=True)
class FrozenError(Exception):
    a: int


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class OddError(BaseException):
    def __init__(self, _one: int, _two: int) -> None:
        self.lock = threading.Lock()


def recurse(n: int) -> int:
    return recurse(n + 1) if n >= 0 else n


def throw(error: BaseException) -> Callable[[], Any]:
    def raising() -> None:
        raise error

    return raising


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (throw(SystemExit(3)), SystemExit),
        (throw(GeneratorExit()), GeneratorExit),
        (throw(OddError(1, 2)), OddError),
        (throw(FrozenError(1)), FrozenError),
        (throw(SilentError()), SilentError),
        (throw(ExceptionGroup("g", [ValueError()])), ExceptionGroup),
        (lambda: recurse(0), RecursionError),
    ],
)
def test_whatever_a_step_raises_is_recorded_and_raised_as_it_is(act, kind):
    """Exceptions that cannot be pickled, changed or shown fail the step like any other."""

    @step
    def failing() -> None:
        act()

    with pytest.raises(kind) as caught:
        failing.run()
    run = caught.value.whence_run
    assert (run.status, run.steps.failing.error.type.rpartition(".")[2]) == (
        "failed",
        kind.__name__,
    )
    assert "failing" in str(run)
    assert add.run(1).read() == 2


def test_a_very_long_message_is_shown_in_part():
    """The text of a run stays readable; the whole message is in its record."""

    @step
    def shout() -> None:
        raise ValueError("y" * 1_000_000)

    with pytest.raises(ValueError, match="yyy") as caught:
        shout.run()
    run = caught.value.whence_run
    assert len(str(run)) < 5_000
    assert len(str(run.steps.shout)) < 50_000
    assert len(run.steps.shout.error.message) == 1_000_000


def test_a_step_may_replace_or_close_the_standard_streams():
    """What a step does to `sys.stdout` does not outlive the run, nor stop it."""

    @step
    def replacing() -> int:
        sys.stdout = io.StringIO()
        print("lost")
        return 1

    before = sys.stdout
    assert replacing.run().read() == 1
    assert sys.stdout is before

    ended = run_script("""
        import sys
        from whence import step

        @step
        def closing() -> int:
            print("words")
            sys.stdout.close()
            return 1

        run = closing.run()
        sys.stderr.write(f"{run.read()} {run.steps.closing.logs()}")
    """)
    assert (ended.returncode, ended.stderr) == (0, "1 words\n")


def test_a_process_without_standard_streams_runs_steps():
    """Where there is no console, `print` still reaches the step's log."""
    ended = run_script("""
        import sys
        from pathlib import Path
        sys.stdout = sys.stderr = None
        from whence import step

        @step
        def speaking() -> None:
            print("words", flush=True)

        Path("out.txt").write_text(speaking.run().steps.speaking.logs())
    """)

    assert ended.returncode == 0
    assert Path("out.txt").read_text() == "words\n"
