"""The outline of a Report: what a reader is shown, and in which order, in every format.

Every string in an `Outline` is one line of plain text without control characters, whoever wrote it;
a renderer only has to escape what its own syntax would interpret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.report.diagram import Diagram, read_diagram
from agent.report.links import web_links
from agent.report.marks import SIGNS, Marker, Row, Sentence
from agent.report.single_line import capital, full_stop, plain
from agent.text import visible
from agent.types import (
    PROGRAM,
    Answer,
    ModelUse,
    Reference,
    Report,
    RunResult,
    Statement,
    Transcript,
    Verification,
)

TASK = "1. Task"
WORKFLOW = "2. Workflow"
RELATED = "Related systems"
MEASURED = "What was measured on your picture"
NOT_RUN = "Not run"
REFERENCES = "3. References"
LIMITS = "Limits"
CHOSEN = "How the experiments were chosen"
_NOTHING = "–"
_ABOUT_PROGRAM = "None: the answer is about Groundglass itself."
_SHOWN_AUTHORS = 8
_ENDINGS = {
    "finished": "ended the experiments",
    "limit": "was stopped",
    "failed": "failed, so only the standard tools ran",
    "nothing to choose": "had no experiment to choose",
}
_LEGEND = (
    f"{SIGNS['supported']} supported, {SIGNS['contradicted']} contradicted by the measurements on "
    "your picture; anything unmarked was not tested."
)


@dataclass(frozen=True)
class Step:
    stage: str
    sentence: Sentence
    explained: tuple[Sentence, ...]


@dataclass(frozen=True)
class Way:
    """The steps of one system; `name` is set if there are several systems."""

    name: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Picture:
    """A picture that a run produced; `png` is None if the report came without its pictures."""

    name: str
    caption: str
    png: bytes | None

    @property
    def is_comparison(self) -> bool:
        """Whether the picture itself shows before and after."""
        return self.name.endswith("-comparison.png")


@dataclass(frozen=True)
class Entry:
    """One numbered reference."""

    number: int
    anchor: str
    byline: str
    """Authors and year; empty if neither is known."""
    title: str
    where: str
    """Venue and arXiv id; empty if neither is known."""
    links: tuple[tuple[str, str], ...]
    """Label and http(s) address, safe for any page."""


@dataclass(frozen=True)
class Outline:
    question: tuple[str, ...]
    """The lines of the question."""
    note: str
    """A line above the answer, in the language of the question; usually empty."""
    answer: tuple[Sentence, ...]
    """The direct answer, or why there is none."""
    table: tuple[tuple[str, Sentence], ...]
    """Rows of the answer's table: label and text."""
    listing: str
    """Lines to copy, such as a command, without control characters except line breaks."""
    task: tuple[Sentence, ...]
    """The task; empty only for small talk, which has none of the three numbered parts."""
    flow: tuple[Sentence, ...]
    """The workflow on one line per system, if it is not shown in steps; a dash if there is none."""
    ways: tuple[Way, ...]
    further: tuple[Sentence, ...]
    """Explanations that belong to no single step."""
    legend: str
    """The meaning of the signs after explanations; empty if there are none."""
    diagram: Diagram | None
    complementary: tuple[tuple[Sentence, ...], ...]
    """One group of sentences per system."""
    measurements: tuple[Sentence, ...]
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]
    provenance: tuple[str, ...]
    not_run: tuple[Sentence, ...]
    entries: tuple[Entry, ...]
    no_entries: str
    """The text instead of references if there are none; empty for small talk."""
    limits: tuple[Sentence, ...]
    tool_calls: tuple[str, ...]
    """The tool calls with which an agent chose the experiments; empty without an agent."""
    footer: tuple[str, ...]
    failures: tuple[str, ...]
    """The findings of the check of the answer."""

    def sentences(self) -> Iterator[Sentence]:
        """Yield every sentence that may have marks, in the order in which they are shown."""
        yield from (*self.answer, *(text for _, text in self.table), *self.task, *self.flow)
        for step in (step for way in self.ways for step in way.steps):
            yield from (step.sentence, *step.explained)
        for group in (
            self.further,
            *self.complementary,
            self.measurements,
            self.not_run,
            self.limits,
        ):
            yield from group


