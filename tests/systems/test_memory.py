"""What is left is what the machine has, and what every control group around the process has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agent.systems.memory import available_memory

MEMINFO = "MemTotal:  9000 kB\nMemFree:  100 kB\nMemAvailable:  8000 kB\n"
HOST = 8000 * 1024
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
V2 = ("memory.max", "memory.current", "inactive_file")
#: What version 1 gives for no limit.
NO_LIMIT = 9_223_372_036_854_771_712

#: Lines of /proc/self/mountinfo, with the top of the tree that a process sees.
UNIFIED = "31 23 0:27 {} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
MEMORY = "35 31 0:32 {} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory"
CPU = "33 31 0:30 {} /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu"
HYBRID = "41 31 0:38 {} /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"
DISK = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro"

Machine = Callable[..., Path]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Makes a folder with the files of /proc and /sys that a process sees."""

    def make(
        cgroup: str = "",
        mounts: tuple[str, ...] = (),
        groups: Mapping[str, tuple[object, ...]] | None = None,
        names: tuple[str, str, str] = V2,
        meminfo: str = MEMINFO,
    ) -> Path:
        """`groups` are limit, usage and inactive page cache, by folder under /sys/fs/cgroup."""
        proc = tmp_path / "proc" / "self"
        proc.mkdir(parents=True)
        (proc.parent / "meminfo").write_text(meminfo)
        (proc / "cgroup").write_text(cgroup)
        (proc / "mountinfo").write_text("".join(f"{line}\n" for line in (DISK, *mounts)))
        for place, (limit, usage, cache) in (groups or {}).items():
            folder = tmp_path / "sys/fs/cgroup" / place
            folder.mkdir(parents=True, exist_ok=True)
            (folder / names[0]).write_text(f"{limit}\n")
            (folder / names[1]).write_text(f"{usage}\n")
            (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {cache}\nactive_file 7\n")
        return tmp_path

    return make


def test_without_control_groups_the_machine_counts(machine: Machine) -> None:
    assert available_memory(machine()) == HOST


def test_a_system_that_does_not_tell_is_none(tmp_path: Path, machine: Machine) -> None:
    assert available_memory(tmp_path / "nothing") is None
    assert available_memory(machine(meminfo="MemTotal:  9000 kB\nMemAvailable:\n")) is None


def test_the_memory_of_this_machine_is_read_or_not_known() -> None:
    left = available_memory()
    assert left is None or left >= 0


@pytest.mark.parametrize(
    ("top", "path", "place"),
    [
        ("/", "/", ""),  # a container with a name space of its own
        ("/docker/c1", "/docker/c1", ""),  # one without, that sees its own part of the tree
        ("/", "/docker/c1", "docker/c1"),  # one that sees the tree of the machine
        ("/", "/gone/c1", ""),  # one that sees less of the tree than it is told
        ("/..", "/", ""),  # the tree was mounted outside the name space
        ("/", "/../other", ""),  # the process was moved outside the name space
    ],
)
@pytest.mark.parametrize(
    ("mount", "line", "below", "names"),
    [(UNIFIED, "0::{}\n", "", V2), (MEMORY, "4:memory:{}\n", "memory", V1)],
)
def test_the_limit_of_a_container_counts_wherever_its_group_is(
    machine: Machine, mount: str, line: str, below: str, names: tuple[str, str, str],
    top: str, path: str, place: str,
) -> None:  # fmt: skip
    groups = {f"{below}/{place}".strip("/"): (5000, 1200, 200)}
    root = machine(line.format(path), (CPU.format("/"), mount.format(top)), groups, names)
    assert available_memory(root) == 5000 - (1200 - 200)


@pytest.mark.parametrize("tight", ["a.slice", "a.slice/b.slice", "a.slice/b.slice/c.scope"])
def test_the_tightest_of_all_groups_around_counts(machine: Machine, tight: str) -> None:
    path = "a.slice/b.slice/c.scope"
    groups: dict[str, tuple[object, ...]] = {
        place: ("max", 10, 0) for place in (path, "a.slice/b.slice", "a.slice", "d.slice")
    }
    groups |= {tight: (4000, 1000, 0), "d.slice": (1, 1, 0)}  # it is not in the second
    assert available_memory(machine(f"0::/{path}\n", (UNIFIED.format("/"),), groups)) == 3000


def test_a_machine_with_both_versions(machine: Machine) -> None:
    cgroup = "9:name=systemd:/x\n4:cpu,memory:/job\n3:cpuset:/other\n0::/user.slice\n"
    mounts = tuple(mount.format("/") for mount in (CPU, MEMORY, HYBRID))
    groups = {"memory/job": (7000, 1000, 0), "memory/other": (1, 1, 0), "cpu/job": (2, 1, 0)}
    assert available_memory(machine(cgroup, mounts, groups, V1)) == 6000


@pytest.mark.parametrize(
    ("limit", "usage", "cache", "left"),
    [
        ("max", 1200, 0, HOST),
        (NO_LIMIT, 1200, 0, HOST),
        (2 * HOST, 1200, 0, HOST),
        (1000, 1200, 0, 0),  # a limit that was lowered
        (1000, 100, 300, 1000),  # read at two instants
        (1000, "", 0, HOST),
        (1000, "odd", 0, HOST),
    ],
)
def test_no_limit_and_odd_numbers(
    machine: Machine, limit: object, usage: object, cache: int, left: int
) -> None:
    groups = {"": (limit, usage, cache)}
    assert available_memory(machine("0::/\n", (UNIFIED.format("/"),), groups)) == left


def test_lines_of_another_form_are_passed_over(machine: Machine) -> None:
    odd = ("", "- -", "31 23 0:27 / /sys/fs/cgroup - cgroup2", "1 - cgroup2 - -")
    root = machine("\n::\n0:/\nodd\n0::/\n", (*odd, UNIFIED.format("/")), {"": (9, 1, 0)})
    assert available_memory(root) == 8
