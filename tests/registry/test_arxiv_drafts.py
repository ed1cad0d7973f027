"""Against a server on this machine that speaks Atom, as well and as badly as arXiv may."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
import yaml

from agent.errors import GroundglassError, InputError, RegistryError, ServiceError
from agent.registry import Registry, check, load
from agent.registry.arxiv_catalogue import Service
from agent.registry.arxiv_drafts import append_draft, draft, drift
from agent.types import Card

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
      xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
  <opensearch:totalResults>{total}</opensearch:totalResults>{entries}
</feed>"""
ENTRY = """
  <entry>
    <id>http://arxiv.org/abs/{id}</id>
    <updated>2025-03-01T00:00:00Z</updated>
    <published>2024-02-22T00:29:13Z</published>
    <title>{title}</title>
    <summary>{summary}</summary>
    {authors}
    <arxiv:doi>10.1000/x.y_(1)</arxiv:doi>
    <arxiv:primary_category term="cs.CV"/>
  </entry>"""
TITLE = "FeatSharp: Your Vision Model\n  Features, Sharper"
AUTHORS = ("Mike Ranzinger", "Greg Heinrich")
REGISTRY = """# kept
models:
  - id: other   # a remark
    name: Other
    task: t
    summary: s
    links: {paper: https://example.org}
"""

Answer = tuple[int, bytes]


def entry(
    id: str, title: str = TITLE, summary: str = "We sharpen features.\n It is cheap. No more.",
    authors: tuple[str, ...] = AUTHORS,
) -> str:  # fmt: skip
    names = "".join(f"<author><name>{escape(name)}</name></author>" for name in authors)
    return ENTRY.format(id=id, title=escape(title), summary=escape(summary), authors=names)


def feed(*entries: str, total: int | None = None) -> Answer:
    text = FEED.format(total=len(entries) if total is None else total, entries="".join(entries))
    return 200, text.encode()


class Loopback:
    """A server whose answers a test lays out; the last one is repeated."""

    def __init__(self) -> None:
        self.answers: list[Answer | Callable[[list[str]], Answer]] = []
        self.asked: list[list[str]] = []
        self.silent = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler: BaseHTTPRequestHandler) -> None:
                ids = parse_qs(urlsplit(handler.path).query)["id_list"][0].split(",")
                self.asked.append(ids)
                answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
                status, body = answer(ids) if callable(answer) else answer
                if status == 0:
                    self.silent.wait(30)
                    return
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.silent.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "*")
    server = Loopback()
    yield server
    server.close()


