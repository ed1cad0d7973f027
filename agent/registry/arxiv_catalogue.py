"""Asks arXiv's catalogue for the records of papers; knows nothing about cards.

The `arxiv` package does the asking; what it leaves open is settled here: time-outs, an answer that
is no feed, and one line for a person in place of its exceptions.
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
    """Where the catalogue is asked, and how patiently."""

    url: str = arxiv.Client.query_url_format
    """Address with one `{}` for the query."""
    timeout: float = 20.0
    """Seconds without a byte before it counts as unreachable."""
    delay: float = 3.0
    """Seconds between two requests; arXiv asks for three."""
    retries: int = 2
    page: int = 100
    """Papers asked for at once."""


ARXIV = Service()

_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|(?:dx\.)?doi\.org/10\.48550/)?"
    r"(?:arxiv[:.])?\s*(.+?)(?:\.pdf)?(?:[?#].*)?/?",
    re.IGNORECASE,
)
_ID = re.compile(ARXIV_ID.pattern)
_VERSION = re.compile(r"v\d+\Z")


def arxiv_id(text: str) -> str:
    """The arXiv id, with its version if any, in an id, a link or a DOI; InputError for others."""
    match = _PREFIX.fullmatch(text.strip())
    if match is None or not _ID.match(match[1]):
        raise InputError(
            f"'{visible(text[:80])}' is no arXiv id; expected one such as arxiv:2502.16025, "
            "2502.16025v2 or https://arxiv.org/abs/2502.16025"
        )
    return match[1]


def without_version(id: str) -> str:
    return _VERSION.sub("", id)


def has_version(id: str) -> bool:
    return _VERSION.search(id) is not None


class _Impatient(HTTPAdapter):
    """The client of the package never gives up on a silent server by itself."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        return super().send(request, *args, **{**kwargs, "timeout": self._timeout})


def fetch(ids: Sequence[str], service: Service) -> dict[str, Any]:
    """Records by id, both as asked for and without version; those that arXiv lacks are left out."""
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
            f"{where} answered with something that is no feed of papers; a proxy or sign-in page "
            "may stand between, try again later"
        ) from None
    return {
        key: r for r in results for key in (r.get_short_id(), without_version(r.get_short_id()))
    }


def _advice(status: int) -> str:
    if status == 429:
        return "too many requests, wait some minutes"
    return "try again later" if status >= 500 else "check the arXiv ids"


def _check_feed(response: requests.Response, **_: Any) -> None:
    """Tells an empty answer from a broken one, which the package does not."""
    if response.status_code != requests.codes.ok:
        return
    feed = ElementTree.fromstring(response.content)
    atom, search = "{http://www.w3.org/2005/Atom}", "{http://a9.com/-/spec/opensearch/1.1/}"
    total = feed.findtext(f"{search}totalResults")
    if feed.tag != f"{atom}feed" or total is None:
        raise ValueError("no Atom feed with a number of results")
    entries = feed.findall(f"{atom}entry")
    if int(total) and not entries:
        raise arxiv.UnexpectedEmptyPageError(response.url, 0, None)
    for entry in entries:
        if any(entry.find(f"{atom}{name}") is None for name in ("id", "title", "published")):
            raise ValueError("an entry without id, title or date")
        if "/api/errors" in (entry.findtext(f"{atom}id") or ""):
            message = " ".join((entry.findtext(f"{atom}summary") or "no reason given").split())
            raise InputError(f"arXiv refuses the request: {visible(message[:200])}")
