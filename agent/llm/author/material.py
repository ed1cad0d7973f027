"""What a model is given to word an answer: the cards that are cited, their facts, all evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.llm.author import placeholders, wording
from agent.llm.author.placeholders import Known
from agent.llm.prompts import Prompt, Prompts
from agent.registry import Registry
from agent.types import Answer, Card, ParsedQuestion, Question, RunResult

_FACTS_OF_A_MAIN_CARD, _FACTS_BESIDE = 24, 8


@dataclass(frozen=True)
class Material:
    """Everything that an answer may be made of."""

    question: Question
    parsed: ParsedQuestion
    offline: Answer
    known: Known
    not_run: tuple[str, ...]

    @property
    def in_english(self) -> bool:
        return self.parsed.language not in wording.LANGUAGES

    @property
    def language(self) -> str:
        return "en" if self.in_english else self.parsed.language

    @property
    def must(self) -> tuple[str, ...]:
        """Limits that the answer may not leave out: those that the offline answer tells."""
        limits = {f"{c.id}/{limit.id}" for c in self.known.cards.values() for limit in c.limits}
        told = (claim for s in self.offline.statements for claim in s.claims)
        return tuple(dict.fromkeys(claim for claim in told if claim in limits))


def material(
    question: Question,
    parsed: ParsedQuestion,
    offline: Answer,
    runs: Sequence[RunResult],
    registry: Registry,
    relevance: Callable[[Card], Mapping[str, float]],
) -> Material:
    """The cards that are cited with their most relevant facts, and all evidence."""
    mains = {step.card for step in offline.workflow}
    cards = {reference.card: registry[reference.card] for reference in offline.references}
    told = {claim for s in offline.statements for claim in s.claims}
    facts: dict[str, str] = {}
    for card in cards.values():
        most = _FACTS_OF_A_MAIN_CARD if card.id in mains else _FACTS_BESIDE
        facts |= _chosen(card, told, relevance(card), most)
    evidence = {item.id: item for run in runs if run.status == "ran" for item in run.evidence}
    missing = (f"{r.card or r.image}: {r.reason}" for r in runs if r.status != "ran")
    known = Known(cards, facts, evidence, parsed.factor)
    return Material(question, parsed, offline, known, tuple(missing))


def _chosen(
    card: Card, told: set[str], relevance: Mapping[str, float], most: int
) -> dict[str, str]:
    """Facts that the offline answer tells, the steps of the workflow, then the most relevant."""
    facts = card.facts()
    first = [id for id in facts if id in told or id.partition("/")[2].startswith("workflow-")]
    first = [f"{card.id}/task", f"{card.id}/summary", *first]
    rest = sorted((id for id in facts if id in relevance), key=lambda id: -relevance[id])
    chosen = dict.fromkeys((*first, *rest[:most]))
    return {id: facts[id] for id in chosen if id in facts}


def prompt(prompts: Prompts, material: Material, images: tuple[bytes, ...]) -> Prompt:
    known, mains = material.known, {step.card for step in material.offline.workflow}
    cards = [
        {
            "id": card.id,
            "name": card.name,
            "role": "main" if card.id in mains else "complementary",
            "links": list(card.links),
            "facts": [
                {"id": id, "text": text, "numbers": numbers}
                for id, text, numbers in placeholders.in_order(known.facts)
                if id.partition("/")[0] == card.id
            ],
        }
        for card in known.cards.values()
    ]
    evidence = [
        {
            "id": e.id,
            "quantity": e.quantity,
            "value": e.shown(),
            "measured on": e.measured_on,
            "read": e.text,
        }
        for e in known.evidence.values()
    ]
    found = [
        {"text": s.text, "facts": s.claims, "evidence": s.evidence}
        for s in material.offline.statements
        if s.section == "evidence"
    ]
    return prompts.render(
        "write",
        images,
        question=material.question.text,
        earlier=[turn.question for turn in material.question.turns],
        language=material.language,
        cards=cards,
        evidence=evidence,
        found=found,
        not_run=list(material.not_run),
        must=list(material.must),
        pictures=[path.name for path in material.question.images],
    )
