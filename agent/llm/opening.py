"""From `PROVIDER:NAME` to a `ChatClient`."""

from __future__ import annotations

from pathlib import Path

from agent.llm.client import ChatClient
from agent.llm.model_name import SCRIPTED, split_name
from agent.llm.spending import PRICES, Meter, Price
from agent.settings import Settings


def open_client(settings: Settings) -> ChatClient | None:
    """The model that the settings name; None where they name none. Nothing is called yet.

    Raises:
        ConfigError: for a name that cannot be used, a package of its provider that is missing, or a
            cap that cannot be kept. What else keeps it from being set up, the model tells when it
            is asked.
    """
    if settings.model is None:
        return None
    provider, name = split_name(settings.model)
    meter = Meter(_price(settings, provider, name), settings.max_tokens, settings.max_usd)
    if provider == SCRIPTED:
        from agent.llm.scripted import Scripted

        return Scripted.from_file(Path(name), meter)
    from agent.llm.remote import Remote

    return Remote(settings, meter)


def _price(settings: Settings, provider: str, name: str) -> Price | None:
    """As given, else as listed; a server of one's own sets its own prices."""
    if settings.price is not None:
        return Price.parse(settings.price)
    return None if settings.base_url else PRICES.get(f"{provider}:{name}")
