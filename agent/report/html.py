"""A Report in HTML: one self-contained file, or parts for other pages.

It has no script and loads nothing. Only `elements` makes markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from agent.report.diagram import Diagram
from agent.report.elements import document, escape_text, image, linked_image, png_size, tag
from agent.report.marks import Mark, Row, Sentence, ShownVerdict, spans
from agent.report.outline import (
    CHOSEN,
    LIMITS,
    MEASURED,
    NOT_RUN,
    REFERENCES,
    RELATED,
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


Show = Callable[[Picture], str]
"""Turns a picture into an element."""


def inline(picture: Picture) -> str:
    """Embed the picture in the page."""
    return image(picture.png or b"", picture.caption)


def to_html(report: Report) -> str:
    """Return the report as a self-contained page; see `document`."""
    content = outline(report)
    pairs, others = before_and_after(content.pictures)
    figures = [*comparisons(pairs), *map(figure, others)]
    body = (
        _header(content),
        tag("main", *_main(content, figures)),
        footer(content),
    )
    return document(" ".join(content.question), style_sheet() + widths(pairs), *body)


class Parts(NamedTuple):
    """A report as HTML for a page with its own style sheet and further content."""

    header: str
    main: str
    """Content of the page's `<main>`; the evidence opens on demand."""
    footer: str


def parts(
    report: Report,
    picture_url: Callable[[str], str],
    closer: Callable[[Sequence[tuple[Picture, Picture]]], Iterable[str]] = lambda _: (),
) -> Parts:
    """Return the parts of the report's page.

    Args:
        picture_url: returns the address of a picture, given the name of its artefact.
        closer: returns close-ups of the pictures before and after.
    """

    def linked(picture: Picture) -> str:
        return linked_image(picture.png or b"", picture.caption, picture_url(picture.name))

    content = outline(report)
    pairs, others = before_and_after(content.pictures)
    whole = comparisons(pairs, show=linked)
    figures = [*whole, *closer(pairs), *(figure(one, linked) for one in others)]
    main = "".join(_main(content, figures, folded=True))
    return Parts(_header(content), main, footer(content))


