"""Answers cut to leave room for the rest of a conversation.

Nothing is reworded: whole blocks are left out. The most important blocks are taken first: the
answer itself; what did not run, references, limits and the check; measurements; the rest; tables
and diagrams.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.report.outline import LIMITS, MEASURED, NOT_RUN, REFERENCES

MOST_CHARACTERS = 6_000
"""Largest size of an answer: about 1,500 tokens."""
_APART = "\n\n"
_RULE = "---"
_FENCE = "```"
#: The beginning of a list of pictures, which the answer links to anyway.
_PICTURES = ("- `", "- [`")
#: Priority of each section, the most important lowest; text under no heading has 0.
_RANKS = {NOT_RUN: 1, REFERENCES: 1, LIMITS: 1, _RULE: 1, MEASURED: 2}
_PROSE, _DRAWN = 3, 4
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
#: Targets of links within the text, which nobody can follow here.
_DEFINITION = re.compile(r"\[\w+\]: #")


class _Block(NamedTuple):
    """A paragraph, list, table or code block of Markdown."""

    text: str
    headings: tuple[int, ...]
    """Numbers of the headings above the block."""
    rank: int | None
    """Priority of the block; None for a heading, which is useless on its own."""


def shorten(text: str, rest: str, most: int = MOST_CHARACTERS) -> str:
    """Cut Markdown to at most `most` characters; a note at its end says if it was cut.

    Args:
        rest: the address of the whole text.
    """
    if len(text) <= most:
        return text
    note = f"*Shortened; the whole text is the resource `{rest}`.*"
    blocks = list(_blocks(text))
    ranked = [(block.rank, i) for i, block in enumerate(blocks) if block.rank is not None]
    room = most - len(note)
    selected: dict[int, str] = {}
    for _, number in sorted(ranked):
        heads = [i for i in blocks[number].headings if i not in selected]
        above = sum(len(blocks[i].text) + len(_APART) for i in heads)
        part = _beginning(blocks[number].text, room - above - len(_APART))
        if part:
            selected |= {i: blocks[i].text for i in heads} | {number: part}
            room -= above + len(part) + len(_APART)
    return _APART.join((*(selected[number] for number in sorted(selected)), note))


def _blocks(text: str) -> Iterator[_Block]:
    headings: tuple[int, ...] = ()
    title, number = "", 0
    for part in _parts(text):
        if _DEFINITION.match(part):
            continue
        is_head = part == _RULE or part.startswith(("## ", "### "))
        if is_head:
            above = headings[:1] if part.startswith("### ") else ()
            headings, title = (*above, number), title if above else part.removeprefix("## ")
        drawn = bool(headings) and part.startswith(("|", _FENCE))
        drawn = drawn or (title == MEASURED and part.startswith(_PICTURES))
        rank = _RANKS.get(title, _PROSE if headings else 0)
        yield _Block(
            part,
            headings[:-1] if is_head else headings,
            None if is_head else _DRAWN if drawn else rank,
        )
        number += 1


def _parts(text: str) -> Iterator[str]:
    """Split a text at empty lines, except those inside a code block."""
    pending: list[str] = []
    for part in text.split(_APART):
        pending.append(part)
        whole = _APART.join(pending)
        if whole.count(f"\n{_FENCE}") + whole.startswith(_FENCE) in (0, 2):
            yield whole
            pending = []
    if pending:
        yield _APART.join(pending)


def _beginning(text: str, room: int) -> str:
    """Return as many whole lines of a block as fit, or as many sentences if it is one line."""
    if len(text) <= room:
        return text
    if text.startswith(_FENCE):
        return ""
    several = "\n" in text
    pieces = text.split("\n") if several else _SENTENCE_END.split(text)
    between = "\n" if several else " "
    fitting = ""
    for piece in pieces:
        longer = f"{fitting}{between}{piece}" if fitting else piece
        if len(longer) > room:
            break
        fitting = longer
    is_bare_table = text.startswith("|") and fitting.count("\n") < 2
    return "" if is_bare_table else fitting
