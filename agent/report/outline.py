"""What a reader is shown of a Report, and in which order, whatever it is shown on.

Every string in an `Outline` is one line of plain text without control characters, whoever wrote
it; a renderer only has to escape what its own syntax would interpret.
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
BESIDE = "Beside it"
MEASURED = "What was measured on your image"
NOT_RUN = "Not run"
REFERENCES = "3. References"
LIMITS = "Limits"
CHOSEN = "How the experiments were chosen"
_NOTHING = "–"
_ABOUT_PROGRAM = "None: the answer is about Groundglass itself."
_SHOWN_AUTHORS = 8
_ENDED = {
    "finished": "ended the experiments",
    "limit": "was stopped",
    "failed": "failed, and what every answer rests on was run without it",
    "nothing to choose": "had no experiment to choose",
}
_LEGEND = (
    f"{SIGNS['supported']} borne out by what was measured on your picture, "
    f"{SIGNS['contradicted']} contradicted by it; what has no mark was not tested."
)


@dataclass(frozen=True)
class Step:
    stage: str
    sentence: Sentence
    explained: tuple[Sentence, ...]


@dataclass(frozen=True)
class Way:
    """The steps of one system; `name` is given where there are several systems."""

    name: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Picture:
    """A picture that a run made; `png` is None where the report came without its pictures."""

    name: str
    caption: str
    png: bytes | None

    @property
    def is_comparison(self) -> bool:
        """Whether it shows before and after itself."""
        return self.name.endswith("-comparison.png")


@dataclass(frozen=True)
class Entry:
    """One numbered reference."""

    number: int
    anchor: str
    byline: str
    """Authors and year, empty where neither is known."""
    title: str
    where: str
    """Venue and arXiv id, empty where neither is known."""
    links: tuple[tuple[str, str], ...]
    """Label and address, http or https and safe to put into any page."""


@dataclass(frozen=True)
class Outline:
    question: tuple[str, ...]
    """The lines of the question."""
    note: str
    """A line above the answer, in the language of the question; empty for most."""
    answer: tuple[Sentence, ...]
    """What answers the question directly, or says why nothing does."""
    table: tuple[tuple[str, Sentence], ...]
    """Rows that belong to the answer: label and text."""
    listing: str
    """Lines to be copied, such as a command; control characters but line breaks are gone."""
    task: tuple[Sentence, ...]
    """Empty for small talk alone, which has none of the three numbered parts."""
    flow: tuple[Sentence, ...]
    """The workflow on one line a system, where it is not told in steps; a dash where there is
    none."""
    ways: tuple[Way, ...]
    further: tuple[Sentence, ...]
    """Explanations that belong to no single step."""
    legend: str
    """What the signs behind the explanations mean; empty where there are none."""
    diagram: Diagram | None
    complementary: tuple[tuple[Sentence, ...], ...]
    """One group of sentences a system."""
    measurements: tuple[Sentence, ...]
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]
    provenance: tuple[str, ...]
    not_run: tuple[Sentence, ...]
    entries: tuple[Entry, ...]
    no_entries: str
    """What stands in the place of references where there are none; empty for small talk."""
    limits: tuple[Sentence, ...]
    tool_calls: tuple[str, ...]
    """What an agent did to choose the experiments, one line each; empty where none did."""
    footer: tuple[str, ...]
    failures: tuple[str, ...]
    """What the check of the answer found, one line each."""

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence that may bear marks, in the order in which they are shown."""
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


#: The report that was outlined last: a folder renders one report in several formats.
_last: tuple[Report, Outline] | None = None


def outline(report: Report) -> Outline:
    """Order the content of a report for a reader."""
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
    """The sentences that answer first; where there is no answer, why."""
    statements = [s for s in report.answer.statements if s.section == "answer" and s.row is None]
    if statements or report.abstention is None:
        return tuple(_without_tick(marker.sentence(s)) for s in statements)
    return (Sentence(full_stop(capital(plain(report.abstention.explanation)))),)


def _without_tick(sentence: Sentence) -> Sentence:
    """The sentence without a ✓, which would break the flow of the answer: what was measured follows
    in words. A ✗ stays.
    """
    is_supported = sentence.verdict is not None and sentence.verdict.outcome == "supported"
    return replace(sentence, verdict=None) if is_supported else sentence


