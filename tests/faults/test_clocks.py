"""A clock that is set forward or back, between runs or during one, loses and blocks nothing."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.integration.run_script import ENVIRONMENT, ROOT

HOUR, YEAR = 3600, 365 * 86_400
MORE = 2 * HOUR  # that a clock is set forward once more during a run
SHIFTS = [HOUR, -HOUR, 30 * YEAR, -20 * YEAR]  # seconds; the third is beyond 32 bits
DOUBLED_HOUR = 1_792_890_000  # 2026-10-25 01:00 UTC: Berlin shows the hour before this one again
LONGEST = 60  # seconds that anything here takes on a busy machine


@pytest.fixture
def project(tmp_path):
    """Return an empty project."""
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def start(project: Path, shift: int, *act: object, prefix=(), **settings: str):
    """Start a process whose clock is so many seconds ahead."""
    return subprocess.Popen(
        [
            *prefix,
            sys.executable,
            "-m",
            "tests.faults.clock_runs",
            project,
            str(shift),
            *map(str, act),
        ],
        cwd=ROOT,
        env=ENVIRONMENT | settings,
        stdout=subprocess.PIPE,
        text=True,
    )


def do(project: Path, shift: int, *act: object, **settings) -> list[dict]:
    """Return all runs of a project, after a process with such a clock has done something."""
    process = start(project, shift, *act, **settings)
    said, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    return json.loads(said)


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_clock_that_was_wrong_for_one_run_harms_no_other(project, shift):
    """Runs before, during and after it complete, reuse each other's results, and are all listed."""
    start = time.time()
    for ahead in (0, shift, 0):
        listed = do(project, ahead, "run")

    assert [run["status"] for run in listed] == ["completed"] * 3
    assert sorted(len(run["cached"]) for run in listed) == [0, 3, 3]
    by_clock = sorted(run["started"] - start for run in listed)
    assert by_clock[-1 if shift > 0 else 0] == pytest.approx(shift, abs=LONGEST)


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_clock_that_is_set_during_a_run_changes_no_duration(project, shift):
    """Nor which value of a metric was the last: what lasts is measured by another clock."""
    (run,) = do(project, 0, "run", shift)

    assert run["status"] == "completed"
    assert run["loss"] == 1.0
    assert all(0 <= duration < LONGEST for duration in run["durations"])
    assert do(project, 0, "run")[0]["cached"] == ["begin", "stretch", "end"]


@pytest.mark.parametrize("shift", [0, *SHIFTS])
def test_who_lives_and_who_died_is_no_matter_of_clocks(project, shift):
    """Whatever the clocks of both say, a run that goes on is left alone, and a dead one crashed."""
    process = start(project, shift, "wait")
    assert process.stdout.readline() == "waits\n"
    seen = [do(project, ahead, "list") for ahead in (0, 3 * 86_400, -3 * 86_400)]
    process.kill()
    process.communicate()

    assert [run["status"] for (run,) in seen] == ["running"] * 3
    (dead,) = do(project, 0, "list")
    assert dead["status"] == "crashed"
    assert dead["ended"] >= dead["started"]
    assert dead["durations"][0] >= 0


@pytest.mark.parametrize("shift", [-2 * HOUR, 2 * HOUR])
def test_what_is_good_for_an_hour_is_not_good_for_longer(project, shift):
    """Not by a clock that is ahead, nor after one that was; what is computed then is good again."""
    for ahead in (shift, 0, 0):
        listed = do(project, ahead, "serve")

    assert sorted(run["cached"] for run in listed) == [[], [], ["look_up"]]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
def test_zones_are_a_matter_of_display(project, zone):
    """What is recorded in one zone is the same moment in another, also where an hour is doubled."""
    doubled = DOUBLED_HOUR - int(time.time())
    (here,) = do(project, doubled, "run", doubled + HOUR, TZ=zone)
    (there,) = do(project, 0, "list", TZ="Asia/Kolkata")

    assert here["started"] == there["started"] == pytest.approx(DOUBLED_HOUR, abs=LONGEST)
    assert here["ended"] - here["started"] == pytest.approx(HOUR + MORE, abs=LONGEST)


def test_machines_need_not_have_started_together(project):
    """Where the clock that nobody sets is a day ahead, as in a container, all holds as well."""
    prefix = ("unshare", "--user", "--map-root-user", "--time", "--monotonic", "86400", "--fork")
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody have a clock of their own")
    process = start(project, 0, "wait")
    process.stdout.readline()

    seen = do(project, 0, "run", prefix=prefix)
    process.kill()
    process.communicate()

    assert [run["status"] for run in seen] == ["completed", "running"]
    assert all(0 <= duration < LONGEST for duration in seen[0]["durations"])
