"""One question through every way in: the answer is the same."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from starlette.testclient import TestClient

from agent import Agent, Question
from agent.report.markdown import to_markdown
from agent.settings import Settings
from agent.types import Report
from agent.web.app import create_app
from agent.web.service import Service
from tests.web.pictures import data_uri

QUESTION = "I enlarged it 3x and its letters stayed sharp. How does MIMO-UNet+ do that?"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with (
        Service(Settings()) as service,
        TestClient(create_app(service), base_url="http://localhost") as one,
    ):
        yield one


def answer(markdown: str) -> str:
    """What was answered: without the time, pictures and links to them, which differ by way."""
    text = markdown.replace("\r\n", "\n")
    text = re.sub(r"(?m)^!\[.*\n?", "", text)
    text = re.sub(r" · \d{4}-\d\d-\d\dT\S+", "", text)
    text = re.sub(r" (?:took [\d.,]+ m?s|ran) on\b", " on", text)  # how long each tool took
    text = re.sub(r"\[(`[^`]+\.png`)\]\([^)]+\)", r"\1", text)
    return re.sub(r"\n{2,}", "\n\n", text).strip()


def in_python(picture: Path, _: TestClient, __: Path) -> str:
    report = Agent().ask(Question(text=QUESTION, images=(picture,)))
    return to_markdown(report.model_copy(update={"pictures": {}}))


def command(*arguments: str, given: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        input=given, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def on_the_command_line(picture: Path, _: TestClient, __: Path) -> str:
    return command("ask", QUESTION, "-i", str(picture), "--no-log")


def in_the_chat(picture: Path, _: TestClient, __: Path) -> str:
    return command("chat", "-i", str(picture), "--no-log", given=f"{QUESTION}\n")


def in_a_batch(picture: Path, _: TestClient, folder: Path) -> str:
    rows = folder / "questions.jsonl"
    rows.write_text(json.dumps({"question": QUESTION, "images": [str(picture)]}))
    command("batch", str(rows), "-o", str(folder / "out"))
    (saved,) = (folder / "out").rglob("report.json")
    report = Report.model_validate_json(saved.read_text("utf-8"))
    return to_markdown(report)


def on_the_page(picture: Path, client: TestClient, _: Path) -> str:
    files = {"pictures": (picture.name, picture.read_bytes(), "image/png")}
    page = client.post("/ask", data={"question": QUESTION}, files=files)
    while "/answers/" not in str(page.url):
        client.get(f"{page.url.path}/events")  # ends with the job
        page = client.get(page.url.path)
    return client.get(f"{page.url.path}/files/report.md").text


def over_the_endpoint(picture: Path, client: TestClient, _: Path) -> str:
    url = data_uri(picture.read_bytes())
    parts = [
        {"type": "text", "text": QUESTION},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    body = {"messages": [{"role": "user", "content": parts}]}
    reply = client.post("/v1/chat/completions", json=body).json()
    return str(reply["choices"][0]["message"]["content"])


def in_an_assistant(picture: Path, client: TestClient, folder: Path) -> str:
    return asyncio.run(_called(picture, folder))


async def _called(picture: Path, folder: Path) -> str:
    """The resource that the answer of the tool `ask` links: the tool's own text is shortened."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent", "mcp", "--allow", str(folder)],
        env=dict(os.environ),
    )
    async with Client(server) as assistant:
        given = {"question": QUESTION, "pictures": [str(picture)]}
        result = await assistant.call_tool("ask", given)
        text = "".join(part.text for part in result.content if part.type == "text")
        address = re.search(r"report://[\w-]+", text)
        assert address, text
        resource = await assistant.read_resource(address[0])
        return str(resource.contents[0].text)


WAYS: list[Callable[[Path, TestClient, Path], str]] = [
    on_the_command_line, in_the_chat, in_a_batch, on_the_page, over_the_endpoint,
    in_an_assistant,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_in_gives_the_same_answer(
    way: Callable[[Path, TestClient, Path], str],
    picture: Path,
    client: TestClient,
    tmp_path: Path,
) -> None:
    # The endpoint names pictures by their number, so that is what this one is called everywhere.
    named = picture.rename(tmp_path / "picture-1.png")
    assert answer(way(named, client, tmp_path)) == answer(in_python(named, client, tmp_path))
