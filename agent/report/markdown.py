"""A Report as CommonMark with tables, readable as plain text, too.

Untrusted text cannot create markup: whatever CommonMark or GitHub would interpret is escaped, and
addresses in running text become code spans, so that only references are links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote

from agent.report.marks import Mark, Sentence, ShownVerdict, spans
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
    Picture,
    outline,
)
from agent.report.single_line import plain
from agent.types import Report

_TITLE = 220
"""Longest question, in characters, that becomes the title."""
#: Web and mail addresses, which renderers turn into links.
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|(?<!\w)www\.|(?<!\w)(?:mailto|xmpp|javascript|data):)[^\s`]*[^\s`.,;:!?)\]}'\"]"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?:://[^\s`]*)?",
    re.IGNORECASE,
)
#: `_` inside a word, `<` before a space and a lone `&` have no meaning and are not escaped.
_SPECIAL = re.compile(r"[\\`*\[\]~$]|(?<![^\W_])_|_(?![^\W_])|<(?=[\w/!?])|&(?=#?\w+;)")
_LEADING = re.compile(r"#(?=#{0,5}(?:\s|$))|>|[-+=](?=[\s=-]|$)")
_LEADING_NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")


def to_markdown(report: Report) -> str:
    """Return the whole report; pictures that the report includes are linked by file name."""
    content = outline(report)
    question = _question(content.question)
    footer = "  \n".join(escaped(line) for line in content.footer)
    failures = [f"- {escaped(line)}" for line in content.failures]
    calls = "\n".join(f"{i}. {escaped(line)}" for i, line in enumerate(content.tool_calls, 1))
    return "\n\n".join(
        [
            question,
            *_answer(content),
            *([f"## {CHOSEN}\n\n{calls}"] if calls else []),
            f"---\n\n{footer}",
            *(["\n".join(failures)] if failures else []),
            *_definitions(content),
        ]
    )


def _question(lines: Sequence[str]) -> str:
    """Return the question as the title, or as a quotation if it is long."""
    if len(lines) == 1 and len(lines[0]) <= _TITLE:
        return f"# {escaped(lines[0])}"
    return "\n>\n".join(f"> {escaped(line)}" for line in lines)


def answer_markdown(report: Report) -> str:
    """Return the answer without the question and the footer."""
    content = outline(report)
    return "\n\n".join([*_answer(content), *_definitions(content)])


def _answer(content: Outline) -> Iterator[str]:
    """Yield the blocks of the answer, in order."""
    if content.note:
        yield f"*{escaped(content.note)}*"
    if content.answer:
        yield _prose(content.answer)
    if content.table:
        rows = (f"| {cell(label)} | {_row(text)} |" for label, text in content.table)
        yield "\n".join(("| | |", "|---|---|", *rows))
    if content.listing:
        yield _code_block(content.listing)
    if content.task:
        yield f"## {TASK}"
        yield _prose(content.task)
    yield from _workflow(content)
    yield from _measurements(content)
    if content.not_run:
        yield f"## {NOT_RUN}"
        yield _bullets(content.not_run)
    if content.entries or content.no_entries:
        yield f"## {REFERENCES}"
        yield "\n".join(map(_entry, content.entries)) or escaped(content.no_entries)
    if content.limits:
        yield f"## {LIMITS}"
        yield _bullets(content.limits)


def _workflow(content: Outline) -> Iterator[str]:
    if content.flow or content.ways or content.further or content.complementary:
        yield f"## {WORKFLOW}"
    if content.flow:
        yield "  \n".join(map(_sentence, content.flow))
    for way in content.ways:
        if way.name:
            yield f"### {escaped(way.name)}"
        lines = []
        for number, step in enumerate(way.steps, 1):
            lines.append(f"{number}. **{step.stage.capitalize()}:** {_sentence(step.sentence)}")
            lines += [f"   - {_sentence(sentence)}" for sentence in step.explained]
        yield "\n".join(lines)
    if content.further:
        yield _prose(content.further)
    if content.legend:
        yield f"*{escaped(content.legend)}*"
    if content.diagram:
        yield f"```mermaid\n{content.diagram.source}\n```"
    if content.complementary:
        yield f"### {RELATED}"
        yield "\n".join(f"- {_prose(group)}" for group in content.complementary)


def _measurements(content: Outline) -> Iterator[str]:
    if not content.provenance:
        return
    yield f"## {MEASURED}"
    if content.measurements:
        yield _bullets(content.measurements)
    if content.rows:
        lines = ["| | Quantity | Value | Measured on | Method |", "|---|---|---|---|---|"]
        for row in content.rows:
            cells = (row.label, row.quantity, row.value, row.measured_on, row.method)
            lines.append(f"| {' | '.join(map(cell, cells))} |")
        yield "\n".join(lines)
    for picture in content.pictures:
        if picture.is_comparison and picture.png is not None:
            yield f"![{escaped(picture.caption)}]({quote(picture.name)})"
    if content.pictures:
        yield "\n".join(f"- {_picture(picture)}" for picture in content.pictures)
    yield "  \n".join(escaped(line) for line in content.provenance)


def _picture(picture: Picture) -> str:
    name = _code(plain(picture.name))
    label = name if picture.png is None else f"[{name}]({quote(picture.name)})"
    return f"{label}: {escaped(picture.caption)}"


@lru_cache(maxsize=1_024)  # facts and references recur in many answers
def _entry(entry: Entry) -> str:
    links = " · ".join(f"[{escaped(label)}]({url})" for label, url in entry.links)
    byline = f"{escaped(entry.byline)}." if entry.byline else ""
    where = f"{escaped(entry.where)}." if entry.where else ""
    title = f"*{escaped(entry.title)}*{'' if entry.title.endswith(('.', '?', '!')) else '.'}"
    parts = (byline, title, where, links)
    return f"{entry.number}. {' '.join(filter(None, parts))}"


def _definitions(content: Outline) -> Iterator[str]:
    """Yield the link targets of marks: headings, since Markdown list items have no anchors."""
    groups = [ends for s in content.sentences() for ends in spans(s.marks)]
    linked_labels = {mark.label for ends in groups for mark in ends if mark.anchor}
    verdicts = (s.verdict for s in content.sentences() if s.verdict)
    linked_labels |= {mark.label for verdict in verdicts for mark in verdict.marks if mark.anchor}
    lines = []
    for label in (*(str(e.number) for e in content.entries), *(r.label for r in content.rows)):
        if label in linked_labels:
            heading = MEASURED if label.startswith("E") else REFERENCES
            slug = heading.lower().replace(".", "").replace(" ", "-")
            lines.append(f"[{label}]: #{slug}")
    if lines:
        yield "\n".join(lines)


def _bullets(sentences: Iterable[Sentence]) -> str:
    return "\n".join(f"- {_sentence(sentence)}" for sentence in sentences)


def _prose(sentences: Iterable[Sentence]) -> str:
    return " ".join(map(_sentence, sentences))


@lru_cache(maxsize=1_024)  # facts and references recur in many answers
def _sentence(sentence: Sentence) -> str:
    """Return the text followed by `[[1], [E2]]`, which renders as `[1, E2]` with links."""
    marks = ", ".join(
        _mark(first) if first == last else f"{_mark(first)}–{_mark(last)}"
        for first, last in spans(sentence.marks)
    )
    text = f"{escaped(sentence.text)} [{marks}]" if marks else escaped(sentence.text)
    return f"{text} {_verdict(sentence.verdict)}" if sentence.verdict else text


def _verdict(verdict: ShownVerdict) -> str:
    """Return the sign, then the reason with the measurements that decided."""
    marks = ", ".join(map(_mark, verdict.marks))
    text = f"{verdict.sign} {escaped(verdict.reason)}".strip()
    return f"**{text}** [{marks}]" if marks else f"**{text}**"


def cell(text: str) -> str:
    """Escape text for a table cell."""
    return escaped(text).replace("|", "\\|")


def _row(sentence: Sentence) -> str:
    return _sentence(sentence).replace("|", "\\|")


def _code_block(lines: str) -> str:
    """Return lines as a code block, whatever they contain."""
    runs = [len(run) for run in re.findall("`{3,}", lines)]
    fence = "`" * max(3, *(run + 1 for run in (*runs, 2)))
    return f"{fence}\n{lines}\n{fence}"


def _mark(mark: Mark) -> str:
    return f"[{mark.label}]" if mark.anchor else escaped(mark.label)


@lru_cache(maxsize=1_024)  # facts recur in many answers
def escaped(text: str) -> str:
    """Escape one line of plain text, so that Markdown shows exactly this text."""
    parts, end = [], 0
    for address in _ADDRESS.finditer(text):
        parts += [_SPECIAL.sub(r"\\\g<0>", text[end : address.start()]), _code(address[0])]
        end = address.end()
    parts.append(_SPECIAL.sub(r"\\\g<0>", text[end:]))
    line = "".join(parts)
    if _LEADING.match(line):
        return f"\\{line}"
    return _LEADING_NUMBER.sub(r"\1\\", line, count=1) if _LEADING_NUMBER.match(line) else line


def _code(text: str) -> str:
    """Return text as a code span, in which nothing is interpreted or linked."""
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (max(runs, default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
