"""The form that asks a question: its fields, and the values they may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from typing import TypeVar, get_args

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from agent.errors import InputError
from agent.settings import Level
from agent.text import visible
from agent.web.options import ServerOptions
from agent.web.page.failures import LINE
from agent.web.service import Overrides
from agent.web.workspace import Upload

T = TypeVar("T")

#: Enlargement factors that the page offers.
FACTORS = (1, 2, 3, 4, 8)
#: Labels of the evidence levels.
LEVELS = {
    "none": "none: answer from the registry alone",
    "core": "core: restore the picture and read its text",
    "full": "full: run every tool",
}
_MOST_FIELDS = 80
#: Accepted encodings. Others of Python's would let in invalid text, such as lone surrogates.
_CHARSETS = ("utf-8", "utf8", "us-ascii")
_EMPTY_INPUTS = 2
"""A file input without a file still sends a part; the form has two."""


@dataclass(frozen=True)
class Form:
    """A submitted form."""

    text: str
    uploads: tuple[Upload, ...]
    kept_pictures: frozenset[str]
    """Numbers of the earlier pictures that stay attached."""
    upscale: int | None
    models: tuple[str, ...]
    """Keys of the models to compare, beside those that the text names."""
    overrides: Overrides


async def read_form(request: Request, options: ServerOptions) -> Form:
    """Read the form of a request.

    Raises:
        InputError: if a field has a value that the page does not offer.
        HTTPException: if the body is not a form, or has too many parts.
    """
    if _charset(request) not in _CHARSETS:
        raise HTTPException(415, "the form has an unsupported encoding; expected UTF-8")
    most = options.max_pictures + _EMPTY_INPUTS
    async with request.form(max_files=most, max_fields=_MOST_FIELDS) as form:
        files = [each for each in form.getlist("pictures") if isinstance(each, UploadFile)]
        uploads = [Upload(each.filename or "", await each.read()) for each in files]
        line = _text(form, "question").replace("\r\n", "\n")
        setattr(request.state, LINE, line)
        level = _choice(form, "evidence", get_args(Level))
        return Form(
            text=line,
            uploads=tuple(each for each in uploads if each.name or each.content),
            kept_pictures=frozenset(str(each) for each in form.getlist("keep")),
            upscale=int(_choice(form, "upscale", map(str, FACTORS)) or 0) or None,
            models=tuple(each for each in form.getlist("models") if isinstance(each, str)),
            overrides=Overrides(level, offline=bool(_text(form, "offline"))),
        )


def _charset(request: Request) -> str:
    """Return the declared encoding of a form, UTF-8 by default."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    return str(header.get_param("charset") or "utf-8").lower()


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _choice(form: FormData, name: str, offered: Iterable[T]) -> T | None:
    """Return the chosen value of a field, or None if it is empty."""
    value, values = _text(form, name), tuple(offered)
    if not value:
        return None
    for each in values:
        if each == value:
            return each
    raise InputError(
        f"the field {name} has the value {visible(value[:40])!r}; expected one of "
        f"{', '.join(map(str, values))}"
    )
