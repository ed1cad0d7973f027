"""A Report in a notebook: the answer and the slider, with the evidence collapsed; no script.

It is the page of `agent.report.html` inside one element. All style rules are nested in the id of
that element, so that the notebook's style and the report's do not affect each other. The id is new
each time, so that several reports can coexist, each with working links.
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

_OPEN = (NOT_RUN, LIMITS)
_PIXELS = 16
"""Pixels per `rem` on the page; in a notebook a `rem` may be anything."""
#: Selectors of the notebook's theme: JupyterLab and nbconvert, VS Code, Colab.
_THEMES = {
    "light": '[data-jp-theme-light="true"], .vscode-light, html[theme="light"]',
    "dark": '[data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast, '
    'html[theme="dark"]',
}


def to_notebook(report: Report) -> str:
    """Return the report as an element for any page."""
    id = f"groundglass-{secrets.token_hex(4)}"
    content = _with_prefix(outline(report), f"{id}-")
    pairs, others = before_and_after(content.pictures)
    body = "".join(
        (
            tag("p", "<br>".join(map(escape_text, content.question)), class_="question"),
            *direct(content),
            *comparisons(pairs, f"{id}-"),
            *_sections(content, list(map(figure, others))),
            footer(content),
        )
    )
    rules = _scoped_style(id) + f"#{id} {{\n{widths(pairs, f'{id}-')}}}\n"
    return tag("div", tag("style", rules), body, id=id, class_="groundglass", lang="en")


def _sections(content: Outline, figures: list[str]) -> Iterator[str]:
    """Yield the sections below the answer, collapsed but for what did not run and the limits."""
    for section in sections(content, figures):
        attributes = {"open": ""} if section.title in _OPEN else {}
        head = tag("summary", escape_text(section.title + _count(section.title, content)))
        yield tag("details", head, section.body, **attributes)


def _count(title: str, content: Outline) -> str:
    if title == MEASURED and content.rows:
        return f" ({counted(len(content.rows), 'measurement')})"
    return f" ({len(content.entries)})" if title == REFERENCES and content.entries else ""


def _with_prefix(value: Any, prefix: str) -> Any:
    """Return the value with a prefix before every anchor."""
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


def _scoped_style(id: str) -> str:
    """Return the style sheet scoped to the id of an element, in the theme of the notebook."""
    light, dark, rest = _sheets()
    theme_rules = "".join(
        f":is({where}) #{id} {{{colours}}}\n"
        for where, colours in zip(_THEMES.values(), (light, dark), strict=True)
    )
    return (
        f"#{id} {{{light}}}\n@media (prefers-color-scheme: dark) {{ #{id} {{{dark}}} }}\n"
        f"{theme_rules}#{id} {{\n{rest}}}\n"
    )


@cache
def _sheets() -> tuple[str, str, str]:
    """Return the colours of the light and the dark theme, and all other rules, ready to nest."""
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
    """Return the content of the first block with a selector."""
    match = re.search(rf"{head}(.*?)\}}", sheet, re.DOTALL)
    assert match, head
    return match[1]
