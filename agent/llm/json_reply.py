"""Extraction of the JSON object, or of the text without reasoning, from a model's reply."""

from __future__ import annotations

import json
import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_TAG = r"[<\[◁](/?)(?:seed:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad)[>\]▷]"
#: False starts of objects before a reply is given up, since each costs time.
_MOST_FALSE_STARTS = 1_000
_BEGINNING = re.compile(r"\{|" + _TAG, re.IGNORECASE)
_THOUGHT = re.compile(_TAG, re.IGNORECASE)


def read_object(text: str, schema: type[T]) -> tuple[T, str]:
    """Parse the object of `schema` in a reply; return it with its own text.

    A reply that consists of the object is parsed directly. In any other, reasoning is ignored, and
    the last object that fits is taken, since models conclude with it. Nothing is repaired.

    Raises:
        ValidationError: if nothing fits; it describes the longest object, or the whole reply if
            there is none.
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
    """Check whether `read_object` finds an object."""
    try:
        read_object(text, schema)
    except ValidationError:
        return False
    return True


def without_thoughts(text: str) -> str:
    """Return a text reply without the model's reasoning; empty if there is nothing else."""
    answer, at, thinking = "", 0, False
    for tag in _THOUGHT.finditer(text):
        if tag[1]:  # some servers send no opening tag, since it is part of their prompt
            answer, at, thinking = (answer if thinking else ""), tag.end(), False
        elif not thinking:
            answer, thinking = answer + text[at : tag.start()], True
    return (answer if thinking else answer + text[at:]).strip()


def _objects(text: str) -> list[str]:
    """Return every complete JSON object that is neither nested nor part of the reasoning."""
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
        else:  # as above, the opening tag may be missing
            objects, thinking = (objects if thinking else []), False
    return objects
