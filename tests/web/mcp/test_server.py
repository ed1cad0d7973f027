"""What an assistant gets, in both eras of the protocol, from the SDK's own client."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from mcp.client.extension import advertise
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent, TextResourceContents
from PIL import Image, ImageDraw, ImageFilter

from agent.errors import RegistryError
from agent.report.markdown import to_markdown
from agent.report.schema import report_schema
from agent.settings import Settings
from agent.types import Question
from agent.web.jobs import Job
from agent.web.mcp import app, server
from agent.web.mcp.ready import Ready
from agent.web.mcp.shortening import MOST_CHARACTERS
from agent.web.options import ServerOptions
from agent.web.service import Service

_ASKED = "Which loss does MIMO-UNet+ use?"
_WRONG = "MIMO-UNet+ reaches 34.1 dB on GoPro. ESRGAN would be better (arXiv:1809.00219)."
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\S+")
_TOOLS = {"ask", "search_registry", "get_card", "restore_image", "check_text", "compare_models"}
_READING = {"search_registry", "get_card", "check_text"}
ERAS = pytest.mark.parametrize("era", ["legacy", "2026-07-28"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("allowed")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    with Service(Settings(), ServerOptions(allow=(folder,))) as running:
        yield running


@pytest.fixture(scope="module")
def picture(folder: Path) -> Path:
    image = Image.new("RGB", (96, 64), "#d8d2c4")
    ImageDraw.Draw(image).rectangle([30, 16, 60, 50], fill="#28516b")
    path = folder / "map.png"
    image.filter(ImageFilter.GaussianBlur(1)).save(path)
    return path


def talk(
    service: Service, say: Callable[[Client], Awaitable[Any]], era: str = "auto", **options: Any
) -> Any:
    async def both() -> Any:
        async with Client(server(service), mode=era, **options) as client:
            return await say(client)

    return asyncio.run(both())


def call(service: Service, tool: str, era: str = "auto", **arguments: Any) -> CallToolResult:
    result: CallToolResult = talk(service, lambda client: client.call_tool(tool, arguments), era)
    return result


def text(result: CallToolResult) -> str:
    (part,) = (part for part in result.content if isinstance(part, TextContent))
    return part.text


def links(result: CallToolResult) -> list[str]:
    return [part.uri for part in result.content if isinstance(part, ResourceLink)]


@ERAS
def test_an_answer_is_that_of_the_terminal(service: Service, era: str) -> None:
    report = service.agent.ask(Question(text=_ASKED))
    answer = text(call(service, "ask", era, question=_ASKED))
    assert _STAMP.sub("", answer) == _STAMP.sub("", to_markdown(report))


@ERAS
def test_few_tools_with_short_descriptions_that_say_what_they_do(
    service: Service, era: str
) -> None:
    tools = {tool.name: tool for tool in talk(service, Client.list_tools, era).tools}
    assert tools.keys() == _TOOLS
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.open_world_hint is False
        assert tool.annotations.destructive_hint is not True
        assert bool(tool.annotations.read_only_hint) == (tool.name in _READING)
    listed = [tool.model_dump_json(by_alias=True, exclude_none=True) for tool in tools.values()]
    assert sum(map(len, listed)) < 4 * 1_500
    assert sum(len(tool.description or "") for tool in tools.values()) < 4 * 250


def test_data_comes_beside_the_text_and_does_not_hold_it_again(service: Service) -> None:
    found = call(service, "search_registry", query="sharpen blurred photographs")
    first = found.structured_content["cards"][0]
    assert first["id"] == "mimo-unet-plus" and first["id"] in text(found).splitlines()[0]

    checked = call(service, "check_text", text=_WRONG)
    assert checked.structured_content["passed"] is False
    verdicts = checked.structured_content["with_problems"]
    assert [verdict["verdict"] for verdict in verdicts] == ["contradicted", "unsupported"]
    assert "32.45 dB" in text(checked) and "ESRGAN is not named" in text(checked)
    assert "32.45" not in json.dumps(checked.structured_content)

    assert call(service, "ask", question=_ASKED).structured_content is None


def test_a_long_text_with_many_problems_is_told_in_short(service: Service) -> None:
    checked = call(service, "check_text", text=" ".join([_WRONG] * 60))
    size = len(text(checked)) + len(json.dumps(checked.structured_content))
    assert size <= MOST_CHARACTERS + 200
    assert "check the text in parts" in text(checked) and "120 sentences" in text(checked)


def test_cards_are_read_with_their_sources(service: Service) -> None:
    card = text(call(service, "get_card", id="mimo-unet-plus"))
    assert "- `mimo-unet-plus/summary`: MIMO-UNet+, " in card and "(Cho et al. 2021, " in card
    assert card.index("## Facts") < card.index("## Limits")
    assert MOST_CHARACTERS - 600 < len(card) <= MOST_CHARACTERS
    assert card.endswith("all of it is the resource `registry://cards/mimo-unet-plus`.*")

    about_loss = text(call(service, "get_card", id="mimo-unet-plus", about="the loss in training"))
    assert "`mimo-unet-plus/loss-sum`" in about_loss and len(about_loss) <= MOST_CHARACTERS
    # of the registry that is consulted where a question is about a model of it
    assert "# waifu2x" in text(call(service, "get_card", id="waifu2x"))


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", {"question": "Why?", "enlarge_by": 9}, "enlarge_by"),
        ("ask", {"question": "Why?", "evidence": "all"}, "evidence"),
        ("ask", {}, "question"),
        ("ask", {"question": "Why?", "pictures": ["/etc/passwd"]}, "--allow DIR"),
        ("ask", {"question": "Why?", "pictures": ["data:image/png;base64,AAAA"]}, "not a picture"),
        ("get_card", {"id": "mimo"}, "did you mean mimo-unet-plus?"),
        ("get_card", {"id": "\x1b[31m"}, "no card has the id"),
        ("check_text", {"text": "x" * 2_000_000}, "characters"),
        (
            "check_text",
            {"text": "It ran.", "report": "report://none"},
            "this address has no answer",
        ),
        ("compare_models", {"pictures": []}, "pictures"),
        ("restore_image", {"picture": "none.png"}, "--allow DIR"),
        ("nothing", {}, "nothing"),
    ],
)
def test_an_error_is_one_plain_line(
    service: Service, tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = call(service, tool, **arguments)
    assert result.is_error
    assert told in text(result)
    assert "\n" not in text(result) and "\x1b" not in text(result)
    assert str(service.workspace.path) not in text(result)


def test_a_model_that_there_is_none_of_is_told_with_those_like_it(
    service: Service, picture: Path
) -> None:
    result = call(service, "compare_models", pictures=[str(picture)], models=["mimo"])
    assert result.is_error and "did you mean mimo-unet-plus" in text(result)


def test_a_picture_is_measured_shown_small_and_linked(service: Service, picture: Path) -> None:
    steps: list[tuple[float, float | None, str | None]] = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total, message))

    async def ask(client: Client) -> Any:
        asked = {"question": "Why is it sharper, enlarged 2x?", "pictures": [str(picture)]}
        result = await client.call_tool("ask", asked, progress_callback=step)
        files = [(await client.read_resource(uri)).contents[0] for uri in links(result)]
        home = links(result)[0].rpartition("/")[0]
        whole = (await client.read_resource(home)).contents[0]
        cited = (await client.read_resource(f"{home}/references.bib")).contents[0]
        return result, files, whole, cited

    result, files, whole, cited = talk(service, ask)
    assert "@inproceedings" in cited.text and cited.mime_type == "text/x-bibtex"
    assert {file.mime_type for file in files} == {"image/png"}
    assert any(uri.endswith("/map-restored.png") for uri in links(result))
    assert isinstance(whole, TextResourceContents)
    assert "| E1 |" in whole.text and "| E1 |" not in text(result)
    size = len(text(result)) + sum(
        len(part.uri + part.name + (part.description or ""))
        for part in result.content
        if isinstance(part, ResourceLink)
    )
    assert size <= MOST_CHARACTERS
    assert sum(isinstance(part, ImageContent) for part in result.content) == 1
    assert any("restored" in (message or "") for _, _, message in steps)
    assert [at for at, _, _ in steps] == sorted({at for at, _, _ in steps})
    assert str(service.workspace.path) not in result.model_dump_json() + whole.text
    told = f"I ran it, see {links(result)[0]}"
    checked = call(service, "check_text", text=told, report=links(result)[0].rpartition("/")[0])
    assert not checked.is_error


@pytest.mark.parametrize("name", ["my map.png", "ü#1%20?.png", "[a](b)<b>.png", "a.b.jpg", "x.gif"])
def test_a_picture_of_any_name_can_be_read_by_its_link(
    service: Service, folder: Path, name: str
) -> None:
    Image.new("RGB", (24, 24), "teal").save(folder / name)

    async def restore(client: Client) -> Any:
        result = await client.call_tool("restore_image", {"picture": str(folder / name)})
        return result, (await client.read_resource(links(result)[0])).contents[0]

    result, file = talk(service, restore)
    (uri,) = links(result)
    assert re.fullmatch(r"report://[\w-]+/[\w.%~-]+", uri)
    kind = {".jpg": "JPEG", ".gif": "PNG", ".png": "PNG"}[Path(name).suffix]
    with Image.open(io.BytesIO(base64.b64decode(file.blob))) as restored:
        assert (restored.size, restored.format) == ((24, 24), kind)
        assert restored.get_format_mimetype() == file.mime_type


@pytest.mark.parametrize("shows_apps", [False, True])
def test_a_restored_picture_comes_with_before_and_after_where_they_are_shown(
    service: Service, picture: Path, shows_apps: bool
) -> None:
    apps = advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html;profile=mcp-app"]})
    steps: list[tuple[float, float | None]] = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total))

    async def restore(client: Client) -> Any:
        order = {"picture": str(picture), "enlarge_by": 2}
        return await client.call_tool("restore_image", order, progress_callback=step)

    result = talk(service, restore, extensions=[apps] if shows_apps else [])
    assert "map.png: restored, 192 × 128 px" in text(result)
    assert [uri.rpartition("/")[2] for uri in links(result)] == ["map-restored.png"]
    shown = result.meta.get("groundglass/before-and-after")
    assert bool(shown) == shows_apps
    if shown:
        assert shown["before"] != shown["after"]
        assert all(shown[when].startswith("data:image/png;base64,") for when in ("before", "after"))
    assert {total for _, total in steps} == {100.0}
    assert [at for at, _ in steps] == sorted({at for at, _ in steps}) and steps[-1][0] <= 100


@ERAS
def test_cards_the_schema_and_the_page_are_resources(service: Service, era: str) -> None:
    async def read(client: Client) -> list[Any]:
        addresses = ["registry://cards", "registry://cards/llavar", "schema://report", app.ADDRESS]
        return [(await client.read_resource(address)).contents[0] for address in addresses]

    cards, card, schema, page = talk(service, read, era)
    assert "llavar: LLaVAR, " in cards.text
    assert json.loads(card.text)["id"] == "llavar"
    assert json.loads(schema.text) == report_schema()
    assert page.mime_type == "text/html;profile=mcp-app"


@ERAS
def test_prompts_are_filled_in(service: Service, era: str) -> None:
    prompts = talk(service, Client.list_prompts, era).prompts
    assert [prompt.name for prompt in prompts] == ["explain_result", "compare_models"]
    told = talk(service, lambda c: c.get_prompt("explain_result", {"picture": "a.png"}), era)
    assert "a.png" in told.messages[0].content.text


@pytest.mark.parametrize(
    "uri",
    ["report://none", "report://none/report.json", "report://../lock", "registry://cards/none",
     "report://none/..%2Flock", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_not_there_is_told_as_an_error(service: Service, uri: str) -> None:
    async def read(client: Client) -> str:
        with pytest.raises(MCPError) as error:
            await client.read_resource(uri)
        return str(error.value)

    assert str(service.workspace.path) not in talk(service, read)


def test_where_the_server_ends_a_waiting_call_is_told(picture: Path) -> None:
    release = threading.Event()

    async def end(client: Client, ending: Service) -> CallToolResult:
        call = client.call_tool("restore_image", {"picture": str(picture)})
        asking = asyncio.create_task(call)
        while not ending.jobs.waiting:
            await anyio.lowlevel.checkpoint()
        closing = asyncio.create_task(asyncio.to_thread(ending.close))
        try:
            return await asking
        finally:
            release.set()
            await closing

    ending = Service(Settings(), ServerOptions(allow=(picture.parent,)))
    ending.jobs.start(lambda _: release.wait(60), pictures=True)
    result = talk(ending, lambda client: end(client, ending))
    assert result.is_error and "cancelled" in text(result)


@ERAS
def test_a_cancelled_call_cancels_its_job(service: Service, picture: Path, era: str) -> None:
    release = threading.Event()

    def hold(job: Job[None]) -> None:
        release.wait(60)

    async def cancel(client: Client) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "restore_image", {"picture": str(picture)})
            while not service.jobs.waiting:
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        with anyio.fail_after(30):
            while service.jobs.waiting:
                await anyio.lowlevel.checkpoint()

    busy = service.jobs.start(hold, pictures=True)
    try:
        talk(service, cancel, era)
    finally:
        release.set()
        asyncio.run(busy.result())


def test_the_tools_are_listed_before_the_service_is_made(service: Service) -> None:
    making: Future[Service] = Future()

    async def say() -> CallToolResult:
        async with Client(server(Ready(making))) as client:
            assert len((await client.list_tools()).tools) == len(_TOOLS)
            asking = asyncio.create_task(client.call_tool("ask", {"question": _ASKED}))
            await client.list_prompts()
            making.set_result(service)
            return await asking

    assert not asyncio.run(say()).is_error


def test_why_a_service_cannot_be_made_is_told_to_whoever_calls() -> None:
    making: Future[Service] = Future()
    making.set_exception(RegistryError(["a.yaml:1: wrong", "a.yaml:2: as well"]))

    async def say() -> list[CallToolResult]:
        async with Client(server(Ready(making))) as client:
            return [await client.call_tool("ask", {"question": _ASKED}) for _ in range(2)]

    for result in asyncio.run(say()):
        assert result.is_error and text(result) == "a.yaml:1: wrong a.yaml:2: as well"


@pytest.mark.slow
def test_models_are_measured_side_by_side(service: Service, picture: Path) -> None:
    steps: list[float] = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async def compare(client: Client) -> Any:
        order = {"pictures": [str(picture)], "enlarge_by": 2, "criterion": "edges"}
        return await client.call_tool("compare_models", order, progress_callback=step)

    result = talk(service, compare)
    assert text(result).startswith("# 2 models side by side on map.png")
    assert any(uri.endswith("/map-mimo-unet-plus.png") for uri in links(result))
    assert sum(isinstance(part, ImageContent) for part in result.content) == 1
    assert steps == sorted(set(steps)) and steps[-1] <= 100
    assert str(service.workspace.path) not in result.model_dump_json()


@pytest.mark.slow
def test_a_server_starts_without_loading_a_network() -> None:
    code = "import sys, agent.web.mcp, agent.web.service; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_making_a_server_leaves_the_log_of_the_process_alone(service: Service) -> None:
    before = list(logging.getLogger().handlers)
    server(service)
    assert logging.getLogger().handlers == before
