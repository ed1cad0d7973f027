"""What counts in a reply of a language model: the one JSON object, the text without thoughts."""

from __future__ import annotations

import json
import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_TAG = r"[<\[◁](/?)(?:seed:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad)[>\]▷]"
#: Braces that begin no object, after which a reply is given up: each takes time in its length.
_MOST_FALSE_STARTS = 1_000
_BEGINNING = re.compile(r"\{|" + _TAG, re.IGNORECASE)
_THOUGHT = re.compile(_TAG, re.IGNORECASE)


def read_object(text: str, schema: type[T]) -> tuple[T, str]:
    """The object of `schema` in a reply, and its own text.

    A reply that is nothing but the object is taken as it is. From any other, thoughts are left out;
    of several objects in the rest the last that fits counts, since it is where a model ends.
    Nothing is repaired.

    Raises:
        ValidationError: where nothing fits; it tells of the longest object, or of the whole reply
            where that holds none.
    """
    try:
        return schema.model_validate_json(text), text
    except ValidationError as error:
        nearest, length = error, 0
    for candidate in reversed(_objects(text)):
        try:
            return schema.model_validate_json(candidate), candidate
        except ValidationError as error:
            if len(candidate) > length:
                nearest, length = error, len(candidate)
    raise nearest


def holds_object(text: str, schema: type[BaseModel]) -> bool:
    """Whether `read_object` has something to give."""
    try:
        read_object(text, schema)
    except ValidationError:
        return False
    return True


def without_thoughts(text: str) -> str:
    """A reply that is no JSON, without what the model thought before it; empty where it got no
    further."""
    answer, at, thinking = "", 0, False
    for tag in _THOUGHT.finditer(text):
        if tag[1]:  # some servers send no tag that opens, since it is part of their prompt
            answer, at, thinking = (answer if thinking else ""), tag.end(), False
        elif not thinking:
            answer, thinking = answer + text[at : tag.start()], True
    return (answer if thinking else answer + text[at:]).strip()


def _objects(text: str) -> list[str]:
    """Every whole JSON object that lies in no other one and in no thought."""
    decoder = json.JSONDecoder()
    objects: list[str] = []
    at, thinking, false_starts = 0, False, 0
    while false_starts < _MOST_FALSE_STARTS and (match := _BEGINNING.search(text, at)):
        at = match.end()
        if match[0] == "{":
            try:
                at = decoder.raw_decode(text, match.start())[1]
            except (ValueError, RecursionError):
                false_starts += 1
                continue
            if not thinking:
                objects.append(text[match.start() : at])
        elif not match[1]:
            thinking = True
        else:  # as above, the tag that opens may be missing
            objects, thinking = (objects if thinking else []), False
    return objects
