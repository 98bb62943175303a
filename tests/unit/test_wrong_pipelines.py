"""Wrong pipelines: each is refused in one report that names every fault, and starts no step."""

import re
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.unit.authoring.wrong import branches, connections, definitions, maps, slots, values
from tests.unit.authoring.wrong.results import RUN_CASES, RunCase
from tests.unit.authoring.wrong.steps import CASES, STARTED, Case

from whence.errors import DefinitionError, InvalidPipelineError, WhenceError

CASE_FILES = (branches, connections, definitions, maps, slots, values)
PLACE = re.compile(r"[^\s(]*?([\w]+\.py):\d+")


def report_of(case: Case) -> DefinitionError:
    """Return the error with which a case is refused."""
    with pytest.raises(DefinitionError) as caught:
        case.call()
    return caught.value


def faults_of(report: DefinitionError) -> tuple[DefinitionError, ...]:
    """Return the faults of a report; a fault that is raised by itself is its own report."""
    return report.faults if isinstance(report, InvalidPipelineError) else (report,)


def without_places(text: str) -> str:
    """Return a message without what differs between machines."""
    without_folder = re.sub(r"seen from [^)]*", "seen from FOLDER", text)
    without_types = re.sub(r"None of the \d+ .*", "None of the types matches.", without_folder)
    without_working_folder = without_types.replace(Path.cwd().as_uri(), "file:///FOLDER")
    return PLACE.sub(r"\1:LINE", without_working_folder)


@pytest.fixture(autouse=True)
def _empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Keep what should not be run out of this folder, and files out of sight."""
    monkeypatch.chdir(tmp_path)
    STARTED.clear()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_names_every_fault(case: Case):
    """The report of a wrong pipeline has each of its faults, in the order of the code."""
    report = report_of(case)

    assert tuple(fault.code for fault in faults_of(report)) == case.codes


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_step_is_started(case: Case):
    """A pipeline that is refused has started nothing."""
    report_of(case)

    assert STARTED == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_fault_says_what_where_and_how_to_fix_it(case: Case):
    """Every fault says what is wrong, in which file and line of the user's, and what to do."""
    for fault in faults_of(report_of(case)):
        said = fault.describe()

        assert said["what"]
        assert said["fix"]
        assert PLACE.search(said["where"] or "")
        assert "/whence/" not in (said["where"] or "").replace("/tests/", "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_reads_well(case: Case, snapshot: SnapshotAssertion):
    """The text of the report is the one that was read and approved."""
    assert without_places(str(report_of(case))) == snapshot


@pytest.mark.parametrize("case", RUN_CASES, ids=lambda case: case.step)
def test_result_that_is_wrong_fails_its_step(case: RunCase, snapshot: SnapshotAssertion):
    """A fault that only a run shows fails exactly the step that has it."""
    with pytest.raises(WhenceError) as caught:
        case.run()
    run = caught.value.whence_run
    statuses = {name: str(run.steps[name].status) for name in run.steps}

    assert caught.value.code == case.code
    assert statuses == {"number": "completed", case.step: "failed"}
    assert without_places(str(caught.value)) == snapshot


def test_there_are_cases_of_every_kind():
    """The table has more than a hundred wrong pipelines, several of them with many faults."""
    assert len(CASES) > 100
    assert sum(len(case.codes) > 1 for case in CASES) >= 8
    assert all(case_file.__doc__ for case_file in CASE_FILES)
