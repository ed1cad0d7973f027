"""Declined wishes: what a model need not do, or a picture is not (`no denoising`, `not anime`).

English only. The scope of a negation ends with its clause; some follow what they decline, as in
`noise removal is not needed`. A defect that must not be there is not declined: `4x with no JPEG
artefacts` asks for its removal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from agent.question.words import Triggers, Word, pattern_of, word_set

Range = tuple[int, int]
"""Index of the first word, and past the last."""

#: Phrases that say that the rest of the clause is not needed or does not matter.
_NEEDLESS = """
    don t need, do not need, doesn t need, does not need, didn t need, don t have to,
    doesn t have to, do not have to, does not have to, no need, not need, needn t, need not,
    don t care, doesn t care, do not care, does not care, don t mind, do not mind, never mind,
    don t bother, do not bother, no use for, not interested in, skip, skips, skipping, leave out,
    leaves out, leaving out
"""
#: Phrases that say so of the clause before.
_NEEDLESS_BEHIND = """
    isn t needed, is not needed, aren t needed, are not needed, not needed, isn t necessary,
    not necessary, unnecessary, isn t required, aren t required, not required, isn t wanted,
    not wanted, unwanted, isn t important, aren t important, not important, unimportant,
    don t matter, doesn t matter, do not matter, does not matter, isn t an issue, is no issue,
    not an issue, isn t a problem, is no problem, are no problem, not a problem, optional,
    leave .. alone, leaves .. alone, leaving .. alone, leave .. as it is, leaves .. as it is,
    leave .. as they are, leaves .. as they are, keep .. as it is, keeps .. as it is
"""
_NOT = word_set("not no without never nor")
_SHORT_NOT = word_set("don doesn didn won shouldn mustn isn aren wasn")
_OTHER_THAN = (("rather", "than"), ("instead", "of"), ("other", "than"))
_KEEPING = word_set("keep keeps keeping preserve preserves preserving retain retains retaining")
#: Words before which a negation denies nothing: `not only for anime`.
_ONLY = word_set("only just merely solely")
#: Words before `no` that make it a statement: `my picture has no noise`.
_STATING = word_set("has have is are s shows contains")
_FILLERS = word_set(
    "a an the any my its their this that of for on to in it be been do does made meant from with "
    "such too very at all heavy strong extra more additional film natural fine original"
)
_WISHING = word_set("want wants wish wishes like")
#: Beginnings of words for working on a defect.
_WORK = re.compile(
    r"remov|reduc|clean|fix|denois|deblur|dejp|deblock|degrain|dedith|dehal|deband|descreen|"
    r"sharpen|restor|repair|undo|touch|suppress|filter"
)
_ENDS = word_set("but just only yet though although while however still which please")
_BEHIND_STARTS = word_set("where when because since if that as and whose with")
#: Words that begin a new clause after `and`.
_GOES_ON = word_set(
    "i we want wants need needs would should must it get can like also remove removes fix clean"
)
_PAUSE = re.compile(r"[,;:()–—]")
_GAP = 4


@dataclass(frozen=True)
class Declined:
    """Ranges of a sentence in which something is declined."""

    needless: tuple[Range, ...]
    """Anything named here is not needed."""
    work: tuple[Range, ...]
    """Defects named here need no removal, or do not exist."""
    subjects: tuple[Range, ...]
    """Subjects named here are not those of the pictures."""


def declined(
    sentence: str, words: list[Word], defects: Sequence[Range], subjects: Sequence[Range]
) -> Declined:
    """Return what a sentence declines.

    Args:
        words: the words of the sentence.
        defects: ranges that name defects.
        subjects: ranges that name subjects of pictures.
    """
    clauses = _clauses(sentence, words)
    needless = tuple(_needless(words, clauses))
    work = [*needless, *_to_keep(words, defects)]
    other = []
    for start, at in _negations(words):
        reach = _past_fillers(words, at)
        if reach >= clauses[start][1]:
            continue
        of_defects = [end for first, end in defects if first == reach]
        of_subjects = [end for first, end in subjects if first == reach]
        beside = words[reach : max(of_defects, default=reach) + 2]
        works = any(_WORK.match(word.text) for word in beside)
        if works or (of_defects and not _is_unwanted(words, start)):
            work.append((start, clauses[start][1]))
        elif of_subjects:
            other.append((start, max(of_subjects)))
    return Declined(needless, tuple(work), tuple(other))


def _needless(words: list[Word], clauses: list[Range]) -> Iterator[Range]:
    for name, start, end in _triggers().find(words):
        first, last = clauses[start]
        if name == "before":
            yield start, last
        else:
            starts = (i + 1 for i in range(first, start) if words[i].text in _BEHIND_STARTS)
            yield max(starts, default=first), end


def _to_keep(words: list[Word], defects: Sequence[Range]) -> Iterator[Range]:
    """Yield what is to be preserved, such as film grain."""
    for at, word in enumerate(words):
        if word.text in _KEEPING:
            reach = _past_fillers(words, at + 1)
            yield from ((at, end) for first, end in defects if first == reach)


def _negations(words: list[Word]) -> Iterator[Range]:
    """Yield where each negation begins, and where its scope begins."""
    texts = [word.text for word in words]
    for i, text in enumerate(texts):
        pair = tuple(texts[i : i + 2])
        in_two = pair in _OTHER_THAN or (text in _SHORT_NOT and pair[1:] == ("t",))
        end = i + (2 if in_two else text in _NOT)
        if end > i and not _ONLY.intersection(texts[end : end + 1]):
            yield i, end


def _past_fillers(words: list[Word], at: int) -> int:
    end = min(at + _GAP, len(words))
    while at < end:
        wishes = (
            words[at].text in _WISHING and words[at + 1 : at + 2] and words[at + 1].text == "to"
        )
        if words[at].text not in _FILLERS and not wishes:
            break
        at += 1
    return at


def _is_unwanted(words: list[Word], at: int) -> bool:
    """Check whether a negated defect is to be removed, rather than said to be absent."""
    before = words[at - 1].text if at else ""
    return words[at].text in ("no", "without") and before not in _STATING


def _clauses(sentence: str, words: list[Word]) -> list[Range]:
    """Return for each word the clause that it is in."""
    begins = [0]
    is_joined = False
    for i in range(len(words) - 1, 0, -1):
        pauses = _PAUSE.search(sentence, words[i - 1].end, words[i].start)
        until = min((b for b in begins if b > i), default=len(words))
        if words[i].text in _ENDS or (
            words[i].text in ("and", "or")
            and words[i + 1 : i + 2]
            and words[i + 1].text in _GOES_ON
        ):
            begins.append(i)
            is_joined = False
        elif pauses:
            texts = {word.text for word in words[i:until]}
            is_joined = texts.isdisjoint(_GOES_ON) and (
                is_joined or not texts.isdisjoint(("or", "nor"))
            )
            if not is_joined:
                begins.append(i)
    starts = sorted(begins)
    ends = [*starts[1:], len(words)]
    return [
        (first, last) for first, last in zip(starts, ends, strict=True) for _ in range(first, last)
    ]


@cache
def _triggers() -> Triggers:
    return Triggers(
        (name, pattern_of(trigger))
        for name, triggers in (("before", _NEEDLESS), ("behind", _NEEDLESS_BEHIND))
        for trigger in triggers.split(",")
    )
