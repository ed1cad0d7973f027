"""The language model that the settings name, and how its replies come to fit a schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agent.llm.client import ChatClient, Unusable, Watch
from agent.llm.json_reply import read_object
from agent.llm.opening import open_client
from agent.llm.prompts import Prompt, Prompts
from agent.llm.reply_cache import ReplyCache
from agent.settings import Settings
from agent.text import visible

_MOST_REPEATED = 8_000
"""Characters of an unfit reply that the model is shown again."""
_MOST_PROBLEMS = 20

T = TypeVar("T", bound=BaseModel)


class AskedTwice(Unusable):
    """The reply to the retry would not do either."""


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
        scripted = client.name.startswith("scripted")
        folder = settings.cache / "replies"
        cache = (
            None
            if scripted
            else ReplyCache(folder, client.name, settings.server or "", version("groundglass"))
        )
        return cls(client, Prompts(settings.prompts), cache, settings.send_images)

    def structured_reply(
        self,
        prompt: Prompt,
        schema: type[T],
        problems: Callable[[T], Sequence[str]] = lambda _: (),
        watch: Watch | None = None,
        on_unfit: Callable[[], None] = lambda: None,
    ) -> T:
        """The reply as `schema`, after one retry that tells the model what was wrong.

        A reply that would do is taken from the cache, and put there.

        Args:
            problems: what is wrong with a reply that fits the schema, one line each.
            on_unfit: called for every reply that does not fit the schema.

        Raises:
            AskedTwice: when the second reply will not do either. The message holds nothing of it.
            ServiceError: see `ChatClient.reply`.
        """
        for _ in range(2):
            cached = self.cache.get(prompt, schema) if self.cache else None
            text = self.client.reply(prompt, schema, watch) if cached is None else cached
            wrong: Sequence[str]
            try:
                value, json_object = read_object(text, schema)
                wrong = problems(value)
            except ValidationError as error:
                wrong = _lines(error)
                on_unfit()
            else:
                if not wrong:
                    if cached is not None:
                        self.client.meter.cached += 1
                    elif self.cache:
                        self.cache.put(prompt, schema, json_object)
                    return value
            complaint = self.prompts.render("retry", problems=list(wrong[:_MOST_PROBLEMS])).user
            prompt = prompt.corrected(visible(text[:_MOST_REPEATED]), complaint)
        raise AskedTwice(
            f"{self.client.name} did not give a usable reply, though told what was wrong"
        )


def _lines(error: ValidationError) -> list[str]:
    """Where a reply does not fit, and how."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(map(str, item["loc"])) or "the reply" for item in found)
    return [
        visible(f"{place[:80]}: {item['msg'][:200]}")
        for place, item in zip(places, found, strict=True)
    ]
