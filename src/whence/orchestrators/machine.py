"""What this machine offers to attempts: the processors, memory and accelerators we may use."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")
DEVICES_VARIABLE = "CUDA_VISIBLE_DEVICES"


def count_cpus(groups: Sequence[Path] | None = None) -> float:
    """Return how many processors this process may use, by affinity and by its control groups."""
    try:
        allowed = float(len(os.sched_getaffinity(0)))
    except AttributeError:  # not on every platform
        allowed = float(os.cpu_count() or 1)
    return min([allowed, *_cpu_quotas(control_groups() if groups is None else groups)])


def measure_memory(groups: Sequence[Path] | None = None) -> int:
    """Return how many bytes of memory this process may use: what there is, or its own bound."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_memory_limits(control_groups() if groups is None else groups)])


def list_devices(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the CUDA devices that steps may be given."""
    shown = environment.get(DEVICES_VARIABLE)
    if shown is not None:
        names = [name.strip() for name in shown.split(",")]
        return tuple(name for name in names if name and name != "-1")
    return tuple(_ask_driver())


def _ask_driver() -> Iterable[str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        said = subprocess.run(  # noqa: S603  # the driver's own program, with fixed arguments
            [program, "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return [line.strip() for line in said.splitlines() if line.strip().isdigit()]


def control_groups(own: Path = _OWN_CGROUP, root: Path = _CGROUP) -> list[Path]:
    """Return the folder of this process's control group and of those around it, inmost first."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        number, _, place = line.split(":", 2)
        if number == "0":  # of version 2, where one group holds all limits
            folder = root / place.lstrip("/")
            between = len(Path(place.lstrip("/")).parts)
            return [each for each in [folder, *list(folder.parents)[:between]] if each.is_dir()]
    return []


def _cpu_quotas(groups: Iterable[Path]) -> Iterable[float]:
    for words in _read_all(groups, "cpu.max"):
        if len(words) == 2 and words[0] != "max":  # noqa: PLR2004  # quota and period
            yield int(words[0]) / int(words[1])


def _memory_limits(groups: Iterable[Path]) -> Iterable[int]:
    for words in _read_all(groups, "memory.max"):
        if words and words[0] != "max":
            yield int(words[0])


def _read_all(groups: Iterable[Path], name: str) -> Iterable[list[str]]:
    for group in groups:
        try:
            yield (group / name).read_text().split()
        except OSError:
            continue


def count_memory_kills(groups: Iterable[Path]) -> int:
    """Return how many processes of these control groups the kernel has killed for memory."""
    total = 0
    for words in _read_all(groups, "memory.events"):
        counts = dict(zip(words[::2], words[1::2], strict=False))
        total += int(counts.get("oom_kill", 0))
    return total