def _needs_legend(statement: Statement) -> bool:
    """Whether its sign has to be explained; an answer's is left out, as `_without_tick` says, but
    for a ✗.
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
    """A line as it is, but for what could steer a terminal."""
    return line.expandtabs(2).rstrip()


def _flow(ways: Sequence[Way]) -> tuple[Sentence, ...]:
    steps = (step.sentence for way in ways for step in way.steps)
    return tuple(replace(sentence, text=capital(sentence.text)) for sentence in steps)


def _with_lead(answer: Answer, marker: Marker) -> tuple[Sentence, ...]:
    """The task in a sentence, without what the statements of that section say again."""
    statements = marker.sentences("task")
    lead = plain(answer.task)
    for sentence in statements:
        lead = plain(lead.replace(sentence.text, ""))
    return (Sentence(lead), *statements) if lead else statements


def _ways(answer: Answer, marker: Marker) -> tuple[tuple[Way, ...], tuple[Sentence, ...]]:
    """Steps with the statements that share a claim with them, and the statements left over."""
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
    took = f" in {how.seconds:.1f} s" if how.seconds else ""
    parts = [f"{run.tool} ran on {run.image}{took}", how.device, how.dtype]
    parts += how.licences
    if how.weights_sha256:
        parts.append(f"weights {how.weights_sha256[:12]}")
    parts += [f"{name} {version}" for name, version in sorted(how.versions.items())]
    return plain(" · ".join(parts))


def _not_run(report: Report, marker: Marker, any_ran: bool) -> tuple[Sentence, ...]:
    """What was skipped or failed, in the words of the answer where it says so itself."""
    missing = [run for run in report.runs if run.status != "ran"]
    names = {reference.card: reference.name for reference in report.answer.references}
    limits = [text for text in report.answer.limits if _about_a_run(text, missing)]
    own = [
        f"{run.image}: {names.get(run.card, run.card)} "
        f"{'was skipped' if run.status == 'skipped' else 'failed'}: "
        f"{run.reason or 'no reason was given'}."
        for run in missing
        if not any(_about_a_run(text, [run]) for text in limits)
    ]
    stray = () if any_ran else marker.sentences("evidence")
    return (*(Sentence(plain(text)) for text in (*limits, *own)), *stray)


def _about_a_run(text: str, missing: Sequence[RunResult]) -> bool:
    return any(run.reason and run.reason in text for run in missing)


def _limits(report: Report, marker: Marker) -> tuple[Sentence, ...]:
    """Statements on limits, then what the answer says of its own, neither of them twice."""
    missing = [run for run in report.runs if run.status != "ran"]
    stated = marker.sentences("limits")
    texts = {sentence.text for sentence in stated}
    if report.abstention:
        texts.add(plain(report.abstention.explanation))
    own = (
        t for t in report.answer.limits if not _about_a_run(t, missing) and plain(t) not in texts
    )
    return (*stated, *(Sentence(plain(text)) for text in own))


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
        ("Not what was measured", verification.wrong_verdicts),
    )
    return tuple(f"{kind}: {plain(item)}" for kind, items in kinds for item in items)


def _tool_calls(transcript: Transcript | None) -> Iterator[str]:
    """Every call of a tool with its result, then how it ended."""
    if transcript is None:
        return
    for call in transcript.calls:
        arguments = ", ".join(f"{name} {value}" for name, value in call.arguments.items())
        call_text = f"{call.tool} ({arguments})" if arguments else call.tool
        yield plain(f"{call_text}: {'refused, ' * (call.outcome == 'refused')}{call.result}")
    why = f": {transcript.reason}" if transcript.reason else ""
    yield plain(f"{transcript.model} {_ENDED[transcript.ended]}{why}.")


def _footer(report: Report, failures: Sequence[str]) -> tuple[str, ...]:
    count = report.verification.statements
    statements = f"{count} statement{'s' * (count != 1)}"
    if failures:
        checked = f"Checked: {statements}; findings: {len(failures)}, listed below."
    elif count:
        checked = (
            f"Checked in {statements}: the facts and measurements cited exist, every number "
            "stands in what is cited for it, and every reference is from the registry."
        )
    else:
        checked = ""
    origin = (
        f"groundglass {report.version}",
        f"registry {report.registry_sha256[:12]}",
        f"search: {report.retrieval}",
        report.created,
    )
    return (
        *filter(None, (checked,)),
        *_model(report.model),
        plain(" · ".join(filter(None, origin))),
    )


#: What became of a model's sentences, as the footer counts them.
_OUTCOMES = {
    "judged": "judged supported by {judge}",
    "unjudged": "not judged",
    "quoted": "quoted from their sources",
    "replaced": "replaced by their sources",
    "dropped": "left out",
}


def _wording(use: ModelUse) -> str:
    """That a model worded an answer, and what became of its sentences, or that it did not."""
    if not use.wrote:
        return "did not word this answer"
    counts = [
        f"{use.sentences[outcome]} {wording.format(judge=use.judge)}"
        for outcome, wording in _OUTCOMES.items()
        if outcome in use.sentences
    ]
    return f"worded this answer (sentences: {', '.join(counts)})"


def _model(use: ModelUse | None) -> Iterator[str]:
    """What a language model had to do with the answer, and what it cost."""
    if use is None:
        return
    wording = _wording(use)
    if use.calls:
        about = "about " if use.estimated else ""
        spent = f"{about}{use.input_tokens:,} tokens in and {use.output_tokens:,} out"
        cost = "at a price that is not known"
        if use.cost_usd is not None:
            cost = f"{use.cost_usd:.4f} US dollars ({use.price})"
        yield plain(f"{use.name} {wording}: {spent}, {cost}.")
    else:
        source = ", from replies that were kept" if use.cached else ""
        yield plain(f"{use.name} {wording}{source}.")
    for note in use.notes:
        yield plain(f"{note}.")
    if use.wrote and use.judge is None:
        yield (
            "The meaning of its sentences was not checked: only that their sources exist, that "
            "numbers and names stand in these, and that nothing is said to have run that did not."
        )
    if use.rejected:
        counts = ", ".join(f"{kind} ({number})" for kind, number in sorted(use.rejected.items()))
        yield plain(f"Turned down in its replies, and in no part of this report: {counts}.")
    if use.pictures_sent:
        yield f"Pictures sent to it: {use.pictures_sent}."
