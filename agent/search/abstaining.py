"""Helpful explanations why no card is offered: what was understood, what to ask instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.references import references_in
from agent.registry import Registry
from agent.search.ranking import Ranked
from agent.text import visible
from agent.types import Abstention, Card, ParsedQuestion, Question, RunResult

CLOSE = 0.05
"""Minimum difference for two confidences to count as an order."""
SURE = 0.9
"""Confidence at which a card is offered however close another is."""
CONSIDERED = 5
"""Number of top cards among which a rival of the first is sought."""
_LISTED = 5
"""Maximum number of systems to list; of a larger registry, only the nearest few."""
_NEAREST = 3
_ON_RESULTS = ("explain", "complain")
HALF_WAY = 0.5
"""Minimum share of the threshold at which the nearest card may be what was meant."""


def abstain(
    question: Question,
    parsed: ParsedQuestion,
    ranked: Sequence[Ranked],
    threshold: float,
    registry: Registry,
) -> Abstention | None:
    """Return why none of the cards is offered; None if the first fits.

    Args:
        ranked: cards with the confidence in each, best first.
        threshold: minimum confidence to offer a card.
    """
    nearest = tuple(r.card.id for r in ranked[:_NEAREST])
    if not ranked or ranked[0].score < threshold:
        return Abstention(
            reason="no_model",
            explanation=_help(parsed, ranked, threshold, registry),
            nearest=nearest,
            detail=_scores(ranked, threshold),
        )
    if parsed.needs_image and not question.images:
        why = "Your question is about a picture, and none is attached. Attach it, and ask again."
        return Abstention(reason="needs_image", explanation=why, nearest=nearest)
    if rival := _rival(parsed, ranked, threshold):
        first = ranked[0].card
        why = (
            f"Your question fits {first.name} ({first.task}) about as well as {rival.card.name} "
            f"({rival.card.task}). Name the one that you mean, or say more about what was done."
        )
        scores = _scores(ranked, threshold)
        return Abstention(reason="ambiguous", explanation=why, nearest=nearest, detail=scores)
    return None


def abstain_unseen(parsed: ParsedQuestion, runs: Sequence[RunResult]) -> Abstention | None:
    """Abstain if the answer is in the picture and no tool could process it."""
    if not parsed.needs_image or not runs or any(result.status == "ran" for result in runs):
        return None
    reasons = "; ".join(dict.fromkeys(f"{r.image}: {r.reason}" for r in runs))
    return Abstention(
        reason="image_unusable",
        explanation=f"Your question is about the picture, which could not be used ({reasons}). "
        "Attach an intact one, for example a PNG or a JPEG, and ask again.",
        nearest=tuple(dict.fromkeys(result.card for result in runs)),
    )


def _help(
    parsed: ParsedQuestion, ranked: Sequence[Ranked], threshold: float, registry: Registry
) -> str:
    sentences = [_opening(parsed)]
    if ranked and ranked[0].score >= HALF_WAY * threshold:
        first = ranked[0].card
        sentences.append(f"If you mean {_described(first)}, ask again and name it.")
    elif len(registry) <= _LISTED:
        sentences.append(f"What I can explain: {_descriptions(registry.cards())}.")
    elif ranked:
        nearest = _descriptions(r.card for r in ranked[:_NEAREST])
        sentences.append(f"The nearest systems that I can explain: {nearest}.")
    else:
        sentences.append("“groundglass registry list” shows the systems that I can explain.")
    return " ".join(sentences)


def _opening(parsed: ParsedQuestion) -> str:
    """Return what cannot be answered: anything about a named model, or the question itself."""
    names = [visible(name) for name in parsed.models if not references_in(name)]
    if names:
        why = ", so I cannot say why it did that" if parsed.intent in _ON_RESULTS else ""
        return f"I know nothing vetted about {' or '.join(names[:3])}{why}."
    return "I found nothing in the registry that answers this."


def _described(card: Card) -> str:
    return f"{card.name} ({card.task})"


def _descriptions(cards: Iterable[Card]) -> str:
    return "; ".join(map(_described, cards))


def _scores(ranked: Sequence[Ranked], threshold: float) -> str:
    scores = ", ".join(f"{r.card.id} {r.score:.2f}" for r in ranked[:_NEAREST])
    return f"confidence: {scores or 'no card'}; required: {threshold:.2f}"


def _rival(parsed: ParsedQuestion, ranked: Sequence[Ranked], threshold: float) -> Ranked | None:
    """Return an unrelated card that fits as well as the first, if nothing decides between them.

    Cards with the same task are alternatives, and related ones complement each other, so neither is
    ambiguous. A comparison means several.
    """
    if parsed.intent == "compare" or ranked[0].naming or ranked[0].score >= SURE:
        return None
    first = ranked[0]
    for other in ranked[1:CONSIDERED]:
        if other.score < threshold or first.score - other.score >= CLOSE:
            break
        linked = other.card.id in first.card.related or first.card.id in other.card.related
        if not linked and other.card.task != first.card.task:
            return other
    return None
