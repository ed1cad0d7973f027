"""Conversion of links in a brief to https URLs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from agent.question.names import arxiv_ids, trimmed

_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_MARKDOWN = re.compile(r"\[[^\]]*\]\(\s*<?([^\s<>]+?)>?\s*\)")
_DOI = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV = re.compile(r"(?:arxiv:?\s*)?\S+", re.IGNORECASE)
_LONGEST = 4000  # characters; a longer text is not a list of links
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def links_in(value: str) -> list[str]:
    """Extract the links of a field's value as https URLs without trailing punctuation.

    A bare arXiv id or DOI becomes a link to its page; http becomes https.

    Returns:
        An empty list if the value contains anything but links.
    """
    if len(value) > _LONGEST:
        return []
    value = _MARKDOWN.sub(r"\1", value).strip()
    urls = [_https(trimmed(match[0])) for match in _URL.finditer(value)]
    if urls:
        rest = _URL.sub("", value).strip(" ,;<>()[].*_and&|")
        return [] if None in urls or rest else [url for url in urls if url]
    if doi := _DOI.fullmatch(value):
        return [f"https://doi.org/{trimmed(doi[1])}"]
    if _ARXIV.fullmatch(value) and (ids := arxiv_ids(value)):
        return [f"https://arxiv.org/abs/{ids[0]}"]
    return []


def _https(url: str) -> str | None:
    """Convert a URL to https; None if it has no plain host or has invalid characters."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not url.isascii() or parts.username is not None or not _HOST.fullmatch(host):
        return None
    return f"https://{url.partition('://')[2]}"


def add_link(links: dict[str, str], label: str, url: str) -> None:
    """Add a link to `links` unless it is there, as `label-2` and so on if `label` is taken."""
    name, count = label, 1
    while links.get(name, url) != url:
        count += 1
        name = f"{label}-{count}"
    if url not in links.values():
        links[name] = url
