"""Which value belongs to which subject: 19.6 points to TextVQA, 7.1 to DocVQA.

A text is split into values, each bound to the names right beside it (`19.6 points on TextVQA`,
`LLaVAR scores 80 and LLaVA 50`). A sentence that binds a value to another subject than its sources
do is wrong; one that names no subject, or stays vague, is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from agent.question.languages import languages
from agent.question.names import models
from agent.question.quantities import Quantity, counted_things, equal, ordered_pairs, quantities
from agent.question.words import word_set

_NAME = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_]*(?:[-+.][A-Za-z0-9_]+)*\+*")
_CONTRASTS = {
    "before": "time", "after": "time",
    "saliency": "aspect", "salient": "aspect", "meaning": "aspect", "semantic": "aspect",
    "training": "phase", "testing": "phase",
    "intensity": "part", "orientation": "part", "motion": "part",
}  # fmt: skip
_SAME = {"salient": "saliency", "semantic": "meaning", "semantics": "meaning"}
_NOT_NAMES = word_set("mb gb kb db ms px rgb ocr ai cpu gpu id s")
_WORDS_BEFORE, _WORDS_AFTER, _LONGEST_AFTER = 4, 4, 4
_SIGNS_BETWEEN = 8
_RANGE = re.compile(
    r"\s?(?:to|and|or|bis|und|auf|à|et|a|y|e|до|и|naar|tot|en|[-–—]|到|至|から|에서)\s?"
)
_CLAUSE_BEFORE = re.compile(r"(?:^|[.;,(]\s?)(?:[^\W\d_]{1,4} )?$")
_UNSPACED = frozenset({"zh", "ja", "ko"})
_THINGS_AFTER = 3


class Label(NamedTuple):
    """A subject that a value may be bound to."""

    kind: str
    """`system`, `name` for others such as data sets, or the aspect of a contrast: `time`."""
    text: str


@dataclass(frozen=True)
class Binding:
    """A value in a text and the labels right beside it."""

    quantity: Quantity
    labels: frozenset[Label]
    things: tuple[str, ...]
    """The words right after the value, which it may count."""

    def of(self, kind: str) -> frozenset[Label]:
        return frozenset(label for label in self.labels if label.kind == kind)


@dataclass(frozen=True)
class Subjects:
    """The subjects and values of one text."""

    bindings: tuple[Binding, ...]
    labels: frozenset[Label]
    """All labels in the text."""

    @property
    def names(self) -> frozenset[Label]:
        return frozenset(label for label in self.labels if label.kind in ("system", "name"))

    def has_value(self, label: Label, unit: str | None) -> bool:
        """Check whether a value with the base unit is right beside a label."""
        return any(
            label in b.labels and b.quantity.kind == "figure" and b.quantity.base_unit == unit
            for b in self.bindings
        )


@lru_cache(maxsize=1_024)
def subjects(
    text: str, masked: str, language: str, systems: frozenset[str], shared: bool = False
) -> Subjects:
    """Split a text into values and subjects.

    Args:
        masked: the text with names that contain digits blanked out, at the same positions.
        systems: names of systems in lower case, beside those recognised by their form.
        shared: whether a label beside one end of a range, as in `32.45 to 32.68 dB on GoPro`,
            counts for both ends.
    """
    values = quantities(masked, language)
    labels = list(_labels(text, language, systems))
    each = [set(_beside(text, quantity, labels, values, language)) for quantity in values]
    for i, j in ordered_pairs(values, masked, language):
        each[i].add(Label("time", "before"))
        each[j].add(Label("time", "after"))
    for i in range(len(values) - 1 if shared else 0):
        if _RANGE.fullmatch(text[values[i].end : values[i + 1].start]):
            of_both = {label for label in each[i] | each[i + 1] if label.kind != "time"}
            for place in (i, i + 1):
                if not {label for label in each[place] if label.kind != "time"}:
                    each[place] |= of_both
    bindings = tuple(
        Binding(quantity, frozenset(own), counted_things(text, quantity, _THINGS_AFTER))
        for quantity, own in zip(values, each, strict=True)
    )
    return Subjects(bindings, frozenset(label for label, _, _ in labels))


def _labels(text: str, language: str, systems: frozenset[str]) -> Iterator[tuple[Label, int, int]]:
    for match in _NAME.finditer(text):
        token = match[0].rstrip(".-")
        plain = token.casefold()
        if plain in systems or _is_model(token):
            yield Label("system", plain), match.start(), match.start() + len(token)
        elif _is_name(token) and plain not in _NOT_NAMES:
            yield Label("name", plain), match.start(), match.start() + len(token)
    pattern, label_of = _contrasting(language)
    for match in pattern.finditer(text):
        yield label_of[match[0].casefold()], match.start(), match.end()


@lru_cache(maxsize=4_096)
def _is_model(token: str) -> bool:
    return bool(models(token))


def _is_name(token: str) -> bool:
    capitals = sum(map(str.isupper, token))
    return capitals > 1 or (capitals == 1 and any(map(str.isdigit, token)))


@cache
def _contrasting(language: str) -> tuple[re.Pattern[str], dict[str, Label]]:
    words = {w: Label(kind, _SAME.get(w, w)) for w, kind in _CONTRASTS.items()}
    telling = next((one.telling for one in languages().each if one.code == language), None)
    if telling:
        words |= {word: Label("time", "before") for word in telling.before}
        words |= {word: Label("time", "after") for word in telling.after}
    edge, end = ("", "") if language in _UNSPACED else (r"(?<![^\W_])", r"(?![^\W_])")
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(f"{edge}(?:{either}){end}", re.IGNORECASE), words


def _beside(
    text: str,
    quantity: Quantity,
    labels: Sequence[tuple[Label, int, int]],
    others: Sequence[Quantity],
    language: str,
) -> Iterator[Label]:
    before, after = set(), set()
    place = quantity.start
    for label, start, end in sorted(labels, key=lambda entry: -entry[2]):
        if end <= place and not any(end <= q.start < place for q in others):
            between = text[end:place]
            after_colon = ":" in between and _CLAUSE_BEFORE.search(text[:start]) is None
            if after_colon or not _is_gap(between, "before", language):
                break
            before.add(label)
            place = start
    place = quantity.end
    for label, start, end in sorted(labels, key=lambda entry: entry[1]):
        if start >= place and not any(place <= q.start < start for q in others):
            between = text[place:start]
            right_after = label.kind == "time" and not between.strip()  # `2 px before`
            if not right_after and not _is_gap(between, "after", language):
                break
            after.add(label)
            place = end
    kinds = {label.kind for label in before} & {label.kind for label in after}
    doubtful = {kind for kind in kinds if _of(before, kind) != _of(after, kind)}
    return (label for label in before | after if label.kind not in doubtful)


def _of(labels: set[Label], kind: str) -> set[Label]:
    return {label for label in labels if label.kind == kind}


def _is_gap(between: str, side: Literal["before", "after"], language: str) -> bool:
    """Check whether the text between a label and a value is short enough to bind them."""
    if language in _UNSPACED:
        return len(between.strip()) <= _SIGNS_BETWEEN and not re.search(
            r"[，、。；：,;.]|和|与|と|와|과", between
        )
    if side == "before":
        plain = re.sub(r",(?= (?:at|with|by|mit|bei|con|com|avec|met|с)\b)", "", between)
        if re.search(r"[,;.!?]", plain):
            return False
    elif re.search(r"[,;:.!?()]", between):
        return False
    words = re.findall(r"[^\W\d_]+", between.casefold())
    if joints(language).intersection(words):
        return False
    if side == "before":
        return len(words) <= _WORDS_BEFORE
    return 0 < len(words) <= _WORDS_AFTER and all(len(word) <= _LONGEST_AFTER for word in words)


@cache
def joints(language: str) -> frozenset[str]:
    """Return the words before the last of several things, in a language and in English."""
    each = (one.telling.joints for one in languages().each if one.code in (language, "en"))
    return frozenset(word for words in each for word in words)


def wrong_subjects(own: Subjects, sources: Sequence[Subjects], language: str) -> Iterator[str]:
    """Yield, in words, what a sentence (`own`) binds to another subject than its sources do."""
    for binding in own.bindings:
        places = [
            (source, other)
            for source in sources
            for other in source.bindings
            if equal(binding.quantity, other.quantity)
        ]
        figure = _in_words(binding.quantity)
        for label in sorted(binding.labels):
            if any(label in other.labels for _, other in places):
                continue
            says_another = {
                source: all(
                    _is_of_another(label, one, other, sources)
                    for one, other in places
                    if one == source
                )
                for source, _ in places
            }
            if any(says_another.values()):
                yield f"{figure} of {label.text}"
        if language == "en" and _counts_other_things(binding, places, sources):
            yield f"{figure} {binding.things[0]}"


def _in_words(quantity: Quantity) -> str:
    value = quantity.written_value or quantity.value
    return f"{float(value):g}" if isinstance(value, Fraction) else value


def _is_of_another(
    label: Label, source: Subjects, other: Binding, sources: Sequence[Subjects]
) -> bool:
    """Check whether a source binds the value (`other`) to another subject than the label.

    It does if it has another label of the same kind beside the value, and the label has its own
    value; or if it has none there, while the label, a system, is beside another of its values.
    """
    unit = other.quantity.base_unit
    rivals = other.of(label.kind) or _only_one(source, label.kind)
    if rivals:
        has_own = label in source.labels or any(one.has_value(label, unit) for one in sources)
        return label not in rivals and has_own and not _may_be_one(label, rivals)
    return label.kind == "system" and source.has_value(label, unit)


def _only_one(source: Subjects, kind: str) -> frozenset[Label]:
    """Return the only label of a kind in a text, to which all of its values then belong."""
    labels = frozenset(label for label in source.labels if label.kind == kind)
    return labels if len(labels) == 1 and kind == "system" else frozenset()


def _may_be_one(label: Label, rivals: frozenset[Label]) -> bool:
    """Check whether a name may be short for another: `ResNet` for `ResNet-50`."""
    return any(
        rival.text.startswith(f"{label.text}-") or label.text.startswith(f"{rival.text}-")
        for rival in rivals
    )


def _counts_other_things(
    binding: Binding, places: Sequence[tuple[Subjects, Binding]], sources: Sequence[Subjects]
) -> bool:
    """Check whether a value counts something differently than its sources: two sizes, not three."""
    if not binding.things or binding.quantity.base_unit is not None:
        return False
    thing = _stem(binding.things[0])
    if len(thing) < 3:
        return False
    own = {_stem(word) for _, other in places for word in other.things}
    if thing in own or not (own or (binding.quantity.kind == "word" and not places)):
        return False
    return any(
        thing in map(_stem, other.things)
        for source in sources
        for other in source.bindings
        if other.quantity.kind in ("figure", "word")
    )


def _stem(word: str) -> str:
    return word.removesuffix("s")
