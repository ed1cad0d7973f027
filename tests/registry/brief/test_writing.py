"""What is written is read back."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.llm.prompts import Prompts
from agent.registry import Registry
from agent.registry.brief import read_brief, registry_for, write_brief
from agent.registry.brief.entries import key_of
from agent.types import Card, Claim

ANSWER = Prompts().render("brief").system
NAMES = st.text("abcXYZ 01:+-.é", min_size=1, max_size=30).filter(
    lambda s: any(map(str.isalnum, s))
)
URLS = st.text("abc019-/", max_size=12).map(lambda path: f"https://example.org/{path}x")
LABELS = st.sampled_from(
    ["paper", "code", "arxiv", "project", "demo", "weights", "poster", "video"]
)
SENTENCES = st.text("abc XYZ,:.\n\"'-#*", max_size=60)


@st.composite
def cards(draw: st.DrawFn) -> list[Card]:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=key_of))
    return [
        Card(
            id=f"card-{i}",
            name=name,
            task="deblurring",
            summary=f"It is {draw(SENTENCES)} so.",
            links=draw(st.dictionaries(LABELS, URLS, max_size=4)),
            claims=(Claim(id="c", text=f"Edges: {draw(SENTENCES)}.", source="x", tags=("edges",)),),
        )
        for i, name in enumerate(names)
    ]


@settings(max_examples=150)
@given(st.text(min_size=1, max_size=80), cards(), st.integers(1, 5))
def test_a_brief_comes_back_as_it_was_written(asked: str, cards: list[Card], main: int) -> None:
    asked = "".join(c for c in asked if c.isprintable()) or "Why are edges sharp?"
    question = f"why {asked}"
    recommended, related = cards[:main], cards[main:]
    brief = read_brief(write_brief(question, recommended, related, ANSWER), "b")
    assert brief.question == " ".join(question.split())
    for card, entry in zip(cards, (*brief.recommended, *brief.related), strict=True):
        assert entry.name == " ".join(card.name.split())
        assert set(entry.links.values()) == set(card.links.values())
        assert entry.summary.startswith(" ".join(card.summary.split()))


def _registry() -> Registry:
    from agent import registry
    from agent.files import DEFAULT_REGISTRY

    return registry.load(DEFAULT_REGISTRY)


def test_the_registry_is_found_again_from_its_own_brief() -> None:
    registry = _registry()
    ids = list(registry)
    text = write_brief(
        "Why are edges sharp?", [registry[ids[0]]], [registry[id] for id in ids[1:]], ANSWER
    )
    again = registry_for(read_brief(text, "b"), registry)
    assert list(again) == ids
    for card in again.cards():
        assert card.links == registry[card.id].links
        assert card.claims == registry[card.id].claims


def test_it_tells_what_bears_on_the_question_and_the_limits() -> None:
    registry = _registry()
    card = registry["mimo-unet-plus"]
    speed = write_brief("How fast is it?", [card], [], ANSWER)
    told = [claim.text for claim in card.claims if claim.text in speed]
    assert told and all("speed" in claim.tags for claim in card.claims if claim.text in told)
    assert card.limits[0].text in speed


def test_it_ends_in_the_three_parts_to_write() -> None:
    text = write_brief(
        "Why?", [Card(id="a", name="A", task="t", summary="S.", links={})], [], ANSWER
    )
    assert "1. Task" in text and "2. Workflow" in text and "3. References" in text
    assert "### Related" not in text and text.endswith("\n")


def test_the_wording_is_not_that_of_the_seed(shared: Path) -> None:
    seed = (shared / "seed/question.txt").read_text(encoding="utf-8").split("### Recommended")[0]
    written = write_brief(
        "Why?", [Card(id="a", name="A", task="t", summary="S.", links={})], [], ANSWER
    )
    lines = {line.strip() for line in seed.splitlines() if len(line) > 30}
    assert not any(line in written for line in lines)


def test_cards_of_one_name_are_told_apart() -> None:
    cards = [Card(id=id, name="Twin", task="t", summary="S.", links={}) for id in ("a", "b")]
    brief = read_brief(write_brief("Why?", cards, [], ANSWER), "b")
    assert [entry.name for entry in brief.recommended] == ["Twin", "Twin (b)"]
