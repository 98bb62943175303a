"""What a machine offers, and who gets which part of it."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.domain.attempts import AttemptId
from whence.orchestrators.causes_of_death import explain_death
from whence.orchestrators.devices import DevicePool
from whence.orchestrators.machine import (
    control_groups,
    count_cpus,
    count_memory_kills,
    list_devices,
    measure_memory,
)
from whence.orchestrators.thread_pools import VARIABLES, thread_variables


@pytest.fixture
def groups(tmp_path):
    """Return the control groups of a process two levels down, whose bounds are in files."""
    inner = tmp_path / "cgroup" / "outer" / "inner"
    inner.mkdir(parents=True)
    own = tmp_path / "own"
    own.write_text("1:name=systemd:/else\n0::/outer/inner\n")
    return control_groups(own, tmp_path / "cgroup")


def test_control_groups_are_found_with_those_around_them(groups, tmp_path):
    """A process is bound by its own group and by every group that this one is in."""
    root = tmp_path / "cgroup"

    assert groups == [root / "outer" / "inner", root / "outer", root]


def test_without_control_groups_there_are_no_bounds(tmp_path):
    """Where the system has no control groups, none is found."""
    assert control_groups(tmp_path / "missing", tmp_path) == []


def test_processors_are_those_that_a_group_allows(groups):
    """The smallest quota around a process counts, and may be a fraction."""
    (groups[0] / "cpu.max").write_text("max 100000\n")
    (groups[1] / "cpu.max").write_text("50000 100000\n")

    assert count_cpus(groups) == 0.5


def test_processors_are_those_that_affinity_allows():
    """Without a quota there are as many processors as this process may run on."""
    assert count_cpus([]) == len(os.sched_getaffinity(0))


def test_memory_is_what_a_group_allows(groups):
    """The smallest limit around a process counts."""
    (groups[0] / "memory.max").write_text("max\n")
    (groups[1] / "memory.max").write_text("4096\n")

    assert measure_memory(groups) == 4096


def test_kills_for_memory_are_counted(groups):
    """What the kernel notes of its kills in any group is added up."""
    (groups[0] / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")

    assert count_memory_kills(groups) == 2


@pytest.mark.parametrize(
    ("shown", "names"),
    [("0,1", ("0", "1")), ("", ()), ("-1", ()), ("GPU-a, GPU-b", ("GPU-a", "GPU-b"))],
)
def test_devices_are_those_that_are_shown(shown, names):
    """`CUDA_VISIBLE_DEVICES` says which devices there are, by number or name."""
    assert list_devices({"CUDA_VISIBLE_DEVICES": shown}) == names


@given(
    amounts=st.lists(st.sampled_from([0.25, 0.5, 1, 2]), max_size=12),
    count=st.integers(1, 4),
)
def test_no_device_is_lent_beyond_itself(amounts, count):
    """Whoever comes in which order, the shares of one device never add up to more than one."""
    pool = DevicePool([str(each) for each in range(count)])
    used = dict.fromkeys(range(count), 0.0)
    for number, amount in enumerate(amounts):
        for name in pool.lend(AttemptId(str(number), 1), amount):
            used[int(name)] += min(amount, 1)

    assert all(each <= 1 for each in used.values())


def test_what_is_given_back_is_lent_again():
    """A device that an attempt had is there for the next."""
    pool = DevicePool(["a"])
    first, second = AttemptId("first", 1), AttemptId("second", 1)
    pool.lend(first, 1)
    pool.take_back(first)

    assert pool.lend(second, 1) == ("a",)


def test_shares_are_packed_together():
    """Two halves are lent from one device, so that another stays whole."""
    pool = DevicePool(["a", "b"])

    halves = [pool.lend(AttemptId(str(number), 1), 0.5) for number in range(2)]

    assert halves == [("a",), ("a",)]
    assert pool.lend(AttemptId("whole", 1), 1) == ("b",)


def test_threads_are_bound_where_the_user_has_not():
    """Every variable of native libraries is set but those that the user has set."""
    variables = thread_variables(3, {"OMP_NUM_THREADS": "8"})

    assert set(variables) == {*VARIABLES} - {"OMP_NUM_THREADS"}
    assert set(variables.values()) == {"3"}


def test_a_kill_for_memory_is_named():
    """SIGKILL is called what it was when the kernel says so."""
    assert "ran out of memory, or the control group" in explain_death(-9, 1)
    assert "may have run out of memory" in explain_death(-9, 0)
