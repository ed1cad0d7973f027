"""HTML: one page that needs nothing, and in which text from outside is text."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report import html as html_module
from agent.report.html import parts, to_html
from agent.report.single_line import plain
from agent.text import first_unsafe
from agent.types import Answer, Question, Statement
from tests.report.html_page import Page

ATTRIBUTES = {
    "alt", "aria-label", "charset", "class", "content", "height", "href", "http-equiv", "id",
    "lang", "name", "rel", "role", "scope", "src", "tabindex", "type", "value", "width",
}  # fmt: skip
HOSTILE = st.lists(
    st.sampled_from(
        ["<script>alert(1)</script>", '"><img src=x onerror=y>', "'", '"', "&lt;", "</style>",
         "</title>", "<!--", "]]>", "\x1b[2J", "\u202e", "https://evil.example", "\n", "\x00"]
    )
    | st.text(max_size=5),
    min_size=1,
    max_size=5,
).map("".join)  # fmt: skip


def test_the_parts_for_other_pages_say_the_same_with_pictures_by_address(
    make: SimpleNamespace,
) -> None:
    report = make.report()
    alone = Page(to_html(report))
    given = parts(report, lambda name: f"/pictures/{name}")
    part = Page(given.header + given.main + given.footer)

    assert "data:" not in given.main and "style=" not in given.main
    sources = {image["src"] for image in part.all("img")}
    assert sources == {f"/pictures/{name}" for name in report.pictures}
    assert [i["alt"] for i in part.all("img")] == [i["alt"] for i in alone.all("img")]
    assert len(part.all("details")) == 1
    assert {a["href"][1:] for a in part.all("a") if a["href"].startswith("#")} <= set(part.ids)


def test_the_page_needs_nothing_from_elsewhere(make: SimpleNamespace) -> None:
    page = Page(to_html(make.report()))
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_policy_allows_the_style_sheet_that_is_there(make: SimpleNamespace) -> None:
    import base64
    import hashlib

    html = to_html(make.report())
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in Page(html).all("meta")[1]["content"]


def test_pictures_have_texts_and_headings_have_an_order(make: SimpleNamespace) -> None:
    page = Page(to_html(make.report()))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("img")) == 3
    assert all(image["alt"] and int(image["width"]) > 0 for image in page.all("img"))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_before_and_after_of_one_size_are_laid_over_each_other(make: SimpleNamespace) -> None:
    html = to_html(make.report())
    assert html.count('class="compare"') == 1
    assert html.count("data:image/png") == 3  # each picture once
    assert "#compare-1 { max-width: 12px; }" in html
    other = {**make.pictures(), "shot-enlarged.png": make.png(4, 8)}
    assert 'class="compare"' not in to_html(make.report(pictures=other))


def test_every_mark_leads_somewhere(make: SimpleNamespace) -> None:
    page = Page(to_html(make.report()))
    inside = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert {"ref-1", "ref-2", "e1", "e2"} == set(inside)
    assert set(inside) <= set(page.ids)


def test_the_diagram_is_boxes_and_not_mermaid(make: SimpleNamespace) -> None:
    page = Page(to_html(make.report()))
    assert "flowchart" not in page.text
    assert "-->" not in page.text
    assert "MIMO-UNet+: deblurring" in page.text


def test_pictures_that_are_not_at_hand_are_named(make: SimpleNamespace) -> None:
    page = Page(to_html(make.report(pictures={})))
    assert page.all("img") == []
    assert "Picture shot-restored.png" in page.text


def test_an_abstention_shows_its_reason_once(make: SimpleNamespace) -> None:
    page = Page(to_html(make.abstaining()))
    assert page.text.count("baking bread") == 1
    assert len(page.all("h2")) == 3
    assert page.text.count("–\n") == 2


def test_the_answer_comes_first_with_its_table_and_what_is_to_be_copied(
    make: SimpleNamespace,
) -> None:
    html = to_html(make.direct(listing="<b>\n  --no-run"))
    page = Page(html)
    order = [
        "Ich antworte",
        "It depends",
        "MIMO-UNet+",
        "Research only.",
        "<b>\n  --no-run",
        "1. Task",
    ]
    places = [page.text.index(part) for part in order]
    assert places == sorted(places)
    assert page.all("b") == [] and len(page.all("pre")) == 1


def test_small_talk_has_none_of_the_three_parts(make: SimpleNamespace) -> None:
    page = Page(to_html(make.small_talk()))
    assert "Hello. Ask something." in page.text
    assert page.all("h2") == []


def test_the_style_has_no_rule_for_what_no_page_holds() -> None:
    module = Path(html_module.__file__)
    style = module.with_name("report.css").read_text("utf-8")
    selectors = " ".join(re.findall(r"([^{};]+)\{", style))
    classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    made = module.read_text("utf-8") + "supported contradicted"
    assert {name for name in classes if not re.search(rf"\b{name}\b", made)} == set()


def test_the_same_report_gives_the_same_bytes(make: SimpleNamespace) -> None:
    assert to_html(make.report()) == to_html(make.report())


@settings(max_examples=60)
@given(text=HOSTILE)
def test_hostile_text_shows_as_it_is_and_makes_nothing(make: SimpleNamespace, text: str) -> None:
    answer = Answer(
        status="answered",
        task=f"{text}!",
        diagram=f'flowchart LR\n  a["{text}"] --> b',
        statements=(Statement(section="limits", text=f"{text}?", claims=(f"{text}/x",)),),
        references=(
            make.reference(title=f"{text}.", venue=text, authors=(text,), links={text: text}),
            make.reference(card="b", links={text: f"javascript:{text}", "code": f"https://{text}"}),
        ),
        limits=(text,),
    )
    run = make.run(
        image=text,
        evidence=[make.evidence("a", 1.0, text).model_copy(update={"quantity": text})],
        artefacts=[{"name": text, "caption": text, "sha256": ""}],
    )
    question = Question.model_construct(text=f"?{text}", images=(), upscale=None, turns=())
    html = to_html(
        make.report(question=question, answer=answer, runs=(run,), pictures={text: make.png()})
    )
    assert first_unsafe(html) is None
    page = Page(html)
    assert {name for _, attributes, _ in page.elements for name in attributes} <= ATTRIBUTES
    assert "script" not in page.tags
    assert len(page.all("img")) == 1
    for link in page.all("a"):
        assert re.match(r"#(ref-\d+|e\d+)$|https?://[^\s\"'<>]+$", link["href"])
    assert plain(f"{text}!") in " ".join(page.text.split())
