"""What the registry does not bear out in a sentence: links, numbers, names, runs, odd letters."""

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
#: What makes a pair such as `owner/name` a repository: a word beside it, or a sign in it.
_ODD = re.compile(r"[\d._-]")
_HOST = re.compile(r"`|\b(?:git|github|gitlab|hugging ?face|repo|repository)\b", re.IGNORECASE)
#: Numbers that count the parts of the text itself.
_OF_THE_TEXT = re.compile(
    r"\b(?:step|part|section|option|figure|fig\.?|table)\s\d{1,3}\b(?![.,]\d)|"
    r"\b(?:two|three|four|five|six)\s(?:[a-z]+\s)?"
    r"(?:reasons|ways|things|options|ideas|aspects|questions)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, and what there is to hold it against."""

    passage: Passage
    near: Nearness
    linked: tuple[Card, ...]
    """The cards whose links or papers it names."""
    vocabulary: Vocabulary
    """The names that it may have."""
    ran: frozenset[str]
    """Ids of the cards that ran on a picture, of which it may tell."""
    context: Context

    @property
    def words(self) -> str:
        """Its words without addresses and numbers that count its own parts."""
        return _OF_THE_TEXT.sub(" ", without_references(self.passage.words))


def links(sentence: Sentence) -> Iterator[Problem]:
    """Links and papers that no card holds, or that are of systems it does not name."""
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
    """Whether a slash joins two words, as in `sharper/clearer`, and no owner and repository."""
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
    return f"; of {names} it has {', '.join(links)}" if links else ""


def names(sentence: Sentence) -> Iterator[Problem]:
    """Systems, data sets, companies and people that the registry does not name here."""
    if has_lookalike(sentence.words, sentence.vocabulary):
        yield _problem("characters", "spells a name in letters of another alphabet")
    foreign = foreign_names(sentence.words, sentence.vocabulary, sentence.context.language)
    if sentence.passage.kind == "heading":  # where ordinary words have capitals
        foreign = [name for name in foreign if name in models(sentence.words)]
    if foreign:
        listing = ", ".join(foreign[:_MOST_SHOWN]) + ", …" * (len(foreign) > _MOST_SHOWN)
        verb = "is" if len(foreign) == 1 else "are"
        yield _problem("name", f"{listing} {verb} named nowhere in {_where(sentence.near)}")


def _where(near: Nearness) -> str:
    names = " and ".join(card.name for card in near.cards[:_MOST_SHOWN])
    return f"what the registry says of {names}" if near.cards else "the registry"


def runs(sentence: Sentence) -> Iterator[Problem]:
    """Runs and measurements that are claimed and not at hand."""
    language, words = sentence.context.language, sentence.words
    if not (claims_a_run(words, language) or claims_own_run(words, language)):
        return
    if not sentence.ran:
        yield _problem(
            "run", "says that something was run or measured, and no report of it was given"
        )
    elif sentence.near.named_cards and sentence.ran.isdisjoint(
        card.id for card in sentence.near.named_cards
    ):
        names = " and ".join(card.name for card in sentence.near.named_cards)
        yield _problem("run", f"says that something was run; by the report, {names} was not")


def characters(sentence: Sentence) -> Iterator[Problem]:
    """Letters that hide, or that pass for others."""
    if sentence.passage.hidden:
        yield _problem("characters", "holds control or invisible characters")
    for fault in faults_of_form(sentence.words, "", ""):
        if fault.kind == "unsafe characters":
            yield _problem("characters", fault.detail)


def numbers(sentence: Sentence, numbers: Numbers) -> Iterator[Problem]:
    """Numbers that no fact near the sentence holds, or that it holds of another subject."""
    near = sentence.near.sources
    for stray in numbers.strays:
        rival = rival_of(stray, sentence, numbers)
        if rival:
            text = f"{stray.text}: the registry gives another number there, “{_cut(rival.text)}”"
        elif sentence.near.facts and near:
            text = f"no fact near it holds {stray.text}; the nearest says “{_cut(near[0].text)}”"
        else:
            text = f"none of the facts nearest to it holds {stray.text}"
        yield _problem("number", text)
    if not numbers.strays and numbers.misplaced:
        said_so = _cut(near[0].text)
        listing = ", ".join(dict.fromkeys(numbers.misplaced))
        yield _problem("number", f"the registry does not say {listing}; it says “{said_so}”")


def no_fact(sentence: Sentence) -> Iterator[Problem]:
    """Whether nothing of the registry is near a sentence that states something."""
    nearest = (
        f"; the nearest says “{_cut(sentence.near.sources[0].text)}”"
        if sentence.near.sources
        else ""
    )
    yield _problem("no-fact", f"no fact is near it, which does not make it false{nearest}")


def check_numbers(sentence: Sentence) -> Numbers:
    """The numbers of a sentence, held against the facts near it and the measurements."""
    every = numbers_of(sentence.words, sentence.near.sources, sentence.vocabulary, sentence.context)
    if not every.misplaced:
        return every
    # What facts say that are not near enough is no reason to call a subject wrong.
    nearest = [
        s for s in sentence.near.sources if not s.claims or s.claims[0] in sentence.near.facts
    ]
    misplaced = numbers_of(sentence.words, nearest, sentence.vocabulary, sentence.context).misplaced
    return every._replace(misplaced=tuple(one for one in every.misplaced if one in misplaced))


def rival_of(stray: Stray, sentence: Sentence, numbers: Numbers) -> Source | None:
    """The fact near enough to the sentence that gives another number for the same thing.

    Of several, the first that binds its number to most of what the sentence binds its own to.
    """
    rivals = {
        source: max(len(stray.binding.labels & other.labels) for other in others)
        for source, split in zip(sentence.near.sources, numbers.sources, strict=True)
        if source.claims and source.claims[0] in sentence.near.facts
        and (others := [one for one in split.bindings if _is_of_same(stray.binding, one)])
    }  # fmt: skip
    return max(rivals, key=lambda source: rivals[source]) if rivals else None


def _is_of_same(own: Binding, other: Binding) -> bool:
    """Whether two values are of one kind, and what they are bound to may be the same."""
    kinds = ("figure", "word")
    if own.quantity.kind not in kinds or other.quantity.kind not in kinds:
        return False
    if own.quantity.measured != other.quantity.measured:
        return False
    for kind in {label.kind for label in own.labels}:
        if other.of(kind) and other.of(kind).isdisjoint(own.of(kind)):
            return False
    if own.quantity.measured is None:
        mine, theirs = ({_stem(word) for word in one.things} for one in (own, other))
        return not mine.isdisjoint(theirs)
    return True


def _stem(word: str) -> str:
    return word.removesuffix("s")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTATION else f"{text[: _LONGEST_QUOTATION - 1]}…"


def _problem(kind: ProblemKind, message: str) -> Problem:
    return Problem(kind=kind, message=plain(message))
