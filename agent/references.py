"""References in a text (URLs, DOIs, arXiv ids and repositories), each in one normal form.

Normal forms: `url:host/path`, `doi:10.…`, `arxiv:2108.05054`, `repo:owner/name`. Equivalent
spellings (scheme, `www.`, case of the host, percent-encoding, full-width letters, trailing
punctuation, version of an arXiv id) have the same form.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`|\\]+", re.IGNORECASE)
_DOMAIN = r"(?:com|org|net|io|ai|dev|edu|gov|co|me|app|xyz|info|site|eu|de|uk)(?!\.?[\w-])"
_BARE_HOST = re.compile(
    r"(?<![\w@./-])(?:[\w.+-]+@)?(?:[a-z0-9-]+\.)+" + _DOMAIN + r"(?:/[^\s<>\"'`|\\]*)?",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s<>\"'`|\\]+", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?<![\w./])(?:arxiv:\s?)?((?:0[7-9]|[1-9]\d)(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?![\w/])",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(r"(?<![\w./@-])([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)(?![\w/])")
#: A quick test: text that every match contains, and most texts do not.
_NEEDED = {
    _URL: re.compile(r"://|www\.", re.IGNORECASE),
    _DOI: re.compile(r"10\.\d{4}"),
    _BARE_HOST: re.compile(r"\." + _DOMAIN, re.IGNORECASE),
    _ARXIV: re.compile(r"\d{4}\.\d{4}|/\d{7}"),
    _REPOSITORY: re.compile("[\\w.-]/[A-Za-z0-9]"),
}
_ARXIV_PATH = re.compile(r"^/(?:abs|pdf|html)/(.+?)(?:v\d+)?(?:\.pdf)?$")
_TRAILING = ".,;:!?)]}>*_’”\"'"
#: Pairs of plain words that a slash joins in ordinary prose.
_PROSE = {"and/or", "his/her", "he/she", "input/output", "before/after", "yes/no", "n/a", "on/off"}


def references_in(text: str) -> set[str]:
    """Return all references in `text`, normalised."""
    return set().union(*map(_in_line, text.split("\n")))


@lru_cache(maxsize=1_024)  # the same facts recur in many answers
def _in_line(text: str) -> frozenset[str]:
    """Return the references in one line; none spans several."""
    text = unicodedata.normalize("NFKC", text)
    references: set[str] = set()

    def take(pattern: re.Pattern[str], text: str) -> str:
        """Record the matches and remove them, so that no part of one matches again."""

        def note(match: re.Match[str]) -> str:
            references.add(_normal(pattern, match))
            return " "

        return pattern.sub(note, text)

    for pattern, needed in _NEEDED.items():
        if needed.search(text):
            text = take(pattern, text)
    return frozenset(references - {""})


def without_references(text: str) -> str:
    """Return one line of `text` with every reference in it replaced by `[address]`."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    for pattern in (_URL, _DOI, _BARE_HOST, _ARXIV, _REPOSITORY):

        def masked(match: re.Match[str], pattern: re.Pattern[str] = pattern) -> str:
            return "[address]" if _normal(pattern, match) else match[0]

        text = pattern.sub(masked, text)
    return text if not references_in(text) else "[address]"


def _normal(pattern: re.Pattern[str], match: re.Match[str]) -> str:
    if pattern is _DOI:
        return f"doi:{match[0].rstrip(_TRAILING).lower()}"
    if pattern is _ARXIV:
        return f"arxiv:{match[1]}"
    if pattern is _REPOSITORY:
        pair = f"{match[1]}/{match[2].rstrip(_TRAILING)}".lower()
        return "" if pair in _PROSE or _is_quantity(pair) else f"repo:{pair}"
    return _normal_url(match[0])


def _normal_url(url: str) -> str:
    url = unquote(url).rstrip(_TRAILING)
    try:
        parts = urlsplit(url if "//" in url else f"https://{url}")
    except ValueError:  # an unbalanced bracket, as of an IPv6 address
        return f"url:{url.lower()}"
    host = parts.netloc.lower().removeprefix("www.")  # keeps user info, which can fake a host
    path = parts.path.rstrip("/").removesuffix(".git")
    if host in ("arxiv.org", "export.arxiv.org") and (arxiv := _ARXIV_PATH.match(path)):
        return f"arxiv:{arxiv[1]}"
    if host in ("doi.org", "dx.doi.org"):
        return f"doi:{path.lstrip('/').lower()}"
    names = path.strip("/").split("/")
    if host == "github.com" and len(names) == 2:
        return f"repo:{'/'.join(names).lower()}"
    query = f"?{parts.query}" if parts.query else ""
    return f"url:{host}{path}{query}"


def _is_quantity(pair: str) -> bool:
    """Check whether both sides are units, numbers or single letters, such as `km/h` or `1/2`."""
    return all(len(side) <= 2 or side.replace(".", "").isdigit() for side in pair.split("/"))
