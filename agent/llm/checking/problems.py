"""What the registry does not support in a sentence: links, numbers, names, runs, odd letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.answer.verify import references_of
from agent.llm.author.exact import Numbers, Stray, numbers_of
from agent.llm.author.foreign import Vocabulary, foreign_names, has_lookalike
from agent.llm.author.form import faults_of_form
from agent.llm.author.runs import claims_a_run, claims_own_run
from agent.llm.author.sources import Context, Source
from agent.llm.author.subjects import Binding
from agent.llm.checking.nearness import Nearness
from agent.llm.checking.passages import Passage
from agent.llm.checking.record import Problem, ProblemKind
from agent.question.names import models
from agent.references import references_in, without_references
from agent.report.single_line import plain
from agent.types import Card

_LONGEST_QUOTATION = 300
_MOST_SHOWN = 5
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,24}){1,4}")
#: Signs that a pair such as `owner/name` is a repository: a word beside it, or a character in it.
_ODD = re.compile(r"[\d._-]")
_HOST = re.compile(r"`|\b(?:git|github|gitlab|hugging ?face|repo|repository)\b", re.IGNORECASE)
#: Numbers that count parts of the text itself.
_OF_THE_TEXT = re.compile(
    r"\b(?:step|part|section|option|figure|fig\.?|table)\s\d{1,3}\b(?![.,]\d)|"
    r"\b(?:two|three|four|five|six)\s(?:[a-z]+\s)?"
    r"(?:reasons|ways|things|options|ideas|aspects|questions)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, and everything to check it against."""

    passage: Passage
    near: Nearness
    linked: tuple[Card, ...]
    """The cards whose links or papers the sentence cites."""
    vocabulary: Vocabulary
    """The names that the sentence may use."""
    ran: frozenset[str]
    """Ids of the cards that ran on a picture; the sentence may mention these runs."""
    context: Context

    @property
    def words(self) -> str:
        """The words of the sentence, without addresses and numbers that count parts of the text."""
        return _OF_THE_TEXT.sub(" ", without_references(self.passage.words))


def links(sentence: Sentence) -> Iterator[Problem]:
    """Yield links and papers that no card has, or that belong to systems it does not name."""
    text, near = sentence.passage.text, sentence.near
    for address in _MAIL.findall(text):
        yield _problem("link", f"{address} is not in the registry")
    for reference in sorted(references_in(_MAIL.sub(" ", text))):
        if reference.startswith("repo:") and _are_alternatives(reference[5:], sentence):
            continue
        cards = (*near.cards, *sentence.linked)
        owners = {card.name for card in cards if reference in references_of(card)}
        if not owners:
            own_links = _links_of(near.named_cards)
            yield _problem("link", f"{_readable(reference)} is not in the registry{own_links}")
        elif near.named_cards and owners.isdisjoint(card.name for card in near.named_cards):
            other = f"{' and '.join(sorted(owners))}, which the sentence does not name"
            yield _problem(
                "link", f"{_readable(reference)} belongs to {other}{_links_of(near.named_cards)}"
            )


def _are_alternatives(pair: str, sentence: Sentence) -> bool:
    """Check whether a slash joins two words, as in `sharper/clearer`, not owner and repository."""
    if _HOST.search(sentence.passage.text):
        return False
    each = pair.split("/")
    are_words = all(
        sentence.vocabulary.name(one) or sentence.vocabulary.word(one) or one.isalpha()
        for one in each
    )
    return are_words or not _ODD.search(pair)


def _readable(reference: str) -> str:
    kind, _, rest = reference.partition(":")
    return {"arxiv": f"arXiv:{rest}", "doi": f"doi:{rest}"}.get(kind, rest)


def _links_of(cards: tuple[Card, ...]) -> str:
    links = [link for card in cards for link in card.links.values()][:_MOST_SHOWN]
    names = " and ".join(card.name for card in cards)
    return f"; for {names} it has {', '.join(links)}" if links else ""


def names(sentence: Sentence) -> Iterator[Problem]:
    """Yield systems, data sets, companies and people that the registry does not name here."""
    if has_lookalike(sentence.words, sentence.vocabulary):
        yield _problem("characters", "spells a name with letters of another alphabet")
    foreign = foreign_names(sentence.words, sentence.vocabulary, sentence.context.language)
    if sentence.passage.kind == "heading":  # in which ordinary words are capitalised
        foreign = [name for name in foreign if name in models(sentence.words)]
    if foreign:
        listing = ", ".join(foreign[:_MOST_SHOWN]) + ", …" * (len(foreign) > _MOST_SHOWN)
        verb = "is" if len(foreign) == 1 else "are"
        yield _problem("name", f"{listing} {verb} not named in {_where(sentence.near)}")


