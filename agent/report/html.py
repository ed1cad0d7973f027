"""A Report as one HTML file: style and pictures inside, no script, nothing fetched from anywhere.

Markup is made by `_tag` alone, and text from outside enters only through `_text`.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html import escape
from pathlib import Path

from agent.report.diagram import Diagram
from agent.report.marks import Mark, Row, Sentence, ShownVerdict, spans
from agent.report.outline import (
    BESIDE,
    CHOSEN,
    LIMITS,
    MEASURED,
    NOT_RUN,
    REFERENCES,
    TASK,
    WORKFLOW,
    Entry,
    Outline,
    Picture,
    Step,
    outline,
)
from agent.report.single_line import plain
from agent.types import Report

_LONG_QUESTION = 220
_PNG = b"\x89PNG\r\n\x1a\n"
_VOID = {"img", "input", "meta"}


def to_html(report: Report) -> str:
    """The whole report as a page that needs nothing else.

    Its content security policy allows this one style sheet and pictures inside the page; whatever
    else a page could load or run is refused by the browser.
    """
    content = outline(report)
    pairs, others = _pairs(content.pictures)
    style = _style() + "".join(
        f"#compare-{i} {{ max-width: {_size(before)[0]}px; }}\n"
        for i, (before, _) in enumerate(pairs, 1)
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    title = " ".join(content.question)
    head = (
        _tag("meta", charset="utf-8"),
        _tag("meta", http_equiv="Content-Security-Policy", content=policy),
        _tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _tag("meta", name="referrer", content="no-referrer"),
        _tag("meta", name="color-scheme", content="light dark"),
        _tag("title", _text(title[:117] + "…" if len(title) > 120 else title)),
        _tag("style", style),
    )
    body = (
        _header(content),
        _tag("main", *_main(content, pairs, others)),
        _footer(content),
    )
    page = _tag("html", _tag("head", *head), _tag("body", *body), lang="en")
    return f"<!DOCTYPE html>\n{page}"


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def _tag(name: str, /, *content: str, **attributes: str) -> str:
    """One element; `content` is HTML, values of attributes are text."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{shown}>" + ("" if name in _VOID else f"{''.join(content)}</{name}>\n")


def _text(text: str) -> str:
    return escape(text, quote=False)


# --- the page from top to bottom --------------------------------------------------------------


def _header(content: Outline) -> str:
    size = "long" if sum(map(len, content.question)) > _LONG_QUESTION else "short"
    return _tag(
        "header",
        _tag("p", "Question", class_="kicker"),
        _tag("h1", *(_tag("span", _text(line)) for line in content.question), class_=size),
    )


def _main(
    content: Outline, pairs: Sequence[tuple[Picture, Picture]], others: Sequence[Picture]
) -> Iterator[str]:
    yield from _direct(content)
    if content.task:
        yield _tag("h2", TASK) + _tag("p", _prose(content.task))
    yield from _workflow(content)
    yield from _measurements(content, pairs, others)
    if content.not_run:
        yield _tag("h2", NOT_RUN) + _tag("div", _bullets(content.not_run), class_="note")
    if content.entries or content.no_entries:
        yield _tag("h2", REFERENCES)
    if content.entries:
        yield _tag("ol", *map(_entry, content.entries), class_="references")
    if content.no_entries:
        yield _tag("p", _text(content.no_entries))
    if content.limits:
        yield _tag("h2", LIMITS) + _bullets(content.limits)
    if content.chosen:
        yield _tag("h2", CHOSEN)
        yield _tag("ol", *(_tag("li", _text(line)) for line in content.chosen))


def _direct(content: Outline) -> Iterator[str]:
    """What answers the question first."""
    if content.note:
        yield _tag("p", _tag("i", _text(content.note)), class_="language")
    if content.answer:
        yield _tag("p", _prose(content.answer), class_="lead")
    if content.table:
        rows = (
            _tag("tr", _tag("th", _text(label), scope="row"), _tag("td", _sentence(text)))
            for label, text in content.table
        )
        yield _tag("table", *rows, class_="answer")
    if content.listing:
        lines = _tag("code", _text(content.listing)).rstrip()
        # A line too long for the page is scrolled to, so that it is copied as one.
        yield _tag("pre", lines, tabindex="0", role="group", aria_label="To be copied")


