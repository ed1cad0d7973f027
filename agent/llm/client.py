"""The interface of a chat client, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel

from agent.errors import ServiceError
from agent.llm.prompts import Prompt
from agent.llm.spending import Meter

Watch = Callable[[str], None]
"""Called repeatedly with the reply received so far."""

MOST_CHARACTERS = 200_000
"""Longest reply in characters; a longer one is rejected."""


class Refused(ServiceError):
    """The model refused to answer."""


class Unusable(ServiceError):
    """The model's reply is not what was asked for."""


class ChatClient(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """`PROVIDER:NAME`, as reports show it."""

    @property
    def takes_images(self) -> bool:
        """Whether the model accepts pictures; True if unknown."""

    @property
    def meter(self) -> Meter:
        """The spending so far."""

    def reply(
        self, prompt: Prompt, schema: type[BaseModel] | None = None, watch: Watch | None = None
    ) -> str:
        """Return the text of the model's reply; JSON of `schema` if one is given.

        Raises:
            ServiceError: if there is no reply within the timeout, for any reason; Refused, Unusable
                and Spent are subclasses.
        """
