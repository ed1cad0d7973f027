"""The bodies that clients send; what is not named here is accepted and ignored."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

import asyncio
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request

from agent.web.failures import Refusal

MODEL = "groundglass"
"""The one model that is offered."""
_MOST_MESSAGES, _MOST_PARTS = 10_000, 1_000
"""Small objects take many times the memory of their bytes, and so do the errors of wrong ones."""


class Text(BaseModel):
    type: Literal["text", "input_text", "output_text"]
    text: str


class Address(BaseModel):
    url: str


class Picture(BaseModel):
    type: Literal["image_url", "input_image"]
    image_url: Address | str

    @property
    def url(self) -> str:
        return self.image_url if isinstance(self.image_url, str) else self.image_url.url


class Declined(BaseModel):
    type: Literal["refusal"]


Part = Annotated[Text | Picture | Declined, Field(discriminator="type")]


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[list[Part], Field(max_length=_MOST_PARTS, fail_fast=True)] | None = (
        None
    )

    @property
    def text(self) -> str:
        """Its text; empty where it has none."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n".join(part.text for part in self.content if isinstance(part, Text))

    @property
    def pictures(self) -> list[str]:
        """The addresses of its pictures."""
        parts = self.content if isinstance(self.content, list) else ()
        return [part.url for part in parts if isinstance(part, Picture)]


Messages = Annotated[list[Message], Field(max_length=_MOST_MESSAGES, fail_fast=True)]


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class ChatRequest(BaseModel):
    model: str = MODEL
    messages: Annotated[Messages, Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None


class ResponsesRequest(BaseModel):
    model: str = MODEL
    input: str | Messages
    stream: bool | None = None
    previous_response_id: str | None = None


_Body = TypeVar("_Body", ChatRequest, ResponsesRequest)


async def read_body(request: Request, kind: type[_Body], most: int) -> _Body:
    """The body of a request.

    Args:
        most: bytes that are read.

    Raises:
        Refusal: for what is too large, no JSON, or not of that shape.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise Refusal(f"the request is larger than {most:,} bytes; send smaller pictures", 413)
    try:
        body = await asyncio.to_thread(kind.model_validate_json, bytes(content))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        param = ".".join(map(str, first["loc"])) or None
        raise Refusal(f"{param or 'body'}: {first['msg']}", param=param) from None
    check_model(body.model)
    return body


def check_model(name: str) -> None:
    """Refuse a model that is not offered."""
    if name != MODEL:
        raise Refusal(
            f"there is no model {name[:80]!r}; expected {MODEL!r}", 404, "model", "model_not_found"
        )
