"""The slider in a client that shows it: a frame that may run scripts and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.web.mcp import app
from agent.web.mcp.pictures import preview

CHROMIUM = "/usr/bin/chromium"
_HOST = """
<iframe sandbox="allow-scripts" style="width: 600px; height: 400px"></iframe>
<script>
  const frame = document.querySelector("iframe"), said = [];
  addEventListener("message", ({ data }) => {
    said.push(data);
    const { contentWindow } = frame;
    const answer = (message) => contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
    if (data.method === "ui/initialize") answer({ id: data.id, result: { hostContext: {} } });
    if (data.method === "ui/notifications/initialized")
      answer({ method: "ui/notifications/tool-result", params: RESULT });
  });
  frame.srcdoc = PAGE;
</script>
"""
_ELSEWHERE = {
    "groundglass/before-and-after": {"before": "https://evil.example/x", "after": "", "caption": ""}
}


def test_the_page_is_small_and_asks_nobody_for_anything() -> None:
    assert len(app.page()) < 20_000
    assert not re.search(r"https?://|@import|url\(", app.page())
    assert "default-src &#x27;none&#x27;" in app.page()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def shown(chromium: Any, result: dict[str, Any]) -> tuple[Any, Any]:
    """The page of a client, and the frame in it."""
    page = chromium.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.faults.append(line.text))
    quoted = json.dumps(app.page()).replace("</", "<\\/")
    page.set_content(_HOST.replace("RESULT", json.dumps(result)).replace("PAGE", quoted))
    return page, page.frame_locator("iframe")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"there is no {CHROMIUM}")
def test_before_and_after_move_by_keyboard_and_mouse(chromium: Any) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    pair = preview(Picture("a", pixels), 2), preview(Picture("a", pixels // 2), 2)
    page, frame = shown(chromium, {"content": [], "_meta": app.pictures(*pair, "<b>map.png</b>")})

    frame.locator("figure").wait_for()
    assert frame.locator("figcaption").inner_text() == "<b>map.png</b>"
    assert frame.locator(".over").evaluate("image => image.naturalWidth") == 180
    slider = frame.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "51"
    assert slider.get_attribute("aria-valuetext") == "51 % before"
    box = frame.locator(".pair").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.up()
    assert 20 <= int(slider.input_value()) <= 30
    page.wait_for_function("said.some((data) => data.method.endsWith('size-changed'))")
    assert page.faults == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"there is no {CHROMIUM}")
@pytest.mark.parametrize("result", [{"content": []}, {"content": [], "_meta": _ELSEWHERE}])
def test_nothing_is_shown_of_another_result(chromium: Any, result: dict[str, Any]) -> None:
    page, frame = shown(chromium, result)
    page.wait_for_function("said.some((data) => data.method === 'ui/notifications/initialized')")
    assert not frame.locator("figure").is_visible()
    assert page.faults == []
