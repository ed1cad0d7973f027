"""Checks that a sentence is plain prose: no hidden characters, look-alikes, markup or links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from agent.llm.author.faults import Fault
from agent.question.names import arxiv_ids
from agent.references import references_in
from agent.text import is_unsafe

LONGEST = 400
"""Longest sentence in characters."""

_ALPHABETS = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
_STYLED = {"FULLWIDTH", "MATHEMATICAL", "MODIFIER", "DOUBLE-STRUCK", "CIRCLED", "SQUARED"}
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STACKED = re.compile(r"[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]{3}")
_MARKUP = re.compile(
    r"[<>\[\]{}`|\\*#@^$✓✗✔✘☑☒]|~(?!\s?\d)|&#?\w+;|_\w*_|^\s*[-+•]\s|(?<!\w)[a-z]{3,12}:(?!\s)(?=\S)",
    re.IGNORECASE,
)
_DOT = r"(?:dot|punkt|point|punto|ponto|точка|点|點|ドット|닷|점)"
_SLASH = (
    r"(?:slash|schrägstrich|schuine streep|barre oblique|barra|слэш|斜杠|斜線|スラッシュ|슬래시)"
)
_DOMAIN = r"(?:com|org|net|io|ai|dev|app|test|edu|gov|info|xyz|co|me|site|eu|de|uk|fr|cn|ru|jp|kr)"
_SPELT = re.compile(
    rf"(?<!\w)[\w-]+\s?[(\[]?{_DOT}[)\]]?\s?(?:{_DOMAIN}(?!\w)|[\w-]+\s?{_SLASH})|"
    rf"(?<!\w)h\s?[tx]\s?[tx]\s?p\s?s?\s?(?:colon|:)|(?<!\w)(?:arxiv|doi)\W{{0,3}}\d|"
    rf"{_SLASH}\s+{_SLASH}|(?<!\w)(?:https?|www)(?!\w)",
    re.IGNORECASE,
)
#: A dot inside a word, as between the parts of a host: `evil.test`.
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z][\w-]+(?:\.[A-Za-z][\w-]+)+", re.ASCII)


def faults_of_form(text: str, source_text: str, question: str) -> Iterator[Fault]:
    """Yield faults of form, which no sentence may have.

    Args:
        source_text: the texts of its sources, whose references it may quote.
        question: the question, whose file names it may repeat.
    """
    if len(text) > LONGEST:
        yield Fault("too long", f"has {len(text):,} characters; expected at most {LONGEST}")
    if any(is_unsafe(c) or unicodedata.category(c) in _HIDDEN for c in _unusual(text)):
        yield Fault("unsafe characters", "contains line breaks, control or invisible characters")
    if _STACKED.search(text) or any(map(_is_mixed, _words(text))):
        yield Fault("unsafe characters", "contains a word that mixes alphabets or letter styles")
    if marks := _MARKUP.search(_without(text, f"{source_text} {question}")):
        yield Fault("link or markup", f"contains {marks[0]!r}; expected plain sentences")
    elif _has_link(text, source_text, question):
        yield Fault("link or markup", "contains an address or the id of a paper; expected none")


def _without(text: str, source_text: str) -> str:
    """Remove words of the sources that look like markup, such as `vit_l14`."""
    words = (word.strip(".,;:()“”\"'") for word in source_text.split())
    odd = {word for word in words if len(word) > 2 and _MARKUP.search(word)}
    for word in sorted(odd, key=len, reverse=True):
        text = text.replace(word, " ")
    return text


def _has_link(text: str, source_text: str, question: str) -> bool:
    if (references := references_in(text)) and not references <= references_in(source_text):
        return True
    if (ids := arxiv_ids(text)) and not set(ids) <= set(arxiv_ids(source_text)):
        return True
    context = f"{source_text} {question}".casefold()
    dotted = (word.casefold() for word in _DOTTED.findall(text))
    return _SPELT.search(text) is not None or any(word not in context for word in dotted)


def _unusual(text: str) -> set[str]:
    return {c for c in set(text) if not (c.isascii() and c.isprintable())}


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]


def _is_mixed(word: str) -> bool:
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word}
    return len(scripts & _ALPHABETS) > 1 or bool(scripts & _STYLED)
