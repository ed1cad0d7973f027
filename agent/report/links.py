"""Safe web links, and the links of a reference to its paper and its code."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from agent.text import first_unsafe

_PAPER_LABELS = ("paper", "pdf", "arxiv", "abstract")
_CODE_LABELS = ("code", "github", "repository", "source")
#: Characters that RFC 3986 allows, except the quote and brackets, which Markdown and BibTeX parse.
_SAFE = "%/:?#@!$&*+,;=-._~"


def web_link(url: str) -> str | None:
    """Percent-encode everything in an address that a page could misread.

    None for anything but http and https addresses, which never become links.
    """
    if first_unsafe(url) is not None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return quote(url.strip(), safe=_SAFE)


def web_links(links: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return label and safe address of every valid link, in order."""
    return [(label, safe) for label, url in links.items() if (safe := web_link(url))]


def paper_link(links: Mapping[str, str]) -> str | None:
    """Return the link to the paper, else the first link that is not to code."""
    usable = {label.lower(): url for label, url in web_links(links)}
    papers = (usable[label] for label in _PAPER_LABELS if label in usable)
    others = (url for label, url in usable.items() if label not in _CODE_LABELS)
    return next(papers, None) or next(others, None)


def code_link(links: Mapping[str, str]) -> str | None:
    """Return the link to the code, or None if no label says so."""
    usable = {label.lower(): url for label, url in web_links(links)}
    return next((usable[label] for label in _CODE_LABELS if label in usable), None)
