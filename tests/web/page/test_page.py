"""The page without a script: forms, redirects, downloads, and text from outside as text."""

from __future__ import annotations

import gc
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

from agent.settings import Settings
from agent.types import Report
from agent.web.jobs import Busy
from agent.web.page import routes
from agent.web.service import Service
from tests.web.pictures import png

QUESTION = "Which loss does MIMO-UNet+ use?"
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=y>'


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(Settings(evidence="none")) as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(service)), follow_redirects=False) as one:
        yield one


def upload(name: str = "street.png") -> tuple[str, tuple[str, bytes, str]]:
    return "pictures", (name, png(16, 16), "image/png")


def ask(client: TestClient, text: str, to: str = "/ask", **fields: str) -> str:
    """The address of the answer."""
    return followed(client, client.post(to, data={"question": text, **fields}))


def followed(client: TestClient, asked: Response) -> str:
    """The address that a job leads to."""
    assert asked.status_code == 303, asked.text
    place = asked.headers["location"]
    while True:
        page = client.get(place)
        if page.status_code == 303:
            return str(page.headers["location"])
        assert 'http-equiv="refresh"' in page.text


def test_a_question_leads_to_the_answer_that_the_agent_gives(
    client: TestClient, service: Service
) -> None:
    place = ask(client, QUESTION)

    page = client.get(place)
    saved = service.answers.get(place.rpartition("/")[2])
    assert page.status_code == 200 and saved
    report = saved.report()
    assert report and QUESTION in page.text
    text = unescape(re.sub(r"<[^>]+>", "", page.text))
    assert all(statement.text in text for statement in report.answer.statements)
    assert all(reference.title in text for reference in report.answer.references)


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client: TestClient) -> None:
    for place in ("/", ask(client, QUESTION), "/registry", "/registry/mimo-unet-plus", "/no"):
        page = client.get(place).text
        assert " style=" not in page and "<style" not in page
        assert re.findall(r"<script(?! src=\"/static/site.js\")", page) == []
        sources = re.findall(r'(?:src|<link[^>]* href|action)="([^"]*)"', page)
        assert [source for source in sources if urlsplit(source).netloc] == []


def test_text_from_outside_is_text(client: TestClient) -> None:
    asked = client.post(
        "/ask", data={"question": f"Is this sharp? {HOSTILE}"}, files=[upload(f"{HOSTILE}.png")]
    )
    pages = [client.get(followed(client, asked)).text, client.get("/").text]
    pages.append(client.get("/", params={"question": f"</textarea>{HOSTILE}"}).text)
    pages.append(client.get("/registry", params={"q": HOSTILE}).text)
    pages.append(client.post("/ask", data={"question": "x", "evidence": HOSTILE}).text)

    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;" in pages[0]


@pytest.mark.parametrize(
    "place",
    [
        "/answers/x", "/answers/x/files/report.html", "/answers/x/pictures/a.png", "/jobs/x",
        "/jobs/x/events", "/registry/no-such-card", "/static/page.py", "/static/..%2f__init__.py",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404_in_one_line(client: TestClient, place: str) -> None:
    page = client.get(place)

    assert page.status_code == 404
    assert "Traceback" not in page.text


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"question": "  "}, []),
        ({"question": "x" * 100_000}, []),
        ({"question": "Sharp?", "upscale": "7"}, []),
        ({"question": "Sharp?", "evidence": "all"}, []),
        ({"question": "Sharp?"}, [("pictures", ("a.png", b"no picture", "image/png"))]),
        ({"question": "Sharp?"}, [upload()] * 9),
        ({"question": "Sharp?"}, [upload()] * 50),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said_in_one_line(
    client: TestClient, service: Service, fields: dict[str, str], files: list[object]
) -> None:
    before = set(service.workspace.path.iterdir())

    page = client.post("/ask", data=fields, files=files)  # type: ignore[arg-type]

    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert set(service.workspace.path.iterdir()) == before


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "punycode", "undefined", "utf-16"])
def test_a_form_is_text_in_an_encoding_that_pages_send(client: TestClient, charset: str) -> None:
    """Others of Python's make lone surrogates, which no page can show, or fail on their own."""
    parts = r"Content-Disposition: form-data; name=question" + "\r\n\r\n" + r"Why \ud800 +2AA-?"
    kind = f'multipart/form-data; boundary=x; charset="{charset}"'
    page = client.post(
        "/ask", content=f"--x\r\n{parts}\r\n--x--\r\n", headers={"Content-Type": kind}
    )
    assert page.status_code == 415
    assert 'role="alert"' in page.text


