"""Opening the restorer for the weights that the settings name."""

from __future__ import annotations

from collections.abc import Callable

from agent.settings import Settings
from agent.systems.model_files.recognition import holds_another_network
from agent.systems.spec import Restorer
from agent.types import Card

CardOf = Callable[[str], Card | None]
"""Maps the SHA-256 of a weights file to its card, if there is one."""


def open_fastest(settings: Settings, card_of: CardOf = lambda _: None) -> Restorer:
    """Open MIMO-UNet, or the network of another file, in the fastest way the settings allow.

    This is for making pictures only; for reports and comparisons, a tool opens the network.

    Raises:
        CheckpointError: if the weights cannot be used.
        ConfigError: if the device does not exist or lacks this precision, or a package that the
            network needs is missing.
    """
    if holds_another_network(settings):
        from agent.systems.model_files.restorer import open_model_file

        network = open_model_file(settings)
        return network.known_as(card_of(network.sha256))
    from agent.systems.restoration.restorer import MimoUnetRestorer

    return MimoUnetRestorer.fastest(settings)
