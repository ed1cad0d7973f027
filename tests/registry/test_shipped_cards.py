"""The text of every registry that ships: its cards are complete and in form."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from agent.files import DEFAULT_REGISTRY, UPSCALERS
from agent.references import references_in
from agent.text import first_unsafe
from agent.types import Card, Claim

EFFECTS = (
    "edges text blur sharpness structure detail noise artefacts colour enlargement hallucination"
)
TOPICS = (
    "speed memory loss training data architecture multi-scale fusion attention frequency residual "
    "licence weights evaluation inputs outputs input-size resolution features semantics saliency "
    "brain ocr language ensemble limits comparison layers"
)
VOCABULARY = {*EFFECTS.split(), *TOPICS.split()}
RESERVED_IDS = re.compile(
    r"summary|task|inputs|outputs|flow|weights|licence|publication|(workflow|measure)-\d+"
)
#: What a sentence may call the system of its card.
SUBJECTS = {
    "mimo-unet-plus": ("MIMO-UNet",),
    "featsharp": ("FeatSharp",),
    "llavar": ("LLaVAR",),
    "saliency-semantic-rsa": ("Saliency-Semantic RSA",),
    "real-esrgan": ("Real-ESRGAN", "Real-ESRNet"),
    "real-cugan": ("Real-CUGAN",),
    "waifu2x": ("waifu2x",),
}
GENERAL_STATEMENTS = {"no-figures-here"}


@cache
def registries() -> list[dict[str, Card]]:
    found = []
    for path in (DEFAULT_REGISTRY, UPSCALERS):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append({entry["id"]: Card.model_validate(entry) for entry in document["models"]})
    return found


def cards() -> dict[str, Card]:
    return {id: card for registry in registries() for id, card in registry.items()}


def claims_and_limits(card: Card) -> tuple[Claim, ...]:
    return (*card.claims, *card.limits)


every_card = pytest.mark.parametrize("id", list(SUBJECTS))


def test_no_card_is_left_out_here_and_no_id_comes_twice() -> None:
    assert [id for registry in registries() for id in registry] == list(SUBJECTS)


@every_card
def test_a_card_is_complete(id: str) -> None:
    card = cards()[id]
    assert 15 <= len(card.claims) <= 40
    assert len(card.limits) >= 5
    assert 8 <= len(card.examples) <= 15
    assert 3 <= len(card.workflow) <= 6
    assert {step.stage for step in card.workflow} == {"input", "model", "output"}
    assert card.authors and card.year and card.title
    assert card.inputs and card.outputs and card.weights
    assert card.licence and card.licence.forbids
    if card.arxiv or card.venue:  # some systems have no paper
        assert card.venue and f"https://arxiv.org/abs/{card.arxiv}" == card.links["arxiv"]
    assert all(url.startswith("https://") for url in card.links.values())
    assert len(card.summary.split()) < 45


@every_card
def test_references_between_entries_exist(id: str) -> None:
    card = cards()[id]
    (home,) = (registry for registry in registries() if id in registry)
    assert set(card.related) <= set(home) - {id}
    ids = [claim.id for claim in claims_and_limits(card)]
    assert len(set(ids)) == len(ids)
    assert not [name for name in ids if RESERVED_IDS.fullmatch(name)]
    explained = {name for step in card.workflow for name in step.claims}
    assert explained <= {claim.id for claim in card.claims}
    assert all(step.claims for step in card.workflow)


@every_card
def test_a_claim_has_its_tags_its_mechanism_and_its_source(id: str) -> None:
    for claim in claims_and_limits(cards()[id]):
        assert claim.tags and set(claim.tags) <= VOCABULARY, claim.id
        assert len(set(claim.tags)) == len(claim.tags), claim.id
        assert claim.mechanism and claim.source, claim.id
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)


@every_card
def test_a_mechanism_is_explained_by_two_to_five_claims(id: str) -> None:
    mechanisms = [claim.mechanism for claim in cards()[id].claims]
    counts = {name: mechanisms.count(name) for name in mechanisms}
    assert {name: n for name, n in counts.items() if not 2 <= n <= 5} == {}


@every_card
def test_a_claim_is_one_sentence_that_stands_alone(id: str) -> None:
    for claim in claims_and_limits(cards()[id]):
        text = claim.text
        assert 12 <= len(text.split()) <= 40 and len(text) <= 400, claim.id
        begun = text[0].isupper() or text.startswith(SUBJECTS[id])
        assert begun and text.endswith(".") and "\n" not in text, claim.id
        assert not re.search(r"[.!?] [A-Z]", text), f"{claim.id}: more than one sentence"
        named = any(name in text for name in SUBJECTS[id])
        assert named or claim.id in GENERAL_STATEMENTS, f"{claim.id}: does not name its subject"


@every_card
def test_no_sentence_is_told_twice(id: str) -> None:
    texts = [claim.text for claim in claims_and_limits(cards()[id])]
    assert len(set(texts)) == len(texts)


@every_card
def test_text_cites_nothing_but_the_links_of_its_card(id: str) -> None:
    """An answer is scanned for foreign references, so its building blocks must be free of them."""
    card = cards()[id]
    own = references_in(" ".join(card.links.values()))
    texts = [*card.facts().values(), *(claim.source for claim in claims_and_limits(card))]
    assert {reference for text in texts for reference in references_in(text)} <= own


@pytest.mark.parametrize("path", [DEFAULT_REGISTRY, UPSCALERS], ids=lambda path: path.name)
def test_file_is_plain_and_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert first_unsafe(text) is None
    long = [line for line in text.splitlines() if len(line) > 100 and "https://" not in line]
    assert long == []
    assert not re.search(r"(?m)(:|-) [&*]\w", text), "anchors and aliases are refused"


def test_only_one_limit_answers_the_premise_that_a_system_enlarges() -> None:
    for card in cards().values():
        assert len([c for c in card.limits if "enlargement" in c.tags]) == 1, card.id