#: The last report and its outline: a folder renders one report in several formats.
_last: tuple[Report, Outline] | None = None


def outline(report: Report) -> Outline:
    """Arrange the content of a report for a reader."""
    global _last
    last = _last
    if last is None or last[0] is not report:
        _last = last = report, _outline(report)
    return last[1]


def _outline(report: Report) -> Outline:
    answer = report.answer
    ran = [run for run in report.runs if run.status == "ran"]
    marker = Marker(answer, ran)
    ways, further = _ways(answer, marker)
    small_talk = report.parsed.intent == "chat"
    beside = _by_card(answer, marker)
    flow = _flow(ways) if all(len(way.steps) == 1 for way in ways) else ()
    if not (small_talk or ways or further or beside):
        flow = (Sentence(_NOTHING),)
    failures = _failures(report.verification)
    return Outline(
        question=tuple(filter(None, map(plain, visible(report.question.text).splitlines()))),
        note=plain(answer.note),
        answer=_with_lead(answer, marker) if small_talk else _direct(report, marker),
        table=_table(answer, marker),
        listing="\n".join(map(_list_item, visible(answer.listing).splitlines())),
        task=() if small_talk else _with_lead(answer, marker) or (Sentence(_NOTHING),),
        flow=flow,
        ways=() if flow else ways,
        further=further,
        legend=_LEGEND if any(map(_needs_legend, answer.statements)) else "",
        diagram=read_diagram(answer.diagram),
        complementary=beside,
        measurements=marker.sentences("evidence") if ran else (),
        rows=marker.rows,
        pictures=_pictures(ran, report.pictures),
        provenance=tuple(map(_provenance, ran)),
        not_run=_not_run(report, marker, bool(ran)),
        entries=tuple(_entry(i, reference) for i, reference in enumerate(answer.references, 1)),
        no_entries="" if small_talk or answer.references else _no_references(answer),
        limits=_limits(report, marker),
        tool_calls=tuple(_tool_calls(report.transcript)),
        footer=_footer(report, failures),
        failures=failures,
    )


def _direct(report: Report, marker: Marker) -> tuple[Sentence, ...]:
    """Return the sentences of the direct answer, or why there is none."""
    statements = [s for s in report.answer.statements if s.section == "answer" and s.row is None]
    if statements or report.abstention is None:
        return tuple(_without_tick(marker.sentence(s)) for s in statements)
    return (Sentence(full_stop(capital(plain(report.abstention.explanation)))),)


def _without_tick(sentence: Sentence) -> Sentence:
    """Remove a ✓, which would break the flow of the answer; the measurements follow in words.

    A ✗ stays.
    """
    is_supported = sentence.verdict is not None and sentence.verdict.outcome == "supported"
    return replace(sentence, verdict=None) if is_supported else sentence


def _needs_legend(statement: Statement) -> bool:
    """Check whether the sign of a statement needs the legend: not a ✓ in the answer, which
    `_without_tick` removes.
    """
    verdict = statement.verdict
    return verdict is not None and (
        statement.section != "answer" or verdict.outcome == "contradicted"
    )


def _no_references(answer: Answer) -> str:
    cited = (claim for statement in answer.statements for claim in statement.claims)
    about_program = any(claim.startswith(f"{PROGRAM}/") for claim in cited)
    return _ABOUT_PROGRAM if about_program else _NOTHING


def _table(answer: Answer, marker: Marker) -> tuple[tuple[str, Sentence], ...]:
    rows = ((s.row, s) for s in answer.statements if s.section == "answer")
    return tuple((plain(label), marker.sentence(s)) for label, s in rows if label is not None)


def _list_item(line: str) -> str:
    """Return a line without tabs and trailing white space."""
    return line.expandtabs(2).rstrip()


def _flow(ways: Sequence[Way]) -> tuple[Sentence, ...]:
    steps = (step.sentence for way in ways for step in way.steps)
    return tuple(replace(sentence, text=capital(sentence.text)) for sentence in steps)


def _with_lead(answer: Answer, marker: Marker) -> tuple[Sentence, ...]:
    """Return the task as a sentence, without what the statements of that section repeat."""
    statements = marker.sentences("task")
    lead = plain(answer.task)
    for sentence in statements:
        lead = plain(lead.replace(sentence.text, ""))
    return (Sentence(lead), *statements) if lead else statements


