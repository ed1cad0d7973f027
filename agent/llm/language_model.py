"""The language model that the settings name, ready to be used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from agent.llm.client import ChatClient
from agent.llm.opening import open_client
from agent.llm.prompts import Prompts
from agent.llm.reply_cache import ReplyCache
from agent.settings import Settings


@dataclass(frozen=True)
class LanguageModel:
    """An opened language model with its prompts and the cache of its replies."""

    client: ChatClient
    prompts: Prompts
    cache: ReplyCache | None = None
    send_images: bool = False

    @classmethod
    def open(cls, settings: Settings) -> LanguageModel | None:
        """The model that the settings name, None where they name none.

        Raises:
            ConfigError: for a model or a folder of prompts that cannot be used.
        """
        client = open_client(settings)
        if client is None:
            return None
        address = urlsplit(settings.base_url or "").netloc.rpartition("@")[2]
        scripted = client.name.startswith("scripted")
        folder = settings.cache / "replies"
        cache = (
            None if scripted else ReplyCache(folder, client.name, address, version("groundglass"))
        )
        return cls(client, Prompts(settings.prompts), cache, settings.send_images)
