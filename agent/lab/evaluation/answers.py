"""Evaluation of answers to everyday questions: right system, answer first, short, or declined.

A file of questions states what an expert would have to say first. Each question is asked without
pictures and without a language model, and four things are judged: whether the direct answer is
about a right system, whether it contains what it must and nothing that it must not, whether the
text before the references is as short as its kind requires, and whether it declines exactly when
it should.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.answer.shape import SHAPES
from agent.errors import InputError
from agent.lab.evaluation.jsonl import read
from agent.pipeline import Agent
from agent.question.parse import parse
from agent.registry import Registry
from agent.report.outline import Outline, outline
from agent.settings import Settings
from agent.text import visible
from agent.types import PROGRAM, Intent, Question, Report, question_from

Kind = Literal[Intent, "several"]
KINDS: tuple[Kind, ...] = (*SHAPES, "several")
MEASURES = ("card", "opening", "length", "abstention")
_ALL = "all"


class Case(BaseModel):
    """A question with the requirements for a good answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    id: str = ""
    """The number of its line by default."""
    kind: Kind | None = None
    """None for the kind that the program detects."""
    cards: tuple[str, ...] = ()
    """Ids of the cards that may answer it; empty if that is not judged."""
    lead_must: tuple[tuple[str, ...], ...] = ()
    """Groups of words; one of each must occur in the direct answer, at the start of a word."""
    lead_must_not: tuple[str, ...] = ()
    """Words that must not occur in the direct answer or the task."""
    answers: bool | None = None
    """Whether there is an answer; None if that follows from other requirements."""

    @property
    def is_answerable(self) -> bool:
        return bool(self.cards or self.lead_must) if self.answers is None else self.answers


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one question."""

    id: str
    question: str
    kind: Kind
    faults: Mapping[str, str]
    """Faults by measure; empty if it is right, missing if it is not judged."""

    @property
    def passed(self) -> bool:
        return not any(self.faults.values())


@dataclass(frozen=True, slots=True)
class Share:
    right: int
    judged: int

    @property
    def value(self) -> float:
        """In [0, 1]; 1 if nothing was judged."""
        return self.right / self.judged if self.judged else 1.0

    def __str__(self) -> str:
        return f"{self.right}/{self.judged} {self.value:.2f}" if self.judged else "–"


@dataclass(frozen=True, slots=True)
class AnswerQuality:
    """Results for all questions."""

    outcomes: Sequence[Outcome]

    def shares(self, kind: str = _ALL) -> dict[str, Share]:
        """Return the share that is right by each measure, and by all, for a kind of question."""
        outcomes = [one for one in self.outcomes if kind in (_ALL, one.kind)]
        shares = {}
        for measure in MEASURES:
            faults = [one.faults[measure] for one in outcomes if measure in one.faults]
            shares[measure] = Share(faults.count(""), len(faults))
        return shares | {_ALL: Share(sum(one.passed for one in outcomes), len(outcomes))}

    @property
    def failures(self) -> list[Outcome]:
        return [one for one in self.outcomes if not one.passed]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "questions": len(self.outcomes),
            "kinds": {
                kind: {
                    name: {"right": share.right, "judged": share.judged, "share": share.value}
                    for name, share in self.shares(kind).items()
                }
                for kind in self._kinds()
            },
            "failures": [
                {
                    "id": one.id,
                    "question": one.question,
                    "kind": one.kind,
                    "faults": {name: fault for name, fault in one.faults.items() if fault},
                }
                for one in self.failures
            ],
        }

    def to_table(self) -> str:
        """Return lines for a terminal: shares by kind and measure, then the faults."""
        names = (*MEASURES, _ALL)
        lines = [f"{'kind':10}" + "".join(f"{name:>14}" for name in names)]
        for kind in self._kinds():
            shares = self.shares(kind)
            lines.append(f"{kind:10}" + "".join(f"{shares[name]!s:>14}" for name in names))
        for one in self.failures:
            lines += ["", f"{visible(one.id)} ({one.kind}): {visible(one.question)}"]
            lines += [f"  {name}: {visible(fault)}" for name, fault in one.faults.items() if fault]
        return "\n".join(lines)

    def _kinds(self) -> list[str]:
        kinds = {one.kind for one in self.outcomes}
        return [*(kind for kind in KINDS if kind in kinds), _ALL]


def evaluate(
    questions: Path, settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> AnswerQuality:
    """Ask all questions of a file, without pictures and without a language model.

    Args:
        questions: JSON lines with the keys of `Case`.

    Raises:
        InputError: for a file or line that cannot be used, before anything is asked.
    """
    agent = Agent(replace(settings, model=None))
    cases = list(read_questions(questions, agent.registry))
    outcomes = []
    for number, (one, question) in enumerate(cases, 1):
        progress(f"question {number} of {len(cases)}")
        outcomes.append(judge(one, agent.ask(question)))
    return AnswerQuality(outcomes)


def read_questions(path: Path, registry: Registry) -> Iterator[tuple[Case, Question]]:
    """Read the questions of a file.

    Raises:
        InputError: for a line that does not fit, or names a card that does not exist.
    """
    empty = True
    for number, line in read(path, ("question",)):
        empty = False
        place = f"{visible(str(path))}:{number}"
        try:
            one = Case.model_validate({"id": f"line {number}", **line})
            question = question_from(one.question)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(f"{place}: {where!r} does not fit: {first['msg']}") from None
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        for card in one.cards:
            if card not in registry and card != PROGRAM:
                raise InputError(f"{place}: there is no card {card!r} in the registry")
        yield one, question
    if empty:
        raise InputError(f"{visible(str(path))}: has no questions; expected one per line")


# --- judging one answer -----------------------------------------------------------------------


def judge(case: Case, report: Report) -> Outcome:
    """Judge an answer by the requirements."""
    content = outline(report)
    faults = {"length": _length_fault(case, report, content)}
    if case.cards:
        faults["card"] = _card_fault(case, report)
    if case.lead_must or case.lead_must_not:
        faults["opening"] = _opening_fault(case, content)
    faults["abstention"] = _abstention_fault(case, report)
    kind: Kind = case.kind or ("several" if report.parsed.parts else report.parsed.intent)
    return Outcome(case.id, case.question, kind, faults)


def _card_fault(case: Case, report: Report) -> str:
    card = next(_cards(report), "no system")
    return "" if card in case.cards else f"is about {card}, expected {' or '.join(case.cards)}"


def _cards(report: Report) -> Iterator[str]:
    """Yield the cards that the direct answer cites, then those that match, best first."""
    for statement in report.answer.statements:
        if statement.section == "answer":
            yield from (fact.partition("/")[0] for fact in statement.claims)
    yield from (match.card for match in report.matches)


def _opening_fault(case: Case, content: Outline) -> str:
    task = " ".join(sentence.text for sentence in content.task)
    opening = " ".join(_opening(content)) or " ".join((task, *(s.text for s in content.limits)))
    lacking = [group for group in case.lead_must if not _any_in(group, opening)]
    wrong = [words for words in case.lead_must_not if _any_in([words], f"{opening} {task}")]
    faults = [f"lacks {' or '.join(map(repr, group))}" for group in lacking]
    faults += [f"says {words!r}" for words in wrong]
    return f"{', '.join(faults)}: {opening}" if faults else ""


def _opening(content: Outline) -> Iterator[str]:
    """Yield the direct answer, or why there is none, with its table and listing."""
    yield from (sentence.text for sentence in content.answer)
    yield from (f"{label}: {sentence.text}" for label, sentence in content.table)
    if content.listing:
        yield content.listing


def _any_in(alternatives: Iterable[str], text: str) -> bool:
    """Check whether any of several wordings occurs in a text at the beginning of a word.

    Numbers only count as a whole: 26 occurs neither in 1.26 nor in 26.5.
    """
    folded = " ".join(text.split()).casefold()
    return any(re.search(_pattern(words.casefold()), folded) for words in alternatives)


def _pattern(words: str) -> str:
    before = r"(?<!\w)(?<!\d[.,])" if words[:1].isdigit() else r"(?<!\w)"
    after = r"(?![.,]?\d)" if words[-1:].isdigit() else ""
    return (before if words[:1].isalnum() else "") + re.escape(words) + after


def _length_fault(case: Case, report: Report, content: Outline) -> str:
    words, most = len(" ".join(_before_references(content)).split()), _most_words(case, report)
    return "" if words <= most else f"has {words} words before the references, at most {most}"


def _most_words(case: Case, report: Report) -> int:
    if case.kind and case.kind != "several":
        return SHAPES[case.kind].words
    parts = report.parsed.parts
    intents = [parse(part).intent for part in parts] or [report.parsed.intent]
    return sum(SHAPES[intent].words for intent in intents)


def _before_references(content: Outline) -> Iterator[str]:
    yield content.note
    yield from _opening(content)
    sentences = [*content.task, *content.flow, *content.further]
    for step in (step for way in content.ways for step in way.steps):
        sentences += [step.sentence, *step.explained]
    for group in content.complementary:
        sentences += group
    yield from (sentence.text for sentence in sentences)


def _abstention_fault(case: Case, report: Report) -> str:
    """Return the fault in declining, if any; asking for a missing picture does not count."""
    waits = report.abstention is not None and report.abstention.reason == "needs_image"
    declines = report.answer.status == "cannot_answer" and not waits
    if declines == case.is_answerable:
        return "declines what has an answer" if declines else "answers what has no answer"
    return ""
