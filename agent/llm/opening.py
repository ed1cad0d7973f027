"""Opening a `ChatClient` from `PROVIDER:NAME`."""

from __future__ import annotations

from pathlib import Path

from agent.llm.client import ChatClient
from agent.llm.model_name import SCRIPTED, split_name
from agent.llm.spending import PRICES, Meter, Price
from agent.settings import Settings


def open_client(settings: Settings) -> ChatClient | None:
    """Open the model of the settings, without calling it; None if they name none.

    Raises:
        ConfigError: if the name is invalid, the package of its provider is missing, or a cap cannot
            be enforced. The first call reports any other problem.
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
    """Return the given price, else the list price; a custom server has no list price."""
    if settings.price is not None:
        return Price.parse(settings.price)
    return None if settings.base_url else PRICES.get(f"{provider}:{name}")
