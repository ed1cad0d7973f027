"""Restoration of one picture, reported in the words of `groundglass restore`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.errors import InputError
from agent.pipeline import Agent
from agent.systems.model_files.recognition import card_of_file
from agent.systems.restoration.files import Order, Source, restore_files
from agent.text import visible


def restore_picture(
    picture: Path, factor: int, folder: Path, agent: Agent, tell: Callable[[str], None]
) -> tuple[str, Path]:
    """Restore a picture into a folder.

    Args:
        factor: factor in [1, 8] by which both sides are enlarged first.

        Returns:
            The outcome on one line, and the restored file.

        Raises:
            InputError: if the picture cannot be restored.
            ConfigError: if the weights or the device cannot be used.
    """
    order = Order(
        folder,
        factor,
        folder=True,
        card_of=lambda sha256: card_of_file(agent.registry.cards(), sha256),
    )
    name = Path(f"{picture.stem}-restored{picture.suffix}")
    (outcome,) = restore_files([Source(picture, name)], order, agent.settings, tell)
    notes = "; ".join(visible(note) for note in outcome.notes)
    if outcome.target is None:
        raise InputError(f"{visible(picture.name)}: {notes}")
    size = f"{outcome.width} × {outcome.height} px, {outcome.seconds:.1f} s"
    line = f"{visible(picture.name)}: {outcome.status}, {size}"
    return f"{line}; {notes}" if notes else line, outcome.target
