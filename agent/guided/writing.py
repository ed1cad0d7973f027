"""The answer in a model's words: what it is given, the form that it fills, and the answer from it.

What is cited, which systems complement which, what could not be run or answered and the diagram
stay as the offline composer has them; the model words statements about facts and measurements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from agent.guided import placeholders, wording
from agent.guided.faults import Fault, Kind
from agent.guided.placeholders import Known, Text
from agent.prompts import Prompt, Prompts
from agent.prose import language_note, named
from agent.registry import Registry
from agent.types import (
    Answer,
    Card,
    ParsedQuestion,
    Question,
    RunResult,
    Section,
    Statement,
    Verification,
    WorkflowStep,
)

_FACTS_OF_A_MAIN_CARD, _FACTS_BESIDE = 24, 8
_MOST_STEPS, _MOST_STATEMENTS = 20, 40
_STREAMED_AT_ONCE = 80


class DraftStep(BaseModel):
    """One step of a workflow, in the model's words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    card: str
    stage: Literal["input", "model", "output"]
    text: str
    facts: list[str]


class DraftStatement(BaseModel):
    """One sentence, in the model's words, with what it rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    section: Section
    text: str
    facts: list[str]
    evidence: list[str]


class Draft(BaseModel):
    """What a model fills in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    workflow: list[DraftStep]
    statements: list[DraftStatement]


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


# --- what is wrong with a draft -----------------------------------------------------------------


def faults(draft: Draft, material: Material) -> list[Fault]:
    """What is wrong with a draft; empty where it can be used."""
    if len(draft.workflow) > _MOST_STEPS or len(draft.statements) > _MOST_STATEMENTS:
        detail = f"expected at most {_MOST_STEPS} steps and {_MOST_STATEMENTS} statements"
        return [Fault("reply cut off or too long", detail)]
    wrong = [fault.at("task") for fault in _task_faults(draft.task, material)]
    for i, step in enumerate(draft.workflow):
        wrong += [fault.at(f"workflow.{i}") for fault in step_faults(step, material)]
    for i, statement in enumerate(draft.statements):
        wrong += [fault.at(f"statements.{i}") for fault in statement_faults(statement, material)]
    return wrong or [Fault("something left out", text) for text in _missing(draft, material)]


def _missing(draft: Draft, material: Material) -> Iterator[str]:
    mains = dict.fromkeys(step.card for step in material.offline.workflow)
    for card in mains:
        if not any(step.card == card for step in draft.workflow):
            yield f"workflow: expected steps of {card}"
    if not any(statement.section in ("task", "workflow") for statement in draft.statements):
        yield "statements: expected some in the sections task and workflow"
    told = {claim for s in draft.statements for claim in _supports(s, material)[0]}
    for claim in material.must:
        if claim not in told:
            yield f"statements: the limit {claim} must be told"
    told_evidence = any(statement.section == "evidence" for statement in draft.statements)
    if material.known.evidence and not told_evidence:
        yield "statements: expected some in the section evidence, about what was measured"


def _task_faults(task: str, material: Material) -> Iterator[Fault]:
    """The task tells the question back: it may use its words, and no fact."""
    text = placeholders.read(task, material.known)
    sources = [material.question.text, material.offline.task]
    sources += [card.name for card in material.known.cards.values()]
    if text.verbatim:
        yield Fault("statement without support", "states a fact; it is to tell the question back")
    yield from _text_faults(text, sources, material, ran=False)


def step_faults(step: DraftStep, material: Material) -> Iterator[Fault]:
    mains = {own.card for own in material.offline.workflow}
    text = placeholders.read(step.text, material.known)
    facts = (*step.facts, *text.claims)
    if step.card not in mains:
        detail = f"the card {step.card[:60]!r} is not one whose workflow is told"
        yield Fault("unknown key or placeholder", detail)
    if not step.facts or any(fact.partition("/")[0] != step.card for fact in facts):
        yield Fault("statement without support", "expected facts of its card, and of no other")
    yield from _key_faults(facts, (), material)
    yield from _text_faults(text, _sources(facts, (), material), material, ran=False)
    yield from _denial_faults(text, step.facts, material)


