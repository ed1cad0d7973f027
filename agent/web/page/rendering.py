"""Templates and static files; nothing here knows what a page is about."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from agent.report import html as report_page
from agent.report.model_comparison import page as comparison_page
from agent.text import visible

_HERE = Path(__file__).parent
_TYPES = {"site.css": "text/css", "site.js": "text/javascript", "icon.svg": "image/svg+xml"}


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    templates.filters["html"] = html
    return templates


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page from a template; values are escaped unless marked as HTML."""
    html = _templates().get_template(f"{name}.html").render(**values)
    # A page may show what expires soon, or belongs to one browser only.
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


def html(text: str) -> Markup:
    """Mark HTML from `agent.report.html` as safe."""
    return Markup(text)


def static_file(name: str) -> Response | None:
    """Return the response with a static file; None if there is no such file."""
    if name not in _TYPES:
        return None
    headers = {"Cache-Control": "max-age=600"}
    return Response(_content(name), media_type=_TYPES[name], headers=headers)


@cache
def _content(name: str) -> str:
    text = (_HERE / "static" / name).read_text("utf-8")
    if name.endswith(".css"):
        return report_page.style_sheet() + comparison_page.style_sheet() + text
    return text
