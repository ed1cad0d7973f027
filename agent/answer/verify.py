"""Checks on a finished answer: every sentence and number supported, no outside reference.

The checks do not depend on how the answer was written; an answer by a language model passes the
same ones. Whatever fails is listed in the `Verification`, never removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from agent.answer.verdicts import restorers_of, verdicts_on
from agent.question.language import detect
from agent.question.names import models_with_digits, names_of, with_digits, without_names
from agent.question.numbers import NUMBER, numbers_in, value_of, values_in
from agent.question.quantities import equal, is_rounded, quantities
from agent.references import references_in
from agent.registry import Registry
from agent.report.markdown import answer_markdown
from agent.text import visible
from agent.types import Answer, Card, Evidence, Question, Reference, Report, Statement, Verification


def verify(
    answer: Answer,
    text: str,
    question: Question,
    evidence: Iterable[Evidence],
    registry: Registry,
    restorers: Collection[str] = (),
    language: str = "en",
) -> Verification:
    """Check `answer` and its rendered `text` against the registry and the evidence.

    Args:
        text: the answer as the reader sees it, in Markdown, without the quoted question.
        restorers: keys of the tools that restored the pictures.
        language: language of the question, whose spelling of numbers an answer may use.
    """
    evidence_by_id = {item.id: item for item in evidence}
    steps = tuple(
        Statement(section="workflow", text=step.text, claims=step.claims)
        for step in answer.workflow
    )
    statements = (*steps, *answer.statements)
    ids = {claim.partition("/")[0] for statement in statements for claim in statement.claims}
    ids |= {reference.card for reference in answer.references}
    cards = [registry[id] for id in sorted(ids) if id in registry]
    facts: dict[str, str] = {}
    for card in cards:
        facts |= card.facts()
    names = with_digits(name for card in cards for name in names_of(card))
    unsupported, numbers, verdicts = [], [], []
    expected = verdicts_on(statements, cards, evidence_by_id.values(), restorers)
    for statement, right in zip(statements, expected, strict=True):
        if statement.verdict and statement.verdict != right:
            verdicts.append(statement.text)
        if not _supported(statement, facts, evidence_by_id):
            unsupported.append(statement.text)
        numbers += _stray_numbers(statement, names, facts, evidence_by_id, question.text, language)
    return Verification(
        statements=len(answer.statements),
        unsupported=tuple(unsupported),
        unsupported_numbers=tuple(numbers),
        foreign_references=tuple(_foreign(answer, text, registry)),
        wrong_verdicts=tuple(verdicts),
    )


def verify_in(report: Report, registry: Registry, answer: Answer) -> Verification:
    """Check `answer` and its text as if it were the answer of the report."""
    text = answer_markdown(report.model_copy(update={"answer": answer}))
    ran, language = restorers_of(report.runs), report.parsed.language
    return verify(answer, text, report.question, report.evidence, registry, ran, language)


def _supported(
    statement: Statement, facts: Mapping[str, str], evidence: Mapping[str, Evidence]
) -> bool:
    ids = (*statement.claims, *statement.evidence)
    return (
        bool(ids)
        and all(claim in facts for claim in statement.claims)
        and all(item in evidence for item in statement.evidence)
    )


def _stray_numbers(
    statement: Statement,
    names: frozenset[str],
    facts: Mapping[str, str],
    evidence: Mapping[str, Evidence],
    question: str,
    language: str,
) -> list[str]:
    """Return the numbers of a statement that neither its sources nor the question contain.

    Digits in a name, such as `V2`, are no number: they need no support and give none.

    Args:
        names: names with digits from the cited cards; the question, the sources and the measured
            pictures add theirs.
    """
    items = [evidence[i] for i in statement.evidence if i in evidence]
    sources = [question, *(facts.get(claim, "") for claim in statement.claims)]
    names = names.union(with_digits(_pictures(items)), *map(models_with_digits, sources))
    for item in items:
        sources += [item.format(), item.quantity, item.method, item.measured_on]
    text = _without_quotes(statement, evidence)
    if detect(text) == "en":  # whatever language was asked in
        language = "en"
    values = frozenset[str]().union(*(values_in(source, names) for source in sources))
    values |= values_in(question, names, language)
    stray = [
        number
        for number in numbers_in(text, names, language)
        if values.isdisjoint(value_of(number, spelling) for spelling in {language, "en"})
    ]
    equivalents = _equivalents(text, sources, names, language) if stray else ()
    return [f"{number} in: {statement.text}" for number in stray if number not in equivalents]


def _equivalents(
    text: str, sources: Iterable[str], names: frozenset[str], language: str
) -> set[str]:
    """Return the numbers of a text that its sources write differently: `4.7万` for 47,000."""
    text = without_names(text, names)
    source_quantities = [q for source in sources for q in quantities(without_names(source, names))]
    passages = (
        text[q.start : q.end]
        for q in quantities(text, language)
        if any(q.value == k.value or equal(q, k) or is_rounded(q, k) for k in source_quantities)
    )
    return {number for passage in passages for number in NUMBER.findall(passage)}


def _pictures(items: Iterable[Evidence]) -> Iterable[str]:
    """Yield the file names of the pictures, as they are and as an answer shows them."""
    for item in items:
        name = item.measured_on.partition(", ")[0]
        yield from (name, visible(name))


def _without_quotes(statement: Statement, evidence: Mapping[str, Evidence]) -> str:
    """Return the statement without the words that it quotes verbatim from the picture.

    Writing in a picture may hold any number, but supports none outside the quotation.
    """
    text = statement.text
    for quoted in (evidence[i].text for i in statement.evidence if i in evidence):
        text = text.replace(f"“{quoted}”", "“”") if quoted else text
    return text


def _foreign(answer: Answer, text: str, registry: Registry) -> list[str]:
    """Return references of the text or the structured list that the cited cards do not hold."""
    references: set[str] = set()
    stray: set[str] = set()
    for reference in answer.references:
        if reference.card not in registry or reference != Reference.of(registry[reference.card]):
            stray.add(f"card:{reference.card}")
            continue
        references |= references_of(registry[reference.card])
    return sorted((references_in(text) - references) | stray)


@lru_cache(maxsize=256)  # many answers cite one card
def references_of(card: Card) -> frozenset[str]:
    """Return all references on a card, in the form of `references_in`."""
    words = (*card.links.values(), *card.facts().values(), card.name, card.title or "")
    references = references_in("\n".join((*words, *card.aliases)))
    return frozenset(references | ({f"arxiv:{card.arxiv}"} if card.arxiv else set()))
