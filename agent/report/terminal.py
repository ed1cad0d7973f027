"""A Report on a terminal: headings, numbered steps, a table, and addresses as text.

Untrusted text is never parsed as rich markup, and contains no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.report.marks import Row, Sentence, spans
from agent.report.outline import (
    CHOSEN,
    LIMITS,
    MEASURED,
    NOT_RUN,
    REFERENCES,
    RELATED,
    TASK,
    WORKFLOW,
    Entry,
    Outline,
    Step,
    outline,
)
from agent.report.single_line import plain
from agent.types import Report

#: Longer lines are hard to read, even on a wide terminal.
_WIDEST = 100
#: Largest number of measurements shown.
_MOST_ROWS = 8
_LINE = "cyan"
_HEADING = "bold cyan"
_SOFT = "dim"
_SIGNS = {"supported": "bold cyan", "contradicted": "bold yellow", "untested": _SOFT}


def print_report(report: Report, console: Console | None = None) -> None:
    """Print the report, as wide as the terminal but at most 100 columns.

    Without colour if the console has none, as under NO_COLOR or in a pipe.
    """
    page = _Page(console or Console())
    content = outline(report)
    for line in content.question:
        page.item("▌", Text(line, "bold"))
    _direct(page, content)
    if content.task:
        page.heading(TASK)
        page.block(_prose(content.task), space=False)
    _workflow(page, content)
    _measurements(page, content)
    if content.not_run:
        page.heading(NOT_RUN)
        page.bullets(map(_sentence, content.not_run))
    _references(page, content)
    if content.limits:
        page.heading(LIMITS)
        page.bullets(map(_sentence, content.limits))
    if content.tool_calls:
        page.heading(CHOSEN)
        for number, line in enumerate(content.tool_calls, 1):
            page.item(f"{number}.", Text(line))
    page.console.print()
    for line in (*content.footer, *content.failures):
        page.block(Text(line, "yellow" if line in content.failures else _SOFT), space=False)


class _Page:
    """Prints blocks, each after an empty line."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, _WIDEST)

    def block(self, content: RenderableType, indent: int = 0, *, space: bool = True) -> None:
        if space:
            self.console.print()
        if indent:
            content = Padding(content, (0, 0, 0, min(indent, self.width // 4)))
        self.console.print(content, width=self.width)

    def heading(self, text: str) -> None:
        self.block(Text(text, _HEADING))

    def item(self, bullet: str, content: Text, indent: int = 0) -> None:
        """Print a bullet or number with its text as a hanging indent."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(Text(bullet, _LINE), content)
        self.block(grid, indent, space=False)

    def bullets(self, items: Iterable[Text], indent: int = 0) -> None:
        for item in items:
            self.item("•", item, indent)


def _direct(page: _Page, content: Outline) -> None:
    """Print the direct answer."""
    if content.note:
        page.block(Text(content.note, "italic"))
    if content.answer:
        page.block(_prose(content.answer))
    if content.table:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold", max_width=max(1, page.width // 3), overflow="fold")
        table.add_column(overflow="fold")
        for label, text in content.table:
            table.add_row(Text(label), _sentence(text))
        page.block(table)
    if content.listing:
        page.console.print()
        for line in content.listing.splitlines():
            # The terminal wraps it, so that it is copied as one line.
            page.console.print(Text(f"  {line}", _LINE), soft_wrap=True)


def _workflow(page: _Page, content: Outline) -> None:
    if content.flow or content.ways or content.further or content.complementary:
        page.heading(WORKFLOW)
    for line in content.flow:
        page.block(_sentence(line), space=False)
    if content.diagram:
        for chain in content.diagram.chains:
            page.block(Text(" → ".join(chain), "bold"), space=False)
        page.console.print()
    for way in content.ways:
        if way.name:
            page.block(Text(way.name, "bold"))
        for number, step in enumerate(way.steps, 1):
            page.item(f"{number}.", _step(step))
            page.bullets(map(_sentence, step.explained), indent=3)
    if content.further:
        page.block(_prose(content.further))
    if content.legend:
        page.block(Text(content.legend, _SOFT))
    if content.complementary:
        page.block(Text(RELATED, "bold"))
        page.bullets(map(_prose, content.complementary))


def _step(step: Step) -> Text:
    return Text.assemble((f"{step.stage.capitalize()}: ", _HEADING), _sentence(step.sentence))


def _measurements(page: _Page, content: Outline) -> None:
    if not content.provenance:
        return
    page.heading(MEASURED)
    if content.measurements:
        page.bullets(map(_sentence, content.measurements))
    if content.rows:
        page.block(_table(content))
    page.console.print()
    for picture in content.pictures:
        page.item("•", Text(f"{plain(picture.name)}: {picture.caption}"))
    for line in content.provenance:
        page.block(Text(line, _SOFT), space=False)


def _table(content: Outline) -> Table:
    """Return the measurements that sentences cite, one per line; a saved report has them all."""
    table = Table(box=None, pad_edge=False, header_style=_SOFT)
    table.add_column("", style=_LINE, no_wrap=True)
    table.add_column("Quantity", ratio=4, overflow="fold")
    table.add_column("Value", justify="right", style="bold", ratio=2, overflow="fold")
    table.add_column("Measured on", style=_SOFT, ratio=4, overflow="fold")
    for row in _cited_rows(content):
        table.add_row(*map(Text, (row.label, row.quantity, row.value, row.measured_on)))
    return table


def _cited_rows(content: Outline) -> list[Row]:
    marks = (mark.label for sentence in content.sentences() for mark in sentence.all_marks)
    rows = {row.label for row in content.rows}
    labels = [label for label in dict.fromkeys(marks) if label in rows][:_MOST_ROWS]
    return [row for row in content.rows if row.label in labels]


def _references(page: _Page, content: Outline) -> None:
    if content.entries or content.no_entries:
        page.heading(REFERENCES)
    for entry in content.entries:
        _entry(page, entry)
    if content.no_entries:
        page.block(Text(content.no_entries), space=False)


def _entry(page: _Page, entry: Entry) -> None:
    byline = f"{entry.byline}. " if entry.byline else ""
    ending = " " if entry.title.endswith((".", "?", "!")) else ". "
    where = f"{entry.where}." if entry.where else ""
    page.item(f"{entry.number}.", Text.assemble(byline, (entry.title, "italic"), ending, where))
    for label, url in entry.links:
        # The terminal wraps it, so that it recognises the address as one.
        line = Text.assemble((f"   {label}: ", _SOFT), (url, _LINE))
        page.console.print(line, soft_wrap=True)


def _prose(sentences: Iterable[Sentence]) -> Text:
    return Text(" ").join(map(_sentence, sentences))


def _sentence(sentence: Sentence) -> Text:
    text = Text(sentence.text)
    if sentence.marks:
        labels = (a.label if a == b else f"{a.label}–{b.label}" for a, b in spans(sentence.marks))
        text.append(f" [{', '.join(labels)}]", _SOFT)
    if verdict := sentence.verdict:
        text.append(f" {verdict.sign} {verdict.reason}".rstrip(), _SIGNS[verdict.outcome])
        if verdict.marks:
            text.append(f" [{', '.join(mark.label for mark in verdict.marks)}]", _SOFT)
    return text
