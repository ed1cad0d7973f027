"""Sentences with citation marks: ids of facts and measurements become numbered links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.report.single_line import capital, plain
from agent.types import PROGRAM, Answer, RunResult, Section, Statement, Verdict


@dataclass(frozen=True)
class Mark:
    """A citation after a sentence: `1` for the first reference, `E1` for the first measurement.

    An id that is neither a reference nor a measurement is shown as is, without a link.
    """

    label: str
    anchor: str | None = None


@dataclass(frozen=True)
class ShownVerdict:
    """The verdict of the measurements on a sentence that they support or contradict."""

    outcome: str
    """`supported` or `contradicted`."""
    sign: str
    reason: str
    marks: tuple[Mark, ...]


SIGNS = {"supported": "✓", "contradicted": "✗", "untested": ""}


@dataclass(frozen=True)
class Sentence:
    text: str
    marks: tuple[Mark, ...] = ()
    verdict: ShownVerdict | None = None

    @property
    def all_marks(self) -> tuple[Mark, ...]:
        """The marks of the sentence and of its verdict."""
        return (*self.marks, *(self.verdict.marks if self.verdict else ()))


def spans(marks: Iterable[Mark]) -> list[tuple[Mark, Mark]]:
    """Return the first and last mark of each run; a run has three or more successive measurements.

    `1, E1, E2, E3` is shown as `1, E1–E3`.
    """
    runs: list[list[Mark]] = []
    for mark in marks:
        if runs and _follows(mark, runs[-1][-1]):
            runs[-1].append(mark)
        else:
            runs.append([mark])
    short = [[run] if len(run) > 2 else [[mark] for mark in run] for run in runs]
    return [(run[0], run[-1]) for parts in short for run in parts]


def _follows(mark: Mark, before: Mark) -> bool:
    """Check whether `mark` is the measurement right after `before`."""
    if not all(one.anchor and one.label.startswith("E") for one in (mark, before)):
        return False
    return int(mark.label[1:]) == int(before.label[1:]) + 1


@dataclass(frozen=True)
class Row:
    """One measurement."""

    label: str
    anchor: str
    quantity: str
    value: str
    measured_on: str
    method: str


def _between(interval: tuple[float, float] | None) -> str:
    return f" ({interval[0]:g} to {interval[1]:g})" if interval else ""


class Marker:
    """Numbers references and measurements, and turns ids into marks."""

    def __init__(self, answer: Answer, ran: Iterable[RunResult]) -> None:
        self._statements = answer.statements
        self._references = {r.card: str(i) for i, r in enumerate(answer.references, 1)}
        cited_ids = {id for statement in answer.statements for id in statement.evidence}
        # Of the text lines of a page, only those that the answer cites; the JSON has them all.
        measurements = {
            item.id: item
            for run in ran
            for item in run.evidence
            if item.text is None or item.id in cited_ids
        }
        self._labels = {id: f"E{i}" for i, id in enumerate(measurements, 1)}
        self.rows = tuple(
            Row(
                label=self._labels[id],
                anchor=self._labels[id].lower(),
                quantity=capital(plain(item.quantity))
                + (f": “{plain(item.text)}”" if item.text else ""),
                value=plain(item.format()) + _between(item.interval),
                measured_on=plain(item.measured_on),
                method=plain(item.method),
            )
            for id, item in measurements.items()
        )

    def sentences(self, section: Section) -> tuple[Sentence, ...]:
        return tuple(self.sentence(s) for s in self._statements if s.section == section)

    def sentence(self, statement: Statement) -> Sentence:
        marks = self.marks(statement.claims, statement.evidence)
        return Sentence(plain(statement.text), marks, self._verdict(statement.verdict))

    def _verdict(self, verdict: Verdict | None) -> ShownVerdict | None:
        if verdict is None or verdict.outcome == "untested":
            return None
        reason = plain(verdict.reason)
        marks = self.marks((), verdict.evidence)
        return ShownVerdict(verdict.outcome, SIGNS[verdict.outcome], reason, marks)

    def marks(self, claims: Iterable[str], evidence: Iterable[str] = ()) -> tuple[Mark, ...]:
        """Return one mark per card and per measurement, in the order of the ids."""
        marks = []
        own = (claim for claim in claims if not claim.startswith(f"{PROGRAM}/"))
        for card in (claim.partition("/")[0] for claim in own):
            number = self._references.get(card)
            marks.append(Mark(number, f"ref-{number}") if number else Mark(plain(card)))
        for id in evidence:
            label = self._labels.get(id)
            marks.append(Mark(label, label.lower()) if label else Mark(plain(id)))
        return tuple(dict.fromkeys(mark for mark in marks if mark.label))
