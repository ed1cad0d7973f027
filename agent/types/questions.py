"""Questions: as asked, as parsed, and what they match."""

# No `from __future__ import annotations`: Pydantic would have to compile each one at import.

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from agent.errors import InputError
from agent.text import first_unsafe
from agent.types.base import FrozenModel
from agent.types.cards import CuratedAnswer, Defect, Subject

MAX_QUESTION_CHARACTERS = 20_000
Intent = Literal[
    "define", "fact", "verify", "compare", "how_to", "explain", "look", "complain", "chat"
]
"""The kind of answer wanted: a definition, a property, whether something is true, which of several,
how to do it here, why or how it works, what the attached picture shows, what went wrong and what to
try; `chat` is small talk, which asks nothing."""
AbstentionReason = Literal["no_model", "ambiguous", "needs_image", "image_unusable"]


class Turn(FrozenModel):
    """An earlier question of the conversation and the cards that its answer cited."""

    question: str
    cards: tuple[str, ...] = ()


#: Number of turns of a conversation that bear on a follow-up.
REMEMBERED_TURNS = 20


class Question(FrozenModel):
    """A person's question; this is the only place that validates it.

    Raises:
        pydantic.ValidationError: if the text is empty, too long or has control characters.
    """

    text: str
    images: tuple[Path, ...] = ()
    upscale: Annotated[int, Field(ge=1, le=8)] | None = None
    """Factor to enlarge attached pictures by; None to use the one named in the text."""
    turns: tuple[Turn, ...] = ()

    @field_validator("text")
    @classmethod
    def _readable(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the question is empty; expected a sentence")
        if len(text) > MAX_QUESTION_CHARACTERS:
            raise ValueError(
                f"the question has {len(text):,} characters; expected at most "
                f"{MAX_QUESTION_CHARACTERS:,}"
            )
        if (bad := first_unsafe(text)) is not None:
            raise ValueError(
                f"the question holds the control character U+{ord(text[bad]):04X} at position "
                f"{bad}; expected plain text, remove it"
            )
        return text.strip()


def question_from(text: str, **rest: Any) -> Question:
    """Return a `Question`, with validation errors as one line for the person.

    Raises:
        InputError: for a question that `Question` rejects.
    """
    try:
        return Question(text=text, **rest)
    except ValidationError as error:
        raise InputError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


Condition = Literal["scale", "subjects", "removes", "commercial"]
"""Conditions that a wish for a model may set."""


class Wish(FrozenModel):
    """The model that a person asks for."""

    scale: int | None = None
    """Enlargement factor; 1 to keep the size."""
    enlarges: bool = False
    """Whether it should enlarge, by any factor."""
    subjects: tuple[Subject, ...] = ()
    removes: tuple[Defect, ...] = ()
    declines: tuple[Subject | Defect, ...] = ()
    """Subjects that the pictures do not show, and defects that need no removal."""
    commercial: bool = False
    """Whether its results are for commercial use."""


class ParsedQuestion(FrozenModel):
    """The question as understood without a language model; shown to the user."""

    intent: Intent
    operation: str | None = None
    """Operation that was done or is wanted, a key of `agent.systems.catalogue.OPERATIONS`."""
    done: bool = False
    """Whether the person says that the operation was carried out, rather than wishing for it or
    asking about it."""
    factor: float | None = None
    """Enlargement factor named in the text."""
    subject: str | None = None
    """What the operation was applied to, in the person's words, such as `a web image`."""
    effects: tuple[str, ...] = ()
    """Tags of effects observed or wished for, such as `edges`, `text`, `blur`."""
    complaints: tuple[str, ...] = ()
    """Tags of those effects that went badly, such as `blur` if the result is blurred."""
    topics: tuple[str, ...] = ()
    """Tags of what the person wants to know about, such as `speed`, `loss`, `licence`."""
    models: tuple[str, ...] = ()
    """Names of models as written in the text."""
    papers: tuple[str, ...] = ()
    """Titles in quotation marks, DOIs and links, as written."""
    arxiv_ids: tuple[str, ...] = ()
    language: str = "en"
    needs_image: bool = False
    """Whether answering requires a look at a picture."""
    search_text: str = ""
    """The question for the search: English words without markup, code, links and misspellings,
    translated word by word from other languages. Empty if the same as the text."""
    parts: tuple[str, ...] = ()
    """The questions in it, in order, each able to stand alone; empty if it is a single one."""
    yes: Literal["well", "badly"] | None = None
    """What a yes would mean for a result: `well` (`is it sharp?`) or `badly` (`is it still
    blurred?`); None if it is no such question."""
    layman: bool = False
    """Whether the answer should be in plain words without figures, as for a child."""
    wish: Wish | None = None
    """The model wished for, if the question is which one to use."""


class Match(FrozenModel):
    card: str
    score: float
    """Confidence in [0, 1] that this card is what the question is about."""
    margin: float
    """Difference to the score of the next card; 0 for the last."""
    reasons: tuple[str, ...]
    """Fields, words and properties of the attached picture that counted."""


class CuratedMatch(FrozenModel):
    """A curated answer and its nearness to the question."""

    answer: CuratedAnswer
    """With fully qualified fact ids, `card/name`."""
    holder: str
    """Id of the card that holds it, or `SPANNING`."""
    score: float
    """Nearness of its questions and of the answer itself, about [-1, 1]."""

    def __hash__(self) -> int:
        return hash((self.holder, self.answer.ask))


class Abstention(FrozenModel):
    """Why no model is offered, and the nearest ones."""

    reason: AbstentionReason
    explanation: str
    """Explanation for the reader, in plain words."""
    nearest: tuple[str, ...] = ()
    detail: str = ""
    """Technical reason with scores, for debugging."""
