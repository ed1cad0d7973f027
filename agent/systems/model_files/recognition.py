"""Recognition of weights files by tensor names and hashes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from agent.errors import CheckpointError
from agent.files import DEFAULT_WEIGHTS
from agent.settings import Settings
from agent.types import Card


def holds_another_network(settings: Settings) -> bool:
    """Check whether the weights that the settings name belong to a network other than MIMO-UNet.

    False for a file that cannot be read; opening it reports what is wrong.
    """
    path = settings.weights
    if path == DEFAULT_WEIGHTS or not path.is_file():
        return False
    info = path.stat()
    return _is_another(path, info.st_size, info.st_mtime_ns)


@lru_cache(maxsize=8)
def _is_another(path: Path, size: int, changed: int) -> bool:
    """Do the same, cached; `size` and `changed` distinguish versions of the file."""
    from agent.systems.checkpoints import read_state
    from agent.systems.restoration.network import is_mimo_unet

    try:
        return not is_mimo_unet(read_state(path))
    except CheckpointError:
        return False


def card_of_file(cards: Iterable[Card], sha256: str) -> Card | None:
    """Return the first card that lists a weights file with this SHA-256."""
    return next((card for card in cards if sha256 in files_of(card)), None)


def files_of(card: Card) -> tuple[str, ...]:
    """Return the SHA-256 hashes of the weights files of a card."""
    return tuple(getattr(card, "sha256", ()))
