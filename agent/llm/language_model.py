"""The language model of the settings, and replies that fit a schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agent.llm.client import ChatClient, Unusable, Watch
from agent.llm.json_reply import read_object
from agent.llm.opening import open_client
from agent.llm.prompts import Prompt, Prompts
from agent.llm.reply_cache import ReplyCache
from agent.llm.spending import Spending
from agent.settings import NO_JUDGE, Settings
from agent.text import visible

_MOST_REPEATED = 8_000
"""Characters of a rejected reply that the model is shown again."""
_MOST_PROBLEMS = 20

T = TypeVar("T", bound=BaseModel)


class AskedTwice(Unusable):
    """The second reply is unusable, too."""


@dataclass(frozen=True)
class LanguageModel:
    """An open language model with its prompts and its reply cache."""

    client: ChatClient
    prompts: Prompts
    cache: ReplyCache | None = None
    send_images: bool = False
    judging: bool = True
    """Whether the meaning of its sentences is checked."""
    other_judge: LanguageModel | None = None
    """The model that checks meaning, unless it does so itself."""

    @classmethod
    def open(cls, settings: Settings) -> LanguageModel | None:
        """Open the model of the settings, with its judge; None if they name none.

        Raises:
            ConfigError: if the model or the folder of prompts is unusable.
        """
        client = open_client(settings)
        if client is None:
            return None
        prompts = Prompts(settings.prompts)
        llm = cls(client, prompts, _cache(client, settings), settings.send_images)
        if settings.judge == NO_JUDGE:
            return replace(llm, judging=False)
        if settings.judge is None:
            return llm
        judge = open_client(replace(settings, model=settings.judge))
        assert judge is not None
        client.meter.beside, judge.meter.beside = judge.meter, client.meter
        return replace(llm, other_judge=cls(judge, prompts, _cache(judge, settings)))

    @property
    def judge(self) -> LanguageModel | None:
        """The model that checks the meaning of sentences; None for no check."""
        return (self.other_judge or self) if self.judging else None

    def spent(self) -> Spending:
        """Return the spending of this model and its judge so far."""
        other = self.other_judge
        return self.client.meter.spending + (other.client.meter.spending if other else Spending())

    def price_source(self) -> str | None:
        """Return the source of its price; None if the price is unknown."""
        return self.client.meter.price.source if self.client.meter.price else None

    def structured_reply(
        self,
        prompt: Prompt,
        schema: type[T],
        problems: Callable[[T], Sequence[str]] = lambda _: (),
        watch: Watch | None = None,
        on_unfit: Callable[[], None] = lambda: None,
    ) -> T:
        """Return the reply as `schema`, after at most one retry that explains what was wrong.

        Usable replies are cached.

        Args:
            problems: returns what is wrong with a reply that fits the schema, one line each.
            on_unfit: called for every reply that does not fit the schema.

        Raises:
            AskedTwice: if the second reply is unusable, too; the message contains nothing of it.
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
            prompt = prompt.with_complaint(visible(text[:_MOST_REPEATED]), complaint)
        raise AskedTwice(
            f"{self.client.name} gave no usable reply, even after being told what was wrong"
        )


def _cache(client: ChatClient, settings: Settings) -> ReplyCache | None:
    """Return the cache for replies of a paid model; None for a script, which costs nothing."""
    if client.name.startswith("scripted"):
        return None
    folder = settings.cache / "replies"
    return ReplyCache(folder, client.name, settings.server or "", version("groundglass"))


def _lines(error: ValidationError) -> list[str]:
    """Describe where and how a reply does not fit the schema."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(map(str, item["loc"])) or "the reply" for item in errors)
    return [
        visible(f"{place[:80]}: {item['msg'][:200]}")
        for place, item in zip(places, errors, strict=True)
    ]
