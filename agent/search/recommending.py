"""Which model to use: the conditions of a wish filter, what a model is made for orders the rest.

What was measured on an attached picture filters nothing: of the models that fit, those that suit it
come first.

Only cards that say in keys what their model does take part; a registry without such cards has no
recommendation to make.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations

from agent.question.preference import preferred, suits
from agent.question.wish import CONDITIONS, unmet
from agent.registry import Registry
from agent.search.index import Index
from agent.systems.condition.traits import Trait
from agent.types import Card, Condition, Match, ParsedQuestion, Question, Wish

MOST = 5
"""Models that are offered."""
_PERMISSIVE = ("0BSD", "Apache", "BSD", "CC-BY-3", "CC-BY-4", "CC0", "ISC", "MIT", "Unlicense",
               "WTFPL", "Zlib")  # fmt: skip


def recommend(
    question: Question,
    parsed: ParsedQuestion,
    registry: Registry,
    index: Index,
    traits: Iterable[Trait] = (),
) -> tuple[Match, ...]:
    """The models that fit what a question wishes for, best first, at most five.

    Where none meets every condition, those that fit without one of them, or without two; what is to
    be used commercially never gives way to another condition. Empty where the question wishes for
    no model or names one, where no card says what its model does, and where neither the question
    nor what was measured says anything about the model.

    Args:
        traits: of the attached pictures.
    """
    wish = parsed.wish
    if wish is None or any(name.score == 1 for name in index.named(question.text)):
        return ()
    preferences = [*preferred(wish, traits)]
    if wish == Wish() and not preferences:
        return ()
    models = _models(registry)
    if not models:
        return ()
    relevance = {hit.card: hit.score for hit in index.search(_query(question, parsed), len(models))}

    def order(card: Card) -> tuple[float, ...]:
        return (*_strangeness(card, wish, preferences), -relevance.get(card.id, 0.0))

    selection = _select(sorted(models, key=order), wish)
    return tuple(
        Match(
            card=card.id,
            score=1 - len(unmet(card, wish)) / (len(CONDITIONS) + 1),
            margin=0.0,
            reasons=tuple(_reasons(card, wish, preferences)),
        )
        for card in selection
    )


def _query(question: Question, parsed: ParsedQuestion) -> str:
    return parsed.search_text or question.text


@lru_cache(maxsize=4)
def _models(registry: Registry) -> tuple[Card, ...]:
    """The cards that say by how much a model enlarges, and what for or against what."""
    return tuple(
        card for card in registry.cards() if card.scale and (card.subjects or card.removes)
    )


def _strangeness(card: Card, wish: Wish, preferences: Sequence[Trait]) -> tuple[int, ...]:
    """How far a model's licence binds whoever sells, how much of the picture it does not suit, or
    suits by removing something akin, and for how much else it is made.

    Where neither size nor work is named, most people wish to enlarge.
    """
    keeps = card.scale == (1,) and not (wish.scale or wish.removes)
    binds = wish.commercial and not (card.licence and card.licence.name.startswith(_PERMISSIVE))
    unsuited = sum(not suits(card, trait) for trait in preferences)
    akin = sum(bool(t.defects) and t.defects[0] not in card.removes for t in preferences)
    others = {*card.subjects, *card.removes} - {*wish.subjects, *wish.removes, "any"}
    others = others.difference(*((*trait.defects, *trait.subjects) for trait in preferences))
    if "jpeg" in wish.removes:  # a model that removes JPEG artefacts removes such of compression
        others -= {"compression"}
    return binds, keeps, unsuited, akin, len(others)


def _select(cards: Sequence[Card], wish: Wish) -> list[Card]:
    """The best of those that meet all; else of each condition that is given up, the best."""
    if fitting := [card for card in cards if not unmet(card, wish)]:
        return _with_saleable(fitting)
    motifs = tuple(subject for subject in wish.subjects if subject not in _MEDIA)
    if motifs and motifs != wish.subjects:  # a face in a photograph is a face first
        in_any_medium = wish.model_copy(update={"subjects": motifs})
        if fitting := [card for card in cards if not unmet(card, in_any_medium)]:
            return _with_saleable(fitting)
    conditions = _negotiable(wish)
    nearest: list[Card] = []
    for count in range(1, len(conditions) + 1):
        if not nearest:
            nearest += _first_of_each(cards, wish, map(frozenset, combinations(conditions, count)))
    if wish.commercial:  # what it takes to have it, last: it is not what was asked for
        nearest += _first_of_each(cards, wish, [frozenset[Condition](("commercial",))])
    return nearest[:MOST]


def _with_saleable(fitting: Sequence[Card]) -> list[Card]:
    """The first, and among them one that may be sold, where there is one."""
    best = list(fitting[:MOST])
    if not any(card.commercial_use for card in best):
        best[-1:] = [card for card in fitting if card.commercial_use][:1] or best[-1:]
    return best


def _negotiable(wish: Wish) -> list[Condition]:
    """What a wish demands and may be given up: what can be made up for otherwise comes first."""
    demands = {
        "scale": wish.scale or wish.enlarges,
        "removes": wish.removes,
        "subjects": wish.subjects,
    }
    order: tuple[Condition, ...] = ("scale", "subjects", "removes")
    return [condition for condition in order if demands[condition]]


def _first_of_each(
    cards: Sequence[Card], wish: Wish, given_up: Iterable[frozenset[Condition]]
) -> Iterable[Card]:
    """Of each set of conditions that is given up, the best card; the nearest to what was asked."""
    for conditions in given_up:
        fitting = [card for card in cards if unmet(card, wish) == conditions]
        if fitting:
            yield min(fitting, key=lambda card: _distance(card, wish))


def _distance(card: Card, wish: Wish) -> tuple[float, ...]:
    """How far a card is from the conditions that it does not meet.

    What is shown, such as a face, tells more than what it is shown in, such as a photograph; for a
    subject that no model is made for, one that is made for none in particular comes nearest.
    """
    motifs = {*wish.subjects} - _MEDIA
    return (
        len(motifs.difference(card.subjects)),
        len({*wish.subjects}.difference(card.subjects)),
        len({*wish.removes}.difference(card.removes)),
        *min(_factors_off(factor, wish.scale or factor) for factor in card.scale),
        bool(card.subjects) and "any" not in card.subjects,
    )


def _factors_off(factor: int, wished: int) -> tuple[bool, int]:
    """A larger result can be reduced; a smaller one lacks what was asked for."""
    return factor < wished, abs(factor - wished)


_MEDIA = frozenset(("photo", "video-frames", "cartoon"))


def _reasons(card: Card, wish: Wish, preferences: Sequence[Trait]) -> Iterable[str]:
    missing = unmet(card, wish)
    for condition in CONDITIONS:
        if condition in missing:
            yield f"does not meet the condition on {_CALLED[condition]}"
    if not missing:
        yield "meets every condition"
    for trait in preferences:
        if suits(card, trait):
            yield f"suits a picture that {trait.said.partition(' (')[0]}"


_CALLED: dict[Condition, str] = {
    "scale": "size", "subjects": "subjects", "removes": "defects", "commercial": "the licence",
}  # fmt: skip
