"""How many workers fit into the memory that is free."""

from __future__ import annotations

from pathlib import Path

#: Resident memory of a worker, as `benchmarks/batch.py` measures it and something on top: one that
#: answers from text, and one with PyTorch, the network and the reader of text.
TEXT_WORKER = 400 * 2**20
PICTURE_WORKER = 2_500 * 2**20
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def affordable(workers: int, pictures: bool, available: int | None) -> int:
    """How many of `workers` fit, at least one.

    Args:
        pictures: whether there are pictures to run tools on.
        available: bytes; None where nobody knows, and all are taken to fit.
    """
    if available is None:
        return workers
    return max(1, min(workers, available // (PICTURE_WORKER if pictures else TEXT_WORKER)))


def available() -> int | None:
    """Bytes that can be taken without swapping, in a container too; None where unknown."""
    found = [left for limit, used in _CGROUPS if (left := _difference(limit, used)) is not None]
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        found.append(int(fields["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):  # not Linux
        pass
    return min(found, default=None)


def _difference(limit: str, used: str) -> int | None:
    try:
        return int(Path(limit).read_text("ascii")) - int(Path(used).read_text("ascii"))
    except (OSError, ValueError):  # no such group, or no limit: `max`
        return None
