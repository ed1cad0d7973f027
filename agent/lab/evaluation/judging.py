"""Evaluation of a language model as judge of whether statements follow from facts.

It judges them like the sentences of an answer: with the same prompt, several at a time, and an
unusable reply leaves them unjudged. The results of the exact checks, which need no model, are
given for comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent import registry as registries
from agent.errors import ConfigError, InputError
from agent.lab.evaluation.jsonl import read
from agent.lab.evaluation.swaps import SwapRates, passes_exact_checks, rates, swaps
from agent.llm import LanguageModel, Refused, Unusable
from agent.llm.author.draft import Judgement, Judgements, Sentence
from agent.llm.author.judging import by_number, judging_prompt, unjudged
from agent.llm.author.material import lines_of
from agent.llm.author.review import Passage, exact_faults, passage
from agent.llm.author.sources import Context, Source
from agent.question.language import UNKNOWN, detect
from agent.question.names import names_of
from agent.registry import Registry
from agent.settings import NO_JUDGE, Settings
from agent.text import visible

Label = Literal["supported", "unsupported"]
Verdict = Literal["entailed", "partly", "contradicted", "not judged"]
LABELS: tuple[Label, ...] = ("supported", "unsupported")
VERDICTS: tuple[Verdict, ...] = ("entailed", "partly", "contradicted", "not judged")
_AT_ONCE = 10
"""Number of statements per call, about as many as an answer has sentences."""


class Statement(BaseModel):
    """A sentence with facts and a label that says whether it follows from them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    facts: tuple[str, ...] = Field(min_length=1)
    """Ids of facts, `card/name`."""
    label: Label
    kind: str
    """How it differs from its facts, such as `wrong-number`; results are grouped by it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results for one statement."""

    statement: Statement
    verdict: Verdict
    missing: str
    """What the facts lack according to the judge."""
    faults: tuple[str, ...]
    """Kinds of fault found by the exact checks."""

    @property
    def is_judged_right(self) -> bool:
        """Whether the judge is right; an unjudged statement does not count as right."""
        if self.statement.label == "supported":
            return self.verdict == "entailed"
        return self.verdict in ("partly", "contradicted")

    @property
    def is_checked_right(self) -> bool:
        """Whether the exact checks alone are right."""
        return (not self.faults) == (self.statement.label == "supported")

    @property
    def passes(self) -> bool:
        """Whether it would reach a reader."""
        return self.verdict == "entailed" and not self.faults

    def to_dict(self) -> dict[str, Any]:
        own = {"verdict": self.verdict, "missing": self.missing, "exact_checks": list(self.faults)}
        return self.statement.model_dump(mode="json") | own