def test_a_file_is_named_as_it_is_called(client: TestClient) -> None:
    bad = [("pictures", ("bad.png", b"no picture", "image/png"))]

    page = client.post("/ask", data={"question": "Sharp?"}, files=bad)

    assert 'role="alert">bad.png: ' in page.text


def test_downloads_are_attachments_and_the_archive_holds_them_all(client: TestClient) -> None:
    place = ask(client, QUESTION)

    for name in ("report.html", "report.md", "report.json", "references.bib"):
        file = client.get(f"{place}/files/{name}")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert file.content
    archive = zipfile.ZipFile(BytesIO(client.get(f"{place}/files/groundglass.zip").content))
    assert "groundglass/report.html" in archive.namelist()
    assert archive.read("groundglass/report.md") == client.get(f"{place}/files/report.md").content


def test_an_archive_takes_no_room_on_the_disk(client: TestClient, service: Service) -> None:
    place = ask(client, QUESTION)
    saved = service.answers.get(place.rpartition("/")[2])
    assert saved
    before = sorted(saved.home.rglob("*"))

    client.get(f"{place}/files/groundglass.zip")

    assert sorted(saved.home.rglob("*")) == before


def test_what_was_said_in_the_place_of_a_report_has_no_files(client: TestClient) -> None:
    first = ask(client, QUESTION)
    shorter = ask(client, "Shorter, please", f"{first}/reply")

    for name in ("groundglass.zip", "report.json"):
        assert client.get(f"{shorter}/files/{name}").status_code == 404


@pytest.mark.parametrize("name", ["..%2freport.json", "%2fetc%2fpasswd", "0", "report.json"])
def test_pictures_are_those_of_the_answer_alone(client: TestClient, name: str) -> None:
    place = ask(client, QUESTION)

    assert client.get(f"{place}/pictures/{name}").status_code == 404
    assert client.get(f"{place}/files/{name}").status_code == (
        200 if name == "report.json" else 404
    )


def test_two_browsers_do_not_see_what_the_other_asked(client: TestClient) -> None:
    place = ask(client, QUESTION)
    assert place in client.get("/").text

    client.cookies.clear()
    assert place not in client.get("/").text
    client.cookies.set("groundglass", "guessed")
    assert place not in client.get("/").text
    ask(client, "What does FeatSharp do?")
    assert place not in client.get("/").text


def test_a_history_is_cleared_by_its_own_browser_alone(client: TestClient) -> None:
    place = ask(client, QUESTION)
    mine = client.cookies["groundglass"]
    client.cookies.clear()
    assert client.post("/history/clear").status_code == 303
    other = ask(client, QUESTION)
    client.cookies.clear()
    client.cookies.set("groundglass", mine)
    assert place in client.get("/").text

    assert client.post("/history/clear").headers["location"] == "/"

    home = client.get("/").text
    assert place not in home and "Clear this history" not in home
    assert client.get(place).status_code == client.get(other).status_code == 200
    again = ask(client, QUESTION)  # a browser whose history was cleared begins a new one
    assert again in client.get("/").text


def test_the_cookie_is_for_this_site_alone(client: TestClient) -> None:
    cookie = client.post("/ask", data={"question": QUESTION}).headers["set-cookie"]

    assert "HttpOnly" in cookie and "SameSite=strict" in cookie


def test_a_follow_up_is_about_the_answer_that_it_follows(
    client: TestClient, service: Service
) -> None:
    first = ask(client, "What does MIMO-UNet+ do?")
    second = ask(client, "And which loss does it use?", f"{first}/reply")
    saved = service.answers.get(second.rpartition("/")[2])
    report = saved.report() if saved else None
    assert report and report.answer.references[0].card == "mimo-unet-plus"

    shorter = ask(client, "Shorter, please", f"{second}/reply")
    page = client.get(shorter).text
    assert 'class="said"' in page
    # It is no report itself, yet what follows is still about the last one.
    assert ask(client, "Say that again", f"{shorter}/reply") == second


def test_follow_ups_leave_no_reports_in_memory(client: TestClient) -> None:
    """Pages keep the last thousand jobs; a report with its pictures takes megabytes."""
    first, line = ask(client, QUESTION), "What does FeatSharp do, in a browser?"
    for _ in range(3):
        ask(client, line, f"{first}/reply")
    gc.collect()
    # By their type: to ask an object for its class may run code of its own, and warn.
    held = [each for each in gc.get_objects() if issubclass(type(each), Report)]
    # The last one that was shown is remembered, in case it is shown once more.
    assert len([each for each in held if each.question.text == line]) <= 1


