"""A Report in a notebook: the answer and the slider, with the evidence folded away; no script.

It is the page of `agent.report.html` inside one element. The notebook's style does not reach into
that element and its own does not reach out: every rule is nested in the element's id, which is new
each time, so that several reports stand side by side, and the links inside one lead to itself.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from agent.report.elements import escape_text, tag
from agent.report.html import (
    before_and_after,
    comparisons,
    direct,
    figure,
    footer,
    sections,
    style_sheet,
    widths,
)
from agent.report.outline import LIMITS, MEASURED, NOT_RUN, REFERENCES, Outline, outline
from agent.report.single_line import counted
from agent.types import Report

_UNFOLDED = (NOT_RUN, LIMITS)
_PIXELS = 16
"""Of a `rem` on the page; in a notebook it may be anything."""
#: Where a notebook says which theme it has: JupyterLab and nbconvert, VS Code, Colab.
_THEMES = {
    "light": '[data-jp-theme-light="true"], .vscode-light, html[theme="light"]',
    "dark": '[data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast, '
    'html[theme="dark"]',
}


def to_notebook(report: Report) -> str:
    """The report as an element that may stand in any page."""
    id = f"groundglass-{secrets.token_hex(4)}"
    content = _with_prefix(outline(report), f"{id}-")
    pairs, others = before_and_after(content.pictures)
    body = "".join(
        (
            tag("p", "<br>".join(map(escape_text, content.question)), class_="question"),
            *direct(content),
            *comparisons(pairs, f"{id}-"),
            *_folded(content, list(map(figure, others))),
            footer(content),
        )
    )
    rules = _scoped(id) + f"#{id} {{\n{widths(pairs, f'{id}-')}}}\n"
    return tag("div", tag("style", rules), body, id=id, class_="groundglass", lang="en")


def _folded(content: Outline, figures: list[str]) -> Iterator[str]:
    """The parts below the answer; what did not run and the limits are open to see."""
    for section in sections(content, figures):
        attributes = {"open": ""} if section.title in _UNFOLDED else {}
        head = tag("summary", escape_text(section.title + _count(section.title, content)))
        yield tag("details", head, section.body, **attributes)


def _count(title: str, content: Outline) -> str:
    if title == MEASURED and content.rows:
        return f" ({counted(len(content.rows), 'measurement')})"
    return f" ({len(content.entries)})" if title == REFERENCES and content.entries else ""


def _with_prefix(value: Any, prefix: str) -> Any:
    """The same with a prefix before every anchor in it."""
    if isinstance(value, tuple):
        return tuple(_with_prefix(one, prefix) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        field.name: _with_prefix(getattr(value, field.name), prefix) for field in fields(value)
    }
    if anchor := changes.get("anchor"):
        changes["anchor"] = f"{prefix}{anchor}"
    return replace(value, **changes)


# --- style ------------------------------------------------------------------------------------


def _scoped(id: str) -> str:
    """The style sheet for the element of an id, in the theme of the notebook."""
    light, dark, rest = _sheets()
    themed = "".join(
        f":is({where}) #{id} {{{colours}}}\n"
        for where, colours in zip(_THEMES.values(), (light, dark), strict=True)
    )
    return (
        f"#{id} {{{light}}}\n@media (prefers-color-scheme: dark) {{ #{id} {{{dark}}} }}\n"
        f"{themed}#{id} {{\n{rest}}}\n"
    )


@cache
def _sheets() -> tuple[str, str, str]:
    """The colours of the light and the dark theme, and all other rules, to be nested."""
    page = re.sub(r"([\d.]+)rem", lambda rem: f"{float(rem[1]) * _PIXELS:g}px", style_sheet())
    light = _block(page, r":root \{")
    dark = _block(page, r"@media \(prefers-color-scheme: dark\) \{\s*:root \{")
    rest = page.replace(f":root {{{light}}}\n", "", 1)
    rest = re.sub(
        r"@media \(prefers-color-scheme: dark\) \{\s*:root \{.*?\}\s*\}", "", rest, flags=re.S
    )
    rest = re.sub(r"(?m)^html \{.*\}$", "", rest)
    rest = re.sub(r"(?m)^(\s*)(?:body|:root) \{", r"\1& {", rest)
    rest = rest.replace("@media (max-width:", "@container (max-width:")
    own = Path(__file__).with_name("notebook.css").read_text(encoding="utf-8")
    first, _, last = own.partition("/* page */\n")
    return f"{light} color-scheme: light; ", f"{dark} color-scheme: dark; ", first + rest + last


def _block(sheet: str, head: str) -> str:
    """What stands in the first block of a head."""
    match = re.search(rf"{head}(.*?)\}}", sheet, re.DOTALL)
    assert match, head
    return match[1]
