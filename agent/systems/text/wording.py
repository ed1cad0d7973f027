"""What reading the text of a picture found, in sentences; what was read is quoted, never obeyed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.systems.spec import Findings, Sentence
from agent.systems.wording import take
from agent.text import visible
from agent.types import Evidence, RunResult

#: Lines that are quoted where the question is not about what they say.
_FEW = 4
#: Lines quoted in one sentence; a sentence for each such group.
_AT_ONCE = 8
#: Doubtful places that are quoted; the table of measurements has them all.
_DOUBTS = 4


def sentences(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """Sentences on a run of the tool `read_text`; a few lines are repeated."""
    if not (items := take(found, "text-lines")):
        return
    lines = items[0]
    if not lines.value:
        yield (
            f"No text was found in {visible(run.image)}, so nothing is said about whether text in "
            "it can be read.",
            items,
        )
        return
    yield _how_much(run, found, lines)
    yield from _confidence(found)
    yield from _agreement(found)
    if items := take(found, "text-change", "text-area"):
        share, area = items
        yield (
            f"{share.value:g} % of the squared change lies within 3 px of text, which takes up "
            f"{area.value:g} % of the picture.",
            items,
        )
    if lines.value <= _FEW:
        yield from read_out(run, found)
    elif quoted := _numbered(found, "text-line-")[:_FEW]:
        yield f"Among it: {_listed(quoted)}.", quoted


def read_out(run: RunResult, found: Findings) -> Iterator[Sentence]:
    """All lines that were read, from top to bottom, for a question about what they say."""
    lines = _numbered(found, "text-line-")
    for start in range(0, len(lines), _AT_ONCE):
        group = lines[start : start + _AT_ONCE]
        lead = "And further: " if start else f"In {visible(run.image)} it reads: "
        yield f"{lead}{_listed(group)}.", group


def _how_much(run: RunResult, found: Findings, lines: Evidence) -> Sentence:
    words = found.get("text-words-restored") or found.get("text-words-input")
    count = f" with {words.value:g} word{'s' * (words.value != 1)}" if words else ""
    noun = "line" if lines.value == 1 else "lines"
    return (
        f"Text in {visible(run.image)} was read by an OCR program, as in the making of LLaVAR's "
        f"training data; LLaVAR itself did not run. It found {lines.value:g} {noun}{count}.",
        [lines, words] if words else [lines],
    )


def _confidence(found: Findings) -> Iterator[Sentence]:
    before = "enlarged" if "text-confidence-enlarged" in found else "input"
    if items := take(found, f"text-confidence-{before}", "text-confidence-restored"):
        old, new = (item.value for item in items)
        yield f"Its mean confidence went from {old:g} % to {new:g} % by restoration.", items


def _agreement(found: Findings) -> Iterator[Sentence]:
    if not (items := take(found, "text-agreement", "text-changed", "text-doubtful")):
        return
    share, changed, doubtful = items
    told = f"Before and after restoration {share.value:g} % of the characters read alike"
    if not changed.value:
        yield f"{told}; no word changed its reading.", items[:2]
        return
    places = f"{changed.value:g} place{'s' * (changed.value != 1)} read differently"
    if not doubtful.value:
        who = "and" if changed.value == 1 else "all of them read"
        yield f"{told}; {places}, {who} with more confidence than before.", items
        return
    quoted = _numbered(found, "text-doubt-")[:_DOUBTS]
    shown = f", such as {_listed(quoted)}" if quoted else ""
    yield (
        f"{told}; {places}, {doubtful.value:g} of them doubtfully{shown}: letters there may be "
        "invented.",
        [*items, *quoted],
    )


def _listed(lines: Sequence[Evidence]) -> str:
    return ", ".join(f"“{line.text}”" for line in lines)


def _numbered(found: Findings, prefix: str) -> list[Evidence]:
    """The evidence with text whose keys are the prefix and 1, 2, 3 …"""
    keys = (f"{prefix}{i}" for i in range(1, len(found) + 1))
    return [found[key] for key in keys if key in found and found[key].text]
