"""The review of a draft, sentence by sentence: exact checks, then meaning.

A sentence that fails is rewritten once. If it fails again, it is replaced by the text of its source
or dropped; the rest of the draft is not affected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agent.llm.author import exact
from agent.llm.author.draft import Correction, Draft, Judgement, Kind, Sentence
from agent.llm.author.faults import Fault
from agent.llm.author.faults import Kind as FaultKind
from agent.llm.author.material import QUESTION
from agent.llm.author.sources import Context, Source

Part = Literal["task", "answer", "steps", "details"]
Outcome = Literal["judged", "unjudged", "quoted", "replaced", "dropped"]
"""Outcome of a sentence: supported according to the judge; not judged; a quotation of its source;
replaced by its source; left out."""


@dataclass(frozen=True)
class Passage:
    """A sentence of a draft with its position."""

    number: int
    part: Part
    text: str
    kind: Kind
    sources: tuple[Source, ...]
    unknown: tuple[str, ...] = ()
    """Keys of sources that do not exist."""
    stage: Literal["input", "model", "output"] | None = None
    """Stage of a step; None for other sentences."""

    @property
    def line(self) -> str:
        """The sentence formatted for prompts."""
        keys = ", ".join(source.key for source in self.sources)
        return f"{self.number} ({self.kind}; {keys or 'no source'}): {self.text}"


Judge = Callable[[Sequence[Passage]], Mapping[int, Judgement]]
"""Judges sentences; returns judgements by number, without those that could not be judged."""
Corrector = Callable[[Mapping[Passage, Sequence[Fault]]], Mapping[int, Correction]]
"""Requests corrections of failed sentences, given their faults."""


def passages_of(draft: Draft, by_key: Mapping[str, Source]) -> list[Passage]:
    """Number the sentences of a draft in order, from 1; the task, which has no facts, is 0."""
    task = Sentence(text=draft.task, kind="fact", sources=[QUESTION])
    parts: tuple[tuple[Part, Sequence[Sentence]], ...] = (
        ("task", [task]),
        ("answer", draft.answer),
        ("steps", draft.steps),
        ("details", draft.details),
    )
    every = [(part, sentence) for part, sentences in parts for sentence in sentences]
    return [passage(i, part, sentence, by_key) for i, (part, sentence) in enumerate(every)]


def passage(number: int, part: Part, sentence: Sentence, by_key: Mapping[str, Source]) -> Passage:
    keys = dict.fromkeys(sentence.sources)
    return Passage(
        number=number,
        part=part,
        text=" ".join(sentence.text.split()),
        kind=sentence.kind,
        sources=tuple(by_key[key] for key in keys if key in by_key),
        unknown=tuple(key for key in keys if key not in by_key),
        stage=getattr(sentence, "stage", None),
    )


@dataclass
class Review:
    """Runs drafts through the checks, and counts the outcomes of their sentences."""

    context: Context
    judge: Judge | None
    """None if meaning is not checked."""
    correct: Corrector
    on_pass: Callable[[Passage], None] = lambda _: None
    """Called with every sentence that passes."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    rejected: Counter[FaultKind] = field(default_factory=Counter)

    def __call__(self, passages: Sequence[Passage], by_key: Mapping[str, Source]) -> list[Passage]:
        """Return the sentences that the answer may use, in order."""
        passed, failed = self._check(passages)
        correctable = {p: faults for p, faults in failed.items() if not _is_unjudged(faults)}
        if correctable:
            corrections = self.correct(correctable)
            again = [
                _with_correction(p, corrections[p.number], by_key)
                for p in correctable
                if p.number in corrections and corrections[p.number].text.strip()
            ]
            passed |= self._check(again)[0]
        used_keys = {source.key for p in passed.values() for source in p.sources}
        for p in passages:
            if p.number not in passed and (quotation := _quotation(p, used_keys)):
                passed[p.number] = quotation
                used_keys.add(quotation.sources[0].key)
                self._accept(quotation, "replaced")
        self.outcomes["dropped"] += len(passages) - len(passed)
        return [passed[number] for number in sorted(passed)]

    def _check(
        self, passages: Sequence[Passage]
    ) -> tuple[dict[int, Passage], dict[Passage, Sequence[Fault]]]:
        """Return the passages that pass, by number, and those that fail, with their faults."""
        passed: dict[int, Passage] = {}
        failed: dict[Passage, Sequence[Fault]] = {}
        to_judge = []
        for p in passages:
            if faults := exact_faults(p, self.context):
                failed[p] = faults
            elif _is_quotation(p):
                passed[p.number] = p
                self._accept(p, "quoted")
            else:
                to_judge.append(p)
        judgements = self.judge(to_judge) if self.judge and to_judge else {}
        for p in to_judge:
            if self.judge and (fault := _fault_of(judgements.get(p.number))):
                failed[p] = [fault]
            else:
                passed[p.number] = p
                self._accept(p, "judged" if self.judge else "unjudged")
        self.rejected.update(fault.kind for faults in failed.values() for fault in faults)
        return passed, failed

    def _accept(self, passage: Passage, outcome: Outcome) -> None:
        self.outcomes[outcome] += 1
        self.on_pass(passage)


def exact_faults(p: Passage, context: Context) -> list[Fault]:
    """List the exact faults of a sentence."""
    unknown = [Fault("unknown source", f"there is no source {key[:40]!r}") for key in p.unknown]
    if p.part != "task" and any(source.key == QUESTION for source in p.sources):
        unknown.append(Fault("unknown source", "the question is not a source"))
    return [*unknown, *exact.faults(p.text, p.sources, context)]


def _fault_of(judgement: Judgement | None) -> Fault | None:
    if judgement is None:
        return Fault("not judged", "was not judged")
    if judgement.verdict == "entailed":
        return None
    why = judgement.missing.strip()[:300] or "says more than its sources"
    return Fault("not supported by its sources", f"{judgement.verdict} supported: {why}")


def _is_unjudged(faults: Iterable[Fault]) -> bool:
    return all(fault.kind == "not judged" for fault in faults)


def _is_quotation(p: Passage) -> bool:
    return any(p.text == source.text for source in p.sources)


def _with_correction(p: Passage, correction: Correction, by_key: Mapping[str, Source]) -> Passage:
    return replace(passage(p.number, p.part, correction, by_key), stage=p.stage)


def _quotation(p: Passage, used_keys: set[str]) -> Passage | None:
    """Quote the first source of a sentence that has not been used yet; None if there is none."""
    if p.part == "task":
        return None
    fresh = (s for s in p.sources if s.key not in used_keys and s.key != QUESTION)
    source = next(fresh, None)
    return replace(p, text=source.text, kind="fact", sources=(source,)) if source else None
