"""Writer of briefs that any assistant can answer from and `read_brief` can parse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from agent.question.lexicon import tags_in
from agent.registry.brief.entries import key_of
from agent.types import Card

_LABELS = {"paper": "Paper", "arxiv": "arXiv", "doi": "DOI", "project": "Project"}
_CLAIMS, _LIMITS = 10, 3


def write_brief(
    question_text: str, recommended: Sequence[Card], related: Sequence[Card], instruction: str
) -> str:
    """Return a brief as Markdown.

    Args:
        question_text: the question; white space is collapsed.
        recommended: the cards that answer it, best first; at least one.
        related: cards that complement them.
        instruction: how to answer, at the end of the brief.
    """
    names: set[str] = set()
    tags = {*tags_in(question_text)}
    parts = [
        "A person who works with an image model asks:",
        f'"{" ".join(question_text.split())}"\n',
        "### Recommended AI Models:",
        *(_entry(card, card.name, _summary(card, tags), names) for card in recommended),
    ]
    if related:
        parts += [
            "### Related Papers:",
            *(
                _entry(card, card.title or card.name, _summary(card, tags), names)
                for card in related
            ),
        ]
    return "\n".join((*parts, instruction, ""))


def _entry(card: Card, name: str, summary: str, names: set[str]) -> str:
    name = " ".join(name.split())
    if key_of(name) in names:
        name = f"{name} ({card.id})"  # names in a brief are unique
    names.add(key_of(name))
    return "\n".join((f"Model: {name}", *_links(card.links.items()), f"Summary: {summary}", ""))


def _summary(card: Card, tags: set[str]) -> str:
    """Return the summary, some claims that bear on the question, and some limits."""
    claims = [claim.text for claim in card.claims if tags.intersection(claim.tags)]
    limits = [limit.text for limit in card.limits]
    sentences = (card.summary, *claims[:_CLAIMS], *limits[:_LIMITS])
    return " ".join(" ".join(sentences).split())


def _links(links: Iterable[tuple[str, str]]) -> Iterable[str]:
    for label, url in links:
        on_github = label == "code" and urlsplit(url).hostname == "github.com"
        title = "GitHub" if on_github else _LABELS.get(label, label.capitalize())
        yield f"{title}: {url}"
