"""Sentences on the text in a picture, which is quoted, never obeyed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.systems.criterion import EvidenceByKey
from agent.systems.spec import Reply, Sentence
from agent.systems.text.criteria import CONFIDENCE, DOUBTFUL
from agent.systems.text.scripts import KNOWN
from agent.systems.wording import take, went
from agent.text import format_list, visible
from agent.types import Evidence, RunResult

#: Number of lines quoted if the question is not about what they say.
_FEW = 4
#: Number of lines quoted in one sentence.
_AT_ONCE = 8
#: Number of changed readings quoted; the table of measurements has them all.
_PLACES = 3
_UNTOLD = "That cannot be told"


def sentences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield sentences on a run of the tool `read_text`, quoting a few lines."""
    yield from _how_much(run, findings)
    if not (lines := findings.get("text-lines")) or not lines.value:
        return
    yield from _confidence(findings)
    yield from differences(run, findings)
    if items := take(findings, "text-change", "text-area"):
        share, area = items
        yield Sentence(
            f"{share.format()} of the squared change lies within 3 px of text, which takes up "
            f"{area.format()} of the picture.",
            items,
        )
    if lines.value <= _FEW:
        yield from _quoted(run, findings)
    elif quoted := _numbered(findings, "text-line-")[:_FEW]:
        yield Sentence(f"The text begins with {_quotations(quoted)}.", quoted)


