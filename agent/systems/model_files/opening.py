"""Weights that the settings name → the restorer that they are for."""

from __future__ import annotations

from collections.abc import Callable

from agent.settings import Settings
from agent.systems.model_files.recognition import holds_another_network
from agent.systems.spec import Restorer
from agent.types import Card

CardOf = Callable[[str], Card | None]
"""Takes the SHA-256 of a file of weights; gives its card, where there is one."""


def open_fastest(settings: Settings, card_of: CardOf = lambda _: None) -> Restorer:
    """MIMO-UNet, or the network of any other file, as fast as the settings leave it open to be.

    For pictures alone: what is reported and compared is opened by a tool.

    Raises:
        CheckpointError: when the weights cannot be used.
        ConfigError: when there is no such device, or not this precision on it, or a package that
            the network needs is missing.
    """
    if holds_another_network(settings):
        from agent.systems.model_files.restorer import open_model_file

        network = open_model_file(settings)
        return network.known_as(card_of(network.sha256))
    from agent.systems.restoration.restorer import MimoUnetRestorer

    return MimoUnetRestorer.fastest(settings)
