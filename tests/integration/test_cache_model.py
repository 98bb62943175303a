"""A pipeline under random edits, damage and options, beside a model of what must be computed."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.integration.cache_sessions import computed

from whence import pipeline, step

LENGTH = 3_000  # numbers: too many bytes to be kept in a record


@step
def count(path: Path) -> int:
    return len(path.read_text().strip())


@step
def grow(number: int, by: int) -> np.ndarray:
    return np.full(LENGTH, number * by)


@step
def grow_otherwise(number: int, by: int) -> np.ndarray:
    return np.full(LENGTH, number + by)


@step
def tell(values: np.ndarray, mark: str) -> str:
    return f"{values[0]}{mark}"


@pipeline
def work(path: Path, by: int, mark: str, otherwise: bool):
    growing = grow_otherwise if otherwise else grow
    return tell(growing.with_options(name="grow")(count(path), by), mark)


NODES = ("count", "grow", "tell")


class CachedPipeline(RuleBasedStateMachine):
    """What a run returns is what computing all of it afresh returns, and no step runs twice."""

    def __init__(self) -> None:
        super().__init__()
        self._before = Path.cwd()
        self._project = Path(tempfile.mkdtemp())
        os.chdir(self._project)
        Path("pyproject.toml").touch()
        self._text, self._by, self._mark, self._otherwise = "a", 1, "!", False
        self._write()
        self._known: set[tuple] = set()  # keys with a result
        self._deleted: set[int] = set()  # arrays whose files are gone
        self._last = None

    def teardown(self) -> None:
        os.chdir(self._before)
        shutil.rmtree(self._project, onerror=_remove_anyway)

    # -------------------------------------------------------------- rules

    @rule(by=st.integers(0, 2), mark=st.sampled_from("!?"))
    def change_parameters(self, by, mark):
        self._by, self._mark = by, mark

    @rule(text=st.sampled_from(["a", "b", "aa", "bb", "a ", ""]))
    def edit_file(self, text):
        self._text = text
        self._write()

    @rule()
    def touch_file(self):
        Path("input.txt").touch()

    @rule(otherwise=st.booleans())
    def swap_step(self, otherwise):
        self._otherwise = otherwise

    @precondition(lambda self: self._last is not None)
    @rule()
    def delete_array(self):
        folder = self._last.steps.grow.outputs.result.path
        _remove_folder(folder)
        self._deleted.add(self._value)

    @rule(refresh=st.sampled_from([None, *NODES]), planned=st.booleans())
    def run(self, refresh, planned):
        chosen = work.with_options(refresh=[refresh]) if refresh else work
        arguments = (Path("input.txt"), self._by, self._mark, self._otherwise)
        expected, value = self._expect(refresh)
        verdicts = _verdicts(chosen.plan(*arguments)) if planned else {}
        run = chosen(*arguments)

        assert run.read() == f"{value}{self._mark}"
        assert computed(run) == expected
        assert all(verdicts.get(node) != "hit" for node in expected)
        assert all(verdicts.get(node) != "miss" for node in NODES if node not in expected)
        self._last, self._value = run, value

    @invariant()
    def results_can_be_read(self):
        if self._last is not None and self._value not in self._deleted:
            assert self._last.steps.grow.outputs.result.read()[0] == self._value

    # -------------------------------------------------------------- the model

    def _expect(self, refresh):
        """Return the nodes that must run, in order, and the array's value; learn from it."""
        number = len(self._text.strip())
        value = number + self._by if self._otherwise else number * self._by
        keys = {
            "count": ("count", self._text),
            "grow": ("grow", self._otherwise, number, self._by),
            "tell": ("tell", value, self._mark),
        }
        running = [node for node, key in keys.items() if key not in self._known or node == refresh]
        if value in self._deleted:
            if "grow" not in running:
                running = [node for node in NODES if node in running or node == "grow"]
            self._deleted.discard(value)
        self._known.update(keys.values())
        return running, value

    def _write(self) -> None:
        Path("input.txt").write_text(self._text)


def _verdicts(plan):
    return {node: str(each.verdict) for node, each in plan.decisions.items()}


def _remove_folder(folder):
    if folder.exists():
        folder.chmod(0o700)
        shutil.rmtree(folder)


def _remove_anyway(function, path, _):
    Path(path).parent.chmod(0o700)
    function(path)


CachedPipeline.TestCase.settings = settings(
    settings.get_profile("dev"), max_examples=25, stateful_step_count=20
)
TestCachedPipeline = CachedPipeline.TestCase
