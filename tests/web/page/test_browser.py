"""The page in a real browser, under the policy that it is served with."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware

from agent.settings import Settings
from agent.web.page import routes
from agent.web.service import Service

uvicorn = pytest.importorskip("uvicorn")
playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = "/usr/bin/chromium"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"there is no {CHROMIUM}"),
]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; img-src 'self' data: blob:; base-uri 'none'"
)
QUESTION = "Why is this picture sharper after MIMO-UNet+?"


class Policy:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["content-security-policy"] = POLICY
            await send(message)

        await self.app(scope, receive, with_policy)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with Service(Settings()) as service:
        app = Starlette(routes=routes(service), middleware=[Middleware(Policy)])
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        listening = server.config.bind_socket()
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = Image.new("RGB", (160, 112), "#d8d2c4")
    draw = ImageDraw.Draw(image)
    for left in range(0, 160, 16):
        draw.rectangle([left, 20, left + 7, 60], fill="#28516b")
    path = tmp_path_factory.mktemp("picture") / "street.png"
    image.filter(ImageFilter.GaussianBlur(1.3)).save(path)
    return path


def opened(chromium: Any, **context: Any) -> Any:
    """A page of a new browser that complains about any fault of the script or of the policy."""
    page = chromium.new_context(**context).new_page()
    page.set_default_timeout(180_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.faults.append(line.text))
    return page


def asked(page: Any, site: str, picture: Path) -> str:
    """Ask about a picture; returns the address of the answer, which the page then shows."""
    page.goto(site)
    page.set_input_files("input[type=file] >> nth=0", picture)
    page.fill("textarea", QUESTION)
    page.click(".buttons button")
    page.wait_for_url("**/answers/*")
    return str(page.url)


@pytest.fixture(scope="module")
def answer(site: str, chromium: Any, picture: Path) -> str:
    page = opened(chromium)
    try:
        return asked(page, site, picture)
    finally:
        page.context.close()


def test_a_picture_is_attached_asked_about_and_its_progress_shown(
    site: str, chromium: Any, picture: Path
) -> None:
    page = opened(chromium)
    page.goto(site)
    page.set_input_files("input[type=file] >> nth=0", [picture, picture])
    assert page.locator(".thumbnails img").count() == 2
    page.locator(".thumbnails button").first.click()
    assert page.locator(".thumbnails img").count() == 1
    page.fill("textarea", QUESTION)
    page.click(".buttons button")
    page.wait_for_selector(".progress [role=status]")
    page.wait_for_url("**/answers/*")

    assert page.locator(".compare").count() == 1
    assert "Run this again" in page.inner_text("main")
    assert page.faults == []
    page.goto(site)
    assert QUESTION in page.inner_text(".earlier")
    page.context.close()


def test_the_slider_follows_keyboard_and_mouse(chromium: Any, answer: str) -> None:
    page = opened(chromium)
    page.goto(answer)
    slider, wipe = page.locator(".slider input"), page.locator(".wipe")
    assert slider.input_value() == "50"

    def share() -> float:
        return float(wipe.evaluate("e => e.scrollLeft / (e.scrollWidth - e.clientWidth)"))

    slider.focus()
    page.keyboard.press("End")
    assert share() == pytest.approx(1)
    page.keyboard.press("Home")
    assert share() == pytest.approx(0)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert share() == pytest.approx(0.3, abs=0.02)
    assert slider.get_attribute("aria-valuetext") == "30% after"
    wipe.scroll_into_view_if_needed()
    box = wipe.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.wait_for_function("document.querySelector('.slider input').value === '75'")
    page.mouse.up()
    assert page.faults == []
    page.context.close()


def test_a_report_is_downloaded_and_evidence_opens_where_a_mark_leads(
    chromium: Any, answer: str
) -> None:
    page = opened(chromium)
    page.goto(answer)
    with page.expect_download() as download:
        page.click("text=All, with pictures")
    assert download.value.suggested_filename == "groundglass.zip"
    assert not page.locator(".measured").is_visible()
    page.locator(".mark a[href^='#e']").first.click()
    page.wait_for_selector(".measured", state="visible")
    page.context.close()


def test_a_bad_file_gets_one_line(chromium: Any, site: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    page = opened(chromium)
    page.goto(site)
    page.set_input_files("input[type=file] >> nth=0", bad)
    page.fill("textarea", QUESTION)
    page.click(".buttons button")

    assert "bad.png" in page.inner_text("[role=alert]")
    page.context.close()


def test_asking_and_reading_need_no_script(chromium: Any, site: str, picture: Path) -> None:
    page = opened(chromium, java_script_enabled=False)
    asked(page, site, picture)

    assert page.locator(".wipe").count() == 1
    assert page.locator(".slider, .scripted:visible").count() == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_narrow_screen_or_shuts_anyone_out(
    chromium: Any, site: str, answer: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(chromium, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for place in (site, answer, f"{site}/registry", f"{site}/registry/mimo-unet-plus"):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        found = axe.run(page).response["violations"]
        assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []
    assert page.faults == []
    page.context.close()
