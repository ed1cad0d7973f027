"""No more workers than fit into memory, and at least one."""

from __future__ import annotations

import pytest

from agent.batch import memory
from agent.batch.memory import PICTURE_WORKER, TEXT_WORKER, affordable


@pytest.mark.parametrize(
    ("pictures", "free", "workers"),
    [
        (False, 3 * TEXT_WORKER, 3),
        (True, 3 * TEXT_WORKER, 1),
        (True, 5 * PICTURE_WORKER, 5),
        (True, 0, 1),
        (False, -1, 1),
        (False, None, 8),
    ],
)
def test_as_many_as_fit(pictures: bool, free: int | None, workers: int):
    assert affordable(8, pictures, free) == workers


def test_a_container_counts_where_it_is_tighter(tmp_path, monkeypatch):
    limit, used = tmp_path / "max", tmp_path / "current"
    limit.write_text("1000\n")
    used.write_text("400\n")
    monkeypatch.setattr(memory, "_CGROUPS", ((str(limit), str(used)),))
    assert memory.available() == 600
    limit.write_text("max\n")
    assert memory.available() != 600
