"""Available memory of this process, also in a container, and its peak memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class _Names(NamedTuple):
    """File names of a version of control groups, and its name for page cache in `memory.stat`."""

    limit: str
    usage: str
    cache: str


#: By type of file system.
_VERSIONS = {
    "cgroup": _Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    "cgroup2": _Names("memory.max", "memory.current", "inactive_file"),
}
_GROUP = re.compile(r"\d+:(?P<controllers>[^:]*):(?P<path>/.*)")
_MOUNT = re.compile(
    r"\S+ \S+ \S+ (?P<top>\S+) (?P<place>\S+) .* - (?P<kind>cgroup2?) \S+ (?P<options>\S+)"
)


def available_memory(root: Path = Path("/")) -> int | None:
    """Return the bytes that can be allocated without swapping; None if the system does not say.

    On Linux, this is the minimum of what the machine and each control group of this process,
    version 1 or 2, have left. Inactive page cache counts as available, since the kernel reclaims it
    first.

    Args:
        root: folder that holds `proc` and `sys`.
    """
    machine = _values(root / "proc/meminfo").get("MemAvailable")
    available = [] if machine is None else [machine * 1024]
    for folder, names in _groups(root):
        limit, usage = _number(folder / names.limit), _number(folder / names.usage)
        if limit is not None and usage is not None:
            cache = _values(folder / "memory.stat").get(names.cache, 0)
            available.append(max(0, limit - max(0, usage - cache)))
    return min(available, default=None)


def peak_memory(root: Path = Path("/")) -> int | None:
    """Return the peak resident memory of this process in bytes; None if the system does not say.

    Args:
        root: folder that holds `proc`.
    """
    peak = _values(root / "proc/self/status").get("VmHWM")
    return None if peak is None else peak * 1024


def _groups(root: Path) -> Iterator[tuple[Path, _Names]]:
    """Yield the folders of this process's control groups, from its own outwards.

    A group is not always where `/proc/self/cgroup` says: a container may see only part of the tree,
    with its own group at the top.
    """
    paths: dict[str, str] = {}
    for line in _lines(root / "proc/self/cgroup"):
        group = _GROUP.fullmatch(line)
        if group and not group["controllers"]:
            paths["cgroup2"] = group["path"]
        elif group and "memory" in group["controllers"].split(","):
            paths["cgroup"] = group["path"]
    for line in _lines(root / "proc/self/mountinfo"):
        mount = _MOUNT.fullmatch(line)
        if not mount or mount["kind"] not in paths:
            continue
        if mount["kind"] == "cgroup2" or "memory" in mount["options"].split(","):
            inner = _below(paths[mount["kind"]], mount["top"])
            for path in (inner, *inner.parents):
                yield root / mount["place"].lstrip("/") / path, _VERSIONS[mount["kind"]]


def _below(path: str, top: str) -> PurePosixPath:
    """Return the path relative to `top`, or that of `top` itself if it lies elsewhere."""
    below = PurePosixPath(path)
    if below.is_relative_to(top) and ".." not in below.relative_to(top).parts:
        return below.relative_to(top)
    return PurePosixPath()


def _values(path: Path) -> dict[str, int]:
    """Return the numbers of a file by name, from lines such as `name 1` or `name: 1 kB`."""
    pairs = (line.replace(":", " ").split() for line in _lines(path))
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) > 1 and pair[1].isdecimal()}


def _number(path: Path) -> int | None:
    """Return the number in a file; None if there is no file or no limit (`max`)."""
    text = "".join(_lines(path))
    return int(text) if text.isdecimal() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:  # not Linux, or not readable for this process
        return []
