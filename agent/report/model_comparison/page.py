"""A comparison as one self-contained HTML file, with style, script and pictures inside.

The script moves the seam between two models and lets the reader choose them; without it, the page
shows the first two. The rest of the page needs no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from agent.report import html
from agent.report.elements import document, escape_text, image, png_size, tag
from agent.report.model_comparison import table
from agent.report.model_comparison.record import ComparedPicture, ModelComparison, ModelResult
from agent.report.single_line import plain
from agent.types import Artefact

#: Smaller pictures are enlarged to this width, in pixels of the page.
_NARROWEST = 640
_HERE = Path(__file__).parent


def to_html(comparison: ModelComparison, pngs: Mapping[str, bytes]) -> str:
    """Return the comparison as a self-contained page; see `document`.

    Args:
        pngs: pictures to show, by the names of artefacts; all results of one picture have one size,
            and may be cropped. Results without a picture are left out of the slider.
    """
    views = [_PictureView(number, p, pngs) for number, p in enumerate(comparison.pictures, 1)]
    style = html.style_sheet() + style_sheet() + "".join(one.style() for one in views)
    several = len(views) > 1
    body = (
        tag(
            "header",
            tag("p", "Comparison", class_="kicker"),
            tag("h1", escape_text(table.title(comparison)), class_="short"),
        ),
        tag(
            "main",
            tag("p", escape_text(table.conditions(comparison)), class_="language"),
            _bullets(table.over_pictures(comparison)),
            *(block for one in views for block in _picture(one, comparison, several)),
            tag("h2", table.METHODS) + _bullets(table.methods(comparison)),
            tag("h2", table.LIMITS) + _bullets(table.limits()),
        ),
        tag(
            "footer",
            *(tag("p", escape_text(line)) for line in table.licences(comparison)),
            tag("p", escape_text(table.footer(comparison))),
        ),
    )
    script = (_HERE / "page.js").read_text("utf-8")
    return document(table.title(comparison), style, *body, script=script)


@cache
def style_sheet() -> str:
    """Return the style rules of the page that the style sheet of reports lacks."""
    return (_HERE / "page.css").read_text("utf-8")


class _PictureView:
    """A picture on the page, with the results and figures that can be shown."""

    def __init__(self, number: int, picture: ComparedPicture, pngs: Mapping[str, bytes]) -> None:
        self.picture = picture
        self.slider, self.table = f"slider-{number}", f"table-{number}"
        self.versions: list[tuple[ModelResult, bytes]] = [
            (result, pngs[result.picture.name])
            for result in picture.ran
            if result.picture and result.picture.name in pngs
        ]
        self.figures: list[tuple[Artefact, bytes]] = [
            (figure, pngs[figure.name]) for figure in picture.figures if figure.name in pngs
        ]

    @property
    def has_slider(self) -> bool:
        return len(self.versions) > 1

    def style(self) -> str:
        rules = f"#{self.table} {{ min-width: {9 + 7 * len(self.picture.ran)}rem; }}\n"
        if self.has_slider:
            width = max(_NARROWEST, png_size(self.versions[0][1])[0])
            rules += f"#{self.slider} {{ max-width: {width}px; }}\n"
        return rules


def _picture(view: _PictureView, comparison: ModelComparison, several: bool) -> Iterator[str]:
    picture = view.picture
    verdicts = table.verdict_lines(picture)
    if several:
        yield tag("h2", escape_text(plain(picture.name)))
    if comparison.criterion:
        yield tag("p", escape_text(" ".join(verdicts)), class_="lead")
    else:
        yield tag("h3" if several else "h2", table.VERDICTS) + _bullets(verdicts)
    if view.has_slider:
        yield tag("div", _slider(view), class_="wide")
    yield tag("div", _table(view), class_="wide scroll", tabindex="0", role="group",
              aria_label="Measurements")  # fmt: skip
    yield _bullets((*table.not_run(picture), *table.notes(picture)))
    if view.figures:
        yield tag("div", *(_figure(*one) for one in view.figures), class_="wide")
    changed = [result for result in picture.ran if result.places]
    if changed:
        yield tag("h3" if several else "h2", table.PLACES)
    for result in changed:
        yield tag("p", tag("b", escape_text(plain(result.name)))) + _bullets(table.places(result))


def _slider(view: _PictureView) -> str:
    """Overlay any two results, with a seam that pointer or keyboard moves."""
    (first, _), (second, _) = view.versions[:2]
    versions = (_version(result, png, (first, second)) for result, png in view.versions)
    layers = tag(
        "div",
        *versions,
        tag("div", class_="seam"),
        tag("b", escape_text(plain(first.name)), class_="left-name"),
        tag("b", escape_text(plain(second.name)), class_="right-name"),
        class_="layers",
    )
    seam = tag("input", type="range", min="0", max="1000", step="5", value="500",
               aria_label="Seam between the two models")  # fmt: skip
    controls = tag(
        "div",
        seam,
        tag("label", "Left ", _select(view, "left", first)),
        tag("label", "Right ", _select(view, "right", second)),
        class_="controls",
    )
    caption = (
        "Choose any two models and move the seam: drag it, or use the arrow keys. Of larger "
        "results, only the most detailed part is shown; the whole is saved beside this page."
    )
    without = tag("noscript", tag("p", "Choosing models and moving the seam requires JavaScript."))
    return tag(
        "figure", layers, controls, tag("figcaption", caption), without,
        class_="slider", id=view.slider,
    )  # fmt: skip


def _version(result: ModelResult, png: bytes, first: tuple[ModelResult, ModelResult]) -> str:
    state = {first[0].model: " over", first[1].model: " under"}.get(result.model, "")
    caption = result.picture.caption if result.picture else result.name
    return image(png, plain(caption), class_=f"version{state}", data_model=result.model)


def _select(view: _PictureView, side: str, default: ModelResult) -> str:
    options = (
        tag("option", escape_text(plain(result.name)), value=result.model,
            **({"selected": ""} if result is default else {}))
        for result, _ in view.versions
    )  # fmt: skip
    return tag("select", *options, class_=side)


def _table(view: _PictureView) -> str:
    picture = view.picture
    names = (tag("th", escape_text(name), scope="col") for name in table.names(picture))
    head = tag("thead", tag("tr", tag("td"), *names))
    body = (
        tag("tr", tag("th", escape_text(row.label), scope="row"), *map(_cell, row.cells))
        for row in table.rows(picture)
    )
    caption = tag("caption", "In colour: values that no other model clearly surpasses. "
                  "Below each value: its 95 % interval.")  # fmt: skip
    return tag("table", caption, head, tag("tbody", *body), class_="models", id=view.table)


def _cell(cell: table.Cell | None) -> str:
    if cell is None:
        return tag("td", "–")
    value = tag("b", cell.value, class_="leads") if cell.leads else cell.value
    return tag("td", value, tag("span", cell.interval) if cell.interval else "")


def _figure(figure: Artefact, png: bytes) -> str:
    frame = tag("div", image(png, plain(figure.caption)), class_="pan", tabindex="0",
                role="group", aria_label=plain(figure.caption))  # fmt: skip
    return tag("figure", frame, tag("figcaption", escape_text(plain(figure.caption))))


def _bullets(lines: Iterable[str]) -> str:
    items = [tag("li", escape_text(line)) for line in lines]
    return tag("ul", *items) if items else ""
