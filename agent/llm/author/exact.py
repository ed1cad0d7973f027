"""Exact checks of a sentence, independent of its meaning.

Meaning is judged elsewhere. These checks are final, whatever a judge says: form, numbers with their
subjects, names, claims of runs, language. No check compares wording, so that no true paraphrase is
refused for its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from agent.llm.author.faults import Fault
from agent.llm.author.figures import is_listed, is_ratio, lengths_of_lists
from agent.llm.author.foreign import Vocabulary, foreign_names, has_lookalike
from agent.llm.author.form import faults_of_form
from agent.llm.author.runs import claims_a_run, is_first_person
from agent.llm.author.sources import Context, Source
from agent.llm.author.subjects import Binding, Subjects, joints, subjects, wrong_subjects
from agent.question.language import UNKNOWN, detect
from agent.question.quantities import Quantity, equal, is_rounded, quantities

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_QUOTATION = re.compile("“[^”]*”")
_WORDS_THAT_TELL = 6
#: Languages whose function words are so similar that one may be detected as another.
_ALIKE = (
    frozenset({"es", "pt", "it", "fr", "ro"}),
    frozenset({"de", "nl", "da", "no", "sv"}),
    frozenset({"ru", "uk", "bg"}),
    frozenset({"cs", "pl"}),
    frozenset({"zh", "ja"}),
)


def faults(text: str, sources: Sequence[Source], context: Context) -> list[Fault]:
    """List the exact faults of one sentence."""
    return list(_faults(text, tuple(sources), context))


@lru_cache(maxsize=256)  # sentences are checked while streaming, and again as part of the whole
def _faults(text: str, sources: tuple[Source, ...], context: Context) -> tuple[Fault, ...]:
    if not any(map(str.isalnum, text)):
        return (Fault("nothing said", "is empty"),)
    if not sources:
        return (Fault("no source", "cites no fact and no measurement"),)
    if any(text == source.text for source in sources):
        return ()  # the program's own words
    source_text = " ".join(source.text for source in sources)
    if wrong := tuple(faults_of_form(text, source_text, context.question)):
        return wrong  # disguised letters make further checks useless
    own = _own_words(text, sources)
    names = dict.fromkeys((*context.names, *(name for s in sources for name in s.names)))
    vocabulary = Vocabulary(
        (*(source.text for source in sources), context.question, "\n".join(names))
    )
    return (
        *_names(text, vocabulary, context),
        *_numbers(own, sources, vocabulary, context),
        *_runs(own, sources, context),
        *_language(own, context),
    )


def _own_words(text: str, sources: Sequence[Source]) -> str:
    """Remove sentences quoted from a source, which are in English."""
    for quotation in {s.strip(" .") for one in sources for s in _SENTENCE_END.split(one.text)} - {
        ""
    }:
        text = re.sub(rf"(?<!\w){re.escape(quotation)}(?!\w)", " ", text)
    return text


def _names(text: str, vocabulary: Vocabulary, context: Context) -> Iterator[Fault]:
    if has_lookalike(text, vocabulary):
        yield Fault("unsafe characters", "spells a name with letters of another alphabet")
    if names := foreign_names(text, vocabulary, context.language):
        listing = ", ".join(names)[:200]
        yield Fault("foreign name", f"contains names that its sources do not: {listing}")


def _numbers(
    text: str, sources: Sequence[Source], vocabulary: Vocabulary, context: Context
) -> Iterator[Fault]:
    numbers = numbers_of(text, sources, vocabulary, context, range(2, len(sources) + 1))
    if wrong := [stray.text for stray in numbers.strays]:
        listing = ", ".join(dict.fromkeys(wrong))[:200]
        yield Fault("wrong number", f"contains numbers that its sources do not: {listing}")
    elif numbers.misplaced:
        listing = "; ".join(dict.fromkeys(numbers.misplaced))[:200]
        yield Fault("number of another subject", f"its sources do not say {listing}")


class Stray(NamedTuple):
    """A number in a sentence that none of its sources contains."""

    text: str
    """The number as written, with its unit."""
    binding: Binding


class Numbers(NamedTuple):
    """The numbers of a sentence compared with those of its sources."""

    own: Subjects
    """The values and subjects of the sentence."""
    strays: tuple[Stray, ...]
    misplaced: tuple[str, ...]
    """Numbers that the sources give for another subject, in words."""
    sources: tuple[Subjects, ...]
    """The values and subjects of each source."""


def numbers_of(
    text: str,
    sources: Sequence[Source],
    vocabulary: Vocabulary,
    context: Context,
    counts: Iterable[int] = (),
) -> Numbers:
    """Compare the numbers of a sentence with its sources.

    Args:
        vocabulary: the names that it may use.
        counts: small numbers in words that need no source, beside the lengths of lists.
    """
    language = context.language
    lettered = vocabulary.lettered
    text, *texts = _without_quotations(text, sources)
    masked_text = _mask(text, lettered)
    masked_question = _mask(context.question, lettered)
    systems = frozenset(name.casefold() for source in sources for name in source.names)
    own = subjects(text, masked_text, language, systems)
    theirs = [subjects(one, _mask(one, lettered), "en", systems, True) for one in texts]
    admissible = [binding.quantity for source in theirs for binding in source.bindings]
    admissible += [*quantities(masked_question, context.language), *quantities(masked_question)]
    list_lengths = {*counts, *lengths_of_lists(text, joints(language))}
    for one, source in zip(texts, theirs, strict=True):
        list_lengths |= {len(source.names), *lengths_of_lists(one, joints("en"))}
    strays = [
        Stray(masked_text[q.start : q.end].strip(), binding)
        for binding in own.bindings
        for q in [binding.quantity]
        if not _is_admissible(q, admissible) and not is_listed(q, list_lengths)
    ]
    misplaced = wrong_subjects(own, theirs, language)
    return Numbers(own, tuple(strays), tuple(misplaced), tuple(theirs))


def _without_quotations(text: str, sources: Sequence[Source]) -> list[str]:
    """Return the sentence, then its sources, with quotations from the picture blanked out.

    Text in a picture may contain any number, and supports none outside its quotation.
    """
    texts = [text, *(source.text for source in sources)]
    for quotation in {q for s in sources if s.is_measured for q in _QUOTATION.findall(s.text)}:
        texts = [one.replace(quotation, " " * len(quotation)) for one in texts]
    return texts


def _is_admissible(quantity: Quantity, admissible: Sequence[Quantity]) -> bool:
    matches = any(equal(quantity, other) or is_rounded(quantity, other) for other in admissible)
    return matches or is_ratio(quantity, admissible)


def _mask(text: str, names: frozenset[str]) -> str:
    """Blank out names with digits, so that positions stay the same."""
    if not names:
        return text
    either = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    pattern = re.compile(rf"(?<![A-Za-z0-9_])(?:{either})(?![0-9])", re.IGNORECASE)
    return pattern.sub(lambda match: " " * len(match[0]), text)


def _runs(text: str, sources: Sequence[Source], context: Context) -> Iterator[Fault]:
    language = context.language
    text = _without_quotations(text, sources)[0]
    for sentence in _SENTENCE_END.split(text):
        sentence_language = "en" if detect(sentence) == "en" else language
        if is_first_person(sentence, language) or is_first_person(sentence, sentence_language):
            yield Fault("first person", "speaks about its writer; write about the system instead")
            break
    if not any(source.is_measured for source in sources) and claims_a_run(text, language):
        detail = "says that something was run, measured or seen, but cites no measurement"
        yield Fault("run that is not in evidence", detail)


def _language(text: str, context: Context) -> Iterator[Fault]:
    for sentence in _SENTENCE_END.split(text):
        if len(re.findall(r"[^\W\d_]+", sentence)) < _WORDS_THAT_TELL:
            continue
        sentence_language = detect(sentence)
        alike = any({sentence_language, context.language} <= group for group in _ALIKE)
        if sentence_language not in (context.language, UNKNOWN) and not alike:
            yield Fault("another language", f"is not written in the language {context.language}")
            return
