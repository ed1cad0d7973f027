"""What a language model is to this program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel

from agent.errors import ServiceError
from agent.llm.prompts import Prompt
from agent.llm.spending import Meter

Watch = Callable[[str], None]
"""Is given a reply as far as it has come, again and again."""

MOST_CHARACTERS = 200_000
"""Of a reply; whatever is longer is no answer."""


class Refused(ServiceError):
    """The model would not answer."""


class Unusable(ServiceError):
    """The model answered with something else than what was asked for."""


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
