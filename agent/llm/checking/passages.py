"""Splitting of Markdown into the pieces to check: sentences, headings, table rows, code.

Nothing is left out, so that nothing can hide: even pieces that are not sentences have their links
checked. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.question.markup import words_only
from agent.question.sentences import prose_sentences
from agent.question.words import is_ideograph
from agent.report.single_line import plain
from agent.text import is_unsafe

Kind = Literal["prose", "heading", "row", "code"]

_LONGEST_BLOCK = 20_000
"""Longest paragraph in characters; longer ones are cut at a space."""
_LONGEST = 1_000
"""Longest sentence in characters, likewise."""
_FEWEST_WORDS = 4
"""Fewest words of a sentence that states something."""
_FEWEST_SIGNS = 8
"""Fewest characters of such a sentence in Chinese, Japanese and Korean."""
_FENCE = re.compile(r"\s{0,20}(?:>\s?)?(```+|~~~+)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-+)\s*$")
_ITEM = re.compile(r"\s{0,20}(?:[-*+•–]|\d{1,3}[.)])\s+(.*)$")
_QUOTE = re.compile(r"\s{0,20}(?:>\s?)+")
_RULE = re.compile(r"[|:=_*\s-]*$")
_SHAPELESS = "[\u200b-\u200f\u2060-\u2064\ufeff]+"
#: Invisible characters beside Latin letters, which need none.
_INVISIBLE = re.compile(f"(?<=[A-Za-z0-9]){_SHAPELESS}|{_SHAPELESS}(?=[A-Za-z0-9])")
#: Escape sequences for terminal colours.
_COLOUR = re.compile(r"\x1b\[[\d;]{0,20}[A-Za-z]")
_SOFT_HYPHEN = "\u00ad"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HANGUL = re.compile("[\uac00-\ud7af]")


@dataclass(frozen=True)
class Passage:
    """One piece of a text."""

    text: str
    """The piece as written, on one line."""
    words: str
    """The piece without markup, addresses and code."""
    kind: Kind
    hidden: bool
    """Whether control characters, or invisible ones inside words, were removed."""

    @property
    def states(self) -> bool:
        """Whether the piece may state something that a fact can support."""
        if self.kind != "prose" or self.words.rstrip("\"”') ").endswith(("?", "？")):
            return False
        signs = sum(is_ideograph(c) or bool(_HANGUL.match(c)) for c in self.words)
        return signs >= _FEWEST_SIGNS or len(_WORD.findall(self.words)) >= _FEWEST_WORDS


def passages(text: str) -> list[Passage]:
    """Split a text into pieces, in order; those without letters and digits are left out."""
    return [
        _passage(piece, kind)
        for kind, block in _blocks(text.removeprefix("\ufeff").splitlines())
        for piece in _pieces(block, kind)
        if any(map(str.isalnum, piece))
    ]


def _passage(piece: str, kind: Kind) -> Passage:
    read = "".join(" " if is_unsafe(c) else c for c in _INVISIBLE.sub("", _COLOUR.sub("", piece)))
    words = "" if kind == "code" else words_only(read.replace(_SOFT_HYPHEN, ""))
    return Passage(plain(piece), plain(words), kind, hidden=read != piece)


def _pieces(block: str, kind: Kind) -> Iterator[str]:
    for part in _cut(block, _LONGEST_BLOCK):
        sentences = prose_sentences(" ".join(part.split())) if kind == "prose" else [part]
        for sentence in sentences:
            yield from _cut(sentence, _LONGEST)


def _cut(text: str, longest: int) -> Iterator[str]:
    """Split a text into parts, at spaces where possible."""
    start = 0
    while len(text) - start > longest:
        space = text.rfind(" ", start + longest // 2, start + longest)
        end = space if space > 0 else start + longest
        yield text[start:end]
        start = end
    yield text[start:]


def _blocks(lines: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    paragraph: list[str] = []
    place = 0

    def flush() -> Iterator[tuple[Kind, str]]:
        if paragraph:
            yield "prose", " ".join(paragraph)
            paragraph.clear()

    while place < len(lines):
        line = lines[place]
        if fence := _FENCE.match(line):
            yield from flush()
            end = _end_of_code(lines, place, fence[1])
            yield from (("code", code) for code in lines[place:end])
            place = end
            continue
        if "|" in line and place + 1 < len(lines) and _divides(lines[place + 1]):
            yield from flush()
            end = _end_of_table(lines, place + 2)
            yield from _rows(line, lines[place + 2 : end])
            place = end
            continue
        place += 1
        line = _QUOTE.sub("", line, count=1)
        if _HEADING.match(line):
            yield from flush()
            yield "heading", line.strip("# \t")
        elif len(paragraph) == 1 and _UNDERLINE.match(line):
            yield "heading", paragraph.pop()
        elif not line.strip() or _RULE.match(line):
            yield from flush()
        elif item := _ITEM.match(line):
            yield from flush()
            paragraph.append(item[1])
        else:
            paragraph.append(line)
    yield from flush()


def _end_of_code(lines: Sequence[str], start: int, fence: str) -> int:
    """Return the index after the line that closes a code block, or the end of the text."""
    for place in range(start + 1, len(lines)):
        if lines[place].strip("> \t").startswith(fence):
            return place + 1
    return len(lines)


def _divides(line: str) -> bool:
    """Check whether a line separates the head of a table from its rows: `|---|:-:|`."""
    return "--" in line and set(line) <= set("|:- \t")


def _end_of_table(lines: Sequence[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if "|" not in lines[i]), len(lines))


def _rows(head: str, rows: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    """Yield each row as text: `first: heading value; heading value`."""
    names = _cells(head)
    yield "heading", ", ".join(names)
    for row in rows:
        first, *rest = _cells(row) or [""]
        values = [
            f"{names[i]} {cell}" if i < len(names) else cell for i, cell in enumerate(rest, 1)
        ]
        yield "row", f"{first}: {'; '.join(values)}"


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
