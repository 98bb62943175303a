"""Runs on disks that are too small: `small_disks FOLDER full|quota|readonly|network`, as JSON.

`full`: a file system of its own in memory, of one size after the other; afterwards it is made
larger. `quota`: no file may grow beyond a limit; afterwards it may. `readonly`: nothing may be
written; afterwards it may. `network`: the system's table of mounts says that several machines share
the disk.
"""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.run_work import (
    FAILED,
    RunWork,
    enter_project,
    examine_project,
    make_project,
    run_once,
    warm_up,
)
from tests.faults.store_work import REFUSED
from tests.integration.forked import ask_child

from whence.errors import WhenceError

KIB = 1024
DISKS = [*range(8 * KIB, 512 * KIB, 28 * KIB), *range(512 * KIB, 1280 * KIB, 128 * KIB)]
LIMITS = [
    1,
    100,
    1000,
    4096,
    5000,
    9000,
    16 * KIB,
    20_000,
    64 * KIB,
    100_000,
    256 * KIB,
    2**20,
    2**21,
    2**22,
]
ENOUGH = 64 * KIB * KIB


def run_in_child(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Return what a run in *folder* said, and its exit code; *limit* is the size of any file."""

    def work() -> dict[str, Any]:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        reading, writing = os.pipe()
        code = 0
        try:
            RunWork(folder)(writing)
        except SystemExit as error:
            code = int(str(error.code))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is not what was promised
            os.write(writing, f"odd {type(error).__name__}\n".encode())
        os.close(writing)
        with os.fdopen(reading) as pipe:
            return {"said": pipe.read().splitlines(), "code": code}

    return ask_child(work)


def judge(folder: Path, ended: dict[str, Any]) -> tuple[str, list[str]]:
    """Return how a run ended, and what is wrong with that or with what it left."""
    word = ended["said"][0].split()[0] if ended["said"] else "nothing"
    known = {("completed", 0), ("refused", REFUSED), ("failed", FAILED)}
    faults = [] if (word, ended["code"]) in known else [f"ended oddly: {ended}"]
    found = ask_child(partial(examine_project, folder, ended["said"]))
    return word, faults + found["faults"]


def fill_disks(root: Path) -> dict[str, Any]:
    """Run on ever larger disks; after each run the disk grows and the run is made again."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    place = root / "disk"
    place.mkdir()
    for size in DISKS:
        _mount(place, size)
        ended = run_in_child(make_project(place / "project"))
        _mount(place, ENOUGH, again=True)
        word, wrong = judge(place / "project", ended)
        ends[word] += 1
        faults += [f"{size} bytes: {each}" for each in wrong]
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    return {"ends": ends, "faults": faults[:20]}


def forbid_writing(root: Path) -> dict[str, Any]:
    """Run where a run has completed and nothing may be written any more; say what was refused."""
    place = root / "disk"
    place.mkdir()
    _mount(place, ENOUGH)
    project = make_project(place / "project")
    assert run_in_child(project)["code"] == 0
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    told = ask_child(partial(tell_refusal, project))
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
    _, faults = judge(project, {"said": ["refused WH503"], "code": REFUSED})
    return {"told": told, "faults": faults}


def pretend_network(root: Path) -> dict[str, Any]:
    """Run where the table of mounts names a network file system; say what was refused."""
    project = make_project(root / "project")
    table = root / "mounts"
    table.write_text(
        f"22 1 8:1 / / rw - ext4 /dev/sda rw\n23 22 0:41 / {root} rw - nfs4 far:/ rw\n"
    )

    def look() -> dict[str, str | None]:
        mine = f"/proc/{os.getpid()}/mountinfo"
        subprocess.run(["mount", "--bind", str(table), mine], check=True)
        return tell_refusal(project)

    return {"told": ask_child(look), "made": [path.name for path in project.rglob("*.sqlite")]}


def tell_refusal(project: Path) -> dict[str, str | None]:
    """Return what a new run is told."""
    enter_project(project)
    try:
        run_once(2)
    except WhenceError as error:
        return error.describe()
    return {}


def _mount(place: Path, size: int, *, again: bool = False) -> None:
    options = f"size={size}" + (",remount" if again else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=True)


def limit_files(root: Path) -> dict[str, Any]:
    """Run under ever larger limits for files; after each the run is made again without."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    for limit in LIMITS:
        project = make_project(root / str(limit))
        word, wrong = judge(project, run_in_child(project, limit))
        ends[word] += 1
        faults += [f"{limit} bytes: {each}" for each in wrong]
        shutil.rmtree(project, ignore_errors=True)
    return {"ends": ends, "faults": faults[:20]}


def _enter_own_mounts() -> str | None:
    """Let this process mount what nobody else sees; return why it may not."""
    user, mounts = 0x10000000, 0x00020000
    libc = ctypes.CDLL(None, use_errno=True)
    who, group = os.getuid(), os.getgid()
    if libc.unshare(user | mounts) != 0:
        return f"mounting is not allowed here: {os.strerror(ctypes.get_errno())}"
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {who} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    return None


def main(root: Path, what: str) -> None:
    """Print what became of the runs, as JSON."""
    if what != "quota" and (reason := _enter_own_mounts()):
        print(json.dumps({"skip": reason}))
        return
    warm_up(root / "warm")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where failing runs say what they met
    acts = {
        "full": fill_disks,
        "quota": limit_files,
        "readonly": forbid_writing,
        "network": pretend_network,
    }
    print(json.dumps(acts[what](root)))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
