"""What is wrong with a draft: what it says without support, how it says it, what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent.llm.author import placeholders, wording
from agent.llm.author.draft import Draft, DraftStatement, DraftStep
from agent.llm.author.faults import Fault, Kind
from agent.llm.author.material import Material
from agent.llm.author.placeholders import Known, Text
from agent.question.names import models_with_digits, names_of, with_digits, without_names
from agent.types import Statement, Verification

_MOST_STEPS, _MOST_STATEMENTS = 20, 40


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
    told = {claim for s in draft.statements for claim in supports(s, material)[0]}
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
    facts, evidence = supports(statement, material)
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
    called = (name for card in material.known.cards.values() for name in names_of(card))
    names = with_digits(called).union(*map(models_with_digits, sources))
    if form := wording.faults_of_form(without_names(text.own, names)):
        yield from form
        return
    if not ran and wording.claims_a_run(text.own, sources):
        detail = "speaks of something that was run or measured, and rests on no measurement"
        yield Fault("run that is not in evidence", detail)
    if foreign := wording.foreign_names(text.own, sources):
        detail = f"names systems that its facts do not: {', '.join(foreign)[:200]}"
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


def supports(
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


def failures(found: Verification) -> list[Fault]:
    """What the check of the finished answer found."""
    lines = [f"not supported: {text[:200]}" for text in found.unsupported]
    wrong = [Fault("statement without support", line) for line in lines]
    wrong += [Fault("number of its own", text[:200]) for text in found.unsupported_numbers]
    foreign = found.foreign_references
    return wrong + [Fault("link or markup of its own", text[:200]) for text in foreign]