def _workflow(content: Outline) -> Iterator[str]:
    if content.flow or content.ways or content.further or content.complementary:
        yield _tag("h2", WORKFLOW)
    for line in content.flow:
        yield _tag("p", _sentence(line))
    for way in content.ways:
        if way.name:
            yield _tag("h3", _text(way.name))
        yield _tag("ol", *map(_step, way.steps), class_="steps")
    if content.further:
        yield _tag("p", _prose(content.further))
    if content.legend:
        yield _tag("p", _text(content.legend), class_="legend")
    if content.diagram:
        yield _diagram(content.diagram)
    if content.complementary:
        yield _tag("h3", BESIDE)
        yield _tag("ul", *(_tag("li", _prose(group)) for group in content.complementary))


def _step(step: Step) -> str:
    explained = _bullets(step.explained) if step.explained else ""
    stage = _tag("span", _text(step.stage), class_="stage")
    return _tag("li", stage, _tag("p", _sentence(step.sentence)), explained)


def _diagram(diagram: Diagram) -> str:
    """Boxes and arrows; they stand below one another where the page is narrow."""
    chains = (
        _tag("ol", *(_tag("li", _tag("span", _text(box))) for box in chain), class_="flow")
        for chain in diagram.chains
    )
    beside = ""
    if diagram.beside:
        boxes = _tag("ul", *(_tag("li", _text(box)) for box in diagram.beside))
        beside = _tag("div", "Beside it: ", boxes, class_="beside")
    return _tag("div", *chains, beside, class_="flow-frame", role="group", aria_label="Workflow")


def _measurements(
    content: Outline, pairs: Sequence[tuple[Picture, Picture]], others: Sequence[Picture]
) -> Iterator[str]:
    if not content.provenance:
        return
    yield _tag("h2", MEASURED)
    if content.measured:
        yield _bullets(content.measured)
    figures = [_comparison(i, *pair) for i, pair in enumerate(pairs, 1)]
    figures += [_figure(picture) for picture in others]
    if figures:
        yield _tag("div", *figures, class_="wide")
    if content.rows:
        names = ("", "Quantity", "Value", "Measured on", "Method")
        head = _tag("tr", *(_tag("th", name, scope="col") for name in names))
        caption = _tag("caption", "Every measurement; the text cites them by number.")
        body = _tag("tbody", *map(_row, content.rows))
        yield _tag("table", caption, _tag("thead", head), body, class_="measured")
    yield _tag("p", "<br>\n".join(map(_text, content.provenance)), class_="provenance")


def _row(row: Row) -> str:
    return _tag(
        "tr",
        _tag("td", row.label, class_="label"),
        _tag("th", _text(row.quantity), scope="row"),
        _tag("td", _text(row.value), class_="value"),
        _tag("td", _text(row.measured_on), class_="small"),
        _tag("td", _text(row.method), class_="small"),
        id=row.anchor,
    )


@lru_cache(maxsize=1_024)  # facts and references come again in answer after answer
def _entry(entry: Entry) -> str:
    ending = "" if entry.title.endswith((".", "?", "!")) else "."
    links = (
        _tag("a", _text(label), href=url, rel="noopener noreferrer") for label, url in entry.links
    )
    return _tag(
        "li",
        f"{_text(entry.byline)}. " if entry.byline else "",
        _tag("cite", _text(entry.title) + ending),
        f" {_text(entry.where)}." if entry.where else "",
        _tag("div", *links, class_="links"),
        id=entry.anchor,
        value=str(entry.number),
    )


def _footer(content: Outline) -> str:
    lines = [_tag("p", _text(line)) for line in content.footer]
    if content.failures:
        found = _tag("ul", *(_tag("li", _text(line)) for line in content.failures))
        lines.append(_tag("div", found, class_="note"))
    return _tag("footer", *lines)


# --- sentences --------------------------------------------------------------------------------


def _prose(sentences: Iterable[Sentence]) -> str:
    return " ".join(map(_sentence, sentences))


