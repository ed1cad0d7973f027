"""The tags of the field: which ones a text is about, and their wording in prose.

One closed set of tags marks both the registry's claims and what a question observes or asks, so
that they can be matched. The words that trigger a tag are in `agent.question.languages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agent.errors import ConfigError
from agent.question.languages import Languages, languages
from agent.question.languages.values import Table
from agent.question.words import Pattern, Triggers, Word, pattern_of, words
from agent.systems.catalogue import OPERATIONS


@dataclass(frozen=True)
class Tag:
    """A tag with its wording in prose.

    Attributes:
        phrase: the good effect (`sharp edges`), or the topic.
        complaint: the bad effect (`soft edges`); same as `phrase` for topics.
    """

    id: str
    kind: Literal["effect", "topic"]
    phrase: str
    complaint: str


_EFFECTS = {
    "edges": ("sharp edges", "soft or broken edges"),
    "text": ("readable text", "unreadable text"),
    "blur": ("no blur", "blur"),
    "sharpness": ("a sharp picture", "a lack of sharpness"),
    "structure": ("preserved structure", "damaged structure"),
    "detail": ("fine detail", "lost detail"),
    "noise": ("no noise", "noise"),
    "artefacts": ("no artefacts", "artefacts"),
    "colour": ("true colours", "wrong colours"),
    "enlargement": ("a larger picture", "a picture that is no larger"),
    "hallucination": ("no invented content", "invented content"),
}
_TOPICS = {
    "speed": "how fast it is",
    "memory": "the memory it needs",
    "loss": "the loss it is trained with",
    "training": "how it is trained",
    "data": "the data it is trained on",
    "architecture": "how the network is built",
    "multi-scale": "work at several scales",
    "fusion": "how features are fused",
    "attention": "attention",
    "frequency": "the frequency domain",
    "residual": "residual learning",
    "licence": "the licence",
    "weights": "the released weights",
    "evaluation": "how well it measures up",
    "inputs": "what goes in",
    "outputs": "what comes out",
    "input-size": "the size of the input",
    "resolution": "resolution",
    "features": "feature maps",
    "semantics": "semantics",
    "saliency": "saliency",
    "brain": "likeness to the human brain",
    "ocr": "reading text in pictures",
    "language": "language",
    "ensemble": "ensembles",
    "limits": "where it fails",
    "comparison": "how it compares",
    "layers": "what single layers do",
    "citation": "how to cite it",
    "cost": "what it costs",
}
TAGS: dict[str, Tag] = {
    **{k: Tag(k, "effect", good, bad) for k, (good, bad) in _EFFECTS.items()},
    **{k: Tag(k, "topic", phrase, phrase) for k, phrase in _TOPICS.items()},
}
EFFECTS = tuple(_EFFECTS)
TOPICS = tuple(_TOPICS)
#: Topics that are a single property of a system, which a figure or a name answers.
PROPERTIES = (
    *("speed", "memory", "loss", "training", "data", "licence", "weights", "evaluation"),
    *(
        "inputs",
        "outputs",
        "input-size",
        "resolution",
        "limits",
        "architecture",
        "citation",
        "cost",
    ),
)


class _Lexicon:
    """Triggers of all languages."""

    def __init__(self, spoken: Languages) -> None:
        vocabulary = spoken.vocabulary
        for language in spoken.each:
            _check(language.code, "tag", language.tags, TAGS)
            _check(language.code, "operation", language.operations, OPERATIONS)
        tags, operations = dict(vocabulary.tags), dict(vocabulary.operations)
        self.tags = Triggers(_patterns({tag: tags.get(tag, ()) for tag in TAGS}))
        triggers = {
            key: (*operation.asked_with.split(","), *operations.get(key, ()))
            for key, operation in OPERATIONS.items()
        }
        self.operations = Triggers(
            sorted(_patterns(triggers), key=lambda trigger: -len(trigger[1]))
        )
        self.idioms = Triggers(_patterns({"": vocabulary.idioms}))


def _check(code: str, kind: str, table: Table, legal: Mapping[str, object]) -> None:
    for name, _ in table:
        if name not in legal:
            raise ConfigError(
                f"{code}.yaml: there is no {kind} {name!r}; expected one of {', '.join(legal)}"
            )


def _patterns(table: Mapping[str, Iterable[str]]) -> list[tuple[str, Pattern]]:
    return [
        (name, pattern_of(" ".join(trigger.split())))
        for name, triggers in table.items()
        for trigger in triggers
    ]


_lexicon = cache(_Lexicon)


def _outside_idioms(
    triggers: Triggers, idioms: Triggers, text: list[Word]
) -> list[tuple[str, int, int]]:
    idle = {i for _, start, end in idioms.find(text) for i in range(start, end)}
    return [m for m in triggers.find(text) if not idle.issuperset(range(m[1], m[2]))]


def mentions(text: list[Word]) -> list[tuple[str, int, int]]:
    """Return the tags in text order with their triggers: tag, first word, past the last."""
    lexicon = _lexicon(languages())
    return _outside_idioms(lexicon.tags, lexicon.idioms, text)


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags that a text bears on, in the order of their first mention."""
    return tuple(dict.fromkeys(tag for tag, _, _ in mentions(words(text))))


def operations(text: list[Word]) -> list[tuple[str, int, int]]:
    """Return the operations in text order: operation, first word, past the last.

    At the same word, the longer trigger comes first (`upsample features` before `upsample`); then
    the order of the catalogue decides.
    """
    lexicon = _lexicon(languages())
    return _outside_idioms(lexicon.operations, lexicon.idioms, text)