def _ways(answer: Answer, marker: Marker) -> tuple[tuple[Way, ...], tuple[Sentence, ...]]:
    """Return the steps with the statements that share a claim with them, and the others."""
    waiting = [s for s in answer.statements if s.section == "workflow"]
    steps: dict[str, list[Step]] = {}
    for step in answer.workflow:
        claims = set(step.claims)
        own = [statement for statement in waiting if not claims.isdisjoint(statement.claims)]
        waiting = [statement for statement in waiting if claims.isdisjoint(statement.claims)]
        sentence = Sentence(plain(step.text), marker.marks([f"{step.card}/"]))
        explained = tuple(map(marker.sentence, own))
        steps.setdefault(step.card, []).append(Step(step.stage, sentence, explained))
    several = len(steps) > 1
    names = {reference.card: reference.name for reference in answer.references}
    ways = tuple(
        Way(plain(names.get(card, card)) if several else None, tuple(own))
        for card, own in steps.items()
    )
    return ways, tuple(map(marker.sentence, waiting))


def _by_card(answer: Answer, marker: Marker) -> tuple[tuple[Sentence, ...], ...]:
    groups: dict[str, list[Sentence]] = {}
    for statement in answer.statements:
        if statement.section == "complementary":
            card = statement.claims[0].partition("/")[0] if statement.claims else statement.text
            groups.setdefault(card, []).append(marker.sentence(statement))
    return tuple(map(tuple, groups.values()))


def _pictures(ran: Iterable[RunResult], pngs: dict[str, bytes]) -> tuple[Picture, ...]:
    artefacts = {item.name: item for run in ran for item in run.artefacts}
    return tuple(
        Picture(name, plain(item.caption), pngs.get(name)) for name, item in artefacts.items()
    )


def _provenance(run: RunResult) -> str:
    how = run.provenance
    did = f"took {how.seconds:.1f} s" if how.seconds else "ran"
    parts = [f"{run.tool} {did} on {run.image}", how.device, how.dtype]
    parts += how.licences
    if how.weights_sha256:
        parts.append(f"weights {how.weights_sha256[:12]}")
    parts += [f"{name} {version}" for name, version in sorted(how.versions.items())]
    return plain(" · ".join(parts))


def _not_run(report: Report, marker: Marker, any_ran: bool) -> tuple[Sentence, ...]:
    """List what was skipped or failed, in the words of the answer if it says so itself."""
    missing = [run for run in report.runs if run.status != "ran"]
    names = {reference.card: reference.name for reference in report.answer.references}
    limits = [text for text in report.answer.limits if _about_a_run(text, missing)]
    own = [
        f"{run.image}: {names.get(run.card, run.card)} "
        f"{'was skipped' if run.status == 'skipped' else 'failed'}: "
        f"{run.reason or 'no reason given'}."
        for run in missing
        if not any(_about_a_run(text, [run]) for text in limits)
    ]
    stray = () if any_ran else marker.sentences("evidence")
    return (*(Sentence(plain(text)) for text in (*limits, *own)), *stray)


def _about_a_run(text: str, missing: Sequence[RunResult]) -> bool:
    return any(run.reason and run.reason in text for run in missing)


def _limits(report: Report, marker: Marker) -> tuple[Sentence, ...]:
    """List the statements about limits, then the answer's own limits, without repetition."""
    missing = [run for run in report.runs if run.status != "ran"]
    statements = marker.sentences("limits")
    texts = {sentence.text for sentence in statements}
    if report.abstention:
        texts.add(plain(report.abstention.explanation))
    own = (
        t for t in report.answer.limits if not _about_a_run(t, missing) and plain(t) not in texts
    )
    return (*statements, *(Sentence(plain(text)) for text in own))


