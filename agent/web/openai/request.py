"""Request bodies; fields that are not declared here are accepted and ignored."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

import asyncio
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request

from agent.web.failures import Refusal

MODEL = "groundglass"
"""The only model on offer."""
_MOST_MESSAGES, _MOST_PARTS = 10_000, 1_000
"""Parsed objects take many times the memory of their bytes, and so do their validation errors."""


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
        """The text of the message; empty if it has none."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n".join(part.text for part in self.content if isinstance(part, Text))

    @property
    def pictures(self) -> list[str]:
        """The addresses of the pictures."""
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
    """Read and validate the body of a request.

    Args:
        most: largest size in bytes.

    Raises:
        Refusal: if the body is too large, not JSON, or not valid.
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
    """Check that a model is on offer.

    Raises:
        Refusal: if it is not.
    """
    if name != MODEL:
        line = f"this server has no model {name[:80]!r}; expected {MODEL!r}"
        raise Refusal(line, 404, "model", "model_not_found")
