"""No more workers than fit into memory, and at least one."""

from __future__ import annotations

import pytest

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
