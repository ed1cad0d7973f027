"""Fields of a card as facts that an answer may tell: inputs, outputs, licence, authors, figures."""

from __future__ import annotations

from functools import lru_cache

from agent.answer import wording
from agent.question.lexicon import tags_in
from agent.types import Card, Claim

#: What each field is called in a sentence, and the tags that it answers.
_FIELDS = {
    "inputs": ("input", ("inputs", "input-size")),
    "outputs": ("output", ("outputs",)),
    "weights": ("weights", ("weights",)),
    "licence": ("licence", ("licence",)),
}


@lru_cache(maxsize=256)  # every answer about a card asks for them
def fields_of(card: Card) -> tuple[Claim, ...]:
    """The fields of a card, as claims, with those of their tags that no claim or limit has.

    A claim with such a tag says the same as the field, and where it is published.
    """
    fields = dict(_FIELDS)
    for i, measure in enumerate(card.measures, 1):
        fields[f"measure-{i}"] = ("published figures", ("evaluation", *tags_in(measure.quantity)))
    facts, claimed = card.facts(), claimed_tags(card)
    quoted = tuple(
        Claim(
            id=id,
            text=wording.field_sentence(card, called, text),
            source="",
            tags=tuple(tag for tag in tags if tag not in claimed),
        )
        for id, (called, tags) in fields.items()
        if (text := facts.get(f"{card.id}/{id}"))
    )
    published = facts.get(f"{card.id}/publication")  # a sentence as it is
    return (*quoted, Claim(id="publication", text=published, source="")) if published else quoted


def claimed_tags(card: Card) -> set[str]:
    """The tags that claims and limits of a card have."""
    return {tag for claim in (*card.claims, *card.limits) for tag in claim.tags}