@dataclass(frozen=True, slots=True)
class JudgeQuality:
    """The results of a judge and of the exact checks for all statements."""

    judge: str
    outcomes: Sequence[Outcome]

    @property
    def matrix(self) -> dict[Label, dict[Verdict, int]]:
        """Return the number of statements by label and verdict."""
        counts = Counter((one.statement.label, one.verdict) for one in self.outcomes)
        return {label: {v: counts[label, v] for v in VERDICTS} for label in LABELS}

    @property
    def wrong(self) -> list[Outcome]:
        """Return the statements on which the judge is wrong."""
        return [one for one in self.outcomes if not one.is_judged_right]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "judge": self.judge,
            "statements": len(self.outcomes),
            "matrix": self.matrix,
            "labels": {label: _counts(outcomes) for label, outcomes in self._by_label()},
            "kinds": [
                {"label": label, "kind": kind, **_counts(outcomes)}
                for label, kind, outcomes in self._by_kind()
            ],
            "wrong": [one.to_dict() for one in self.wrong],
        }

    def to_table(self) -> str:
        """Return lines for a terminal: the matrix, shares by kind, then the errors."""
        lines = [f"{len(self.outcomes)} statements judged by {visible(self.judge)}", ""]
        lines.append(f"{'label':13}" + "".join(f"{verdict:>14}" for verdict in VERDICTS))
        for label, row in self.matrix.items():
            lines.append(f"{label:13}" + "".join(f"{number:14}" for number in row.values()))
        heads = ("judge right", "exact right", "passes both")
        lines += ["", f"{'kind':36}{'n':>5}" + "".join(f"{head:>14}" for head in heads)]
        for label, kind, outcomes in self._by_kind():
            lines.append(_row(f"{label}: {visible(kind)}", outcomes))
        lines += [_row(f"{label}: all", outcomes) for label, outcomes in self._by_label()]
        for one in self.wrong:
            why = f" ({visible(one.missing)})" if one.missing else ""
            lines += ["", f"WRONG {one.statement.label} ({visible(one.statement.kind)}), judged "]
            lines[-1] += f"{one.verdict}{why}: {visible(one.statement.text)}"
        return "\n".join(lines)

    def _by_label(self) -> Iterator[tuple[Label, list[Outcome]]]:
        for label in LABELS:
            yield label, [one for one in self.outcomes if one.statement.label == label]

    def _by_kind(self) -> Iterator[tuple[Label, str, list[Outcome]]]:
        for label, outcomes in self._by_label():
            for kind in dict.fromkeys(one.statement.kind for one in outcomes):
                yield label, kind, [one for one in outcomes if one.statement.kind == kind]


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        "statements": len(outcomes),
        "judge_right": sum(one.is_judged_right for one in outcomes),
        "exact_checks_right": sum(one.is_checked_right for one in outcomes),
        "pass_both": sum(one.passes for one in outcomes),
    }


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    total, *rest = _counts(outcomes).values()
    return f"{name:36}{total:5}" + "".join(f"{number:14}" for number in rest)


