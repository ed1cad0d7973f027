"""Fields of a card as facts for an answer: inputs, outputs, licence, scale, figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from agent.answer import wording
from agent.question.lexicon import tags_in
from agent.types import Card, Claim

#: Name of each field in a sentence, and the tags that it answers.
_FIELDS = {
    "inputs": ("input", ("inputs", "input-size")),
    "outputs": ("output", ("outputs",)),
    "weights": ("weights", ("weights",)),
    "licence": ("licence", ("licence",)),
}
#: Facts that are whole sentences, and the tags that they answer.
_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "publication": (),
    "scale": ("enlargement",),
    "subjects": (),
    "removes": (),
    "architecture": ("architecture",),
    "sha256": ("weights",),
    "commercial-use": ("licence",),
    "based-on": ("training",),
}


@lru_cache(maxsize=256)  # every answer about a card asks for them
def field_claims(card: Card) -> tuple[Claim, ...]:
    """Return the fields of a card as claims, with only those tags that no claim or limit has.

    A claim with such a tag says what the field says, and where that is published.
    """
    fields = dict(_FIELDS)
    for i, measure in enumerate(card.measures, 1):
        fields[f"measure-{i}"] = ("published figures", ("evaluation", *tags_in(measure.quantity)))
    facts, claimed = card.facts(), claimed_tags(card)
    tags_of = {**{id: tags for id, (_, tags) in fields.items()}, **_SENTENCES}
    return tuple(
        Claim(
            id=id,
            text=wording.field_sentence(card, fields[id][0], text) if id in fields else text,
            source="",
            tags=tuple(tag for tag in tags if tag not in claimed),
        )
        for id, tags in tags_of.items()
        if (text := facts.get(f"{card.id}/{id}"))
    )


def claimed_tags(card: Card) -> set[str]:
    """Return the tags of the claims and limits of a card."""
    return {tag for claim in (*card.claims, *card.limits) for tag in claim.tags}