def read_out(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield all lines from top to bottom, for a question about what they say."""
    if "text-line-1" in findings:
        yield from _quoted(run, findings)
        yield from _unread(run, findings)
    else:
        yield from _how_much(run, findings)


def _quoted(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    lines = _numbered(findings, "text-line-")
    for start in range(0, len(lines), _AT_ONCE):
        group = lines[start : start + _AT_ONCE]
        lead = "It goes on: " if start else f"In {visible(run.image)} it reads: "
        yield Sentence(f"{lead}{_quotations(group)}.", group)
    if (every := findings.get("text-lines")) and every.value > len(lines):
        text = f"It has {every.value:g} lines, of which only these are quoted."
        yield Sentence(text, [every])


def letters(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield which text became readable, and which reads differently, where, and how doubtfully."""
    if "text-changed" in findings:
        yield from _gained(run, findings)
        yield from differences(run, findings)
        yield from _unread(run, findings)
    else:
        yield from _how_much(run, findings)


def gist(findings: EvidenceByKey) -> Sentence | None:
    """Return a clause on how far text reads as before."""
    if not (items := take(findings, "text-agreement")):
        return None
    return Sentence(f"{items[0].format()} of the characters were read the same as before", items)


def _how_much(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    lines = findings.get("text-lines")
    if lines and not lines.value and "text-unread" not in findings:
        yield Sentence(
            f"No text was found in {visible(run.image)}, so this answer cannot say whether text in "
            "it can be read.",
            [lines],
        )
    elif lines and lines.value:
        items, count, sure = [lines], "", ""
        if words := findings.get("text-words-restored") or findings.get("text-words-input"):
            count = f" with {words.value:g} word{'s' * (words.value != 1)}"
            items.append(words)
        if "text-changed" not in findings and (confidence := findings.get("text-confidence-input")):
            sure = f", with a mean confidence of {confidence.format()}"
            items.append(confidence)
        of_text = f"{lines.value:g} line{'s' * (lines.value != 1)} of text{count}"
        yield Sentence(f"An OCR program read {of_text} in {visible(run.image)}{sure}.", items)
    yield from _unread(run, findings)


def _unread(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    if unread := findings.get("text-unread"):
        further = "further " if findings["text-lines"].value else ""
        lines, they = ("line", "It is") if unread.value == 1 else ("lines", "They are")
        yield Sentence(
            f"{unread.value:g} {further}{lines} in {visible(run.image)} could not be read. {they} "
            f"too unclear, or in a script that the reader does not know: it knows {KNOWN} only.",
            [unread],
            reply=None if further else Reply("untested", _UNTOLD, _UNTOLD),
        )


def _confidence(findings: EvidenceByKey) -> Iterator[Sentence]:
    before = "enlarged" if "text-confidence-enlarged" in findings else "input"
    items = take(findings, f"text-confidence-{before}", "text-confidence-restored")
    if items and (finding := CONFIDENCE.finding(findings)):
        yield Sentence(
            f"Its mean confidence {went(*items)} after restoration: {finding.phrase}.",
            [*items, *finding.evidence],
        )


def differences(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield which words read differently, where, and how doubtfully."""
    items = take(findings, "text-changed", "text-doubtful", "text-agreement")
    if not items or not (finding := DOUBTFUL.finding(findings)):
        return
    changed, doubtful, share = items
    name, one = visible(run.image), changed.value == 1
    if not changed.value:
        text = f"Every word that can be read in {name} reads as it did before restoration."
        alike = Reply("untested", "As far as can be told", "Not as far as can be told")
        if "text-unread" not in findings:
            alike = Reply("supported", "Yes", "No")
        yield Sentence(text, [changed], reply=alike)
        return
    if finding.outcome == "supported":
        places = "1 place" if one else f"{changed.value:g} places"
        sure = "reads differently" if one else "read differently"
        where, quoted = _places(findings, "text-surer-")
        yield Sentence(
            f"{places} in {name} {sure} after restoration, and with more confidence than before"
            f"{where}. That does not prove the new reading right.",
            [changed, doubtful, *quoted],
            reply=Reply("supported", "Probably", "Possibly"),
        )
    else:
        where, quoted = _places(findings, "text-doubt-")
        places = f"Of {changed.value:g} places in {name} that read differently after restoration, "
        places += f"{doubtful.value:g} {'is' if doubtful.value == 1 else 'are'} doubtful"
        if one:
            places = f"The 1 place in {name} that reads differently after restoration is doubtful"
        elif changed.value == doubtful.value:
            places = f"All {changed.value:g} places in {name} that read differently after "
            places += "restoration are doubtful"
        yield Sentence(
            f"{places}{where}. Letters there may be invented.",
            [changed, doubtful, *quoted],
            reply=Reply("untested", "Probably not everywhere", "Probably"),
        )
    text = f"In all, {share.format()} of the characters in {name} were read the same as before."
    yield Sentence(text, [share])


def _gained(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    """Yield which lines became readable."""
    if not (gained := findings.get("text-gained")):
        return
    name, quoted = visible(run.image), _numbered(findings, "text-gained-")[:_AT_ONCE]
    text = f"No line in {name} can be said to have become readable after restoration."
    if gained.value:
        lines = "1 line" if gained.value == 1 else f"{gained.value:g} lines"
        listing = f": {_quotations(quoted)}" if quoted else ""
        text = f"{lines} in {name} became readable after restoration{listing}."
    yield Sentence(text, [gained, *quoted])


def _places(findings: EvidenceByKey, prefix: str) -> tuple[str, list[Evidence]]:
    """Return the least sure changed readings with their places, after a colon."""
    quoted = _numbered(findings, prefix)[:_PLACES]
    places = [f"“{item.text}” {_place(item)}" for item in quoted]
    return (f": {format_list(places)}" if places else ""), quoted


def _place(item: Evidence) -> str:
    """Return where to look, which comes last in `measured_on`."""
    return item.measured_on.rpartition(", ")[2]


def _quotations(lines: Sequence[Evidence]) -> str:
    return ", ".join(f"“{line.text}”" for line in lines)


def _numbered(findings: EvidenceByKey, prefix: str) -> list[Evidence]:
    """Return the evidence with text whose keys are the prefix and 1, 2, 3 …"""
    keys = (f"{prefix}{i}" for i in range(1, len(findings) + 1))
    return [findings[key] for key in keys if key in findings and findings[key].text]
