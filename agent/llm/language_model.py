"""The language model that the settings name, and how its replies come to fit a schema."""

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
    judging: bool = True
    """Whether the meaning of what it writes is checked."""
    other_judge: LanguageModel | None = None
    """The model that checks it, where it does not do so itself."""

    @classmethod
    def open(cls, settings: Settings) -> LanguageModel | None:
        """The model that the settings name, with its judge; None where they name none.

        Raises:
            ConfigError: for a model or a folder of prompts that cannot be used.
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
        """The model that checks the meaning of sentences; None where nobody does."""
        return (self.other_judge or self) if self.judging else None

    def spent(self) -> Spending:
        """What this model and its judge have cost so far."""
        other = self.other_judge
        return self.client.meter.spending + (other.client.meter.spending if other else Spending())

    def price_source(self) -> str | None:
        """Where its price is from; None where that is not known."""
        return self.client.meter.price.source if self.client.meter.price else None

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


def _cache(client: ChatClient, settings: Settings) -> ReplyCache | None:
    """Replies of a model that were paid for; a script costs nothing."""
    if client.name.startswith("scripted"):
        return None
    folder = settings.cache / "replies"
    return ReplyCache(folder, client.name, settings.server or "", version("groundglass"))


def _lines(error: ValidationError) -> list[str]:
    """Where a reply does not fit, and how."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(map(str, item["loc"])) or "the reply" for item in errors)
    return [
        visible(f"{place[:80]}: {item['msg'][:200]}")
        for place, item in zip(places, errors, strict=True)
    ]