def statement_faults(statement: DraftStatement, material: Material) -> Iterator[Fault]:
    text = placeholders.read(statement.text, material.known)
    facts, evidence = _supports(statement, material)
    if statement.section == "evidence" and not evidence:
        yield Fault("run that is not in evidence", "is in the section evidence and rests on none")
    if statement.section != "evidence" and not facts:
        yield Fault("statement without support", "rests on no fact")
    yield from _key_faults(facts, evidence, material)
    sources = _sources(facts, evidence, material)
    yield from _text_faults(text, sources, material, ran=bool(evidence))
    if not evidence:
        yield from _denial_faults(text, statement.facts, material)


def _key_faults(
    facts: Iterable[str], evidence: Iterable[str], material: Material
) -> Iterator[Fault]:
    known = material.known
    strange = [f"there is no fact {fact[:80]!r}" for fact in facts if fact not in known.facts]
    strange += [
        f"there is no measurement {id[:80]!r}" for id in evidence if id not in known.evidence
    ]
    for detail in strange:
        yield Fault("unknown key or placeholder", detail)


def _text_faults(
    text: Text, sources: Sequence[str], material: Material, *, ran: bool
) -> Iterator[Fault]:
    for unknown in text.unknown:
        detail = f"the placeholder {unknown[:80]} stands for nothing"
        yield Fault("unknown key or placeholder", detail)
    if not text.expanded:
        yield Fault("nothing said", "is empty")
    if form := wording.faults_of_form(text.own):
        yield from form
        return
    if not ran and wording.claims_a_run(text.own, sources):
        detail = "speaks of something that was run or measured, and rests on no measurement"
        yield Fault("run that is not in evidence", detail)
    if names := wording.foreign_names(text.own, sources):
        detail = f"names systems that its facts do not: {', '.join(names)[:200]}"
        yield Fault("system that its facts do not name", detail)
    if material.in_english:
        if strange := wording.own_words(text.own, sources):
            shown = ", ".join(dict.fromkeys(strange))[:300]
            detail = f"uses words that its facts and the question do not hold: {shown}"
            yield Fault("word without a source", detail)
        return
    if wording.number_words(text.own):
        detail = "writes a number out in words: use {number:…} or {evidence:…}"
        yield Fault("number of its own", detail)
    language = material.parsed.language
    if wording.other_languages(text.own, language):
        yield Fault("another language", f"is not in the language of the question, {language}")


def _denial_faults(text: Text, facts: Sequence[str], material: Material) -> Iterator[Fault]:
    """Own English words may not deny what their facts affirm, nor affirm what those deny."""
    if not material.in_english or not text.own.strip(" .,:;–-"):
        return
    kind: Kind = "denial without a source, or left out"
    known = material.known.facts
    told = [known[fact] for fact in facts if fact in known and fact not in text.verbatim]
    if told and all(map(wording.negates, told)) and not wording.negates(text.own):
        yield Fault(kind, "its fact says what is not so: quote it with {claim:…}")
    if wording.negates(text.own) and not any(map(wording.negates, _cited(facts, material))):
        yield Fault(kind, "denies something, and its facts do not")


def _cited(facts: Sequence[str], material: Material) -> list[str]:
    return [material.known.facts[fact] for fact in facts if fact in material.known.facts]


