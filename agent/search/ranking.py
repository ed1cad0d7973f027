"""Rank the cards of a registry by the confidence that a question is about them.

Cards that the question names come first. All others are found by words and meaning, with a
confidence from a logistic function. Its weights and the threshold were fitted on our own questions;
`agent/search/data/matching.json` holds them with the figures that justify them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from agent.files import DATA
from agent.question.lexicon import TAGS
from agent.question.names import replaced
from agent.registry import Registry
from agent.search import Hit, Index
from agent.search.asks import Nearness
from agent.systems.catalogue import OPERATIONS, TOOLS
from agent.types import (
    PROGRAM,
    SPANNING,
    Card,
    ParsedQuestion,
    Question,
)

FITTED = DATA / "matching.json"
SEARCHED = 10
"""Number of cards whose confidence is computed."""
BY_QUESTIONS = 5
"""Maximum number of cards found by the questions of their curated answers."""
TAGS_COUNTED = 3
"""Maximum number of effects and topics that count as signs of a question about image models."""
PICTURE = 0.3
"""Bonus, in logits, of a card that can run on an attached picture; it breaks ties."""
NAMED = 5.0
"""Bonus, in logits, of a card named in the question; less for a variant or misspelling."""
FACTS, QUESTIONS = "threshold", "threshold where questions are known"
"""Keys of the minimum confidence to offer a card: by its facts alone, or also by questions."""
SIZE = re.compile(r"\b\d{2,5} ?[x×] ?\d{2,5}\b")
"""A size as people write it, which a sentence model does not recognise."""
TIE = 0.7
"""Minimum difference, in logits, for two confidences to count as an order."""
_ASKED = (
    r"\b(?:do|does|did|is|are|was|were|has|have|can|could|will|would|of|about|made|wrote|trained|"
    r"(?:can|may|could|should|must) (?:i|we|you|one) (?:\w+ )?"
    r"(?:use|run|try|download|install|sell|ship|redistribute)) (?:the )?"
)
_WITH_FACTOR = re.compile(r"\d{1,2}x[-_]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A card and the confidence that the question is about it."""

    card: Card
    score: float
    hit: Hit | None
    """None for a card found only by its name in the question."""
    naming: str | None
    """How the question names it."""
    context: tuple[str, ...]
    """Reasons for the card other than the words of the question."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons for the match, in words."""
        reasons = self.hit.reasons if self.hit else ()
        return (*filter(None, (self.naming,)), *reasons, *self.context)


@cache
def fitted(mode: str) -> dict[str, Any]:
    """Return the fitted weights and threshold for `hybrid` or `lexical` retrieval."""
    weights: dict[str, Any] = json.loads(FITTED.read_text("utf-8"))[mode]
    return weights


def features(
    hit: Hit | None,
    card: Card,
    parsed: ParsedQuestion,
    index: Index,
    nearness: Nearness,
    foreign: bool,
) -> dict[str, float]:
    """Return the features from which the confidence in a card is computed.

    Args:
        nearness: nearness of the question to those with curated answers.
        foreign: whether the question is about a model that is not in the registry.
    """
    # A question about another model resembles those about this one by coincidence.
    asks = None if foreign else nearness.holders.get(card.id)
    return {
        "score": hit.score if hit else 0.0,
        "curated": float(asks is not None),
        # Similarity to facts says less if the registry has questions.
        "score beside asks": hit.score if hit and asks is not None else 0.0,
        "asks": asks or 0.0,
        "beyond": asks - nearness.outside if asks is not None else 0.0,
        "runs": float(_runs(card, parsed)),
        "tags": float(min(len(parsed.effects) + len(parsed.topics), TAGS_COUNTED)),
        # The best of many is near by chance, like the maximum of n draws.
        "tasks": math.sqrt(2 * math.log(max(index.tasks, 1))),
        "texts": math.sqrt(2 * math.log(max(index.texts_per_card, 1.0))),
        "foreign": float(foreign),
    }


def is_foreign(text: str, parsed: ParsedQuestion) -> bool:
    """Check whether a question without a card's name is about a model anyway: `does NAFNet …`.

    A model that is only mentioned, as in `features from CLIP`, may be part of a card's subject. One
    whose name begins with a factor, such as `4x-UltraSharp`, is a model to use.
    """
    return any(
        _WITH_FACTOR.match(name)
        or re.search(
            rf"{_ASKED}{re.escape(name)}\b|\b{re.escape(name)}['’]s\b", text, re.IGNORECASE
        )
        for name in parsed.models
    )


