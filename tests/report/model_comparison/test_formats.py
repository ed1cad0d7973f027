"""A comparison in every format: what has to be in it, and text from outside that stays text."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from agent.report.model_comparison import page, table
from agent.report.model_comparison.markdown import to_markdown
from agent.report.model_comparison.page import to_html
from agent.report.model_comparison.record import ModelComparison
from agent.report.model_comparison.terminal import print_comparison
from tests.report.html_page import Page

PNG = bytes.fromhex("89504e470d0a1a0a0000000d494844520000000c0000000808020000008d1c6c4c")
PNGS = {name: PNG for name in ("shot-bicubic.png", "shot-net.png", "shot-detail.png")}
HOSTILE = st.lists(
    st.sampled_from(
        ["<script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "|", "`", "[a](b)",
         "\x1b[2J", "\u202e", "https://evil.example", "\n", "*", "_"]
    )
    | st.text(max_size=5),
    min_size=1,
    max_size=5,
).map("".join)  # fmt: skip


def on_terminal(whole: ModelComparison, width: int = 100) -> str:
    out = io.StringIO()
    print_comparison(whole, Console(file=out, width=width))
    return out.getvalue()


def test_every_format_tells_the_verdict_the_table_and_what_did_not_run(whole):
    html = Page(to_html(whole, PNGS)).text
    for text in (html, to_markdown(whole), on_terminal(whole)):
        for said in (
            "Narrowest edges: NET (1.5 px), before BICUBIC (3.2 px).", "1.4 to 1.6",
            "GONE failed: out of memory", "NET: computed in tiles", "first of 3 frames",
        ):  # fmt: skip
            assert said in " ".join(text.split())
    for text in (html, to_markdown(whole)):
        assert "“Depth” → “Dopth”, near the top left, doubtful" in text
        assert "how edge-width is measured" in text and "no overall score" in text
        assert "net: MIT" in text


def test_a_single_model_and_a_factor_of_one_are_told_in_plain_english(make):
    alone = make.comparison(make.model("bicubic", 3.2), factor=1)
    text = to_markdown(alone)
    assert "1 model side by side" in text and "At the size of the picture." in text
    assert "1 times" not in text


def test_what_leads_is_marked_and_a_model_that_did_not_run_has_no_column(whole):
    rows = list(table.rows(whole.pictures[0]))
    assert [row.label for row in rows] == ["Edge width, px", "Text changed"]
    assert [cell.leads for cell in rows[0].cells] == [False, True]
    assert "| **1.5** (1.4 to 1.6) |" in to_markdown(whole) and "GONE |" not in to_markdown(whole)


def test_the_criterion_that_was_asked_for_comes_first(make):
    asked = make.comparison(criterion="edges")
    text = to_markdown(asked)
    assert text.index("**Narrowest edges") < text.index("| Edge width")
    assert table.VERDICTS not in text and table.VERDICTS not in on_terminal(asked)
    page_ = Page(to_html(asked, PNGS))
    assert {"class": "lead"} in page_.all("p")


def test_over_several_pictures_each_criterion_is_counted(make):
    one = make.comparison().pictures[0]
    tied = one.verdicts[0].model_copy(update={"outcome": "no difference", "leaders": ("net",)})
    other = one.model_copy(update={"verdicts": (tied,)})
    both = make.comparison(pictures=(one, other, one))
    (line,) = table.over_pictures(both)
    assert line == "Edges, on 3 pictures: NET on 2, no difference beyond doubt on 1."
    assert line in to_markdown(both) and line in on_terminal(both)
    assert list(table.over_pictures(make.comparison())) == []


def test_places_are_limited_and_the_rest_is_counted(make):
    many = make.model("net", 1.0, places=(make.place,) * 30)
    lines = list(table.places(many))
    assert len(lines) == table.MOST_PLACES + 1 and lines[-1] == "18 more in comparison.json"


def test_models_without_room_beside_others_come_below(make):
    several = make.comparison(*(make.model(f"model-number-{i}", i + 1.0) for i in range(9)))
    for width in (60, 100):
        shown = on_terminal(several, width)
        assert all(f"{i + 1}" in shown for i in range(9))
        assert max(map(len, shown.splitlines())) <= width


def test_the_record_round_trips(whole):
    assert ModelComparison.model_validate_json(whole.model_dump_json()) == whole


# --- the page -------------------------------------------------------------------------------------


def test_the_page_needs_nothing_from_elsewhere_and_runs_its_own_script_alone(whole):
    shown = Page(to_html(whole, PNGS))
    policy = next(m["content"] for m in shown.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert "script-src 'sha256-" in policy and len(shown.all("script")) == 1
    assert all(image["src"].startswith("data:image/png;base64,") for image in shown.all("img"))
    assert not {"link", "iframe", "object", "form"} & set(shown.tags)
    assert not any("style" in a or any(n.startswith("on") for n in a) for _, a, _ in shown.elements)


def test_any_two_models_can_be_laid_over_each_other_by_the_keyboard(whole):
    shown = Page(to_html(whole, PNGS))
    (seam,) = shown.all("input")
    assert seam["type"] == "range" and seam["aria-label"]
    assert [o["value"] for o in shown.all("option")] == ["bicubic", "net"] * 2
    versions = [i for i in shown.all("img") if "version" in i.get("class", "")]
    assert [v["class"] for v in versions] == ["version over", "version under"]
    assert all(image["alt"] for image in shown.all("img"))
    assert shown.all("noscript")


def test_one_result_alone_has_no_slider(make):
    alone = make.comparison(make.model("bicubic", 3.0))
    assert Page(to_html(alone, PNGS)).all("input") == []
    assert Page(to_html(alone, {})).all("img") == []


def test_the_style_and_the_script_speak_only_of_what_the_page_holds():
    home = Path(page.__file__).parent
    made = (home / "page.py").read_text("utf-8")
    style, script = ((home / f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    selectors = " ".join(re.findall(r"([^{};]+)\{", style))
    for name in set(re.findall(r"\.([a-z][\w-]*)", selectors)):
        assert re.search(rf"\b{name}\b", made), name
    for name in set(re.findall(r'\("(?:select)?\.([\w-]+)"\)', script)):
        assert re.search(rf"\b{name}\b", made), name


@settings(max_examples=40)
@given(text=HOSTILE)
def test_hostile_text_shows_as_it_is_and_makes_nothing(make: SimpleNamespace, text: str) -> None:
    place = make.place.model_copy(update={"before": text, "after": text})
    hostile = make.comparison(
        make.model("bicubic", 2.0, name=text, notes=(text,)),
        make.model("net", 1.0, places=(place,)),
        make.model("gone", 1.0, status="failed", reason=text, picture=None, measurements={}),
    )
    picture = hostile.pictures[0].model_copy(update={"name": text, "notes": (text,)})
    hostile = hostile.model_copy(update={"pictures": (picture,)})
    html = to_html(hostile, PNGS)
    tags = set(Page(html).tags)
    assert html.count("<script>") == 1 and "onerror" not in " ".join(tags)
    assert len(Page(html).all("img")) == 3
    for shown in (html, to_markdown(hostile), on_terminal(hostile)):
        assert "\x1b[2J" not in shown and "\u202e" not in shown
    table_lines = [line for line in to_markdown(hostile).splitlines() if line.startswith("| Edge")]
    assert len(table_lines) == 1


@pytest.mark.parametrize("saved", [True, False])
def test_pictures_are_linked_only_where_they_lie_beside_the_text(whole, saved):
    assert ("](shot-detail.png)" in to_markdown(whole, saved=saved)) is saved