def test_pictures_stay_attached_until_they_are_removed(
    client: TestClient, service: Service
) -> None:
    asked = client.post("/ask", data={"question": "Is this sharp?"}, files=[upload("street.png")])
    first = followed(client, asked)
    assert "street.png" in client.get(first).text

    def names(place: str) -> list[str]:
        saved = service.answers.get(place.rpartition("/")[2])
        assert saved
        return [path.name for path in saved.question.images]

    assert names(ask(client, "Make it sharper", f"{first}/reply", keep="0")) == ["street.png"]
    assert names(ask(client, "What does FeatSharp do?", f"{first}/reply")) == []
    assert names(followed(client, client.post(f"{first}/again"))) == ["street.png"]


def test_an_answer_is_run_again_to_the_same_words(client: TestClient, service: Service) -> None:
    first = ask(client, QUESTION)
    second = followed(client, client.post(f"{first}/again"))

    answers = []
    for place in (first, second):
        saved = service.answers.get(place.rpartition("/")[2])
        report = saved.report() if saved else None
        assert report
        answers.append(report.answer)
    assert first != second and answers[0] == answers[1]


def test_a_failure_offers_to_ask_the_same_again(client: TestClient) -> None:
    bad = [("pictures", ("a.png", b"no picture", "image/png"))]
    page = client.post("/ask", data={"question": f"Sharp? {HOSTILE}"}, files=bad)
    assert page.status_code == 400

    place = unescape(re.findall(r'href="(/[^"]*)">Ask again', page.text)[0])

    home = client.get(place).text
    assert f"Sharp? {HOSTILE}" in unescape(re.findall(r"<textarea[^>]*>(.*?)<", home)[0] + home)
    assert "<script>alert" not in home


@pytest.mark.parametrize("models", [["mimo-unet-plus"], [], ["no-such-model"]])
def test_models_are_compared_on_pictures_alone(client: TestClient, models: list[str]) -> None:
    page = client.post("/compare", data={"question": "Which is sharper?", "models": models})

    assert page.status_code == 400
    assert "Attach the pictures" in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"question": "Which keeps text best, ESRGAN-Nobody or SwinIR?"}, "tick models"),
        ({"question": "Which is sharper at 1.5x?"}, "whole factors"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_so_and_leaves_nothing(
    client: TestClient, service: Service, fields: dict[str, str], said: str
) -> None:
    before = set(service.workspace.path.iterdir())

    page = client.post("/compare", data=fields, files=[upload()])

    assert page.status_code == 400 and said in page.text
    assert set(service.workspace.path.iterdir()) == before


def test_a_full_queue_says_when_to_come_back(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Busy(30)

    monkeypatch.setattr(service.jobs, "start", full)
    before = set(service.workspace.path.iterdir())

    page = client.post("/ask", data={"question": "Sharp?"}, files=[upload()])

    assert page.status_code == 429 and page.headers["retry-after"] == "30"
    assert set(service.workspace.path.iterdir()) == before


def test_events_end_by_telling_to_look_again(client: TestClient) -> None:
    job = client.post("/ask", data={"question": QUESTION}).headers["location"]

    stream = client.get(f"{job}/events")

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.text.endswith("event: over\ndata: \n\n")
    assert 'event: state\ndata: "done"' in stream.text
    later = client.get(f"{job}/events", headers={"Last-Event-ID": "1"}).text
    assert "id: 1\n" not in later and later.endswith("event: over\ndata: \n\n")


@pytest.mark.parametrize("number", ["9" * 5_000, "0", "-1", "\u0661", "x", ""])
def test_a_page_of_the_registry_that_is_none_is_no_fault(client: TestClient, number: str) -> None:
    assert client.get("/registry", params={"page": number}).status_code == 200


def test_the_registry_can_be_browsed_and_searched(client: TestClient, service: Service) -> None:
    shown = client.get("/registry").text
    for card in service.agent.registry.cards():
        assert f'href="/registry/{card.id}"' in shown
        page = unescape(client.get(f"/registry/{card.id}").text)
        for claim in (*card.claims, *card.limits):
            assert claim.text in page and claim.source in page
    found = client.get("/registry", params={"q": "reading text in images"}).text
    assert 'href="/registry/llavar"' in found
    assert client.get("/registry", params={"page": "-3"}).status_code == 200
