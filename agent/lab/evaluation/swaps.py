"""False variants of the registry's claims, made by rule, and how many of them a check lets pass.

Each exchanges or leaves out little, as a model does that puts the words of its sources together
wrongly: roles, sizes, directions, subjects, numbers, negations, conditions. Many are beyond exact
checks, which know no meaning; the rates say how many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from agent.llm.author.exact import faults
from agent.llm.author.sources import Context, Source
from agent.llm.author.subjects import Subjects, subjects
from agent.question.names import names_of
from agent.registry import Registry
from agent.types import Claim

Kind = Literal[
    "role", "size", "effect", "degree", "order", "subject", "number", "negation", "condition"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ALL = "all"


@dataclass(frozen=True)
class Swap:
    """A claim of the registry, made false."""

    claim: str
    """Id of the claim, `card/name`."""
    kind: Kind
    text: str


@dataclass(frozen=True)
class SwapRates:
    """How many swaps of each kind pass a check; none should."""

    cases: Mapping[str, int]
    """By kind, and for all."""
    passed: Mapping[str, int]

    def rate(self, kind: str = _ALL) -> float:
        """Share that passes, in [0, 1]; 0 without a case."""
        return self.passed[kind] / self.cases[kind] if self.cases[kind] else 0.0

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Plain values for JSON."""
        return {
            kind: {
                "cases": self.cases[kind],
                "passed": self.passed[kind],
                "rate": round(self.rate(kind), 4),
            }
            for kind in self.cases
        }

    def to_table(self) -> str:
        """Lines for a terminal."""
        lines = [f"{'false variant':16} cases  passed"]
        lines += [
            f"{kind:16} {self.cases[kind]:5}  {self.passed[kind]:5}  {self.rate(kind):6.1%}"
            for kind in self.cases
        ]
        return "\n".join(lines)


def rates(tried: Iterable[Swap], passes: Callable[[Swap], bool]) -> SwapRates:
    """Put swaps to a check."""
    cases, passed = Counter[str](), Counter[str]()
    for swap in tried:
        cases[swap.kind] += 1
        passed[swap.kind] += passes(swap)
    kinds = [kind for kind in KINDS if cases[kind]]
    return SwapRates(
        {kind: cases[kind] for kind in kinds} | {_ALL: cases.total()},
        {kind: passed[kind] for kind in kinds} | {_ALL: passed.total()},
    )


def passes_exact_checks(registry: Registry) -> Callable[[Swap], bool]:
    """The exact checks alone, with the claim itself as the only source."""
    names = tuple(name for card in registry.cards() for name in names_of(card))
    context = Context("How does it work?", "en", names)

    def passes(swap: Swap) -> bool:
        return not faults(swap.text, [source(swap, registry)], context)

    return passes


def source(swap: Swap, registry: Registry) -> Source:
    """The claim that a swap was made of, as a source."""
    card = registry[swap.claim.partition("/")[0]]
    return Source("F1", card.facts()[swap.claim], (swap.claim,), names=names_of(card))


def swaps(registry: Registry) -> list[Swap]:
    """False variants of every claim and limit, in the order of the registry."""
    return [
        Swap(f"{card.id}/{claim.id}", kind, text)
        for card in registry.cards()
        for claim in (*card.claims, *card.limits)
        for kind, text in _variants(claim, frozenset(map(str.casefold, names_of(card))))
    ]


def _variants(claim: Claim, systems: frozenset[str]) -> Iterator[tuple[Kind, str]]:
    texts = {claim.text}
    split = subjects(claim.text, claim.text, "en", systems)
    parts = {part for name in systems if " " in name for part in name.split()}
    variants: Iterator[tuple[Kind, str]] = iter(
        (
            *_exchanged(claim.text),
            *(("subject", text) for text in _other_subjects(claim.text, split, parts)),
            *(("number", text) for text in _other_numbers(claim.text, split)),
            *(("negation", text) for text in _affirmed(claim.text)),
            *(("condition", text) for text in _unconditional(claim.text)),
        )
    )
    for kind, text in variants:
        if text not in texts:
            texts.add(text)
            yield kind, text


#: Words that exchange what they say, by kind.
_PAIRS: tuple[tuple[Kind, str, str], ...] = (
    ("role", "encoder", "decoder"),
    ("role", "input", "output"),
    ("size", "half", "full"),
    ("size", "quarter", "half"),
    ("effect", "adds", "removes"),
    ("effect", "added", "removed"),
    ("effect", "sharper", "softer"),
    ("effect", "sharp", "soft"),
    ("effect", "strengthens", "weakens"),
    ("effect", "larger", "smaller"),
    ("effect", "enlarges", "reduces"),
    ("degree", "more", "less"),
    ("degree", "higher", "lower"),
    ("degree", "above", "below"),
    ("degree", "faster", "slower"),
    ("degree", "best", "worst"),
    ("degree", "most", "least"),
    ("order", "before", "after"),
    ("order", "first", "last"),
    ("order", "early", "late"),
)
#: Where both words stand in one list, exchanging them says the same.
_SAME_EITHER_WAY = re.compile(r"\b(?:before and after|first and (?:the )?last|more or less)\b")


