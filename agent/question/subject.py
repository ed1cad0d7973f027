"""The picture a question is about, and whether answering needs a look at it."""

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
"""Placeholder for names in `agent.question.parse`."""


class _Naming:
    """Ways to name a picture, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.naming
        self.pictures, self.picture_endings = (
            folded(terms.pictures),
            tuple(folded(terms.picture_endings)),
        )
        self.own, self.any, self.determiners = (
            folded(terms.own),
            folded(terms.any),
            folded(terms.determiners),
        )
        self.leading = self.own | self.determiners
        self.heads, self.after, self.of = folded(terms.heads), folded(terms.after), folded(terms.of)
        self.particles, self.stops = folded(terms.particles), folded(terms.stops) | {NAME}
        self.attributes, self.describing = folded(terms.attributes), tuple(folded(terms.describing))


_naming = cache(_Naming)


def subject_of(sentences: list[Sentence], operation: str | None) -> str | None:
    """Return the noun phrase that the operation was applied to, as written; None if unnamed."""
    naming = _naming(languages())
    for sentence in sentences:
        for name, at, _ in sentence.operations:
            # `the upscaled image`
            described = at > 0 and sentence.words[at - 1].text in naming.leading
            described |= sentence.words[at].text.startswith("feature")
            if name == operation and not described and (phrase := _object(sentence, at + 1)):
                return phrase
    phrases = [p for sentence in sentences for p in _pictures(sentence)]

    def starts_with(kind: frozenset[str]) -> list[str]:
        return [phrase for phrase in phrases if phrase.split()[0].casefold() in kind]

    # Nothing was done with `an image` of `how fast is it on an image?`
    if operation:
        ranked = starts_with(naming.own) + starts_with(naming.determiners)
    else:
        ranked = starts_with(naming.own - naming.any)
    return ranked[0] if ranked else None


def _object(sentence: Sentence, at: int) -> str | None:
    """Return the noun phrase from word `at` on, if it names something to process."""
    words, naming = sentence.words, _naming(languages())
    while at < len(words) and words[at].text in naming.particles:
        at += 1
    attributed = at + 2 < len(words) and words[at + 1].text in naming.attributes
    if attributed and words[at].text in naming.determiners:
        at += 3  # `the resolution of my photo`
    end = at
    while end < min(len(words), at + _LONGEST) and not _breaks(sentence, at, end):
        end += 1
    picture = next((i for i in range(at, end) if is_picture(words[i].text)), None)
    if picture is not None:
        return _pictured(sentence, at, picture, end)
    while end > at and words[end - 1].text in naming.particles:
        end -= 1
    phrase = words[at:end]
    # Something of one's own whose name is not in the table, such as `my mugshot`.
    unnamed = len(phrase) > 1 and phrase[0].text in naming.own and not mentions(phrase[-1:])
    return _as_written(sentence, phrase) if unnamed else None


def _pictured(sentence: Sentence, at: int, picture: int, end: int) -> str | None:
    """Return the phrase of the picture at word `picture`, between words `at` and `end`."""
    words, naming = sentence.words, _naming(languages())
    while picture + 1 < end and is_picture(words[picture + 1].text):
        picture += 1
    if picture + 1 < end and words[picture + 1].text in naming.heads:
        return None
    if picture + 1 < end and words[picture + 1].text in naming.after:
        return _as_written(sentence, words[at : picture + 2])  # `une image web`
    start = max((i for i in range(at, picture) if words[i].text in naming.leading), default=at)
    if start == picture and not words[picture].text.endswith("s"):
        return None  # a lone `picture` is probably described elsewhere
    return _as_written(sentence, words[start : _past_of(sentence, picture) + 1])


def is_picture(word: str) -> bool:
    """Check whether a folded word names a kind of picture, such as `screenshot` or `receipt`."""
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
    """Return the phrases with a determiner that name a picture: `the scanned receipt`."""
    words, naming = sentence.words, _naming(languages())
    pictures = []
    for i, word in enumerate(words):
        following = words[i + 1].text if i + 1 < len(words) else ""
        if not is_picture(word.text) or following in naming.heads | naming.pictures:
            continue
        for start in range(i - 1, max(-1, i - 6), -1):
            if words[start].text in naming.stops - naming.own or sentence.is_parted(start + 1):
                break
            if words[start].text in naming.leading:
                pictures.append(_as_written(sentence, words[start : _past_of(sentence, i) + 1]))
                break
    return pictures


def _past_of(sentence: Sentence, at: int) -> int:
    """Return the index of the last word of `photo of my cat`, given that of `photo`."""
    words, naming = sentence.words, _naming(languages())
    if at + 2 >= len(words) or words[at + 1].text not in naming.of or sentence.is_parted(at + 1):
        return at
    end = at + 2
    while end + 1 < min(len(words), at + 6) and not _breaks(sentence, at, end + 1):
        describes = words[end].text in naming.leading or words[end].text.endswith(naming.describing)
        if not describes and words[end + 1].text not in naming.pictures:
            break
        end += 1
    return end


# --- whether the picture must be seen ---------------------------------------------------------


class _Seeing:
    """Phrases that ask for a look at the picture, in all languages."""

    def __init__(self, spoken: Languages) -> None:
        terms = spoken.vocabulary.seeing
        mine, judged = phrases(terms.mine), phrases(terms.judged)
        here = phrases(terms.here, mine=mine)
        self.looks = compiled(rf"\b{phrases(terms.looks, mine=mine, here=here, judged=judged)}")
        self.orders = compiled(rf"\b{phrases(terms.orders)}")
        self.explained = compiled(rf"\b{phrases(terms.explained)}\b")


_seeing = cache(_Seeing)


def needs_image(sentences: list[Sentence]) -> bool:
    """Check whether a question is about the content of a picture, or asks to process it now."""
    return any(looks(sentence) or _orders(sentence) for sentence in sentences)


def looks(sentence: Sentence) -> bool:
    """Check whether a sentence asks what a picture shows, or what happened to it."""
    return _is_about_picture(sentence, _seeing(languages()).looks)


def _orders(sentence: Sentence) -> bool:
    return _is_about_picture(sentence, _seeing(languages()).orders)


def _is_about_picture(sentence: Sentence, pattern: re.Pattern[str]) -> bool:
    text = " ".join("image" if is_picture(w.text) else w.text for w in sentence.words)
    return bool(pattern.search(text)) and not _seeing(languages()).explained.search(text)