def query_of(text: str, parsed: ParsedQuestion, index: Index) -> tuple[str, tuple[str, ...]]:
    """Return the query: a text, and what it implies in the field's terms.

    If a single system is named, `it` replaces the name: the system is known, and the search is for
    what is asked about it. Sentence model and cards are English, so for a question in another
    language, what was understood of it comes first.
    """
    names = {name.text for name in index.named(text)} or {PROGRAM}
    query = SIZE.sub(r"a size of \g<0>", parsed.search_text or text)
    if len(names) == 1:
        query = replaced(query, frozenset(names), "it")
    if parsed.language == "en" or parsed.search_text:
        return query, ()
    operation = [OPERATIONS[parsed.operation].hint] if parsed.operation else []
    hints = (*operation, *(TAGS[tag].phrase for tag in (*parsed.effects, *parsed.topics)))
    return ", ".join((*hints, query)), hints


def rank(
    question: Question, parsed: ParsedQuestion, registry: Registry, index: Index, limit: int
) -> list[Ranked]:
    """Return the cards, best first: named ones, then by confidence; ties in search order.

    In a registry without questions, an exact name is enough, and for a model without a card only
    cards that mention it count.
    """
    query, hints = query_of(question.text, parsed, index)
    hits = {hit.card: hit for hit in index.search(query, max(limit, SEARCHED), hints)}
    nearness = index.nearness(query, hints=hints)
    mentions = {name.card: name for name in index.named(question.text)}
    foreign = not mentions and is_foreign(question.text, parsed)
    ranked: list[Ranked] = []
    for card_id in dict.fromkeys((*mentions, *hits, *_nearest(nearness))):
        card, hit, name = registry[card_id], hits.get(card_id), mentions.get(card_id)
        values = features(hit, card, parsed, index, nearness, foreign)
        score = _confidence(values, mode_of(index))
        context = []
        if parsed.operation and _runs(card, parsed):
            context.append(f"it can be run to {OPERATIONS[parsed.operation].hint}")
        if question.images and card.tool:
            score = _logistic(_logit(score) + PICTURE)
            context.append("a picture is attached and this system can be run on it")
        if name:
            score = _logistic(_logit(score) + NAMED * name.score)
        if not index.knows_questions:
            if name and name.score == 1:
                score = max(score, threshold_of(index))
            elif foreign and not _speaks_of(card, parsed.models):
                score = 0.0
        naming = _naming(name.kind, name.text) if name else None
        ranked.append(Ranked(card, score, hit, naming, tuple(context)))
    ranked.sort(key=lambda r: (r.naming is None, -r.score))
    return _by_nearness(ranked, nearness)[:limit]


def _speaks_of(card: Card, models: Sequence[str]) -> bool:
    text = " ".join(card.facts().values()).casefold()
    return any(name.casefold() in text for name in models)


def _by_nearness(ranked: list[Ranked], nearness: Nearness) -> list[Ranked]:
    """Reorder the cards about as good as the first by their questions, which are more telling."""
    if not ranked or ranked[0].naming or ranked[0].card.id not in nearness.holders:
        return ranked
    first = ranked[0]
    reach = _logit(first.score) - TIE
    ties = [r for r in ranked if r.card.id in nearness.holders and _logit(r.score) >= reach]
    nearest = max(ties, key=lambda r: nearness.holders[r.card.id])
    if nearest is first:
        return ranked
    return [replace(nearest, score=first.score), *(r for r in ranked if r is not nearest)]


def _nearest(nearness: Nearness) -> list[str]:
    """Return the ids of the cards whose curated answers are nearest to the question."""
    near = nearness.holders
    cards = [holder for holder in near if holder not in (SPANNING, PROGRAM)]
    return sorted(cards, key=lambda card: -near[card])[:BY_QUESTIONS]


def _runs(card: Card, parsed: ParsedQuestion) -> bool:
    """Check whether the tool of a card performs the operation in the question."""
    spec = TOOLS.get(card.tool or "")
    return spec is not None and parsed.operation in {op.key for op in spec.operations}


def threshold_of(index: Index) -> float:
    """Return the minimum confidence to offer a card of an index."""
    return float(fitted(mode_of(index))[QUESTIONS if index.knows_questions else FACTS])


def mode_of(index: Index) -> str:
    """Return `hybrid` or `lexical`, whose fitted values differ."""
    return index.mode.partition(":")[0]


def _confidence(values: Mapping[str, float], mode: str) -> float:
    weights: Mapping[str, float] = fitted(mode)["weights"]
    return _logistic(weights["bias"] + sum(weights[name] * v for name, v in values.items()))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return math.log(p / (1 - p))


def _naming(kind: str, text: str) -> str:
    if kind in ("link", "arXiv id"):
        return f"its {kind} is in the question: {text.partition(':')[2]}"
    if kind == "variant":
        return f"“{text}” in the question is a variant of its name"
    if kind == "misspelling":
        return f"“{text}” in the question looks like its name misspelt"
    return f"named in the question: “{text}”"
