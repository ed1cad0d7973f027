"""What a language model is to this program, and how a reply comes to fit its schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from agent.errors import ServiceError
from agent.llm.prompts import Prompt, Prompts
from agent.llm.reply_cache import ReplyCache
from agent.llm.spending import Meter
from agent.text import visible

Watch = Callable[[str], None]
"""Is given a reply as far as it has come, again and again."""

MOST_CHARACTERS = 200_000
"""Of a reply; whatever is longer is no answer."""
_TOLD_BACK = 8_000
_MOST_PROBLEMS = 20

T = TypeVar("T", bound=BaseModel)


class Refused(ServiceError):
    """The model would not answer."""


class Unusable(ServiceError):
    """The model answered with something else than what was asked for."""


class AskedTwice(Unusable):
    """The reply to the retry would not do either."""


class ChatClient(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """`PROVIDER:NAME`, as reports show it."""

    @property
    def takes_images(self) -> bool:
        """Whether pictures can be sent; True where that is not known."""

    @property
    def meter(self) -> Meter:
        """What has been spent so far."""

    def reply(
        self, prompt: Prompt, schema: type[BaseModel] | None = None, watch: Watch | None = None
    ) -> str:
        """The text that the model answers with; JSON of `schema` where one is given.

        Raises:
            ServiceError: for whatever keeps it from coming, within the time-out; Refused, Unusable
                and Spent are kinds of it.
        """


def filled(
    client: ChatClient,
    prompts: Prompts,
    prompt: Prompt,
    schema: type[T],
    problems: Callable[[T], Sequence[str]] = lambda _: (),
    watch: Watch | None = None,
    cache: ReplyCache | None = None,
    unfit: Callable[[], None] = lambda: None,
) -> T:
    """The reply as `schema`, after one retry that tells the model what was wrong.

    Args:
        problems: what is wrong with a reply that fits the schema, one line each.
        cache: where replies that would do are looked up and put.
        unfit: called for every reply that does not fit the schema.

    Raises:
        AskedTwice: when the second reply will not do either. The message holds nothing of it.
        ServiceError: see `ChatClient.reply`.
    """
    wrong: Sequence[str] = ()
    for _ in range(2):
        cached = cache.get(prompt, schema) if cache else None
        text = client.reply(prompt, schema, watch) if cached is None else cached
        try:
            value = schema.model_validate_json(text)
            wrong = problems(value)
        except ValidationError as error:
            wrong = _lines(error)
            unfit()
        else:
            if not wrong:
                if cached is not None:
                    client.meter.cached += 1
                elif cache:
                    cache.put(prompt, schema, text)
                return value
        wrong = wrong[:_MOST_PROBLEMS]
        complaint = prompts.render("retry", problems=list(wrong)).user
        prompt = prompt.corrected(visible(text[:_TOLD_BACK]), complaint)
    raise AskedTwice(f"{client.name} did not give a usable reply, though told what was wrong")


def _lines(error: ValidationError) -> list[str]:
    """Where a reply does not fit, and how."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(map(str, item["loc"])) or "the reply" for item in found)
    return [
        visible(f"{place[:80]}: {item['msg'][:200]}")
        for place, item in zip(places, found, strict=True)
    ]
