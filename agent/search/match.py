"""Second step: which cards of the registry a question is about, or why none is offered.

Cards that the question names come first. All others are found by words and meaning and get a
confidence from a logistic function whose weights, with the threshold, were fitted on questions of
our own; `agent/search/data/matching.json` holds them beside the figures that justify them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.files import DATA
from agent.question.lexicon import TAGS
from agent.registry import Registry
from agent.search import Hit, Index
from agent.systems.catalogue import OPERATIONS, TOOLS
from agent.types import (
    PROGRAM,
    SPANNING,
    Abstention,
    Card,
    CuratedMatch,
    Match,
    ParsedQuestion,
    Question,
    RunResult,
)

FITTED = DATA / "matching.json"
MOST = 5
"""Matches of one question."""
SEARCHED = 10
"""Cards whose confidence is worked out."""
PICTURE = 0.3
"""What an attached picture adds, in logits, to a card that can be run on it: it breaks ties."""
NAMED = 5.0
"""What its name in the question adds, in logits, to a card; less for a variant or misspelling."""
CLOSE = 0.05
"""Two confidences that differ by less are no order."""
CURATED = 20
"""Curated answers that are looked at."""
NEAR = 0.55
"""Nearness from which a curated answer answers the question."""
SURE = 0.9
"""A card with this confidence is offered however close another is."""
_ASKED = r"\b(?:do|does|did|is|are|was|were|has|have|can|could|will|would|of|about) (?:the )?"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A card with the confidence that the question is about it."""

    card: Card
    score: float
    hit: Hit | None
    """None for a card that only its name in the question brought in."""
    naming: str | None
    """How the question names it."""
    context: tuple[str, ...]
    """What beside the words of the question spoke for it."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """What spoke for it, in words."""
        found = self.hit.reasons if self.hit else ()
        return (*filter(None, (self.naming,)), *found, *self.context)


@cache
def fitted(mode: str) -> dict[str, Any]:
    """Weights and threshold for `hybrid` or `lexical` retrieval."""
    found: dict[str, Any] = json.loads(FITTED.read_text("utf-8"))[mode]
    return found


def features(
    hit: Hit | None, card: Card, parsed: ParsedQuestion, index: Index, foreign: bool
) -> dict[str, float]:
    """What the confidence in a card is computed from.

    Args:
        foreign: whether the question is about a model that the registry lacks.
    """
    return {
        "score": hit.score if hit else 0.0,
        "runs": float(_runs(card, parsed)),
        # The best of many is near by chance, as the largest of n draws is large.
        "tasks": math.sqrt(2 * math.log(max(index.tasks, 1))),
        "texts": math.sqrt(2 * math.log(max(index.texts_per_card, 1.0))),
        "foreign": float(foreign),
    }


def is_foreign(text: str, parsed: ParsedQuestion) -> bool:
    """Whether a question that names no card is about a model all the same: `does NAFNet …`.

    A model that is only mentioned, as in `features from CLIP`, may well be part of what a card
    is about.
    """
    return any(
        re.search(rf"{_ASKED}{re.escape(name)}\b|\b{re.escape(name)}['’]s\b", text, re.IGNORECASE)
        for name in parsed.models
    )


def query_of(text: str, parsed: ParsedQuestion) -> tuple[str, tuple[str, ...]]:
    """What is searched for: a text, and what it implies in the words of the field.

    The sentence model and the cards are English: a question in another language is led by what
    was understood of it, an English one speaks for itself.
    """
    if parsed.language == "en":
        return text, ()
    told = [OPERATIONS[parsed.operation].hint] if parsed.operation else []
    hints = (*told, *(TAGS[tag].phrase for tag in (*parsed.effects, *parsed.topics)))
    return ", ".join((*hints, text)), hints


def rank(
    question: Question, parsed: ParsedQuestion, registry: Registry, index: Index, limit: int
) -> list[Ranked]:
    """Cards that fit, best first: named ones, then by confidence; equals as the search has them."""
    query, hints = query_of(question.text, parsed)
    hits = {hit.card: hit for hit in index.search(query, max(limit, SEARCHED), hints)}
    named = {name.card: name for name in index.named(question.text)}
    foreign = not named and is_foreign(question.text, parsed)
    ranked: list[Ranked] = []
    for card_id in dict.fromkeys((*named, *hits)):
        card, hit, name = registry[card_id], hits.get(card_id), named.get(card_id)
        score = _confidence(features(hit, card, parsed, index, foreign), mode_of(index))
        context = []
        if parsed.operation and _runs(card, parsed):
            context.append(f"it can be run to {OPERATIONS[parsed.operation].hint}")
        if question.images and card.tool:
            score = _logistic(_logit(score) + PICTURE)
            context.append("a picture is attached and this system can be run on it")
        if name:
            score = _logistic(_logit(score) + NAMED * name.score)
        naming = _naming(name.kind, name.text) if name else None
        ranked.append(Ranked(card, score, hit, naming, tuple(context)))
    ranked.sort(key=lambda r: -r.score)
    return ranked[:limit]


def match(
    question: Question, parsed: ParsedQuestion, registry: Registry, index: Index
) -> tuple[tuple[Match, ...], Abstention | None]:
    """The cards that a question is about, best first, at most five; or why there is none.

    A margin is the score less that of the next card that was considered, matched or not.
    """
    ranked = rank(question, parsed, registry, index, SEARCHED)
    if abstention := abstain(question, parsed, ranked, mode_of(index)):
        return (), abstention
    threshold = float(fitted(mode_of(index))["threshold"])
    following = [*(r.score for r in ranked[1:]), ranked[-1].score]
    return tuple(
        Match(
            card=r.card.id,
            score=round(r.score, 4),
            margin=round(r.score - after, 4),
            reasons=r.reasons,
        )
        for r, after in list(zip(ranked, following, strict=True))[:MOST]
        if r.score >= threshold
    ), None


def curated_answers(
    question: Question, parsed: ParsedQuestion, matches: Sequence[Match], index: Index
) -> tuple[CuratedMatch, ...]:
    """Curated answers that are near enough to answer a question, best first.

    Those of a card count where the question is about it; those on this program and those that span
    cards always do.
    """
    query, hints = query_of(question.text, parsed)
    hits = index.curated(query, CURATED, hints)
    holders = {PROGRAM, SPANNING, *(match.card for match in matches[:1])}
    holders |= {name.card for name in index.named(question.text)}
    return tuple(hit for hit in hits if hit.score >= NEAR and hit.holder in holders)


def _runs(card: Card, parsed: ParsedQuestion) -> bool:
    """Whether the tool of a card does what the question speaks of."""
    spec = TOOLS.get(card.tool or "")
    return spec is not None and parsed.operation in {op.key for op in spec.operations}


def mode_of(index: Index) -> str:
    """`hybrid` or `lexical`: what was fitted differs."""
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


# --- abstaining ---------------------------------------------------------------------------------


def abstain(
    question: Question, parsed: ParsedQuestion, ranked: Sequence[Ranked], mode: str
) -> Abstention | None:
    """Why none of the cards is offered; None where the first fits."""
    threshold = float(fitted(mode)["threshold"])
    nearest = tuple(r.card.id for r in ranked[:3])
    if not ranked or ranked[0].score < threshold:
        why = _nothing_fits(ranked, threshold)
        return Abstention(reason="no_model", explanation=why, nearest=nearest)
    if parsed.needs_image and not question.images:
        why = "the question is about a picture and none is attached; attach it"
        return Abstention(reason="needs_image", explanation=why, nearest=nearest)
    if rival := _rival(parsed, ranked, threshold):
        first = ranked[0].card
        why = (
            f"{first.name} ({first.task}) and {rival.card.name} ({rival.card.task}) fit about "
            "equally well; name one of them, or say more of what was done"
        )
        return Abstention(reason="ambiguous", explanation=why, nearest=nearest)
    return None


def abstain_unseen(parsed: ParsedQuestion, runs: Sequence[RunResult]) -> Abstention | None:
    """Abstain where the answer lies in the picture and no tool could look at it."""
    if not parsed.needs_image or not runs or any(result.status == "ran" for result in runs):
        return None
    reasons = "; ".join(dict.fromkeys(f"{r.image}: {r.reason}" for r in runs))
    return Abstention(
        reason="image_unusable",
        explanation=f"the question is about the picture, which could not be used ({reasons})",
        nearest=tuple(dict.fromkeys(result.card for result in runs)),
    )


def _nothing_fits(ranked: Sequence[Ranked], threshold: float) -> str:
    if not ranked:
        return "no card of the registry shares a word or a meaning with the question"
    return (
        f"no card of the registry fits the question: the nearest, {ranked[0].card.name}, reaches a "
        f"confidence of {ranked[0].score:.2f}, below the {threshold:.2f} that is required"
    )


def _rival(parsed: ParsedQuestion, ranked: Sequence[Ranked], threshold: float) -> Ranked | None:
    """A card that fits as well as the first and does something unrelated, where nothing decides.

    Cards of one task are alternatives and related ones complement each other: neither is a
    question of what was meant. A comparison means several.
    """
    if parsed.intent == "compare" or ranked[0].naming or ranked[0].score >= SURE:
        return None
    first = ranked[0]
    for other in ranked[1:MOST]:
        if other.score < threshold or first.score - other.score >= CLOSE:
            break
        linked = other.card.id in first.card.related or first.card.id in other.card.related
        if not linked and other.card.task != first.card.task:
            return other
    return None