def evaluate(
    path: Path, settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> JudgeQuality:
    """Let the model that judges answers judge the statements of a file.

    Args:
        path: JSON lines with the keys of `Statement`.

    Raises:
        ConfigError: if no model is named, or it cannot be set up.
        InputError: for a file or line that cannot be used, before anything is asked.
        ServiceError: if the judge cannot be reached; earlier replies are in the cache.
    """
    judge = _judge_of(settings)
    if judge is None:
        raise ConfigError("no judge is named; expected a language model, as --model PROVIDER:NAME")
    registry = registries.load(settings.registry, settings.cache)
    statements = list(read_statements(path, registry))
    return JudgeQuality(judge.client.name, judge_statements(statements, judge, registry, progress))


@dataclass(frozen=True, slots=True)
class SwapQuality:
    """Rates at which false variants of the registry's claims pass."""

    exact: SwapRates
    """Rates of the exact checks alone."""
    judge: str | None = None
    judged: SwapRates | None = None
    """Rates of both, if a judge is named."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        both = self.judged.to_dict() if self.judged else None
        return {"exact_checks": self.exact.to_dict(), "judge": self.judge, "with_judge": both}

    def to_table(self) -> str:
        """Lines for a terminal."""
        lines = ["exact checks alone", self.exact.to_table()]
        if self.judge and self.judged:
            lines += ["", f"exact checks and {visible(self.judge)}", self.judged.to_table()]
        return "\n".join(lines)


def evaluate_swaps(
    settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> SwapQuality:
    """Test false variants of the registry's claims by the exact checks, then by a judge.

    Raises:
        ConfigError: if the named model cannot be set up.
        ServiceError: if the judge cannot be reached; earlier replies are in the cache.
    """
    judge = _judge_of(settings)
    registry = registries.load(settings.registry, settings.cache)
    variants = swaps(registry)
    passes = passes_exact_checks(registry)
    passing = [swap for swap in variants if passes(swap)]
    exact = rates(variants, set(passing).__contains__)
    if judge is None:
        return SwapQuality(exact)
    statements = [
        Statement(text=swap.text, facts=(swap.claim,), label="unsupported", kind=swap.kind)
        for swap in passing
    ]
    outcomes = judge_statements(statements, judge, registry, progress)
    believed = {s for s, one in zip(passing, outcomes, strict=True) if one.verdict == "entailed"}
    return SwapQuality(exact, judge.client.name, rates(variants, believed.__contains__))


def _judge_of(settings: Settings) -> LanguageModel | None:
    """Return the model that judges answers; None if none is named."""
    if settings.judge == NO_JUDGE:
        return None
    return LanguageModel.open(replace(settings, model=settings.judge or settings.model, judge=None))


def read_statements(path: Path, registry: Registry) -> Iterator[Statement]:
    """Read the statements of a file.

    Raises:
        InputError: for a line that does not fit, or names a fact that does not exist.
    """
    empty = True
    for number, line in read(path, ("text", "label", "kind")):
        empty = False
        place = f"{visible(str(path))}:{number}"
        try:
            statement = Statement.model_validate(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(f"{place}: {where!r} does not fit: {first['msg']}") from None
        for fact in statement.facts:
            card = fact.partition("/")[0]
            if card not in registry or fact not in registry[card].facts():
                raise InputError(f"{place}: there is no fact {fact!r} in the registry")
        yield statement
    if empty:
        raise InputError(f"{visible(str(path))}: has no statements; expected one per line")


def judge_statements(
    statements: Sequence[Statement],
    judge: LanguageModel,
    registry: Registry,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Apply the judge and the exact checks to statements, in order.

    Raises:
        ServiceError: if the judge cannot be reached.
    """
    outcomes: dict[int, Outcome] = {}
    calls = -(-len(statements) // _AT_ONCE)
    for call in range(calls):
        progress(f"call {call + 1} of {calls}")
        # With a stride, so that in a file sorted by label no call has a single label.
        batch = dict(enumerate(statements[call::calls], 1))
        passages = _passages(batch, registry)
        judgements = _judgements(passages, judge, registry)
        for p in passages:
            judgement = judgements.get(p.number)
            outcomes[call + (p.number - 1) * calls] = Outcome(
                batch[p.number],
                judgement.verdict if judgement else "not judged",
                judgement.missing if judgement else "",
                _faults(p, registry),
            )
    return [outcomes[place] for place in sorted(outcomes)]


def _passages(statements: dict[int, Statement], registry: Registry) -> list[Passage]:
    """Turn the statements into sentences of an answer with shared sources."""
    facts = dict.fromkeys(fact for one in statements.values() for fact in one.facts)
    keys = {fact: f"F{i}" for i, fact in enumerate(facts, 1)}
    sources = {key: _source(key, fact, registry) for fact, key in keys.items()}
    passages = []
    for number, one in statements.items():
        sentence = Sentence(text=one.text, kind="fact", sources=[keys[fact] for fact in one.facts])
        passages.append(passage(number, "details", sentence, sources))
    return passages


def _source(key: str, fact: str, registry: Registry) -> Source:
    card = registry[fact.partition("/")[0]]
    return Source(key, card.facts()[fact], (fact,), names=names_of(card))


def _judgements(
    passages: Sequence[Passage], judge: LanguageModel, registry: Registry
) -> dict[int, Judgement]:
    """Return the judgements by number; empty if the judge refuses or gives no usable reply."""
    sources = dict.fromkeys(source for p in passages for source in p.sources)
    prompt = judging_prompt(judge.prompts, passages, lines_of([*sources], registry))

    def problems(reply: Judgements) -> list[str]:
        return [fault.detail for fault in unjudged(reply, passages)]

    try:
        return dict(by_number(judge.structured_reply(prompt, Judgements, problems)))
    except (Refused, Unusable):
        return {}


def _faults(p: Passage, registry: Registry) -> tuple[str, ...]:
    language = detect(p.text)
    names = sorted({name for card in registry.cards() for name in names_of(card)})
    context = Context("", "en" if language == UNKNOWN else language, tuple(names))
    return tuple(dict.fromkeys(fault.kind for fault in exact_faults(p, context)))
