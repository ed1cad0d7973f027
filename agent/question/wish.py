"""The model a person wishes for: its factor, subjects, defects to remove, and terms of use.

`best 4x for photos that I may sell` is a wish; `why did the model blur my photo?` is not. The words
are those of `wishes.yaml`, in English; questions in other languages are also read in their
word-by-word translation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from agent.question.declining import Range, declined
from agent.question.words import Pattern, Triggers, Word, pattern_of, words
from agent.types import Card, Condition, Defect, ParsedQuestion, Subject, Wish

CONDITIONS: tuple[Condition, ...] = ("scale", "subjects", "removes", "commercial")
#: `4x` and `x4`, but neither `1920x1080` nor the kernel `3x3`.
_MULTIPLE = re.compile(
    r"(?<![\w.,×])(\d{1,2}) ?[x×✕](?! ?\d|\w)|(?<![\w×])[x×✕] ?(\d{1,2})(?![\w×])"
)
#: `not 4x`, `I don't need 4x`: a factor that is ruled out.
_NOT_THAT = re.compile(
    r"(?:\bnot?|n['’]t (?:need|want)|\brather than|\binstead of) (?:a |an |for |by )*"
    r"(?:(\d{1,2}) ?[x×✕]|[x×✕] ?(\d{1,2}))(?!\w)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.?!;\n]+(?:\s|$)")


class _Mentions:
    """The terms of `wishes.yaml` in a text, by group and key."""

    def __init__(self, text: str) -> None:
        self._hits: list[_Hit] = []
        self.sentences: list[set[str]] = []
        """Terms of each sentence, as `group/key`."""
        self.declines: list[str] = []
        """Keys of the subjects and defects that the text rules out."""
        at = 0
        for sentence in _SENTENCE_END.split(text):  # no phrase spans two sentences
            tokens: list[Word] = words(sentence)
            hits = self._without_declined(sentence, tokens, _triggers().find(tokens))
            if [word.text for word in tokens] == ["which"]:
                hits.append(("asking/choosing", 0, 1))
            self._hits += [(name, at + a, at + b) for name, a, b in hits]
            self.sentences.append({name for name, *_ in hits})
            at += len(tokens)

    def _without_declined(self, sentence: str, tokens: list[Word], hits: list[_Hit]) -> list[_Hit]:
        """Return the hits that are not declined; declined terms of use become private use."""
        if not any(name.startswith(_CAN_BE_DECLINED) for name, *_ in hits):
            return hits
        places: dict[str, list[Range]] = {"removes": [], "subjects": []}
        for name, start, end in hits:
            group, _, key = name.partition("/")
            if group in places and key != "unwanted":
                places[group].append((start, end))
        exclusions = declined(sentence, tokens, places["removes"], places["subjects"])
        by_group = {
            "removes": exclusions.work,
            "subjects": exclusions.subjects,
            "terms": exclusions.needless,
        }
        remaining: list[_Hit] = []
        for name, start, end in hits:
            group, _, key = name.partition("/")
            ranges = by_group.get(group, ())
            if any(first <= start and end <= last for first, last in ranges):
                if group == "terms":
                    remaining.append(("terms/private", start, end))
                else:
                    self.declines.append(key)
            elif not any(start < first < end for first, _ in ranges):
                remaining.append((name, start, end))
        return remaining

    def of(self, group: str, without: Collection[str] = ()) -> list[str]:
        """Return the keys of a group in order; of overlapping ones only the longest.

        Args:
            without: keys that only hide others that they cover.
        """
        own = [hit for hit in self._hits if hit[0].startswith(f"{group}/")]
        keys = (name.partition("/")[2] for name, *_ in _longest(own))
        present = set(keys).difference(without)
        return [key for key in _patterns()[group] if key in present]


_Hit = tuple[str, int, int]
"""An occurrence of a trigger: its name, index of its first word and past its last."""
_CAN_BE_DECLINED = ("removes/", "subjects/", "terms/")
_WORDS_AT_MOST = 24
"""Maximum number of words that a trigger spans."""


def _longest(hits: list[_Hit]) -> Iterator[_Hit]:
    """Yield the hits that are not inside a longer one."""
    ends: dict[int, int] = {}
    for _, start, end in hits:
        ends[start] = max(end, ends.get(start, 0))
    for name, start, end in hits:
        around = range(start - _WORDS_AT_MOST, start + 1)
        if not any(ends.get(a, 0) >= end and ends[a] - a > end - start for a in around):
            yield name, start, end


def wish_in(text: str, factor: float | None) -> Wish | None:
    """Return the wish of a question about which model to use; None for other questions.

    The wish of `which model should I use for this picture?` is empty: the picture decides.

    Args:
        text: text with corrected spelling.
        factor: the enlargement factor from `agent.question.factor`, if any.
    """
    mentions = _Mentions(text)
    subjects = cast(list[Subject], mentions.of("subjects"))
    removes = cast(list[Defect], mentions.of("removes", without=("unwanted", "artefacts")))
    if not removes and "artefacts" in mentions.of("removes"):
        removes = ["compression"]
    scale, enlarges = _size(text, mentions, factor, bool(removes))
    terms = mentions.of("terms")
    commercial = "commercial" in terms or "after all" in terms
    conditions = sum(map(bool, (scale, enlarges, subjects, removes, commercial)))
    if not (_asks_for_model(mentions, conditions) if conditions else _asks_for_any_model(mentions)):
        return None
    return Wish(
        scale=scale,
        enlarges=enlarges,
        subjects=tuple(subjects),
        removes=tuple(removes),
        declines=_declines(mentions, (*subjects, *removes)),
        commercial=commercial,
    )


def _declines(mentions: _Mentions, requested: Collection[str]) -> tuple[Subject | Defect, ...]:
    """Return what is declined and not requested elsewhere; artefacts cover any compression."""
    declines = {*mentions.declines}.difference(requested, ("unwanted", "artefacts"))
    if not declines and "artefacts" in mentions.declines:
        declines = {"jpeg", "compression"}.difference(requested)
    keys = (*_patterns()["subjects"], *_patterns()["removes"])
    return cast("tuple[Subject | Defect, ...]", tuple(key for key in keys if key in declines))


def terms_in(text: str) -> list[str]:
    """Return the terms of use in a text: `commercial`, `private`, `after all`."""
    return _Mentions(text).of("terms")


def _asks_for_model(mentions: _Mentions, conditions: int) -> bool:
    asking = mentions.of("asking")
    if "done" in mentions.of("asking otherwise"):
        return False
    if mentions.of("asking outright"):
        return True
    if mentions.of("asking otherwise"):
        return False
    if "choosing" in asking or ("model" in asking and "seeking" in asking):
        return True
    # In few words, such as `4x upscaler?` or `manga 4x denoise`.
    requests = [keys for keys in mentions.sentences if "asking/telling" not in keys]
    if any("asking/model" in keys for keys in requests):
        return conditions > 1
    return conditions > 2 and ("wanting" in asking or len(requests) == len(mentions.sentences))


def _asks_for_any_model(mentions: _Mentions) -> bool:
    """Check whether the text asks which model to use without naming a condition."""
    return bool(mentions.of("asking for any")) and not mentions.of("asking otherwise")


def on_terms_of(whole: ParsedQuestion, part: ParsedQuestion) -> ParsedQuestion:
    """Apply the terms of use in the whole question to the wish in a part of it.

    `Which model enlarges photos? May I sell the results?` is two questions and one wish.
    """
    if not (part.wish and whole.wish and whole.wish.commercial):
        return part
    wish = part.wish.model_copy(update={"commercial": True})
    return part.model_copy(update={"wish": wish})


def _size(
    text: str, mentions: _Mentions, factor: float | None, mends: bool
) -> tuple[int | None, bool]:
    """Return the factor, 1 to keep the size, and whether any enlargement will do."""
    sizes = mentions.of("scale")
    if declined := {int(one or other) for one, other in _NOT_THAT.findall(text)}:
        factor = None if factor in declined else factor
        text = _NOT_THAT.sub(" ", text)
    factors = [int(key) for key in sizes if key.isdigit()]
    if factor is not None:
        return (int(factor), False) if factor == int(factor) else (None, True)
    if "same" in sizes:
        return 1, False
    if match := _MULTIPLE.search(text):
        return int(match[1] or match[2]) or None, False
    if factors:
        return factors[0], False
    enlarges = "larger" in sizes
    return (1 if mends and not enlarges else None), enlarges


def unmet(card: Card, wish: Wish) -> frozenset[Condition]:
    """Return the conditions of a wish that a card is not known to meet."""
    enlarges = any(factor > 1 for factor in card.scale)
    met = {
        "scale": wish.scale in card.scale if wish.scale else enlarges or not wish.enlarges,
        "subjects": set(wish.subjects) <= set(card.subjects),
        "removes": set(wish.removes) <= set(card.removes),
        "commercial": card.commercial_use is True or not wish.commercial,
    }
    return frozenset(condition for condition in CONDITIONS if not met[condition])


# --- the words ------------------------------------------------------------------------------------


@cache
def _patterns() -> dict[str, dict[str, list[Pattern]]]:
    content: dict[str, dict[Any, str]] = yaml.safe_load(
        (Path(__file__).parent / "wishes.yaml").read_text("utf-8")
    )
    return {
        group: {str(key): [*map(pattern_of, synonyms.split(","))] for key, synonyms in keys.items()}
        for group, keys in content.items()
    }


@cache
def _triggers() -> Triggers:
    return Triggers(
        (f"{group}/{key}", pattern)
        for group, keys in _patterns().items()
        for key, patterns in keys.items()
        for pattern in patterns
    )
