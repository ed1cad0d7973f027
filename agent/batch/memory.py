"""The number of workers that fit into the available memory."""

from __future__ import annotations

#: Resident memory of a worker, as `benchmarks/batch.py` measures it, plus a margin: for text only,
#: and with PyTorch, the network and text recognition.
TEXT_WORKER = 400 * 2**20
PICTURE_WORKER = 2_500 * 2**20


def affordable(workers: int, pictures: bool, available: int | None) -> int:
    """Return how many of `workers` fit into memory, at least one.

    Args:
        pictures: whether there are pictures to run tools on.
        available: available bytes; None if unknown, in which case all are assumed to fit.
    """
    if available is None:
        return workers
    return max(1, min(workers, available // (PICTURE_WORKER if pictures else TEXT_WORKER)))
