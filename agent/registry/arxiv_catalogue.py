"""Records of papers from arXiv's catalogue; knows nothing about cards.

The `arxiv` package sends the requests. This module adds what it lacks: timeouts, detection of
responses that are not a feed, and one-line error messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import arxiv
import requests
from requests.adapters import HTTPAdapter

from agent.errors import InputError, ServiceError
from agent.registry.rules import ARXIV_ID
from agent.text import visible


@dataclass(frozen=True)
class Service:
    """Address of the catalogue, and how patiently to ask it."""

    url: str = arxiv.Client.query_url_format
    """Address with one `{}` for the query."""
    timeout: float = 20.0
    """Seconds without data before it counts as unreachable."""
    delay: float = 3.0
    """Seconds between two requests; arXiv asks for three."""
    retries: int = 2
    page: int = 100
    """Papers per request."""


ARXIV = Service()

_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|(?:dx\.)?doi\.org/10\.48550/)?"
    r"(?:arxiv[:.])?\s*(.+?)(?:\.pdf)?(?:[?#].*)?/?",
    re.IGNORECASE,
)
_ID = re.compile(ARXIV_ID.pattern)
_VERSION = re.compile(r"v\d+\Z")


def arxiv_id(text: str) -> str:
    """Extract the arXiv id, with its version if any, from an id, a link or a DOI.

    Raises:
        InputError: if there is none.
    """
    match = _PREFIX.fullmatch(text.strip())
    if match is None or not _ID.match(match[1]):
        raise InputError(
            f"'{visible(text[:80])}' is not an arXiv id; expected one such as arxiv:2502.16025, "
            "2502.16025v2 or https://arxiv.org/abs/2502.16025"
        )
    return match[1]


def without_version(id: str) -> str:
    return _VERSION.sub("", id)


def has_version(id: str) -> bool:
    return _VERSION.search(id) is not None


class _Impatient(HTTPAdapter):
    """An adapter with a timeout, since the package's client waits for ever for a silent server."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        return super().send(request, *args, **{**kwargs, "timeout": self._timeout})


def fetch(ids: Sequence[str], service: Service) -> dict[str, Any]:
    """Fetch records by id, keyed with and without version; ids unknown to arXiv are left out."""
    client = arxiv.Client(len(ids), service.delay, service.retries)
    client.query_url_format = service.url
    for scheme in ("https://", "http://"):
        client._session.mount(scheme, _Impatient(service.timeout))
    client._session.hooks["response"].append(_check_feed)
    where = f"arXiv ({urlsplit(service.url).netloc})"
    try:
        results = list(client.results(arxiv.Search(id_list=list(ids), max_results=len(ids))))
    except arxiv.HTTPError as error:
        raise ServiceError(
            f"{where} answered HTTP {error.status}; {_advice(error.status)}"
        ) from None
    except arxiv.UnexpectedEmptyPageError:
        raise ServiceError(f"{where} answered with an empty page; try again later") from None
    except requests.Timeout:
        wait = f"{service.timeout:g} seconds"
        raise ServiceError(f"{where} did not answer within {wait}; try again later") from None
    except requests.RequestException:
        raise ServiceError(f"{where} cannot be reached; check the network connection") from None
    except (ValueError, ElementTree.ParseError):
        raise ServiceError(
            f"{where} did not answer with a feed of papers; perhaps a proxy or sign-in page is in "
            "between; try again later"
        ) from None
    return {
        key: r for r in results for key in (r.get_short_id(), without_version(r.get_short_id()))
    }


def _advice(status: int) -> str:
    if status == 429:
        return "too many requests; wait a few minutes"
    return "try again later" if status >= 500 else "check the arXiv ids"


def _check_feed(response: requests.Response, **_: Any) -> None:
    """Raise for a broken response, which the package mistakes for an empty one."""
    if response.status_code != requests.codes.ok:
        return
    feed = ElementTree.fromstring(response.content)
    atom, search = "{http://www.w3.org/2005/Atom}", "{http://a9.com/-/spec/opensearch/1.1/}"
    total = feed.findtext(f"{search}totalResults")
    if feed.tag != f"{atom}feed" or total is None:
        raise ValueError("not an Atom feed with a number of results")
    entries = feed.findall(f"{atom}entry")
    if int(total) and not entries:
        raise arxiv.UnexpectedEmptyPageError(response.url, 0, None)
    for entry in entries:
        if any(entry.find(f"{atom}{name}") is None for name in ("id", "title", "published")):
            raise ValueError("an entry without id, title or date")
        if "/api/errors" in (entry.findtext(f"{atom}id") or ""):
            message = " ".join((entry.findtext(f"{atom}summary") or "no reason given").split())
            raise InputError(f"arXiv refuses the request: {visible(message[:200])}")
