"""Which picture a question is about, and whether somebody must look at it to answer."""

from __future__ import annotations

import re
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.lexicon import mentions
from agent.question.patterns import compiled, folded, phrases
from agent.question.sentences import Sentence
from agent.question.words import Word

_LONGEST = 8
NAME = "x"
"""What `agent.question.parse` puts in the place of a name."""


class _Naming:
    """How people name a picture, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.naming
        self.pictures, self.picture_endings = (
            folded(said.pictures),
            tuple(folded(said.picture_endings)),
        )
        self.own, self.any, self.given = folded(said.own), folded(said.any), folded(said.given)
        self.leading = self.own | self.given
        self.heads, self.after, self.of = folded(said.heads), folded(said.after), folded(said.of)
        self.particles, self.stops = folded(said.particles), folded(said.stops) | {NAME}
        self.attributes, self.describing = folded(said.attributes), tuple(folded(said.describing))


_naming = cache(_Naming)


def subject_of(sentences: list[Sentence], operation: str | None) -> str | None:
    """The noun phrase that the operation was applied to, as the person put it; None if unnamed."""
    naming = _naming(languages())
    for sentence in sentences:
        for named, at, _ in sentence.operations:
            # `the upscaled image`
            described = at > 0 and sentence.words[at - 1].text in naming.leading
            described |= sentence.words[at].text.startswith("feature")
            if named == operation and not described and (found := _object(sentence, at + 1)):
                return found
    phrases = [p for sentence in sentences for p in _pictures(sentence)]

    def starts_with(kind: frozenset[str]) -> list[str]:
        return [phrase for phrase in phrases if phrase.split()[0].casefold() in kind]

    # Nothing was done with `an image` of `how fast is it on an image?`
    if operation:
        ranked = starts_with(naming.own) + starts_with(naming.given)
    else:
        ranked = starts_with(naming.own - naming.any)
    return ranked[0] if ranked else None


def _object(sentence: Sentence, at: int) -> str | None:
    """The phrase from word `at` on, where it is one that can be worked on."""
    said, naming = sentence.words, _naming(languages())
    while at < len(said) and said[at].text in naming.particles:
        at += 1
    attributed = at + 2 < len(said) and said[at + 1].text in naming.attributes
    if attributed and said[at].text in naming.given:
        at += 3  # `the resolution of my photo`
    end = at
    while end < min(len(said), at + _LONGEST) and not _breaks(sentence, at, end):
        end += 1
    shown = next((i for i in range(at, end) if is_picture(said[i].text)), None)
    if shown is not None:
        return _pictured(sentence, at, shown, end)
    while end > at and said[end - 1].text in naming.particles:
        end -= 1
    phrase = said[at:end]
    # Something of one's own with a name that is not in the table, such as `my mugshot`.
    unnamed = len(phrase) > 1 and phrase[0].text in naming.own and not mentions(phrase[-1:])
    return _as_written(sentence, phrase) if unnamed else None


def _pictured(sentence: Sentence, at: int, shown: int, end: int) -> str | None:
    """The phrase of the picture at word `shown`, between words `at` and `end`."""
    said, naming = sentence.words, _naming(languages())
    while shown + 1 < end and is_picture(said[shown + 1].text):
        shown += 1
    if shown + 1 < end and said[shown + 1].text in naming.heads:
        return None
    if shown + 1 < end and said[shown + 1].text in naming.after:
        return _as_written(sentence, said[at : shown + 2])  # `une image web`
    start = max((i for i in range(at, shown) if said[i].text in naming.leading), default=at)
    if start == shown and not said[shown].text.endswith("s"):
        return None  # a lone `picture` is more likely to be told of elsewhere
    return _as_written(sentence, said[start : _past_of(sentence, shown) + 1])


def is_picture(word: str) -> bool:
    """Whether a folded word names a kind of picture, such as `screenshot` or `receipt`."""
    naming = _naming(languages())
    return word in naming.pictures or word.endswith(naming.picture_endings)


def _breaks(sentence: Sentence, start: int, at: int) -> bool:
    word = sentence.words[at]
    stops = word.text in _naming(languages()).stops
    return (
        (at > start and sentence.is_parted(at))
        or stops
        or (word.text[0].isdigit() and at > start + 1)
    )


def _as_written(sentence: Sentence, phrase: list[Word]) -> str:
    return sentence.text[phrase[0].start : phrase[-1].end]


def _pictures(sentence: Sentence) -> list[str]:
    """Phrases with an article or the like that name a picture: `the scanned receipt`."""
    said, naming = sentence.words, _naming(languages())
    found = []
    for i, word in enumerate(said):
        following = said[i + 1].text if i + 1 < len(said) else ""
        if not is_picture(word.text) or following in naming.heads | naming.pictures:
            continue
        for start in range(i - 1, max(-1, i - 6), -1):
            if said[start].text in naming.stops - naming.own or sentence.is_parted(start + 1):
                break
            if said[start].text in naming.leading:
                found.append(_as_written(sentence, said[start : _past_of(sentence, i) + 1]))
                break
    return found


def _past_of(sentence: Sentence, at: int) -> int:
    """Index of the last word of `photo of my cat`, given that of `photo`."""
    said, naming = sentence.words, _naming(languages())
    if at + 2 >= len(said) or said[at + 1].text not in naming.of or sentence.is_parted(at + 1):
        return at
    end = at + 2
    while end + 1 < min(len(said), at + 6) and not _breaks(sentence, at, end + 1):
        describes = said[end].text in naming.leading or said[end].text.endswith(naming.describing)
        if not describes and said[end + 1].text not in naming.pictures:
            break
        end += 1
    return end


# --- whether the picture must be seen ---------------------------------------------------------


class _Seeing:
    """What only a look can answer, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        said = spoken.vocabulary.seeing
        mine, judged = phrases(said.mine), phrases(said.judged)
        here = phrases(said.here, mine=mine)
        self.looks = compiled(rf"\b{phrases(said.looks, mine=mine, here=here, judged=judged)}")
        self.orders = compiled(rf"\b{phrases(said.orders)}")
        self.explained = compiled(rf"\b{phrases(said.explained)}\b")


_seeing = cache(_Seeing)


def needs_image(sentences: list[Sentence]) -> bool:
    """Whether a question is about what is in a picture, or asks to work on it here and now."""
    return any(looks(sentence) or _orders(sentence) for sentence in sentences)


def looks(sentence: Sentence) -> bool:
    """Whether a sentence asks what is in a picture, or what became of it."""
    return _is_about_picture(sentence, _seeing(languages()).looks)


def _orders(sentence: Sentence) -> bool:
    return _is_about_picture(sentence, _seeing(languages()).orders)


def _is_about_picture(sentence: Sentence, pattern: re.Pattern[str]) -> bool:
    said = " ".join("image" if is_picture(w.text) else w.text for w in sentence.words)
    return bool(pattern.search(said)) and not _seeing(languages()).explained.search(said)