def _exchanged(text: str) -> Iterator[tuple[Kind, str]]:
    if _SAME_EITHER_WAY.search(text):
        return
    for kind, one, other in _PAIRS:
        words = {word.lower() for word in re.findall(rf"\b(?:{one}|{other})\b", text, re.I)}
        if not words or (kind == "size" and len(words) > 1):
            continue
        yield kind, _replaced(text, {one: other, other: one})


def _replaced(text: str, words: Mapping[str, str]) -> str:
    def other(match: re.Match[str]) -> str:
        word = words[match[0].lower()]
        return word.capitalize() if match[0][0].isupper() else word

    return re.sub(rf"\b(?:{'|'.join(map(re.escape, words))})\b", other, text, flags=re.I)


def _other_subjects(text: str, split: Subjects, parts: Collection[str]) -> Iterator[str]:
    """Two subjects of one kind with their places exchanged, where each has a value of its own or
    one is compared with the other.

    Args:
        parts: words of longer names, which are no subjects.
    """
    for one, other in combinations(sorted(n for n in split.names if n.text not in parts), 2):
        if one.kind == other.kind and (
            _have_other_values(split, one, other) or _are_compared(text, one.text, other.text)
        ):
            yield _exchange_names(text, one.text, other.text)


def _have_other_values(split: Subjects, one: object, other: object) -> bool:
    values = [
        {b.quantity.value for b in split.bindings if label in b.labels} for label in (one, other)
    ]
    return all(values) and values[0].isdisjoint(values[1])


_COMPARING = (
    r"[^.;:,]{0,60}\b(?:than|behind|improves on|unlike|instead of|grew out of)\b[^.;:,]{0,40}"
)


def _are_compared(text: str, one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    return any(re.search(_name(a) + _COMPARING + _name(b), text, re.IGNORECASE) for a, b in pairs)


def _name(name: str) -> str:
    return rf"(?<![\w-]){re.escape(name)}(?![\w+-])"


def _exchange_names(text: str, one: str, other: str) -> str:
    pattern = re.compile(f"{_name(one)}|{_name(other)}", re.IGNORECASE)
    spellings = {match[0].casefold(): match[0] for match in pattern.finditer(text)}
    if len(spellings) < 2:
        return text
    to = {one: spellings[other], other: spellings[one]}
    return pattern.sub(lambda match: to[match[0].casefold()], text)


_FIGURE = re.compile(r"(?<![\w.,−-])\d+(?:[.,]\d+)*(?![\d\w])")
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


def _other_numbers(text: str, split: Subjects) -> Iterator[str]:
    """Each number in its turn another, in digits by its last digit and in words by one."""
    spans = [(b.quantity.start, b.quantity.end) for b in split.bindings]
    for match in _FIGURE.finditer(text):
        if any(start <= match.start() < end for start, end in spans):
            digit = (int(match[0][-1]) + 3) % 10
            yield f"{text[: match.end() - 1]}{digit}{text[match.end() :]}"
    for match in re.finditer(rf"\b(?:{'|'.join(_WORDS[:-1])})\b", text):
        other = _WORDS[_WORDS.index(match[0]) + 1]
        yield f"{text[: match.start()]}{other}{text[match.end() :]}"


_NEGATIONS = (
    (re.compile(r"\bcannot\b"), "can"),
    (re.compile(r"\bnever\b "), ""),
    (re.compile(r"\b(?<!if )not (?!only\b|just\b)"), ""),
    (re.compile(r"\bno (?=\w+)"), "a "),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\bneither (.{2,40}?) nor\b"), r"both \1 and"),
)


def _affirmed(text: str) -> Iterator[str]:
    """Each negation in its turn left out."""
    for pattern, plain in _NEGATIONS:
        for match in pattern.finditer(text):
            yield f"{text[: match.start()]}{match.expand(plain)}{text[match.end() :]}"


_CONDITION = re.compile(
    r",? (?:only |even )?(?:if|unless|until|as long as|provided)\b[^,;:.]{4,90}(?=[,.;](?:\s|$))"
)


def _unconditional(text: str) -> Iterator[str]:
    """Each condition in its turn left out."""
    for match in _CONDITION.finditer(text):
        rest = text[match.end() :].removeprefix(",")
        yield f"{text[: match.start()]}{rest}"
