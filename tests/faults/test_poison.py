"""One bad record among many: it is named, and everything else goes on."""

import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from tests.faults.run_work import run_once

import whence

GARBAGE = {"null": None, "number": -7, "text": "{", "bytes": b"\xff\x00", "long": "x" * 100_000}

COLUMNS = [
    *(("runs", name) for name in ("parameters", "environment", "outputs", "status", "started_at")),
    *(("step_runs", name) for name in ("parameters", "outputs", "inputs", "status", "metadata")),
    *(("contents", name) for name in ("files", "inline", "size")),
    *(("artifacts", name) for name in ("type", "format", "created_at")),
    *(("metrics", name) for name in ("name", "value")),
    *(("cache_keys", name) for name in ("parts",)),
]


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Return a project of two different runs."""
    project = tmp_path_factory.mktemp("poisoned")
    (project / "pyproject.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        runs = [run_once(1).id, run_once(2).id]
    return project, runs


def poison(file, table: str, column: str, value: object) -> bool:
    """Put garbage into one column of the oldest row; return whether there is such a column."""
    with closing(sqlite3.connect(file)) as connection, connection:
        columns = list(connection.execute(f"PRAGMA table_info({table})"))
        if column not in {row[1] for row in columns}:
            return False
        key = ", ".join(row[1] for row in columns if row[5])
        oldest = f"SELECT {key} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key} LIMIT 1"
        with suppress(
            sqlite3.IntegrityError, sqlite3.OperationalError
        ):  # the table itself refuses it
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE ({key}) = ({oldest})", (value,)
            )
    return True


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[".".join(each) for each in COLUMNS])
@pytest.mark.parametrize("value", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_bad_value_in_one_record_stops_nothing_else(  # noqa: PLR0913, PLR0917  # two are places
    history, monkeypatch, tmp_path, table, column, value
):
    """Listings, the other run, comparisons, plans and new runs go on, whatever one column holds."""
    project, (_bad, good) = history
    copy = tmp_path / "project"
    shutil.copytree(project, copy)
    monkeypatch.chdir(copy)
    assert poison(copy / ".whence/metadata.sqlite", table, column, value), "no such column"

    listed = whence.runs(limit=None)
    assert good in {run.id for run in listed}
    for run in listed:
        assert show(run)
    assert str(whence.compare(*listed)) if len(listed) > 1 else True
    again = run_once(2)
    assert again.read() == again.steps.draw.outputs.result.read().mean()
    assert run_once(3).status == "completed"


def show(run) -> str:
    """Return the text of a run and of its steps; a bad one is an error in words, at worst."""
    try:
        return str(run) + "".join(str(run.steps[name]) for name in run.steps)
    except whence.errors.WhenceError as error:
        return str(error)
