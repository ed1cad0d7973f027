"""Which addresses may become links, and which of a reference is the paper and which the code."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from agent.text import first_unsafe

_PAPER_LABELS = ("paper", "pdf", "arxiv", "abstract")
_CODE_LABELS = ("code", "github", "repository", "source")
#: What RFC 3986 lets stand, without the quote and the brackets that Markdown and BibTeX would read.
_SAFE = "%/:?#@!$&*+,;=-._~"


def web_link(url: str) -> str | None:
    """The address with everything percent-encoded that a page could misread.

    None for what is no http or https address: such a thing is never made a link.
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
    """Label and safe address of every link that is one, in the order given."""
    return [(label, safe) for label, url in links.items() if (safe := web_link(url))]


def paper_link(links: Mapping[str, str]) -> str | None:
    """Where the work can be read, else the first link that is not its code."""
    usable = {label.lower(): url for label, url in web_links(links)}
    papers = (usable[label] for label in _PAPER_LABELS if label in usable)
    others = (url for label, url in usable.items() if label not in _CODE_LABELS)
    return next(papers, None) or next(others, None)


def code_link(links: Mapping[str, str]) -> str | None:
    """Where the code is, None where no link is labelled so."""
    usable = {label.lower(): url for label, url in web_links(links)}
    return next((usable[label] for label in _CODE_LABELS if label in usable), None)
