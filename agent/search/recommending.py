"""Recommendation of models: the conditions of a wish filter, specialisation ranks the rest.

Measurements on an attached picture filter nothing, but models that suit it rank first.

Only cards with fields on what their model does take part; a registry without such cards gives no
recommendation.
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
"""Maximum number of models offered."""
_PERMISSIVE = ("0BSD", "Apache", "BSD", "CC-BY-3", "CC-BY-4", "CC0", "ISC", "MIT", "Unlicense",
               "WTFPL", "Zlib")  # fmt: skip


def recommend(
    question: Question,
    parsed: ParsedQuestion,
    registry: Registry,
    index: Index,
    traits: Iterable[Trait] = (),
) -> tuple[Match, ...]:
    """Return the models that fit the wish of a question, best first, at most five.

    If none meets all conditions, one or two of them are dropped, but never commercial use for the
    sake of another. Empty if the question wishes for no model or names one, if no card says what
    its model does, and if neither question nor measurements say anything about the model.

    Args:
        traits: traits of the attached pictures.
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
    """Return the cards that state a model's scale and its subjects or defects."""
    return tuple(
        card for card in registry.cards() if card.scale and (card.subjects or card.removes)
    )


def _strangeness(card: Card, wish: Wish, preferences: Sequence[Trait]) -> tuple[int, ...]:
    """Return the sort key of a model: restrictions on commercial use, traits of the picture that it
    does not suit or suits only by removing a related defect, and other purposes.

    If neither size nor defects are named, most people want to enlarge.
    """
    keeps = card.scale == (1,) and not (wish.scale or wish.removes)
    binds = wish.commercial and not (card.licence and card.licence.name.startswith(_PERMISSIVE))
    unsuited = sum(not suits(card, trait) for trait in preferences)
    akin = sum(bool(t.defects) and t.defects[0] not in card.removes for t in preferences)
    others = {*card.subjects, *card.removes} - {*wish.subjects, *wish.removes, "any"}
    others = others.difference(*((*trait.defects, *trait.subjects) for trait in preferences))
    if "jpeg" in wish.removes:  # JPEG artefacts are artefacts of compression
        others -= {"compression"}
    return binds, keeps, unsuited, akin, len(others)


def _select(cards: Sequence[Card], wish: Wish) -> list[Card]:
    """Return the best that meet all conditions, else the best for each condition dropped."""
    if fitting := [card for card in cards if not unmet(card, wish)]:
        return _with_saleable(fitting)
    motifs = tuple(subject for subject in wish.subjects if subject not in _MEDIA)
    if motifs and motifs != wish.subjects:  # a face in a photograph counts as a face first
        in_any_medium = wish.model_copy(update={"subjects": motifs})
        if fitting := [card for card in cards if not unmet(card, in_any_medium)]:
            return _with_saleable(fitting)
    conditions = _negotiable(wish)
    nearest: list[Card] = []
    for count in range(1, len(conditions) + 1):
        if not nearest:
            nearest += _first_of_each(cards, wish, map(frozenset, combinations(conditions, count)))
    if wish.commercial:  # models without commercial use come last: they were not asked for
        nearest += _first_of_each(cards, wish, [frozenset[Condition](("commercial",))])
    return nearest[:MOST]


def _with_saleable(fitting: Sequence[Card]) -> list[Card]:
    """Return the first models, including one for commercial use if there is any."""
    best = list(fitting[:MOST])
    if not any(card.commercial_use for card in best):
        best[-1:] = [card for card in fitting if card.commercial_use][:1] or best[-1:]
    return best


def _negotiable(wish: Wish) -> list[Condition]:
    """Return the conditions that may be dropped, those easiest to compensate for first."""
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
    """Return the best card for each set of dropped conditions, nearest to the wish first."""
    for conditions in given_up:
        fitting = [card for card in cards if unmet(card, wish) == conditions]
        if fitting:
            yield min(fitting, key=lambda card: _distance(card, wish))


def _distance(card: Card, wish: Wish) -> tuple[float, ...]:
    """Return the distance of a card from the conditions that it does not meet.

    Motifs such as a face weigh more than kinds of picture such as a photograph; for a subject that
    no model is made for, a general model is nearest.
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
    """Return the sort key of a factor: larger ones come first, since results can be reduced."""
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
            yield f"suits a picture that {trait.phrase.partition(' (')[0]}"


_CALLED: dict[Condition, str] = {
    "scale": "size", "subjects": "subjects", "removes": "defects", "commercial": "the licence",
}  # fmt: skip
