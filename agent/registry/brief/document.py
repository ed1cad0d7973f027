"""Parser of briefs: question and entries; every error message has the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agent.files import read_text
from agent.question.words import fold
from agent.registry.brief.entries import Entry, check_names, is_field, read_entries
from agent.registry.brief.lines import Lines
from agent.types import MAX_QUESTION_CHARACTERS

#: Largest file: what `Lines` accepts, in UTF-32 with a byte order mark.
_MOST_BYTES = 4_000_004
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*:?$")
_BARE_HEADING = re.compile(
    r"\s*(?:recommended(?: ai)? models?|related (?:papers?|work)):\s*$", re.I
)
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»"}
_LEAD_IN = re.compile(r".*?[:：]\s*(?P<quoted>[\"“„«].*)$")
_QUESTION = re.compile(
    r"(?:user |the )?question(?:\*\*|__)?\s?:(?:\*\*|__)?\s*(?P<text>\S.*)$", re.I
)


@dataclass(frozen=True)
class Brief:
    """A parsed brief; `source` is the name of its file."""

    question: str
    recommended: tuple[Entry, ...]
    related: tuple[Entry, ...]
    source: str = "brief"


def read_brief(text: str, source: str) -> Brief:
    """Parse the question and the entries of a brief.

    Args:
        text: the document; at most 1 MB of UTF-8.
        source: name of its file, for messages.

    Raises:
        InputError: for the first fault, as `SOURCE:LINE: what is wrong; what is expected`.
    """
    lines = Lines(text, source)
    sections = _sections(lines)
    if "recommended" not in sections:
        lines.fail(len(lines.texts), "no models are recommended; expected a heading "
        "'### Recommended AI Models:' followed by 'Model: NAME'")  # fmt: skip
    question = _question(lines, min(span.start for span in sections.values()) - 1)
    recommended = read_entries(lines, sections["recommended"])
    related = read_entries(lines, sections.get("related", range(0)))
    if not recommended:
        lines.fail(sections["recommended"].start - 1, "no model is listed below this heading; "
                   "expected 'Model: NAME'")  # fmt: skip
    check_names(lines, (*recommended, *related))
    return Brief(question, recommended, related, source)


def read_brief_file(path: Path) -> Brief:
    """Read the brief in a text file.

    Raises:
        InputError: if it cannot be read; see `read_brief`.
    """
    return read_brief(read_text(path, "a brief as text", _MOST_BYTES), str(path))


def _sections(lines: Lines) -> dict[str, range]:
    """Return the line ranges of the sections with entries; any other heading ends a section."""
    starts: list[tuple[int, str]] = []
    for number, text in enumerate(lines.texts, 1):
        if (heading := _heading(text)) is None:
            continue
        name = (
            "recommended" if "recommend" in heading else "related" if "related" in heading else ""
        )
        if name and any(name == earlier for _, earlier in starts):
            lines.fail(number, f"second heading for {name} entries; expected one: merge the lists")
        if name or starts:
            starts.append((number, name))
    ends = [*(number for number, _ in starts), len(lines.texts) + 1][1:]
    return {
        name: range(start + 1, end)
        for (start, name), end in zip(starts, ends, strict=False)
        if name
    }


def _heading(line: str) -> str | None:
    """Return the text of a heading; None for other lines, and for fields written as headings."""
    line = line.strip()
    is_heading = _BARE_HEADING.match(line) or (_HEADING.match(line) and not is_field(line))
    return fold(line) if is_heading else None


def _question(lines: Lines, last: int) -> str:
    """Find the question, in quotation marks or after `Question:`, on the lines up to `last`."""
    for number in range(1, last + 1):
        line = lines[number].strip().lstrip(">*_ ").rstrip("*_ ")
        if line[:1] not in _QUOTES and (match := _LEAD_IN.match(line)):
            line = match["quoted"]
        elif plain := _QUESTION.match(line):
            return _valid_question(lines, number, plain["text"])
        if line[:1] in _QUOTES:
            return _valid_question(lines, number, _quotation(lines, number, line, last))
    lines.fail(1, "no question; expected it in quotation marks before the first heading")


def _quotation(lines: Lines, number: int, line: str, last: int) -> str:
    """Return the text between quotation marks that open on this line and close here or below."""
    closing = _QUOTES[line[0]]
    end = max(line.rfind(mark, 1) for mark in closing)
    if end > 0:
        return line[1:end]
    text = [line[1:]]
    for following in range(number + 1, last + 1):
        line = lines[following].rstrip(" *_")
        if (end := max(line.rfind(mark) for mark in closing)) >= 0:
            return " ".join((*text, line[:end]))
        text.append(line)
    lines.fail(number, "the quotation mark that opens the question is never closed; expected "
               f"{closing[0]} at its end")  # fmt: skip


def _valid_question(lines: Lines, number: int, text: str) -> str:
    question = " ".join(text.split())
    if not question:
        lines.fail(number, "the question is empty; expected a sentence")
    if len(question) > MAX_QUESTION_CHARACTERS:
        lines.fail(number, f"the question has {len(question):,} characters; expected at most "
                   f"{MAX_QUESTION_CHARACTERS:,}")  # fmt: skip
    return question
