"""A closer look at the last answer: why this system, what was measured, what is cited.

Every line is plain text without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.report.outline import outline
from agent.report.single_line import plain

if TYPE_CHECKING:
    from agent.registry import Registry
    from agent.types import Report


def why(report: Report, registry: Registry) -> Iterator[str]:
    """Why these cards were matched, which others were near, and what each sentence rests on."""
    if report.abstention:
        yield f"No system was chosen ({report.abstention.reason}): " + plain(
            report.abstention.explanation
        )
        if report.abstention.nearest:
            yield f"Nearest: {', '.join(map(plain, report.abstention.nearest))}"
    cited = {reference.card for reference in report.answer.references}
    for match in report.matches:
        use = "cited" if match.card in cited else "not used"
        yield (
            f"{plain(match.card)}: score {match.score:.2f}, {match.margin:.2f} before the next; "
            f"{use}"
        )
        yield from (f"    {plain(reason)}" for reason in match.reasons)
    sources = dict(_sources(report, registry))
    if report.answer.statements:
        yield "What each sentence rests on:"
    for statement in report.answer.statements:
        yield f"  {plain(statement.text)}"
        for claim in statement.claims:
            source = sources.get(claim)
            yield f"    {plain(claim)}" + (f": {plain(source)}" if source else "")
        if statement.evidence:
            yield f"    measured: {', '.join(map(plain, statement.evidence))}"


def _sources(report: Report, registry: Registry) -> Iterator[tuple[str, str]]:
    """Where each claim of the cited cards is published; a session may outlive a card."""
    for reference in report.answer.references:
        if reference.card in registry:
            card = registry[reference.card]
            for claim in (*card.claims, *card.limits):
                yield f"{card.id}/{claim.id}", claim.source


def evidence(report: Report) -> Iterator[str]:
    """Every measurement with its method, then what did not run and why."""
    content = outline(report)
    for row in content.rows:
        yield f"{row.label:>4}  {row.quantity}: {row.value}  ({row.measured_on}; {row.method})"
    yield from content.provenance
    yield from (f"Not run: {sentence.text}" for sentence in content.not_run)
    if not (content.rows or content.not_run):
        yield "Nothing was measured; /image FILE attaches a picture."


def references(report: Report) -> Iterator[str]:
    """What the answer cites, numbered as in its text, each with its links."""
    entries = outline(report).entries
    for entry in entries:
        parts = (entry.byline, entry.title, entry.where)
        yield f"{entry.number}. {'. '.join(filter(None, parts))}"
        yield from (f"   {label}: {url}" for label, url in entry.links)
    if not entries:
        yield "The last answer cites nothing."
