"""Recommendation of a model in words: the best, why, an alternative that matters, and a table.

Every sentence states facts from the fields of cards, and cites them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from agent.answer.inquiry import Inquiry, Part
from agent.question.preference import contradicted, preferred, suits
from agent.question.wish import unmet
from agent.systems.condition.traits import Trait, traits_of
from agent.text import format_list, visible
from agent.types import (
    DEFECT_NAMES,
    SUBJECT_NAMES,
    Card,
    Condition,
    Defect,
    Evidence,
    Statement,
    Subject,
    Wish,
)

_NEAREST = 4
"""Number of models whose failed conditions are stated if none fits."""
_FACTS = ("scale", "subjects", "removes", "architecture", "licence", "commercial-use")


def recommendation(part: Part, inquiry: Inquiry) -> Iterator[Statement]:
    """Yield the answer to a part whose matches are recommended models."""
    wish = part.parsed.wish or Wish()
    cards = [inquiry.registry[match.card] for match in part.matches]
    best, *others = cards
    preferences = [
        *preferred(wish, (trait for _, traits in traits_of(inquiry.runs) for trait in traits))
    ]
    yield from _measurements(inquiry, wish, decides=not unmet(best, wish))
    if unmet(best, wish):
        yield from _instead(cards, wish)
    else:
        why = _PREFERRED.format(_SUITED if preferences else _SPECIALISED) if others else ""
        yield _statement(f"Use {best.name}: {_does(best)}. {_terms(best)}{why}", best)
        yield from _unsuited(best, others, preferences)
        yield from _runner_up(best, others)
    for card in cards:
        yield _statement(_row(card), card, row=card.name)


_PREFERRED = (
    " Among the models that fit, it {}; only a trial shows which does best on your picture."
)
_SPECIALISED = "is the most specialised match"
_SUITED = "best suits what was measured"


def observations(inquiry: Inquiry) -> Iterator[Statement]:
    """Yield what was measured before a model was chosen, unless a recommendation says it."""
    if inquiry.parsed.wish and not any(part.recommends for part in inquiry.parts):
        yield from _measurements(inquiry, inquiry.parsed.wish, decides=False)


# --- what was measured ------------------------------------------------------------------------


def _measurements(inquiry: Inquiry, wish: Wish, decides: bool) -> Iterator[Statement]:
    """Yield what in the pictures bears on the choice, and where it contradicts the question.

    Args:
        decides: whether the measurements rank the models that fit.
    """
    pictures = [*traits_of(inquiry.runs)]
    decisive = [(image, [*preferred(wish, preferences)]) for image, preferences in pictures]
    decisive = [(image, preferences) for image, preferences in decisive if preferences]
    so = _so([trait for _, preferences in decisive for trait in preferences]) if decides else ""
    for i, (image, preferences) in enumerate(decisive, 1):
        where = "Your picture" if len(pictures) == 1 else visible(image)
        end = so if i == len(decisive) else ""
        evidence = [item for trait in preferences for item in trait.evidence]
        yield _of_evidence(f"{where} {format_list(_phrases(preferences, inquiry))}{end}.", evidence)
    for image, traits in pictures:
        where = "your picture" if len(pictures) == 1 else visible(image)
        for trait in contradicted(wish, traits):
            (phrase,) = _phrases([trait], inquiry)
            text = f"{_otherwise(trait, wish)}, but {where} {phrase}; your request decides."
            yield _of_evidence(text, trait.evidence)


def _phrases(traits: Iterable[Trait], inquiry: Inquiry) -> list[str]:
    """Return the phrases on traits, without figures for laymen."""
    layman = inquiry.parsed.layman
    return [trait.phrase.partition(" (")[0] if layman else trait.phrase for trait in traits]


def _so(preferences: Sequence[Trait]) -> str:
    """Return what the traits mean for the order of the models that fit, as a clause."""
    does = list(dict.fromkeys(map(_suiting, preferences)))
    return f", so of the models that fit, those that {format_list(does)} come first"


def _suiting(trait: Trait) -> str:
    if trait.defects:
        return f"remove {_defects(trait.defects[:1])}"
    return f"are made for {_either(trait)}"


def _either(trait: Trait) -> str:
    names = [SUBJECT_NAMES.get(subject, subject) for subject in trait.subjects]
    return format_list(names, "or")


def _otherwise(trait: Trait, wish: Wish) -> str:
    """Return what the question says that the measurements contradict."""
    if trait.defects:
        removed = f"{_defects(trait.defects[:1])} to be removed"
        return f"You do not ask for {removed}" if trait.is_there else f"You ask for {removed}"
    declined = [subject for subject in trait.subjects if subject in wish.declines]
    if declined:
        return f"You say that it is not {format_list([_subjects([one]) for one in declined], 'or')}"
    return f"You ask for {_subjects(wish.subjects)}"


def _unsuited(
    best: Card, others: Sequence[Card], preferences: Sequence[Trait]
) -> Iterator[Statement]:
    """Yield the traits of the picture that the best model does not suit, and one that does."""
    for trait in preferences:
        if suits(best, trait):
            continue
        does = f"removes {_defects(trait.defects[:1])}"
        if trait.subjects:
            does = f"is made for {_either(trait)}"
        text = f"Its card does not say that {best.name} {does}."
        other = next((card for card in others if suits(card, trait)), None)
        if other:
            yield _statement(f"{text} {other.name} {does}.", other)
        else:
            yield _statement(text, best)


def _of_evidence(text: str, evidence: Iterable[Evidence]) -> Statement:
    ids = dict.fromkeys(item.id for item in evidence)
    return Statement(section="answer", text=text, evidence=tuple(ids))


# --- what is asked for ------------------------------------------------------------------------


def wished(wish: Wish) -> str:
    """Return a sentence that restates the wish."""
    parts = []
    if wish.scale == 1:
        parts.append("keeps the size of a picture")
    elif wish.scale:
        parts.append(f"enlarges {wish.scale}×")
    elif wish.enlarges:
        parts.append("enlarges")
    if wish.subjects:
        parts.append(f"is made for {_subjects(wish.subjects)}")
    if wish.removes:
        parts.append(f"removes {_defects(wish.removes)}")
    if wish.commercial:
        parts.append("may be used commercially")
    parts += _not_meant(wish)
    if not parts:
        parts.append("suits your picture")
    return f"You are looking for a model that {format_list(parts)}."


def _not_meant(wish: Wish) -> Iterator[str]:
    if defects := [name for name in wish.declines if name in get_args(Defect)]:
        yield f"need not remove {_defects(defects)}"
    if subjects := [name for name in wish.declines if name in get_args(Subject)]:
        yield f"is not meant for {_subjects(subjects)}"


def _instead(cards: Sequence[Card], wish: Wish) -> Iterator[Statement]:
    """Yield that nothing fits, and for the nearest models what they fail and what they do."""
    opening = "No model in the registry meets all your conditions. "
    for card in cards[:_NEAREST]:
        fails = format_list(
            [_failure(card, wish, condition) for condition in sorted(unmet(card, wish))]
        )
        text = f"{card.name} {fails}, but otherwise fits: {_does(card)}. {_terms(card)}"
        yield _statement(opening + text, card)
        opening = ""


def _failure(card: Card, wish: Wish, condition: Condition) -> str:
    if condition == "subjects":
        return f"is not made for {_subjects(s for s in wish.subjects if s not in card.subjects)}"
    if condition == "removes":
        return f"does not remove {_defects(d for d in wish.removes if d not in card.removes)}"
    if condition == "scale":
        if card.scale == (1,):
            return "does not enlarge"
        return "changes the size" if wish.scale == 1 else "enlarges by another factor"
    return f"{_KNOWN[card.commercial_use]} commercial use"


_KNOWN = {True: "allows", False: "forbids", None: "is not known to allow"}


def _runner_up(best: Card, others: Sequence[Card]) -> Iterator[Statement]:
    """Yield an alternative that differs in what matters, commercial use above all."""
    if not best.commercial_use:
        saleable = next((card for card in others if card.commercial_use), None)
        if saleable is None:
            yield _statement("No model that fits is known to allow commercial use.", best)
            return
        text = f"If you want to sell the result, take {saleable.name}: {_does(saleable)}. "
        yield _statement(text + _terms(saleable), saleable)
        return
    for card in others:
        if more := [defect for defect in card.removes if defect not in best.removes]:
            text = f"If the picture also suffers from {_defects(more)}, take {card.name}."
            yield _statement(text, card)
            return
    for card in others:
        if card.architecture and card.architecture != best.architecture:
            text = f"{card.name} does the same with another network, {card.architecture}."
            yield _statement(text, card)
            return


def _does(card: Card) -> str:
    """Return what a model does, as a clause to follow its name."""
    parts = []
    if card.scale == (1,):
        parts.append("it keeps the size of a picture")
    else:
        parts.append(f"it enlarges {_factors(card)}")
    if card.subjects:
        parts.append(f"is made for {_subjects(card.subjects)}")
    if card.removes:
        parts.append(f"removes {_defects(card.removes)}")
    return format_list(parts)


def _terms(card: Card) -> str:
    """Return a sentence on what the licence says about commercial use."""
    if not card.licence:
        return "No licence is stated, so it is unclear whether you may sell the result."
    if card.commercial_use is None:
        return f"It is not known whether its licence, {card.licence.name}, allows commercial use."
    verb = "allows" if card.commercial_use else "forbids"
    return f"Its licence, {card.licence.name}, {verb} commercial use."


def _row(card: Card) -> str:
    """Return a model's row of the table."""
    use = {True: "allowed", False: "forbidden", None: "unclear"}
    parts = [
        "same size" if card.scale == (1,) else _factors(card),
        _subjects(card.subjects),
        f"removes {_defects(card.removes)}" if card.removes else "",
        card.architecture or "",
        card.licence.name if card.licence else "no licence",
        f"commercial use {use[card.commercial_use]}",
    ]
    return "; ".join(filter(None, parts))


def _factors(card: Card) -> str:
    return " or ".join(f"{factor}×" for factor in card.scale)


def _subjects(subjects: Iterable[str]) -> str:
    return format_list([SUBJECT_NAMES.get(subject, subject) for subject in subjects])


def _defects(defects: Iterable[str]) -> str:
    return format_list([DEFECT_NAMES.get(defect, defect) for defect in defects])


def _statement(text: str, card: Card, row: str | None = None) -> Statement:
    names = (f"{card.id}/{name}" for name in _FACTS)
    claims = tuple(name for name in names if name in card.facts())
    return Statement(section="answer", text=text, claims=claims, row=row)
