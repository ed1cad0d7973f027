"""What can be told of a sentence by exact rules, whatever it means.

Free prose is judged for its meaning elsewhere. Here stands what no judge has a say in: the form of
the sentence, its numbers with their subjects, its names, what it says of runs, its language. No
rule compares words, so that no true paraphrase is refused for its wording.
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
_QUOTED = re.compile("“[^”]*”")
_WORDS_THAT_TELL = 6
#: Languages whose small words are so alike that one passes for another.
_ALIKE = (
    frozenset({"es", "pt", "it", "fr", "ro"}),
    frozenset({"de", "nl", "da", "no", "sv"}),
    frozenset({"ru", "uk", "bg"}),
    frozenset({"cs", "pl"}),
    frozenset({"zh", "ja"}),
)


def faults(text: str, cited: Sequence[Source], context: Context) -> list[Fault]:
    """What is wrong with one sentence, whatever it means; empty where nothing is."""
    return list(_faults(text, tuple(cited), context))


@lru_cache(maxsize=256)  # a sentence is checked as it streams in, and again as part of the whole
def _faults(text: str, cited: tuple[Source, ...], context: Context) -> tuple[Fault, ...]:
    if not any(map(str.isalnum, text)):
        return (Fault("nothing said", "is empty"),)
    if not cited:
        return (Fault("no source", "rests on no fact and no measurement"),)
    if any(text == source.text for source in cited):
        return ()  # the program's own words
    source_text = " ".join(source.text for source in cited)
    if wrong := tuple(faults_of_form(text, source_text, context.question)):
        return wrong  # what hides its letters is read no further
    own = _own_words(text, cited)
    names = dict.fromkeys((*context.names, *(name for s in cited for name in s.names)))
    vocabulary = Vocabulary(
        (*(source.text for source in cited), context.question, "\n".join(names))
    )
    return (
        *_names(text, vocabulary, context),
        *_numbers(own, cited, vocabulary, context),
        *_runs(own, cited, context),
        *_language(own, context),
    )


def _own_words(text: str, cited: Sequence[Source]) -> str:
    """What is left without the sentences that stand in a source, which are in English."""
    for quoted in {s.strip(" .") for one in cited for s in _SENTENCE_END.split(one.text)} - {""}:
        text = re.sub(rf"(?<!\w){re.escape(quoted)}(?!\w)", " ", text)
    return text


def _names(text: str, vocabulary: Vocabulary, context: Context) -> Iterator[Fault]:
    if has_lookalike(text, vocabulary):
        yield Fault("unsafe characters", "spells a name in letters of another alphabet")
    if names := foreign_names(text, vocabulary, context.language):
        listing = ", ".join(names)[:200]
        yield Fault("foreign name", f"names what its sources do not: {listing}")


def _numbers(
    text: str, cited: Sequence[Source], vocabulary: Vocabulary, context: Context
) -> Iterator[Fault]:
    numbers = numbers_of(text, cited, vocabulary, context, range(2, len(cited) + 1))
    if wrong := [stray.text for stray in numbers.strays]:
        listing = ", ".join(dict.fromkeys(wrong))[:200]
        yield Fault("wrong number", f"holds numbers that its sources do not, or not so: {listing}")
    elif numbers.misplaced:
        listing = "; ".join(dict.fromkeys(numbers.misplaced))[:200]
        yield Fault("number of another subject", f"its sources do not say {listing}")


class Stray(NamedTuple):
    """A number of a sentence that none of its sources holds."""

    text: str
    """As written, with its unit."""
    binding: Binding


class Numbers(NamedTuple):
    """The numbers of a sentence held against those of its sources."""

    own: Subjects
    """What the sentence says of which subject."""
    strays: tuple[Stray, ...]
    misplaced: tuple[str, ...]
    """Those that its sources hold of another subject, in words."""
    sources: tuple[Subjects, ...]
    """What each source says of which subject."""


def numbers_of(
    text: str,
    cited: Sequence[Source],
    vocabulary: Vocabulary,
    context: Context,
    counts: Iterable[int] = (),
) -> Numbers:
    """Hold the numbers of a sentence against its sources.

    Args:
        vocabulary: the names that it may have.
        counts: small numbers in words that need no source, beside the lengths of lists.
    """
    language = context.language
    lettered = vocabulary.lettered
    text, *texts = _without_quotations(text, cited)
    masked = _masked(text, lettered)
    masked_question = _masked(context.question, lettered)
    systems = frozenset(name.casefold() for source in cited for name in source.names)
    own = subjects(text, masked, language, systems)
    theirs = [subjects(one, _masked(one, lettered), "en", systems, True) for one in texts]
    admissible = [binding.quantity for source in theirs for binding in source.bindings]
    admissible += [*quantities(masked_question, context.language), *quantities(masked_question)]
    list_lengths = {*counts, *lengths_of_lists(text, joints(language))}
    for one, source in zip(texts, theirs, strict=True):
        list_lengths |= {len(source.names), *lengths_of_lists(one, joints("en"))}
    strays = [
        Stray(masked[q.start : q.end].strip(), binding)
        for binding in own.bindings
        for q in [binding.quantity]
        if not _stands(q, admissible) and not is_listed(q, list_lengths)
    ]
    misplaced = wrong_subjects(own, theirs, language)
    return Numbers(own, tuple(strays), tuple(misplaced), tuple(theirs))


def _without_quotations(text: str, cited: Sequence[Source]) -> list[str]:
    """The sentence, then its sources, with blanks for the words of the picture that they quote.

    What is written in a picture may hold any number, and supports none outside its quotation.
    """
    texts = [text, *(source.text for source in cited)]
    for quoted in {q for s in cited if s.is_measured for q in _QUOTED.findall(s.text)}:
        texts = [one.replace(quoted, " " * len(quoted)) for one in texts]
    return texts


def _stands(quantity: Quantity, admissible: Sequence[Quantity]) -> bool:
    matches = any(equal(quantity, other) or is_rounded(quantity, other) for other in admissible)
    return matches or is_ratio(quantity, admissible)


def _masked(text: str, names: frozenset[str]) -> str:
    """The text with blanks in the place of names that hold digits, so that places stay."""
    if not names:
        return text
    either = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    pattern = re.compile(rf"(?<![A-Za-z0-9_])(?:{either})(?![0-9])", re.IGNORECASE)
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _runs(text: str, cited: Sequence[Source], context: Context) -> Iterator[Fault]:
    language = context.language
    text = _without_quotations(text, cited)[0]
    for sentence in _SENTENCE_END.split(text):
        sentence_language = "en" if detect(sentence) == "en" else language
        if is_first_person(sentence, language) or is_first_person(sentence, sentence_language):
            yield Fault("first person", "speaks of its writer; tell of the system instead")
            break
    if not any(source.is_measured for source in cited) and claims_a_run(text, language):
        detail = "says that something was run, measured or seen, and rests on no measurement"
        yield Fault("run that is not in evidence", detail)


def _language(text: str, context: Context) -> Iterator[Fault]:
    for sentence in _SENTENCE_END.split(text):
        if len(re.findall(r"[^\W\d_]+", sentence)) < _WORDS_THAT_TELL:
            continue
        sentence_language = detect(sentence)
        alike = any({sentence_language, context.language} <= group for group in _ALIKE)
        if sentence_language not in (context.language, UNKNOWN) and not alike:
            yield Fault("another language", f"is not in the language {context.language}")
            return
