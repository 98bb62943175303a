"""Runs that older versions recorded, compared with each other and with new ones."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.history.recorded_runs import RunBuilder

import whence

VERSIONS = sorted((Path(__file__).parents[1] / "metadata_stores").glob("version_*.sql"))


@pytest.fixture(params=VERSIONS, ids=lambda path: path.stem)
def old_run(request, stack):
    """Return the oldest run of a store that an older version wrote."""
    with closing(sqlite3.connect(stack.metadata_store.path)) as connection:
        connection.executescript(request.param.read_text())
    return whence.runs()[-1]


def test_an_old_run_does_not_differ_from_itself(old_run):
    """What is not recorded is no difference."""
    comparison = whence.compare(old_run, old_run)

    assert not comparison.divergences
    assert json.dumps(comparison.to_dict())
    assert comparison._repr_html_()


def test_an_old_run_is_compared_with_a_new_one(old_run, stack):
    """Steps are matched all the same, and it is told where no code was recorded."""
    builder = RunBuilder.start(stack)
    for step in old_run.records.steps:
        builder.add(step.node, {"result": 1}, step=step.step, depends_on=step.depends_on)
    comparison = whence.compare(old_run, builder.finish())

    assert [row.partial for row in comparison.steps] == [False] * len(old_run.steps)
    assert comparison.divergences
    assert "Not every run recorded the code of" in str(comparison)