@lru_cache(maxsize=1_024)  # many answers cite one card
def _entry(number: int, reference: Reference) -> Entry:
    names = [plain(name) for name in reference.authors[:_SHOWN_AUTHORS]]
    if len(reference.authors) > _SHOWN_AUTHORS:
        names.append("et al.")
    year = f"({reference.year})" if reference.year else ""
    arxiv = f"arXiv:{plain(reference.arxiv)}" if reference.arxiv else ""
    venue = plain(reference.venue or "")
    if arxiv and "arxiv" in venue.lower():
        venue = ""  # the id says as much
    return Entry(
        number=number,
        anchor=f"ref-{number}",
        byline=" ".join(filter(None, (", ".join(names), year))),
        title=plain(reference.title) or plain(reference.card),
        where=", ".join(filter(None, (venue, arxiv))),
        links=tuple(
            ("arXiv" if label == "arxiv" else plain(label), url)
            for label, url in web_links(reference.links)
        ),
    )


def _failures(verification: Verification) -> tuple[str, ...]:
    kinds = (
        ("Not supported", verification.unsupported),
        ("Number without a source", verification.unsupported_numbers),
        ("From outside the registry", verification.foreign_references),
        ("Contradicts the measurements", verification.wrong_verdicts),
    )
    return tuple(f"{kind}: {plain(item)}" for kind, items in kinds for item in items)


def _tool_calls(transcript: Transcript | None) -> Iterator[str]:
    """Yield every tool call with its result, then how the experiments ended."""
    if transcript is None:
        return
    for call in transcript.calls:
        arguments = ", ".join(f"{name} {value}" for name, value in call.arguments.items())
        call_text = f"{call.tool} ({arguments})" if arguments else call.tool
        yield plain(f"{call_text}: {'refused, ' * (call.outcome == 'refused')}{call.result}")
    why = f": {transcript.reason}" if transcript.reason else ""
    yield plain(f"{transcript.model} {_ENDINGS[transcript.ended]}{why}.")


def _footer(report: Report, failures: Sequence[str]) -> tuple[str, ...]:
    count = report.verification.statements
    statements = f"{count} statement{'s' * (count != 1)}"
    if failures:
        check = f"{statements} checked; findings: {len(failures)}, listed below."
    elif count:
        check = (
            f"{statements} checked: every cited fact and measurement exists, every number appears "
            "in the source cited for it, and every reference is in the registry."
        )
    else:
        check = ""
    origin = (
        f"groundglass {report.version}",
        f"registry {report.registry_sha256[:12]}",
        f"search: {report.retrieval}",
        report.created,
    )
    return (
        *filter(None, (check,)),
        *_model(report.model),
        plain(" · ".join(filter(None, origin))),
    )


#: The outcomes of a model's sentences, in the words of the footer.
_OUTCOMES = {
    "judged": "judged supported by {judge}",
    "unjudged": "not judged",
    "quoted": "quoted from their sources",
    "replaced": "replaced by their sources",
    "dropped": "left out",
}


def _wording(use: ModelUse) -> str:
    """Say whether a model worded the answer, and what became of its sentences."""
    if not use.wrote:
        return "did not word this answer"
    counts = [
        f"{use.sentences[outcome]} {wording.format(judge=use.judge)}"
        for outcome, wording in _OUTCOMES.items()
        if outcome in use.sentences
    ]
    return f"worded this answer (sentences: {', '.join(counts)})"


def _model(use: ModelUse | None) -> Iterator[str]:
    """Say what a language model contributed to the answer, and what it cost."""
    if use is None:
        return
    wording = _wording(use)
    if use.calls:
        about = "about " if use.estimated else ""
        usage = f"{about}{use.input_tokens:,} tokens in and {use.output_tokens:,} out"
        cost = "at an unknown price"
        if use.cost_usd is not None:
            cost = f"{use.cost_usd:.4f} US dollars ({use.price})"
        yield plain(f"{use.name} {wording}: {usage}, {cost}.")
    else:
        source = ", from cached replies" if use.cached else ""
        yield plain(f"{use.name} {wording}{source}.")
    for note in use.notes:
        yield plain(f"{note}.")
    if use.wrote and use.judge is None:
        yield (
            "The meaning of its sentences was not checked, only that their sources exist and "
            "contain the numbers and names, and that nothing is described as run that did not run."
        )
    if use.rejected:
        counts = ", ".join(f"{kind} ({number})" for kind, number in sorted(use.rejected.items()))
        yield plain(f"Rejected in its replies, and not part of this report: {counts}.")
    if use.pictures_sent:
        yield f"Pictures sent to it: {use.pictures_sent}."
