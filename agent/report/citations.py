"""References as BibTeX and CSL-JSON, for reference managers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal

from agent.report.author_names import Name, split_name
from agent.report.links import code_link, paper_link
from agent.report.schema import json_text
from agent.report.single_line import plain
from agent.types import Reference, Report

Kind = Literal["conference", "journal", "preprint", "other"]

#: Words in the name of a journal; any other venue counts as a conference.
_JOURNAL = re.compile(
    r"journal|transactions|letters|magazine|\b(?:nature|science|pnas|tpami|pami|ijcv|tip|tmlr|jmlr)\b",
    re.IGNORECASE,
)
_PREPRINT_VENUE = re.compile(r"arxiv|preprint|\bcorr\b", re.IGNORECASE)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_SMALL_WORD = re.compile(
    r"an?|and|are|as|at|by|can|do|does|for|from|how|in|is|of|on|or|the|to|via|what|when|why|with"
)
#: Letters that Unicode does not decompose into a base letter and an accent.
_FOLDS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
                        "ß": "ss", "ı": "i"})  # fmt: skip
#: A word of a title without surrounding punctuation.
_WORD = re.compile(r"([^\s:;,.?!()\"“”]+)")
#: Braces become commands, since BibTeX counts them even after a backslash.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "$&#%_"},
    }
)


def report_to_bibtex(report: Report) -> str:
    """Return the references of a report as BibTeX."""
    return to_bibtex(report.answer.references)


def report_to_csl_json(report: Report) -> str:
    """Return the references of a report as CSL-JSON."""
    return to_csl_json(report.answer.references)


def to_bibtex(references: Iterable[Reference]) -> str:
    """Return one BibTeX entry per reference, keyed by family name, year and first title word."""
    return "\n\n".join(_entry(key, reference) for key, reference in _with_keys(references))


def to_csl_json(references: Iterable[Reference]) -> str:
    """Return a JSON array of Citation Style Language items, with the keys of `to_bibtex`."""
    return _csl_json(tuple(references))


@lru_cache(maxsize=256)  # many answers cite the same cards
def _csl_json(references: tuple[Reference, ...]) -> str:
    return json_text([_item(key, reference) for key, reference in _with_keys(references)])


def _with_keys(references: Iterable[Reference]) -> Iterator[tuple[str, Reference]]:
    """Yield each reference with its key; duplicate keys get a letter."""
    keys: set[str] = set()
    for reference in references:
        key = base = _key(reference)
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if key not in keys:
                break
            key = base + letter
        keys.add(key)
        yield key, reference


@lru_cache(maxsize=1_024)  # many answers cite one card
def _key(reference: Reference) -> str:
    family = _fold(split_name(reference.authors[0]).family) if reference.authors else ""
    words = [_fold(word) for word in re.split(r"[\s\-–:/]+", reference.title)]
    word = next((word for word in words if word and not _SMALL_WORD.fullmatch(word)), "")
    return f"{family or _fold(reference.card)}{_year(reference) or ''}{word}" or "reference"


def _fold(text: str) -> str:
    """Reduce a text to lower-case ASCII letters and digits."""
    spelt = unicodedata.normalize("NFKD", text.lower().translate(_FOLDS))
    return "".join(c for c in spelt.lower() if c.isascii() and c.isalnum())


def _kind(reference: Reference) -> Kind:
    venue = reference.venue or ""
    if not venue or _PREPRINT_VENUE.search(venue):
        return "preprint" if reference.arxiv else "other"
    return "journal" if _JOURNAL.search(venue) else "conference"


def _year(reference: Reference) -> int | None:
    if reference.year:
        return reference.year
    match = _YEAR.search(reference.venue or "")
    return int(match[1]) if match else None


def _venue(reference: Reference) -> str:
    """Return the venue without its year, which bibliographies print separately."""
    venue = plain(reference.venue or "")
    return venue.removesuffix(str(_year(reference) or "")).rstrip(" ,") or venue


# --- BibTeX -----------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def _entry(key: str, reference: Reference) -> str:
    kinds = {"conference": "inproceedings", "journal": "article", "preprint": "misc"}
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(reference) if value)
    return f"@{kinds.get(_kind(reference), 'misc')}{{{key},\n{fields}}}"


def _fields(reference: Reference) -> Iterator[tuple[str, str]]:
    kind = _kind(reference)
    yield "author", " and ".join(map(_bibtex_name, filter(plain, reference.authors)))
    yield "title", _protect(reference.title)
    yield "year", str(_year(reference) or "")
    if kind in ("conference", "journal"):
        yield ("booktitle" if kind == "conference" else "journal"), _latex(_venue(reference))
    if reference.arxiv:
        yield "eprint", _latex(reference.arxiv)
        yield "archivePrefix", "arXiv"
    paper, code = paper_link(reference.links), code_link(reference.links)
    yield "url", paper or ""
    if kind == "other" and (address := paper or code):
        yield "howpublished", f"\\url{{{address}}}"
    yield "note", f"Code: \\url{{{code}}}" if code else ""


def _latex(text: str) -> str:
    return plain(text).translate(_LATEX)


def _bibtex_name(text: str) -> str:
    """Return `Family, Suffix, Given`; braces protect single words and names that contain `and`."""
    name = split_name(text)
    family = _latex(name.family)
    if not name.given or re.search(r"\band\b", text, re.IGNORECASE):
        return f"{{{_latex(text)}}}"
    return ", ".join(filter(None, (family, _latex(name.suffix), _latex(name.given))))


def _protect(title: str) -> str:
    """Put braces around words of a title whose capitals a style must not lower."""
    return "".join(
        f"{{{_latex(part)}}}" if _has_own_capitals(part) else part.translate(_LATEX)
        for part in _WORD.split(plain(title))
    )


def _has_own_capitals(word: str) -> bool:
    """Check whether capitals are part of a word: CLIP, LLaVAR, U-Net, but not Coarse-to-Fine."""
    parts = [part for part in re.split(r"[\W_]+", word) if part]
    inside = any(c.isupper() for part in parts for c in part[1:])
    return inside or (len(parts) > 1 and any(len(p) == 1 and p.isupper() for p in parts))


# --- CSL-JSON ---------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def _item(key: str, reference: Reference) -> Mapping[str, object]:
    kind, year = _kind(reference), _year(reference)
    paper, code = paper_link(reference.links), code_link(reference.links)
    types = {
        "conference": "paper-conference",
        "journal": "article-journal",
        "preprint": "article",
        "other": "document" if paper or not code else "software",
    }
    arxiv = f"arXiv:{plain(reference.arxiv)}" if reference.arxiv else ""
    notes = [arxiv if kind != "preprint" else "", f"Code: {code}" if code else ""]
    item: dict[str, object] = {
        "id": key,
        "type": types[kind],
        "title": plain(reference.title),
        "author": [_csl_name(split_name(name)) for name in reference.authors if plain(name)],
        "issued": {"date-parts": [[year]]} if year else None,
        "container-title": _venue(reference) if kind in ("conference", "journal") else "",
        "publisher": "arXiv" if kind == "preprint" else "",
        "number": arxiv if kind == "preprint" else "",
        "URL": paper or code or "",
        "note": "; ".join(filter(None, notes)),
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