def _bullets(sentences: Iterable[Sentence]) -> str:
    return _tag("ul", *(_tag("li", _sentence(sentence)) for sentence in sentences))


@lru_cache(maxsize=1_024)  # facts and references come again in answer after answer
def _sentence(sentence: Sentence) -> str:
    """The text with `[1, E2]` behind it, each label a link to its place in the page."""
    verdict = _verdict(sentence.verdict) if sentence.verdict else ""
    if not sentence.marks:
        return _text(sentence.text) + verdict
    marks = ", ".join(
        _mark(first) if first == last else f"{_mark(first)}–{_mark(last)}"
        for first, last in spans(sentence.marks)
    )
    return f'{_text(sentence.text)} <span class="mark">[{marks}]</span>{verdict}'


def _verdict(verdict: ShownVerdict) -> str:
    marks = ", ".join(map(_mark, verdict.marks))
    shown = f' <span class="mark">[{marks}]</span>' if marks else ""
    said = _text(f"{verdict.sign} {verdict.reason}".strip())
    return f' <span class="verdict {verdict.outcome}">{said}{shown}</span>'


def _mark(mark: Mark) -> str:
    label = _text(mark.label)
    return f'<a href="#{mark.anchor}">{label}</a>' if mark.anchor else label


# --- pictures ---------------------------------------------------------------------------------


def _pairs(
    pictures: Iterable[Picture],
) -> tuple[list[tuple[Picture, Picture]], list[Picture]]:
    """Pictures before and after of one size, which can be laid over each other, and the others."""
    held = {picture.name: picture for picture in pictures}
    pairs = []
    for name in list(held):
        stem = name.removesuffix("-restored.png")
        before = held.get(f"{stem}-enlarged.png") or held.get(f"{stem}-input.png")
        after = held.get(f"{stem}-restored.png")
        if stem == name or not before or not after or _size(before) != _size(after):
            continue
        if _size(before) != (0, 0):
            pairs.append((held.pop(before.name), held.pop(after.name)))
    return pairs, list(held.values())


def _size(picture: Picture) -> tuple[int, int]:
    """Width and height from the PNG header, (0, 0) where there is none."""
    png = picture.png or b""
    if not png.startswith(_PNG) or len(png) < 24:
        return 0, 0
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _comparison(number: int, before: Picture, after: Picture) -> str:
    """One picture over the other; scrolling sideways wipes from the first to the second.

    A switch, and printing, lay them side by side. All of it is style, no script.
    """

    def layer(name: str, picture: Picture) -> str:
        inside = _tag("div", _image(picture), _tag("b", name), class_="layer")
        return _tag("div", inside, class_=name)

    seam = _tag("div", class_="seam") + _tag("div", class_="middle")
    track = _tag("div", layer("after", after), layer("before", before), seam, class_="track")
    label = "Before and after; scroll sideways to compare"
    view = _tag("div", track, class_="wipe", tabindex="0", role="group", aria_label=label)
    box = _tag("input", type="checkbox")
    switch = _tag("label", box, " side by side", class_="switch")
    hint = _tag("span", "Scroll the picture sideways to compare. ", class_="hint")
    caption = hint + _text(f"Before: {before.caption}. After: {after.caption}")
    return _tag(
        "figure", view, switch, _tag("figcaption", caption),
        class_="compare", id=f"compare-{number}",
    )  # fmt: skip


def _figure(picture: Picture) -> str:
    if picture.png is None:
        return _tag("p", _text(f"Picture {plain(picture.name)}, kept apart: {picture.caption}."))
    # The frame scrolls where a page is too narrow to show the picture at a size that tells.
    frame = _tag("div", _image(picture), class_="pan", tabindex="0", role="group",
                 aria_label=picture.caption)  # fmt: skip
    return _tag("figure", frame, _tag("figcaption", _text(picture.caption)))


def _image(picture: Picture) -> str:
    width, height = map(str, _size(picture))
    data = base64.b64encode(picture.png or b"").decode()
    return _tag(
        "img", src=f"data:image/png;base64,{data}", alt=picture.caption, width=width, height=height
    )
