"""What a process holds open does not grow with what it does."""

import resource
from pathlib import Path

import pytest
from tests.faults.run_work import draw, run_once

from whence import pipeline, step

FEW, MANY = 10, 2000


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    """Work in a project of its own, with few descriptors more than are open already."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count_open() + 40, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def count_open() -> int:
    """Return how many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


opened: list[int] = []


@step(cache=False)
def look(before: int) -> int:
    opened.append(count_open())
    return before + 1


@pipeline
def long():
    value = 0
    for _ in range(MANY):
        value = look(value)
    return value


def test_two_thousand_steps_hold_no_more_open_than_ten():
    """The descriptors open in the last step are those open in the tenth."""
    opened.clear()
    long()

    assert len(opened) == MANY
    assert opened[-1] <= opened[FEW] + 5


def test_many_runs_hold_no_more_open_than_a_few():
    """Neither runs that compute nor runs that reuse leave anything open."""
    for seed in range(5):
        run_once(seed)
    before = count_open()
    for seed in range(40):
        run_once(seed % 20)
        assert len(draw.run(100, seed).read()) == 100

    assert count_open() <= before + 2
