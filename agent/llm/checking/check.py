"""The check of a text, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.errors import InputError
from agent.llm.author.exact import Numbers
from agent.llm.author.sources import Context, Source
from agent.llm.checking import problems
from agent.llm.checking.nearness import Finder, publications, vocabulary_of
from agent.llm.checking.passages import Passage, passages
from agent.llm.checking.problems import Sentence
from agent.llm.checking.record import CheckedSentence, CheckedText, Problem, Verdict, totals_of
from agent.question.language import UNKNOWN, detect
from agent.question.parse import parse
from agent.question.quantities import equal
from agent.registry import Registry
from agent.search import Index
from agent.types import Report

MAX_CHARACTERS = 200_000
MAX_SENTENCES = 2_000
_TELLING = 5_000
"""Number of characters from which the language of a text is detected."""


def check_text(
    text: str, registry: Registry, index: Index, question: str = "", report: Report | None = None
) -> CheckedText:
    """Check a text, Markdown or plain, against a registry.

    Args:
        index: the index of the registry.
        question: the question that the text answers; the text may repeat its numbers and names.
        report: a report with runs that the text may describe; its question counts as well.

    Raises:
        InputError: if the text has more than `MAX_CHARACTERS` or `MAX_SENTENCES`.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"the text has {len(text):,} characters; expected at most {MAX_CHARACTERS:,}, so "
            "check it in parts"
        )
    pieces = passages(text)
    if len(pieces) > MAX_SENTENCES:
        raise InputError(
            f"the text has {len(pieces):,} sentences; expected at most {MAX_SENTENCES:,}, so check "
            "it in parts"
        )
    checker = _Checker(text, registry, index, question, report)
    sentences = tuple(map(checker.sentence, pieces))
    return CheckedText(
        sentences=sentences,
        totals=totals_of(sentences),
        registry_sha256=registry.sha256,
        retrieval=index.mode,
    )


class _Checker:
    """Checks the sentences of one text, in order."""

    def __init__(
        self, text: str, registry: Registry, index: Index, question: str, report: Report | None
    ) -> None:
        measurements = tuple(_measurements(report)) if report else ()
        self._ran = frozenset(
            run.card for run in (report.runs if report else ()) if run.status == "ran" and run.card
        )
        self._question = "\n".join(filter(None, (question, report.question.text if report else "")))
        self._others = (self._question, *(source.text for source in measurements))
        self._finder = Finder(registry, index, measurements)
        language = detect(text[:_TELLING])
        self._language = "en" if language == UNKNOWN else language

    def sentence(self, passage: Passage) -> CheckedSentence:
        language = detect(passage.words)
        language = self._language if language == UNKNOWN else language
        near = self._finder(passage.words, language)
        linked = self._finder.linked(passage.text)
        if not near.facts:  # names of authors obscure the similarity of a sentence about a paper
            near = replace(near, facts=publications(passage.text, (*near.cards, *linked)))
        vocabulary = vocabulary_of(near.cards, self._others)
        context = Context(self._question, language)
        sentence = Sentence(passage, near, linked, vocabulary, self._ran, context)
        numbers = problems.check_numbers(sentence)
        evidence = tuple(_bearing_out(numbers, near.sources))
        issues = list(_problems(sentence, numbers))
        if not (issues or near.facts or evidence) and near.matchable and _states(passage):
            issues += problems.no_fact(sentence)
        verdict = _verdict(sentence, numbers, issues, bool(evidence))
        facts = _facts(verdict, sentence, numbers)
        return CheckedSentence(
            text=passage.text,
            verdict=verdict,
            cards=tuple(dict.fromkeys(fact.partition("/")[0] for fact in facts)),
            facts=facts,
            evidence=evidence if verdict == "consistent" else (),
            problems=tuple(issues),
        )


def _problems(sentence: Sentence, numbers: Numbers) -> Iterator[Problem]:
    yield from problems.characters(sentence)
    yield from problems.links(sentence)
    if sentence.passage.kind == "code":
        return
    yield from problems.names(sentence)
    if sentence.near.quoted:
        return
    if sentence.passage.kind != "heading":
        yield from problems.numbers(sentence, numbers)
    yield from problems.runs(sentence)


def _states(passage: Passage) -> bool:
    return passage.states and parse(passage.words).intent != "chat"


def _verdict(
    sentence: Sentence, numbers: Numbers, issues: list[Problem], borne_out: bool
) -> Verdict:
    kinds = {problem.kind for problem in issues}
    if "number" in kinds and (
        numbers.misplaced or any(problems.rival_of(s, sentence, numbers) for s in numbers.strays)
    ):
        return "contradicted"
    if kinds - {"no-fact"}:
        return "unsupported"
    if sentence.near.quoted:
        return "quoted"
    if kinds:
        return "unmatched"
    is_claim = sentence.passage.states or sentence.passage.kind == "row"
    return "consistent" if is_claim and (sentence.near.facts or borne_out) else "unchecked"


def _facts(verdict: Verdict, sentence: Sentence, numbers: Numbers) -> tuple[str, ...]:
    """Return the ids of the facts behind a verdict."""
    if verdict == "quoted" and sentence.near.quoted:
        return (sentence.near.quoted,)
    if verdict == "consistent":
        return sentence.near.facts
    if verdict != "contradicted":
        return ()
    rivals = (problems.rival_of(stray, sentence, numbers) for stray in numbers.strays)
    ids = dict.fromkeys(id for rival in rivals if rival for id in rival.claims)
    return tuple(ids) or sentence.near.facts


def _measurements(report: Report) -> Iterator[Source]:
    """Yield one source per measurement."""
    for i, item in enumerate(report.evidence, 1):
        text = f"{item.quantity}: {item.format()}, {item.measured_on}, {item.method}"
        yield Source(f"M{i}", text, evidence=(item.id,))


def _bearing_out(numbers: Numbers, sources: Sequence[Source]) -> Iterator[str]:
    """Yield the ids of measurements whose values are in a sentence."""
    quantities = [binding.quantity for binding in numbers.own.bindings]
    for source, split in zip(sources, numbers.sources, strict=True):
        if source.evidence and split.bindings:
            value = split.bindings[0].quantity
            if any(equal(one, value) for one in quantities):
                yield from source.evidence
