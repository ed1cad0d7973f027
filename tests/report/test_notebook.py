"""A Report in a notebook: one element beside others, that takes nothing from them nor gives any."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report import html as html_module
from agent.report.notebook import to_notebook
from agent.report.notebook_progress import bar_of, in_notebook, shown
from agent.report.outline import LIMITS, NOT_RUN
from agent.report.report import Report
from agent.text import first_unsafe
from agent.types import Answer, Question, Statement
from tests.report.html_page import Page

HOSTILE = st.lists(
    st.sampled_from(
        ["<script>alert(1)</script>", '"><img src=x onerror=y>', "'", '"', "</style>", "</details>",
         "</div>", "<!--", "\x1b[2J", "\u202e", "https://evil.example", "\n", "\x00", "#e1"]
    )
    | st.text(max_size=5),
    min_size=1,
    max_size=5,
).map("".join)  # fmt: skip


def test_it_needs_nothing_from_elsewhere_and_runs_no_script(make: SimpleNamespace) -> None:
    html = to_notebook(make.report())
    page = Page(html)
    assert not set(page.tags) & {
        "script",
        "link",
        "iframe",
        "object",
        "html",
        "body",
        "head",
        "meta",
        "h1",
    }
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert not {n for _, attributes, _ in page.elements for n in attributes if n.startswith("on")}
    assert "url(" not in html and "@import" not in html


def test_the_answer_and_the_slider_are_seen_and_the_evidence_is_folded(
    make: SimpleNamespace,
) -> None:
    report = make.report(runs=(make.run(), make.skipped("there is no OCR program")))
    page = Page(to_notebook(report))
    around = {a["class"]: open for _, a, open in page.elements if "class" in a}
    assert "details" not in around["question"] and "details" not in around["compare"]
    assert "details" in around["measured"] and "details" in around["references"]
    assert page.tags.index("figure") < page.tags.index("details")
    folded = dict(zip(re.findall(r"<summary>(.*?)</summary>", to_notebook(report)),
                      ["open" in a for a in page.all("details")], strict=True))  # fmt: skip
    assert {title for title, is_open in folded.items() if is_open} == {NOT_RUN, LIMITS}
    assert "What was measured on your picture (2 measurements)" in folded


def test_two_reports_on_one_page_share_no_id_and_links_stay_inside(make: SimpleNamespace) -> None:
    pages = [Page(to_notebook(make.report())) for _ in range(2)]  # the same one twice
    ids = [page.ids for page in pages]
    assert len({*ids[0], *ids[1]}) == len(ids[0]) + len(ids[1])
    for page, own in zip(pages, ids, strict=True):
        inside = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
        assert len(inside) == 4 and inside <= set(own)


def test_every_rule_of_the_style_is_for_this_element_alone(make: SimpleNamespace) -> None:
    html = to_notebook(make.report())
    (id,) = re.findall(r'<div id="(groundglass-[0-9a-f]{8})"', html)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    depth, selectors = 0, []
    for text, sign in re.findall(r"([^{}]*)([{}])", style[1]):
        if sign == "{" and depth == 0 and not text.strip().startswith("@media"):
            selectors.append(text.strip())
        if sign == "{" and depth == 1 and selectors[-1:] != [text.strip()] and "@" in text:
            assert "container" in text or "media" in text
        depth += 1 if sign == "{" else -1
    assert depth == 0 and selectors
    assert all(f"#{id}" in selector for selector in selectors)
    assert "rem" not in re.findall(r"\d(rem)\b", style[1])
    assert not re.search(r"(?m)^\s*(?:html|body|:root)\b", style[1])


def test_it_follows_the_theme_of_the_notebook(make: SimpleNamespace) -> None:
    html = to_notebook(make.report())
    for host in ('data-jp-theme-light="false"', ".vscode-dark", 'html[theme="dark"]'):
        rule = re.search(rf":is\([^)]*{re.escape(host)}[^)]*\) #\S+ {{([^}}]*)}}", html)
        assert rule and "color-scheme: dark" in rule[1] and "--paper: #14171a" in rule[1]


def test_the_style_has_no_rule_for_what_no_notebook_holds() -> None:
    folder = Path(html_module.__file__).parent
    style = (folder / "notebook.css").read_text("utf-8")
    made = "".join((folder / name).read_text("utf-8") for name in ("html.py", "notebook.py"))
    classes = re.findall(r"\.([a-z][\w-]*)", style)
    assert [name for name in classes if not re.search(rf"\b{name}\b", made)] == []


@pytest.mark.parametrize("kind", ["abstaining", "direct", "small_talk", "about_program"])
def test_any_report_can_be_shown(make: SimpleNamespace, kind: str) -> None:
    page = Page(to_notebook(getattr(make, kind)()))
    assert page.text.strip() and page.all("img") == []


def test_a_report_shows_itself(make: SimpleNamespace) -> None:
    report = Report.model_validate(dict(make.report()))
    assert report._repr_html_().startswith('<div id="groundglass-')
    assert "![" not in report._repr_markdown_() and "1. Task" in report._repr_markdown_()


@settings(max_examples=40)
@given(text=HOSTILE)
def test_hostile_text_shows_as_it_is_and_makes_nothing(make: SimpleNamespace, text: str) -> None:
    answer = Answer(
        status="answered",
        task=f"{text}!",
        diagram=f'flowchart LR\n  a["{text}"] --> b',
        statements=(Statement(section="limits", text=f"{text}?", claims=(f"{text}/x",)),),
        references=(
            make.reference(title=f"{text}.", venue=text, authors=(text,), links={text: text}),
        ),
    )
    run = make.run(
        image=text,
        evidence=[make.evidence("a", 1.0, text).model_copy(update={"quantity": text})],
        artefacts=[{"name": text, "caption": text, "sha256": ""}],
    )
    question = Question.model_construct(text=f"?{text}", images=(), upscale=None, turns=())
    html = to_notebook(
        make.report(question=question, answer=answer, runs=(run,), pictures={text: make.png()})
    )
    assert first_unsafe(html) is None
    page = Page(html)
    assert page.elements[0][0] == "div" and all(around for _, _, around in page.elements[1:])
    assert "script" not in page.tags and len(page.all("img")) == 1
    for link in page.all("a"):
        assert re.match(r"#groundglass-[0-9a-f]{8}-(ref-\d+|e\d+)$|https?://[^\s\"'<>]+$",
                        link["href"])  # fmt: skip


# --- progress -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "bar"),
    [
        ("a.png: restored 3 of 12 tiles", {"value": "3", "max": "12"}),
        ("1 of 2, about 5 s left: restored 7 of 9 tiles", {"value": "7", "max": "9"}),
        ("measuring", {}),
        ("0 of 0", {}),
        ("<b>\x1b[2J 1 of 2", {"value": "1", "max": "2"}),
    ],
)
def test_a_line_of_progress_is_a_bar(line: str, bar: dict[str, str]) -> None:
    page = Page(bar_of(line))
    (shown_,) = page.all("progress")
    assert {name: shown_[name] for name in shown_ if name in ("value", "max")} == bar
    assert "\x1b" not in page.text and page.all("b") == []


def test_progress_goes_to_whom_was_named_and_outside_a_notebook_to_nobody() -> None:
    lines: list[str] = []
    with shown(lines.append) as tell:
        tell("one")
    with shown(None) as tell:
        tell("two")
    assert lines == ["one"] and not in_notebook()


@pytest.mark.slow
def test_a_notebook_shows_the_report_and_takes_the_bar_away(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    nbformat = pytest.importorskip("nbformat")
    cells = [
        "from agent.report.notebook_progress import shown\n"
        "with shown(None) as tell:\n    tell('restored 1 of 2 tiles')",
        "from agent import Agent, Question\n"
        "Agent().ask(Question(text='Which loss does MIMO-UNet+ use?'))",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    bar, report = ([output["data"] for output in cell["outputs"]] for cell in book["cells"])
    assert [data["text/html"] for data in bar] == [""]
    assert "groundglass" in report[-1]["text/html"] and "1. Task" in report[-1]["text/markdown"]
    assert "Report(" not in json.dumps(report[-1]["text/plain"])