@cache
def style_sheet() -> str:
    """Return the style sheet of the page."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


# --- the page from top to bottom --------------------------------------------------------------


def _header(content: Outline) -> str:
    size = "long" if sum(map(len, content.question)) > _LONG_QUESTION else "short"
    return tag(
        "header",
        tag("p", "Question", class_="kicker"),
        tag("h1", *(tag("span", escape_text(line)) for line in content.question), class_=size),
    )


def _main(content: Outline, figures: Sequence[str], folded: bool = False) -> Iterator[str]:
    yield from direct(content)
    for section in sections(content, figures, folded):
        yield tag("h2", section.title) + section.body


class Section(NamedTuple):
    """A section of the report below the answer."""

    title: str
    body: str
    """HTML."""


def sections(content: Outline, figures: Sequence[str], folded: bool = False) -> Iterator[Section]:
    """Yield the sections that have content, in order.

    Args:
        figures: HTML shown with the measurements.
        folded: whether the table of measurements is collapsed.
    """
    numbered = "".join(map(_entry, content.entries))
    calls = "".join(tag("li", escape_text(line)) for line in content.tool_calls)
    each = (
        Section(TASK, tag("p", _prose(content.task)) if content.task else ""),
        Section(WORKFLOW, "".join(_workflow(content))),
        Section(MEASURED, "".join(_measurements(content, figures, folded))),
        Section(
            NOT_RUN,
            tag("div", _bullets(content.not_run), class_="note") if content.not_run else "",
        ),
        Section(
            REFERENCES,
            (tag("ol", numbered, class_="references") if numbered else "")
            + (tag("p", escape_text(content.no_entries)) if content.no_entries else ""),
        ),
        Section(LIMITS, _bullets(content.limits) if content.limits else ""),
        Section(CHOSEN, tag("ol", calls) if calls else ""),
    )
    return (section for section in each if section.body)


def direct(content: Outline) -> Iterator[str]:
    """Yield the direct answer."""
    if content.note:
        yield tag("p", tag("i", escape_text(content.note)), class_="language")
    if content.answer:
        yield tag("p", _prose(content.answer), class_="lead")
    if content.table:
        rows = (
            tag("tr", tag("th", escape_text(label), scope="row"), tag("td", _sentence(text)))
            for label, text in content.table
        )
        yield tag("table", *rows, class_="answer")
    if content.listing:
        lines = tag("code", escape_text(content.listing)).rstrip()
        # Long lines scroll instead of wrapping, so that they are copied as one.
        yield tag("pre", lines, tabindex="0", role="group", aria_label="To be copied")


def _workflow(content: Outline) -> Iterator[str]:
    for line in content.flow:
        yield tag("p", _sentence(line))
    for way in content.ways:
        if way.name:
            yield tag("h3", escape_text(way.name))
        yield tag("ol", *map(_step, way.steps), class_="steps")
    if content.further:
        yield tag("p", _prose(content.further))
    if content.legend:
        yield tag("p", escape_text(content.legend), class_="legend")
    if content.diagram:
        yield _diagram(content.diagram)
    if content.complementary:
        yield tag("h3", RELATED)
        yield tag("ul", *(tag("li", _prose(group)) for group in content.complementary))


def _step(step: Step) -> str:
    explained = _bullets(step.explained) if step.explained else ""
    stage = tag("span", escape_text(step.stage), class_="stage")
    return tag("li", stage, tag("p", _sentence(step.sentence)), explained)


def _diagram(diagram: Diagram) -> str:
    """Return boxes and arrows, which stack on a narrow page."""
    chains = (
        tag("ol", *(tag("li", tag("span", escape_text(box))) for box in chain), class_="flow")
        for chain in diagram.chains
    )
    beside = ""
    if diagram.beside:
        boxes = tag("ul", *(tag("li", escape_text(box)) for box in diagram.beside))
        beside = tag("div", "Beside it: ", boxes, class_="beside")
    return tag("div", *chains, beside, class_="flow-frame", role="group", aria_label="Workflow")


def _measurements(content: Outline, figures: Sequence[str], folded: bool) -> Iterator[str]:
    if not content.provenance:
        return
    if content.measurements:
        yield _bullets(content.measurements)
    if figures:
        yield tag("div", *figures, class_="wide")
    evidence = tag("p", "<br>\n".join(map(escape_text, content.provenance)), class_="provenance")
    if content.rows:
        evidence = _table(content.rows) + evidence
    if folded:
        summary = tag("summary", "All measurements and their methods")
        evidence = tag("details", summary, evidence)
    yield evidence


def _table(rows: Iterable[Row]) -> str:
    names = ("", "Quantity", "Value", "Measured on", "Method")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    caption = tag("caption", "All measurements; the text cites them by number.")
    return tag(
        "table", caption, tag("thead", head), tag("tbody", *map(_row, rows)), class_="measured"
    )


def _row(row: Row) -> str:
    return tag(
        "tr",
        tag("td", row.label, class_="label"),
        tag("th", escape_text(row.quantity), scope="row"),
        tag("td", escape_text(row.value), class_="value"),
        tag("td", escape_text(row.measured_on), class_="small"),
        tag("td", escape_text(row.method), class_="small"),
        id=row.anchor,
    )


@lru_cache(maxsize=1_024)  # facts and references recur in many answers
def _entry(entry: Entry) -> str:
    ending = "" if entry.title.endswith((".", "?", "!")) else "."
    links = (
        tag("a", escape_text(label), href=url, rel="noopener noreferrer")
        for label, url in entry.links
    )
    return tag(
        "li",
        f"{escape_text(entry.byline)}. " if entry.byline else "",
        tag("cite", escape_text(entry.title) + ending),
        f" {escape_text(entry.where)}." if entry.where else "",
        tag("div", *links, class_="links"),
        id=entry.anchor,
        value=str(entry.number),
    )


def footer(content: Outline) -> str:
    """Return the footer: the origin of the report, and the findings of its check."""
    lines = [tag("p", escape_text(line)) for line in content.footer]
    if content.failures:
        findings = tag("ul", *(tag("li", escape_text(line)) for line in content.failures))
        lines.append(tag("div", findings, class_="note"))
    return tag("footer", *lines)


# --- sentences --------------------------------------------------------------------------------


def _prose(sentences: Iterable[Sentence]) -> str:
    return " ".join(map(_sentence, sentences))


def _bullets(sentences: Iterable[Sentence]) -> str:
    return tag("ul", *(tag("li", _sentence(sentence)) for sentence in sentences))


@lru_cache(maxsize=1_024)  # facts and references recur in many answers
def _sentence(sentence: Sentence) -> str:
    """Return the text followed by `[1, E2]`, with each label a link to its place in the page."""
    verdict = _verdict(sentence.verdict) if sentence.verdict else ""
    if not sentence.marks:
        return escape_text(sentence.text) + verdict
    marks = ", ".join(
        _mark(first) if first == last else f"{_mark(first)}–{_mark(last)}"
        for first, last in spans(sentence.marks)
    )
    return f'{escape_text(sentence.text)} <span class="mark">[{marks}]</span>{verdict}'


def _verdict(verdict: ShownVerdict) -> str:
    marks = ", ".join(map(_mark, verdict.marks))
    mark_html = f' <span class="mark">[{marks}]</span>' if marks else ""
    reason = escape_text(f"{verdict.sign} {verdict.reason}".strip())
    return f' <span class="verdict {verdict.outcome}">{reason}{mark_html}</span>'


def _mark(mark: Mark) -> str:
    label = escape_text(mark.label)
    return f'<a href="#{mark.anchor}">{label}</a>' if mark.anchor else label


# --- pictures ---------------------------------------------------------------------------------


def before_and_after(
    pictures: Iterable[Picture],
) -> tuple[list[tuple[Picture, Picture]], list[Picture]]:
    """Return the pairs of before and after that can be overlaid, and the other pictures."""
    by_name = {picture.name: picture for picture in pictures}
    pairs = []
    for name in list(by_name):
        stem = name.removesuffix("-restored.png")
        before = by_name.get(f"{stem}-enlarged.png") or by_name.get(f"{stem}-input.png")
        after = by_name.get(f"{stem}-restored.png")
        if stem == name or not before or not after or _size(before) != _size(after):
            continue
        if _size(before) != (0, 0):
            pairs.append((by_name.pop(before.name), by_name.pop(after.name)))
    return pairs, list(by_name.values())


def comparisons(
    pairs: Sequence[tuple[Picture, Picture]], prefix: str = "", show: Show = inline
) -> list[str]:
    """Return figures that overlay the pictures of each pair; see `widths`.

    Args:
        prefix: prefix of their ids.
    """
    return [_comparison(f"{prefix}compare-{i}", *pair, show) for i, pair in enumerate(pairs, 1)]


def widths(pairs: Sequence[tuple[Picture, Picture]], prefix: str = "") -> str:
    """Return style rules that keep pairs from being enlarged."""
    return "".join(
        f"#{prefix}compare-{i} {{ max-width: {_size(before)[0]}px; }}\n"
        for i, (before, _) in enumerate(pairs, 1)
    )


def _size(picture: Picture) -> tuple[int, int]:
    return png_size(picture.png or b"")


def _comparison(id: str, before: Picture, after: Picture, show: Show) -> str:
    """Overlay two pictures; scrolling sideways wipes from the first to the second.

    A switch shows them side by side, as does printing. All in CSS, without a script.
    """

    def layer(name: str, picture: Picture) -> str:
        inside = tag("div", show(picture), tag("b", name), class_="layer")
        return tag("div", inside, class_=name)

    seam = tag("div", class_="seam") + tag("div", class_="middle")
    track = tag("div", layer("after", after), layer("before", before), seam, class_="track")
    label = "Before and after; scroll sideways to compare"
    view = tag("div", track, class_="wipe", tabindex="0", role="group", aria_label=label)
    box = tag("input", type="checkbox")
    switch = tag("label", box, " side by side", class_="switch")
    hint = tag("span", "Scroll the picture sideways to compare. ", class_="hint")
    caption = hint + escape_text(f"Before: {before.caption}. After: {after.caption}")
    return tag(
        "figure", view, switch, tag("figcaption", caption),
        class_="compare", id=id,
    )  # fmt: skip


def figure(picture: Picture, show: Show = inline) -> str:
    """Return a picture with its caption, or its name if the picture is missing."""
    if picture.png is None:
        return tag(
            "p", escape_text(f"Picture {plain(picture.name)}, not included: {picture.caption}.")
        )
    # The frame scrolls if the page is too narrow to show the picture at a useful size.
    frame = tag("div", show(picture), class_="pan", tabindex="0", role="group",
                 aria_label=picture.caption)  # fmt: skip
    return tag("figure", frame, tag("figcaption", escape_text(picture.caption)))
