"""HTML elements; untrusted text enters only through `escape_text`."""

from __future__ import annotations

import base64
import hashlib
import struct
from html import escape

_PNG = b"\x89PNG\r\n\x1a\n"
_VOID = {"img", "input", "meta"}


def tag(name: str, /, *content: str, **attributes: str) -> str:
    """Return one element; `content` is HTML, attribute values are text."""
    attribute_text = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{attribute_text}>" + ("" if name in _VOID else f"{''.join(content)}</{name}>\n")


def escape_text(text: str) -> str:
    return escape(text, quote=False)


def document(title: str, style: str, *body: str, script: str = "") -> str:
    """Return a self-contained page.

    Its content security policy allows this style sheet, this script if there is one, and inline
    pictures; the browser refuses to load or run anything else.

    Args:
        title: plain text; long titles are cut.
        body: HTML.
    """
    scripts = f"script-src 'sha256-{_digest(script)}'; " if script else ""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; {scripts}img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", escape_text(title[:117] + "…" if len(title) > 120 else title)),
        tag("style", style),
    )
    run = (tag("script", script),) if script else ()
    page = tag("html", tag("head", *head), tag("body", *body, *run), lang="en")
    return f"<!DOCTYPE html>\n{page}"


def image(png: bytes, alt: str, **attributes: str) -> str:
    """Return a PNG picture embedded in the page, at its own size."""
    data = base64.b64encode(png).decode()
    return linked_image(png, alt, f"data:image/png;base64,{data}", **attributes)


def linked_image(png: bytes, alt: str, source: str, **attributes: str) -> str:
    """Return a PNG picture loaded from `source`, at its own size."""
    width, height = map(str, png_size(png))
    return tag("img", src=source, alt=alt, width=width, height=height, **attributes)


def png_size(png: bytes) -> tuple[int, int]:
    """Return width and height from the PNG header, or (0, 0) if there is none."""
    if not png.startswith(_PNG) or len(png) < 24:
        return 0, 0
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
