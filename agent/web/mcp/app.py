"""The slider that clients with MCP Apps show beside the result of `restore_image`.

An MCP App is a page in a frame. This one loads nothing: its style and script are inline, and its
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
"""Key of the pictures in `_meta`, which clients pass to the app but not to the model."""
_HERE = Path(__file__).parent


@cache
def page() -> str:
    """Return the page as HTML."""
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
    """Return the `_meta` of a result with the pictures that the page shows."""
    content = {"before": before.data_uri, "after": after.data_uri, "caption": caption}
    return {_PICTURES: content}