@pytest.fixture
def service(loopback: Loopback) -> Service:
    url = f"http://127.0.0.1:{loopback.server.server_port}/api/query?{{}}"
    return Service(url=url, timeout=10, delay=0, retries=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_bytes(REGISTRY.encode())
    return path


def card(id: str, **fields: object) -> Card:
    base = {"name": id, "task": "t", "summary": "s", "links": {"paper": "https://example.org"}}
    return Card.model_validate({"id": id, **base, **fields})


# --- draft ------------------------------------------------------------------------------------


def test_a_draft_is_a_valid_card_with_what_arxiv_knows(
    loopback: Loopback, service: Service, tmp_path: Path
) -> None:
    loopback.answers = [feed(entry("2502.16025v2"))]
    text = draft("https://arxiv.org/pdf/2502.16025v2.pdf", service)
    assert loopback.asked == [["2502.16025v2"]]
    (got,) = yaml.safe_load(text)
    assert got == {
        "id": "featsharp",
        "name": "FeatSharp",
        "title": "FeatSharp: Your Vision Model Features, Sharper",
        "task": "computer vision",
        "summary": "We sharpen features. It is cheap.",
        "authors": list(AUTHORS),
        "year": 2024,
        "arxiv": "2502.16025",
        "links": {
            "paper": "https://arxiv.org/pdf/2502.16025v2",
            "arxiv": "https://arxiv.org/abs/2502.16025",
            "doi": "https://doi.org/10.1000/x.y_(1)",
        },
    }
    assert "own words" in text
    assert "# We sharpen features. It is cheap. No more." in text
    path = tmp_path / "new.yaml"
    path.write_text("models:\n" + text, encoding="utf-8")
    assert check(path) == []


@pytest.mark.parametrize(
    ("title", "summary", "authors"),
    [
        ("no", "2021-01-01", ("null",)),
        ("\u202eevil\u2066: title", "&<>\"'# - [x]: {y}", ("Zoë: O'Neil", "李 明")),
        ("深層学習", "要約。", ("- x",)),
        ("$\\ell_1$-norm: \\'Etude", "x" * 5000, ("A" * 500,)),
        ("T" * 900, "word " * 2000, tuple(f"Author {i}" for i in range(1500))),
        ("", "", ()),
        ("a: b: c", "First.\u2028models:\n- id: x", ("a\tb",)),
    ],
)
def test_no_record_makes_a_card_that_fails_the_check(
    loopback: Loopback, service: Service, path: Path,
    title: str, summary: str, authors: tuple[str, ...],
) -> None:  # fmt: skip
    loopback.answers = [feed(entry("cs/0112017v1", title, summary, authors))]
    append_draft(path, draft("cs/0112017", service))
    assert check(path) == []
    assert len(load(path)) == 2


def test_a_second_try_is_made(loopback: Loopback, service: Service) -> None:
    loopback.answers = [(503, b""), feed(entry("2502.16025v2"))]
    assert "featsharp" in draft("2502.16025", service)
    assert len(loopback.asked) == 2


def test_a_paper_that_arxiv_lacks_is_a_mistake_of_the_user(
    loopback: Loopback, service: Service
) -> None:
    loopback.answers = [feed()]
    with pytest.raises(InputError, match=r"arXiv has no paper 2502\.99999; check the id"):
        draft("arxiv:2502.99999", service)


def test_what_arxiv_says_of_a_wrong_request_is_passed_on(
    loopback: Loopback, service: Service
) -> None:
    error = entry("x", "Error", "incorrect id\x85 format").replace("abs/x", "api/errors#incorrect")
    loopback.answers = [feed(error)]
    with pytest.raises(InputError, match="arXiv refuses the request: incorrect id"):
        draft("2502.16025", service)


BROKEN: dict[str, tuple[Answer, str]] = {
    "too many requests": ((429, b"slow down"), "HTTP 429; too many requests; wait a few minutes"),
    "unavailable": ((503, b""), "HTTP 503; try again later"),
    "not found": ((404, b""), "HTTP 404; check the arXiv ids"),
    "empty page": (feed(total=1), "empty page; try again later"),
    "no body": ((200, b""), "with a feed of papers"),
    "sign-in page": ((200, b"<html><body>Sign in<br></body></html>"), "with a feed of papers"),
    "other XML": ((200, b"<rss><channel/></rss>"), "with a feed of papers"),
    "cut short": ((200, feed(entry("2502.16025v2"))[1][:-20]), "with a feed of papers"),
    "garbage": ((200, b"\x00\xff\xfe garbage"), "with a feed of papers"),
    "no date": (feed(entry("2502.16025v2").replace("published", "other")), "with a feed of papers"),
    "bad date": (
        feed(entry("2502.16025v2").replace("2024-02", "2024-99")),
        "with a feed of papers",
    ),
    "bad total": ((200, FEED.format(total="many", entries="").encode()), "with a feed of papers"),
    "silence": ((0, b""), "did not answer within 0.2 seconds"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("verb", ["draft", "drift"])
def test_a_service_that_fails_gives_one_clear_line(
    loopback: Loopback, service: Service, kind: str, verb: str
) -> None:
    answer, message = BROKEN[kind]
    loopback.answers = [answer]
    if kind == "silence":
        service = replace(service, timeout=0.2)
    with pytest.raises(ServiceError) as caught:
        if verb == "draft":
            draft("2502.16025", service)
        else:
            drift(Registry.from_cards([card("a", arxiv="2502.16025")]), service)
    line = str(caught.value)
    assert message in line
    assert line.isprintable()
    assert line.startswith("arXiv (127.0.0.1:")
    assert caught.value.exit_code == 4


def test_no_network_gives_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api/query?{{}}"
        with pytest.raises(ServiceError, match="cannot be reached; check the network"):
            draft("2502.16025", Service(url=url, timeout=10, delay=0, retries=0))


# --- drift ------------------------------------------------------------------------------------


def test_drift_of_title_authors_and_version_is_reported(
    loopback: Loopback, service: Service
) -> None:
    registry = Registry.from_cards([
        card("same", arxiv="2502.00001v2", title="FeatSharp:  your vision model features, sharper",
             authors=AUTHORS),
        card("silent", arxiv="2502.00001"),
        card("moved", arxiv="2502.00002v1", title="Old title", authors=("Someone Else",),
             links={"pdf": "https://arxiv.org/pdf/2502.00002v1.pdf",
                    "cited": "https://arxiv.org/abs/2502.00001v1"}),
        card("gone", arxiv="2502.00003"),
        card("elsewhere"),
    ])  # fmt: skip
    loopback.answers = [feed(entry("2502.00001v2"), entry("2502.00002v3"))]
    assert [tuple(item) for item in drift(registry, service)] == [
        ("moved", "title", "Old title", "FeatSharp: Your Vision Model Features, Sharper"),
        ("moved", "authors", "Someone Else", "Mike Ranzinger, Greg Heinrich"),
        ("moved", "arxiv", "2502.00002v1", "2502.00002v3"),
        ("moved", "links.pdf", "2502.00002v1", "2502.00002v3"),
        ("gone", "arxiv", "2502.00003", "no such paper"),
    ]
    assert loopback.asked == [["2502.00001", "2502.00002", "2502.00003"]]


def test_many_papers_are_asked_for_in_few_requests(loopback: Loopback, service: Service) -> None:
    registry = Registry.from_cards(
        card(f"c{i}", arxiv=f"2502.{i:05d}", title=TITLE) for i in range(5)
    )
    loopback.answers = [lambda ids: feed(*(entry(f"{id}v1") for id in ids))]
    assert drift(registry, replace(service, page=2)) == []
    assert [len(ids) for ids in loopback.asked] == [2, 2, 1]


def test_a_registry_without_papers_asks_nothing(loopback: Loopback, service: Service) -> None:
    assert drift(Registry.from_cards([card("a")]), service) == []
    assert loopback.asked == []


# --- append -----------------------------------------------------------------------------------

DRAFT = """# a note
- id: new
  name: New
  task: t
  summary: s
  arxiv: '2502.16025'
  links: {paper: https://example.org/new}
"""


@pytest.mark.parametrize(
    "before",
    [
        REGISTRY,
        REGISTRY.rstrip("\n"),
        REGISTRY.replace("\n  ", "\n"),
        REGISTRY.replace("\n", "\r\n"),
        REGISTRY + "# the end\n",
        REGISTRY + "    venue: |\n      text\n\n\n",
        "models: []\n",
    ],
)
def test_a_card_is_added_and_every_byte_before_it_stays(path: Path, before: str) -> None:
    path.write_bytes(before.encode())
    path.chmod(0o640)
    append_draft(path, DRAFT)
    after = path.read_bytes()
    assert after.startswith(before.replace(" []\n", "").encode())
    assert list(load(path))[-1] == "new"
    assert (b"\r\n" in after) == ("\r\n" in before)
    assert after.count(b"\r\n") in (0, after.count(b"\n"))
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_card_is_added_before_the_questions_that_span_cards(path: Path, ending: str) -> None:
    cards, answers = path.read_text(), "\n# About all.\nquestions:\n- ask: [x]\n  answer: y\n"
    facts = f"  facts: [{next(iter(load(path)))}/summary]\n"
    path.write_bytes((cards + answers + facts).replace("\n", ending).encode())
    append_draft(path, DRAFT)
    text = path.read_bytes().decode().replace("\r\n", "\n")
    assert text.startswith(cards)
    assert text.endswith(answers + facts)
    assert len(load(path)) == 2


@pytest.mark.parametrize(
    ("before", "added", "error"),
    [
        (REGISTRY, DRAFT.replace("id: new", "id: other"), RegistryError),
        (REGISTRY, DRAFT.replace("name: New", "name: [New]"), RegistryError),
        (REGISTRY.replace("name: Other", "name: no"), DRAFT, RegistryError),
        (REGISTRY + "    arxiv: 2502.16025v1\n", DRAFT, InputError),
        ("models: [{id: a}]\n", DRAFT, RegistryError),
        (REGISTRY + "...\n", DRAFT, RegistryError),
        ("", DRAFT, RegistryError),
    ],
)
def test_a_card_that_does_not_fit_changes_nothing(
    path: Path, before: str, added: str, error: type[GroundglassError]
) -> None:
    path.write_bytes(before.encode())
    with pytest.raises(error):
        append_draft(path, added)
    assert path.read_bytes() == before.encode()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_full_disk_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RegistryError, match="cannot be written: No space left"):
        append_draft(path, DRAFT)
    assert path.read_text() == REGISTRY
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_link_to_a_registry_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    append_draft(link, DRAFT)
    assert link.is_symlink()
    assert len(load(path)) == 2


def test_a_registry_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be read"):
        append_draft(tmp_path / "missing.yaml", DRAFT)
    assert list(tmp_path.iterdir()) == []