def _where(near: Nearness) -> str:
    names = " and ".join(card.name for card in near.cards[:_MOST_SHOWN])
    return f"what the registry says about {names}" if near.cards else "the registry"


def runs(sentence: Sentence) -> Iterator[Problem]:
    """Yield claims of runs and measurements without a report of them."""
    language, words = sentence.context.language, sentence.words
    if not (claims_a_run(words, language) or claims_own_run(words, language)):
        return
    if not sentence.ran:
        yield _problem(
            "run", "says that something was run or measured, but no report of it was given"
        )
    elif sentence.near.named_cards and sentence.ran.isdisjoint(
        card.id for card in sentence.near.named_cards
    ):
        names = " and ".join(card.name for card in sentence.near.named_cards)
        yield _problem("run", f"says that something was run, but by the report {names} was not")


def characters(sentence: Sentence) -> Iterator[Problem]:
    """Yield hidden and disguised letters."""
    if sentence.passage.hidden:
        yield _problem("characters", "contains control or invisible characters")
    for fault in faults_of_form(sentence.words, "", ""):
        if fault.kind == "unsafe characters":
            yield _problem("characters", fault.detail)


def numbers(sentence: Sentence, numbers: Numbers) -> Iterator[Problem]:
    """Yield numbers that no close fact has, or that it has for another subject."""
    near = sentence.near.sources
    for stray in numbers.strays:
        rival = rival_of(stray, sentence, numbers)
        if rival:
            text = f"{stray.text}: the registry gives another number, “{_cut(rival.text)}”"
        elif sentence.near.facts and near:
            text = f"no close fact has {stray.text}; the closest says “{_cut(near[0].text)}”"
        else:
            text = f"none of the closest facts has {stray.text}"
        yield _problem("number", text)
    if not numbers.strays and numbers.misplaced:
        said_so = _cut(near[0].text)
        listing = ", ".join(dict.fromkeys(numbers.misplaced))
        yield _problem("number", f"the registry does not say {listing}; it says “{said_so}”")


def no_fact(sentence: Sentence) -> Iterator[Problem]:
    """Yield the problem that no fact of the registry is close to a statement."""
    nearest = (
        f"; the closest says “{_cut(sentence.near.sources[0].text)}”"
        if sentence.near.sources
        else ""
    )
    yield _problem("no-fact", f"no fact is close to it, which does not make it false{nearest}")


def check_numbers(sentence: Sentence) -> Numbers:
    """Compare the numbers of a sentence with the closest facts and the measurements."""
    every = numbers_of(sentence.words, sentence.near.sources, sentence.vocabulary, sentence.context)
    if not every.misplaced:
        return every
    # Facts that are not close enough cannot prove a subject wrong.
    nearest = [
        s for s in sentence.near.sources if not s.claims or s.claims[0] in sentence.near.facts
    ]
    misplaced = numbers_of(sentence.words, nearest, sentence.vocabulary, sentence.context).misplaced
    return every._replace(misplaced=tuple(one for one in every.misplaced if one in misplaced))


def rival_of(stray: Stray, sentence: Sentence, numbers: Numbers) -> Source | None:
    """Return the close fact that gives another number for the same thing; None if there is none.

    Of several, the first whose number shares the most labels with the number of the sentence.
    """
    rivals = {
        source: max(len(stray.binding.labels & other.labels) for other in others)
        for source, split in zip(sentence.near.sources, numbers.sources, strict=True)
        if source.claims and source.claims[0] in sentence.near.facts
        and (others := [one for one in split.bindings if _is_of_same(stray.binding, one)])
    }  # fmt: skip
    return max(rivals, key=lambda source: rivals[source]) if rivals else None


def _is_of_same(own: Binding, other: Binding) -> bool:
    """Check whether two values have the same kind and may have the same subject."""
    kinds = ("figure", "word")
    if own.quantity.kind not in kinds or other.quantity.kind not in kinds:
        return False
    if own.quantity.base_unit != other.quantity.base_unit:
        return False
    for kind in {label.kind for label in own.labels}:
        if other.of(kind) and other.of(kind).isdisjoint(own.of(kind)):
            return False
    if own.quantity.base_unit is None:
        mine, theirs = ({_stem(word) for word in one.things} for one in (own, other))
        return not mine.isdisjoint(theirs)
    return True


def _stem(word: str) -> str:
    return word.removesuffix("s")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTATION else f"{text[: _LONGEST_QUOTATION - 1]}…"


def _problem(kind: ProblemKind, message: str) -> Problem:
    return Problem(kind=kind, message=plain(message))