def _supports(
    statement: DraftStatement, material: Material
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Facts and measurements that a statement names or stands for, without repeats."""
    text = placeholders.read(statement.text, material.known)
    facts = dict.fromkeys((*statement.facts, *text.claims))
    return tuple(facts), tuple(dict.fromkeys((*statement.evidence, *text.evidence)))


def _sources(facts: Iterable[str], evidence: Iterable[str], material: Material) -> list[str]:
    """Every text whose words a statement with these supports may use."""
    cited, measured = set(facts), set(evidence)
    known = material.known
    sources = [material.question.text]
    sources += [known.facts[fact] for fact in cited if fact in known.facts]
    owners = {fact.partition("/")[0] for fact in cited}
    for card in (card for id, card in known.cards.items() if id in owners):
        sources += [card.name, card.task, card.title or ""]
    for item in (known.evidence[i] for i in measured if i in known.evidence):
        sources += [item.quantity, item.method, item.measured_on]
    for found in material.offline.statements:  # what evidence says is worded by its numbers
        if found.section == "evidence" and set(found.evidence) & measured:
            sources.append(_without_quotes(found, known))
    return sources


def _without_quotes(statement: Statement, known: Known) -> str:
    """The statement without words of the picture, which may say anything."""
    text = statement.text
    for words in (known.evidence[i].text for i in statement.evidence if i in known.evidence):
        text = text.replace(words, "") if words else text
    return text


# --- the answer ---------------------------------------------------------------------------------


def answered(draft: Draft, material: Material) -> Answer:
    """The draft as an answer: placeholders filled in, everything else as offline."""
    known, offline = material.known, material.offline
    steps = []
    for step in draft.workflow:
        text = placeholders.read(step.text, known)
        claims = tuple(dict.fromkeys((*step.facts, *text.claims)))
        steps.append(
            WorkflowStep(stage=step.stage, card=step.card, text=text.expanded, claims=claims)
        )
    limits = offline.limits
    if not material.in_english:
        note = set(language_note(material.parsed))
        kept = (text for text in limits if text not in note)
        limits = (*kept, *_in_the_registry_s_words(draft, material))
    return offline.model_copy(
        update={
            "task": placeholders.read(draft.task, known).expanded,
            "workflow": tuple(steps),
            "statements": tuple(statement_of(s, material) for s in draft.statements),
            "limits": limits,
        }
    )


def statement_of(draft: DraftStatement, material: Material) -> Statement:
    facts, evidence = _supports(draft, material)
    text = placeholders.read(draft.text, material.known).expanded
    return Statement(section=draft.section, text=text, claims=facts, evidence=evidence)


def _in_the_registry_s_words(draft: Draft, material: Material) -> Iterator[str]:
    """For an answer whose wording could not be checked: what it rests on, word for word."""
    yield (
        f"The answer is worded in language '{material.parsed.language}' by a language model. Its "
        "numbers, names and links were checked, its words could not be; the facts that it rests on "
        "follow in the registry's own words."
    )
    used = dict.fromkeys(fact for s in draft.statements for fact in _supports(s, material)[0])
    for fact in used:
        if not fact.endswith("/task"):
            card = material.known.cards[fact.partition("/")[0]]
            yield named(card, material.known.facts[fact])


def failures(found: Verification) -> list[Fault]:
    """What the check of the finished answer found."""
    lines = [f"not supported: {text[:200]}" for text in found.unsupported]
    wrong = [Fault("statement without support", line) for line in lines]
    wrong += [Fault("number of its own", text[:200]) for text in found.unsupported_numbers]
    foreign = found.foreign_references
    return wrong + [Fault("link or markup of its own", text[:200]) for text in foreign]


class Stream:
    """Gives every statement of a reply away as soon as it is whole and passes its own checks.

    After the first that does not pass it is silent until the next reply. When another reply
    begins, None says that what was given away is withdrawn.
    """

    def __init__(self, material: Material, said: Callable[[Statement | None], None]) -> None:
        self._material, self._said = material, said
        self._seen, self._length, self._silent = 0, 0, False

    def __call__(self, text: str) -> None:
        """Take a reply as far as it has come."""
        if len(text) < self._length:
            if self._seen:
                self._said(None)
            self._seen, self._length, self._silent = 0, 0, False
        ended = text.rstrip().endswith("}]}")
        if self._silent or not (ended or len(text) - self._length >= _STREAMED_AT_ONCE):
            return
        self._length = len(text)
        try:
            statements = from_json(text, allow_partial=True).get("statements", [])
            for item in statements[self._seen : None if ended else -1]:
                statement = DraftStatement.model_validate(item)
                if any(statement_faults(statement, self._material)):
                    raise ValueError("not to be shown")
                self._seen += 1
                self._said(statement_of(statement, self._material))
        except (ValueError, AttributeError, TypeError):
            self._silent = True
