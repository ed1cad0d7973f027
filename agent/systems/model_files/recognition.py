"""What a file of weights is, as far as names and hashes tell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from agent.errors import CheckpointError
from agent.files import DEFAULT_WEIGHTS
from agent.settings import Settings
from agent.types import Card


def holds_another_network(settings: Settings) -> bool:
    """Whether the weights that the settings name belong to a network other than MIMO-UNet.

    Of a file that cannot be read that is not known: what opens it says what is wrong.
    """
    path = settings.weights
    if path == DEFAULT_WEIGHTS or not path.is_file():
        return False
    info = path.stat()
    return _is_another(path, info.st_size, info.st_mtime_ns)


@lru_cache(maxsize=8)
def _is_another(path: Path, size: int, changed: int) -> bool:
    """`size` and `changed` tell one content of the file from another."""
    from agent.systems.checkpoints import read_state
    from agent.systems.restoration.network import is_mimo_unet

    try:
        return not is_mimo_unet(read_state(path))
    except CheckpointError:
        return False


def card_of_file(cards: Iterable[Card], sha256: str) -> Card | None:
    """The first card that names a file of this SHA-256 among those of its weights."""
    return next((card for card in cards if sha256 in files_of(card)), None)


def files_of(card: Card) -> tuple[str, ...]:
    """SHA-256 of the files that the weights of a card come in."""
    return tuple(getattr(card, "sha256", ()))
