"""The slider that a client shows beside the result of `restore_image`, where it shows such things.

An MCP App is a page in a frame that loads nothing: its style and script are inside it, and its
pictures come with the result of the call.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent.report.elements import document, tag
from agent.report.html import style_sheet
from agent.web.mcp.pictures import Preview

ADDRESS = "ui://groundglass/slider.html"
_PICTURES = "groundglass/before-and-after"
"""Where the pictures are in `_meta`, which clients give to the app and to no model."""
_HERE = Path(__file__).parent


@cache
def page() -> str:
    """The page."""
    style = style_sheet() + (_HERE / "app.css").read_text("utf-8")
    script = (_HERE / "app.js").read_text("utf-8").replace("VERSION", version("groundglass"))
    slider = (
        tag("div", tag("img", class_="under", alt="After"), tag("img", class_="over", alt="Before"),
            class_="pair"),
        tag("label", "Before ↔ after",
            tag("input", type="range", min="0", max="100", value="50")),
    )  # fmt: skip
    body = tag("figure", *slider, tag("figcaption"), hidden="")
    return document("Before and after", style, tag("main", body), script=script)


def pictures(before: Preview, after: Preview, caption: str) -> dict[str, Any]:
    """What the page shows, for `_meta` of a result."""
    shown = {"before": before.data_uri, "after": after.data_uri, "caption": caption}
    return {_PICTURES: shown}
