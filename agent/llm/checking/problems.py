"""What the registry does not bear out in a sentence: links, numbers, names, runs, odd letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.answer.verify import references_of
from agent.llm.author.exact import Numbers, Stray, numbers_of
from agent.llm.author.foreign import Held, foreign_names, has_lookalike
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
class Said:
    """A sentence, and what there is to hold it against."""

    passage: Passage
    near: Nearness
    linked: tuple[Card, ...]
    """The cards whose links or papers it names."""
    held: Held
    """The names that it may have."""
    ran: frozenset[str]
    """Ids of the cards that ran on a picture, of which it may tell."""
    context: Context

    @property
    def words(self) -> str:
        """Its words without addresses and numbers that count its own parts."""
        return _OF_THE_TEXT.sub(" ", without_references(self.passage.words))


def links(said: Said) -> Iterator[Problem]:
    """Links and papers that no card holds, or that are of systems it does not name."""
    text, near = said.passage.text, said.near
    for address in _MAIL.findall(text):
        yield _problem("link", f"{address} is not in the registry")
    for reference in sorted(references_in(_MAIL.sub(" ", text))):
        if reference.startswith("repo:") and _are_alternatives(reference[5:], said):
            continue
        cards = (*near.cards, *said.linked)
        owners = {card.name for card in cards if reference in references_of(card)}
        if not owners:
            known = _links_of(near.named)
            yield _problem("link", f"{_shown(reference)} is not in the registry{known}")
        elif near.named and owners.isdisjoint(card.name for card in near.named):
            other = f"{' and '.join(sorted(owners))}, which the sentence does not name"
            yield _problem("link", f"{_shown(reference)} belongs to {other}{_links_of(near.named)}")


def _are_alternatives(pair: str, said: Said) -> bool:
    """Whether a slash joins two words, as in `sharper/clearer`, and no owner and repository."""
    if _HOST.search(said.passage.text):
        return False
    each = pair.split("/")
    known = all(said.held.name(one) or said.held.word(one) or one.isalpha() for one in each)
    return known or not _ODD.search(pair)


def _shown(reference: str) -> str:
    kind, _, rest = reference.partition(":")
    return {"arxiv": f"arXiv:{rest}", "doi": f"doi:{rest}"}.get(kind, rest)


def _links_of(cards: tuple[Card, ...]) -> str:
    links = [link for card in cards for link in card.links.values()][:_MOST_SHOWN]
    names = " and ".join(card.name for card in cards)
    return f"; of {names} it has {', '.join(links)}" if links else ""


def names(said: Said) -> Iterator[Problem]:
    """Systems, data sets, companies and people that the registry does not name here."""
    if has_lookalike(said.words, said.held):
        yield _problem("characters", "spells a name in letters of another alphabet")
    found = foreign_names(said.words, said.held, said.context.language)
    if said.passage.kind == "heading":  # where ordinary words have capitals
        found = [name for name in found if name in models(said.words)]
    if found:
        shown = ", ".join(found[:_MOST_SHOWN]) + ", …" * (len(found) > _MOST_SHOWN)
        verb = "is" if len(found) == 1 else "are"
        yield _problem("name", f"{shown} {verb} named nowhere in {_where(said.near)}")


def _where(near: Nearness) -> str:
    named = " and ".join(card.name for card in near.cards[:_MOST_SHOWN])
    return f"what the registry says of {named}" if near.cards else "the registry"


def runs(said: Said) -> Iterator[Problem]:
    """Runs and measurements that are claimed and not at hand."""
    language, words = said.context.language, said.words
    if not (claims_a_run(words, language) or claims_own_run(words, language)):
        return
    if not said.ran:
        yield _problem(
            "run", "says that something was run or measured, and no report of it was given"
        )
    elif said.near.named and said.ran.isdisjoint(card.id for card in said.near.named):
        named = " and ".join(card.name for card in said.near.named)
        yield _problem("run", f"says that something was run; by the report, {named} was not")


def characters(said: Said) -> Iterator[Problem]:
    """Letters that hide, or that pass for others."""
    if said.passage.hidden:
        yield _problem("characters", "holds control or invisible characters")
    for fault in faults_of_form(said.words, "", ""):
        if fault.kind == "unsafe characters":
            yield _problem("characters", fault.detail)


def numbers(said: Said, held: Numbers) -> Iterator[Problem]:
    """Numbers that no fact near the sentence holds, or that it holds of another subject."""
    near = said.near.sources
    for stray in held.strays:
        rival = rival_of(stray, said, held)
        if rival:
            text = f"{stray.text}: the registry gives another number there, “{_cut(rival.text)}”"
        elif said.near.facts and near:
            text = f"no fact near it holds {stray.text}; the nearest says “{_cut(near[0].text)}”"
        else:
            text = f"none of the facts nearest to it holds {stray.text}"
        yield _problem("number", text)
    if not held.strays and held.misplaced:
        said_so = _cut(near[0].text)
        shown = ", ".join(dict.fromkeys(held.misplaced))
        yield _problem("number", f"the registry does not say {shown}; it says “{said_so}”")


def no_fact(said: Said) -> Iterator[Problem]:
    """Whether nothing of the registry is near a sentence that states something."""
    nearest = f"; the nearest says “{_cut(said.near.sources[0].text)}”" if said.near.sources else ""
    yield _problem("no-fact", f"no fact is near it, which does not make it false{nearest}")


def held_numbers(said: Said) -> Numbers:
    """The numbers of a sentence, held against the facts near it and the measurements."""
    every = numbers_of(said.words, said.near.sources, said.held, said.context)
    if not every.misplaced:
        return every
    # What facts say that are not near enough is no reason to call a subject wrong.
    nearest = [s for s in said.near.sources if not s.claims or s.claims[0] in said.near.facts]
    told = numbers_of(said.words, nearest, said.held, said.context).misplaced
    return every._replace(misplaced=tuple(one for one in every.misplaced if one in told))


def rival_of(stray: Stray, said: Said, held: Numbers) -> Source | None:
    """The fact near enough to the sentence that gives another number for the same thing.

    Of several, the first that binds its number to most of what the sentence binds its own to.
    """
    rivals = {
        source: max(len(stray.binding.labels & other.labels) for other in others)
        for source, split in zip(said.near.sources, held.sources, strict=True)
        if source.claims and source.claims[0] in said.near.facts
        and (others := [one for one in split.bindings if _is_of_same(stray.binding, one)])
    }  # fmt: skip
    return max(rivals, key=lambda source: rivals[source]) if rivals else None


def _is_of_same(own: Binding, other: Binding) -> bool:
    """Whether two values are of one kind, and what they are bound to may be the same."""
    counted = ("figure", "word")
    if own.quantity.kind not in counted or other.quantity.kind not in counted:
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
