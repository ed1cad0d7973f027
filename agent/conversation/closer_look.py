"""Closer looks at the last answer: why this system, what was measured, what is cited.

Every line is plain text without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.answer.wording import with_name
from agent.report.outline import outline
from agent.report.single_line import capital, plain

if TYPE_CHECKING:
    from agent.registry import Registry
    from agent.search import Index
    from agent.types import Report, Statement

_SHORT = 2
"""Largest number of sentences in the short form of an answer."""
_MORE = 5
"""Number of facts in the long form of an answer."""


def why(report: Report, registry: Registry) -> Iterator[str]:
    """Explain why these systems matched, which came close, and what each sentence rests on."""
    if report.abstention:
        yield f"No system was chosen: {plain(report.abstention.explanation)}"
        nearest = (plain(_name(card, report, registry)) for card in report.abstention.nearest)
        if names := ", ".join(nearest):
            yield f"Nearest: {names}"
        if report.abstention.detail:
            yield capital(plain(report.abstention.detail))
    cited = {reference.card for reference in report.answer.references}
    for match in report.matches:
        use = "cited" if match.card in cited else "not used"
        name = plain(_name(match.card, report, registry))
        yield f"{name}: confidence {match.score:.2f}, {match.margin:.2f} above the next; {use}"
        yield from (f"    {plain(reason)}" for reason in match.reasons)
    yield from support(report, registry)


def _name(card: str, report: Report, registry: Registry) -> str:
    """Return the name of a system, even if its card has been removed since."""
    if card in registry:
        return registry[card].name
    return next((one.name for one in report.answer.references if one.card == card), card)


def support(report: Report, registry: Registry) -> Iterator[str]:
    """List what each sentence of an answer rests on."""
    sources = dict(_sources(report, registry))
    if report.answer.statements:
        yield "What each sentence rests on:"
    for statement in report.answer.statements:
        yield f"  {_line(statement)}"
        places = (sources.get(claim, "the registry") for claim in statement.claims)
        yield from (f"    {plain(place)}" for place in dict.fromkeys(places))
        if statement.evidence:
            yield "    measured on your picture"


def _line(statement: Statement) -> str:
    """Return the sentence, after the label of its row if it is in a table."""
    return plain(": ".join(filter(None, (statement.row, statement.text))))


def _sources(report: Report, registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield each claim of the cited cards with its source; removed cards are skipped."""
    for reference in report.answer.references:
        if reference.card in registry:
            card = registry[reference.card]
            for claim in (*card.claims, *card.limits):
                yield f"{card.id}/{claim.id}", claim.source


def evidence(report: Report) -> Iterator[str]:
    """List every measurement with its method, then what did not run and why."""
    content = outline(report)
    for row in content.rows:
        yield f"{row.label:>4}  {row.quantity}: {row.value}  ({row.measured_on}; {row.method})"
    yield from content.provenance
    yield from (f"Not run: {sentence.text}" for sentence in content.not_run)
    if not (content.rows or content.not_run):
        yield "Nothing was measured on a picture."


def shorter(report: Report) -> Iterator[str]:
    """Give the answer in a sentence or two: the direct answer, else the first sentences."""
    statements = report.answer.statements
    direct = [s for s in statements if s.section == "answer"] or [s for s in statements if s.claims]
    for statement in direct[:_SHORT]:
        yield _line(statement)
    yield from (f"  {line}" for line in outline(report).listing.splitlines())
    if not direct:
        yield plain(next(iter(report.answer.limits), report.answer.task))


def longer(report: Report, registry: Registry, index: Index) -> Iterator[str]:
    """List what else the registry says about the systems of the answer, most relevant first."""
    fact_ids = {claim for statement in report.answer.statements for claim in statement.claims}
    fact_ids |= {claim for step in report.answer.workflow for claim in step.claims}
    rest: list[tuple[float, str, str]] = []
    for reference in report.answer.references:
        if reference.card in registry:
            card = registry[reference.card]
            relevance = index.rank_facts(report.question.text, card)
            for claim in (*card.claims, *card.limits):
                if (id := f"{card.id}/{claim.id}") not in fact_ids:
                    line = f"{plain(with_name(card, claim.text))} ({plain(claim.source)})"
                    rest.append((relevance.get(id, 0.0), id, line))
    rest.sort(key=lambda fact: (-fact[0], fact[1]))
    yield from (line for _, _, line in rest[:_MORE])
    if not rest:
        yield "The registry says no more about this."


def table(report: Report) -> Iterator[str]:
    """Show the table of the answer, or else the measurements."""
    rows = [statement for statement in report.answer.statements if statement.row]
    if rows and not report.evidence:
        yield from map(_line, rows)
    else:
        yield from evidence(report)


def references(report: Report, number: int | None = None) -> Iterator[str]:
    """List what the answer cites, numbered as in its text, with links.

    Args:
        number: the reference to show; -1 for the last, None for all.
    """
    entries = outline(report).entries
    last = entries[-1].number if entries else 0
    target = last if number == -1 else number
    if not entries:
        yield "The last answer cites nothing."
    elif target is not None and not 1 <= target <= last:
        yield f"The last answer has no reference {target}, only 1 to {last}."
    for entry in entries:
        if target is None or entry.number == target:
            parts = (entry.byline, entry.title, entry.where)
            yield f"{entry.number}. {'. '.join(filter(None, parts))}"
            yield from (f"   {label}: {url}" for label, url in entry.links)
