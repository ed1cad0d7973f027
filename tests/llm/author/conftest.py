"""An agent, and material to word an answer about: two small cards and one measurement."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent import Agent
from agent.answer.compose import compose
from agent.answer.inquiry import Inquiry, Part
from agent.llm.author.material import Material, material_for
from agent.question.parse import parse
from agent.registry import Registry
from agent.types import Card, CardStep, Claim, Evidence, Match, Question, RunResult, Statement

NET = Card(
    id="net",
    name="NetOne",
    title="NetOne: Sharper Pictures",
    task="single-image deblurring",
    summary="NetOne removes blur from a picture.",
    links={"paper": "https://example.org/net.pdf", "code": "https://github.com/who/net"},
    workflow=(
        CardStep(stage="input", text="The picture goes in at three sizes."),
        CardStep(stage="output", text="The corrected picture comes out."),
    ),
    claims=(
        Claim(id="adds", text="NetOne adds a correction to its input.", source="s"),
        Claim(id="size", text="NetOne has 16,107,651 parameters and 20 blocks.", source="s"),
    ),
    limits=(
        Claim(
            id="no-growth", text="NetOne does not enlarge pictures.", source="s",
            tags=("enlargement",),
        ),
        Claim(id="slow", text="NetOne is slow on a laptop.", source="s", tags=("speed",)),
    ),
    related=("other",),
)  # fmt: skip
OTHER = Card(
    id="other",
    name="Other",
    task="reading text",
    summary="Other reads text in pictures.",
    links={"paper": "https://o.example/p"},
)
WIDTH = Evidence(
    id="a.width", quantity="width of edges", value=1.65, unit="px", measured_on="a.png, restored",
    method="10–90 % rise",
)  # fmt: skip
MEASURED = Statement(
    section="evidence", text="The edges of a.png are 1.65 px wide.", evidence=("a.width",)
)


def relevance(card: Card) -> dict[str, float]:
    return dict.fromkeys(card.facts(), 0.9)


@pytest.fixture
def given() -> Callable[..., Material]:
    """Builds what a model is given for a question."""

    def make(text: str = "Why are the edges of my map sharp at 3x?", ran: bool = True) -> Material:
        registry = Registry.from_cards([NET, OTHER])
        run = RunResult(card="net", tool="restore", image="a.png", status="ran", evidence=(WIDTH,))
        runs = (run,) if ran else ()
        parsed = parse(text)
        part = Part(text, parsed, (Match(card="net", score=1.0, margin=1.0, reasons=()),))
        inquiry = Inquiry(text, parsed, [part], registry, lambda _, card: relevance(card), runs)
        offline = compose(inquiry)
        if ran:
            update = {"statements": (*offline.statements, MEASURED)}
            offline = offline.model_copy(update=update)
        return material_for(Question(text=text), inquiry, offline)

    return make


@pytest.fixture
def key_of() -> Callable[[Material, str], str]:
    """Finds the key under which a fact is given."""

    def find(material: Material, id: str) -> str:
        return next(source.key for source in material.sources if id in source.claims)

    return find


@pytest.fixture(scope="module")
def agent() -> Agent:
    """With the registry that ships, and no model."""
    return Agent()
