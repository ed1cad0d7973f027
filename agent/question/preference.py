"""Preferences from traits of a picture where a question leaves the choice of a model open.

The question itself takes precedence; if it contradicts a measurement, the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.systems.condition.traits import DRAWN, PHOTOGRAPH, Trait
from agent.types import Card, Wish

_OPPOSITES = {DRAWN: PHOTOGRAPH, PHOTOGRAPH: DRAWN}


def preferred(wish: Wish, traits: Iterable[Trait]) -> Iterator[Trait]:
    """Yield the traits that a model should suit: those that the question leaves open."""
    for trait in traits:
        conditions = wish.removes if trait.defects else wish.subjects
        is_said = not _keys(trait).isdisjoint((*conditions, *wish.declines))
        if trait.is_there and not is_said and not (trait.subjects and wish.subjects):
            yield trait


def contradicted(wish: Wish, traits: Iterable[Trait]) -> Iterator[Trait]:
    """Yield the traits that the question contradicts."""
    for trait in traits:
        opposite = {*_OPPOSITES.get(trait.subjects, ())}.intersection(wish.subjects)
        if trait.defects and not trait.is_there:
            is_denied = trait.defects[0] in wish.removes
        else:
            is_denied = not _keys(trait).isdisjoint(wish.declines)
        if is_denied or (opposite and _keys(trait).isdisjoint(wish.subjects)):
            yield trait


def suits(card: Card, trait: Trait) -> bool:
    """Check whether a card says that its model removes the defect or is made for the subject."""
    return not _keys(trait).isdisjoint((*card.removes, *card.subjects))


def _keys(trait: Trait) -> set[str]:
    return {*trait.defects, *trait.subjects}
