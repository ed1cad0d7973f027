"""How many workers fit into the memory that is free."""

from __future__ import annotations

#: Resident memory of a worker, as `benchmarks/batch.py` measures it and something on top: one that
#: answers from text, and one with PyTorch, the network and the reader of text.
TEXT_WORKER = 400 * 2**20
PICTURE_WORKER = 2_500 * 2**20


def affordable(workers: int, pictures: bool, available: int | None) -> int:
    """How many of `workers` fit, at least one.

    Args:
        pictures: whether there are pictures to run tools on.
        available: bytes; None where nobody knows, and all are taken to fit.
    """
    if available is None:
        return workers
    return max(1, min(workers, available // (PICTURE_WORKER if pictures else TEXT_WORKER)))
