"""Markdown: what is said where, and that no text from outside becomes markup."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.report.markdown import answer_markdown, to_markdown
from agent.report.single_line import plain
from agent.text import first_unsafe
from agent.types import Question, Statement, Verification

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
FRAGMENTS = (
    "![x](http://a.b/c)", "<script>alert(1)</script>", "[a](b)", "[1]", "[E1]", "*", "_", "**",
    "`", "```", "~~", "# ", "> ", "- ", "1. ", "\\", "&amp;", "&#60;", "|", "https://evil.example/x",
    "www.evil.example.", "a@b.cc", "<https://x.y>", "mailto:a@b.c", "$x$", "\x1b[31m", "\u202e",
    "\n", "\n\n", "    code", "é", "---", "===", "<!--", "](", '"', "x_y", "< 3", "\t", "\u2028",
)  # fmt: skip
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), min_size=1, max_size=6).map(
    "".join
)


def tokens(markdown: str) -> list[Token]:
    """All tokens, those inside of others among them."""
    return [t for block in MARKDOWN.parse(markdown) for t in (block, *(block.children or ()))]


def texts(markdown: str) -> list[str]:
    """What is read in each paragraph, heading and cell."""
    inline = (token.children or () for token in MARKDOWN.parse(markdown) if token.type == "inline")
    return ["".join(child.content for child in children) for children in inline]


def test_sections_come_in_the_order_that_the_question_asks_for(make: SimpleNamespace) -> None:
    lines = to_markdown(make.report(runs=(make.run(), make.skipped()))).splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## 1. Task",
        "## 2. Workflow",
        "## What was measured on your picture",
        "## Not run",
        "## 3. References",
        "## Limits",
    ]
    assert lines[0] == "# I upscaled a web image by 3× and the edges stayed sharp. Why?"


def test_the_answer_comes_first_then_its_table_and_what_is_to_be_copied(
    make: SimpleNamespace,
) -> None:
    text = to_markdown(make.direct())
    first = text.split("## 1. Task")[0]
    assert first == (
        "# Which may I sell?\n\n"
        "*Ich antworte auf Englisch.*\n\n"
        "It depends on the system. [[1], [2]]\n\n"
        "| | |\n|---|---|\n"
        "| MIMO-UNet+ | No: a \\| b. [[1]] |\n"
        "| LLaVAR | Research only. [[2]] |\n\n"
        '```\ngroundglass ask "…"\n  --no-run\n```\n\n'
    )


@pytest.mark.parametrize("count", [3, 5])
def test_no_listing_ends_before_its_time(make: SimpleNamespace, count: int) -> None:
    text = to_markdown(make.direct(listing=f"a\n{'`' * count}\n# b"))
    block = next(token for token in MARKDOWN.parse(text) if token.type == "fence")
    assert block.content == f"a\n{'`' * count}\n# b\n"


def test_the_three_parts_are_there_even_where_there_is_nothing_to_tell(
    make: SimpleNamespace,
) -> None:
    text = to_markdown(make.abstaining())
    assert "## 2. Workflow\n\n–\n\n## 3. References\n\n–\n\n---" in text
    text = to_markdown(make.about_program())
    assert (
        "## 2. Workflow\n\n–\n\n## 3. References\n\nNone: the answer is about Groundglass" in text
    )


def test_small_talk_has_none_of_the_three_parts(make: SimpleNamespace) -> None:
    text = to_markdown(make.small_talk())
    assert text.startswith("# hi\n\nHello. Ask something.\n\n---\n\n")
    assert "##" not in text


def test_a_statement_is_marked_with_the_numbers_of_its_sources(make: SimpleNamespace) -> None:
    text = to_markdown(make.report())
    assert "LLaVAR reads text in pictures. [[2]]" in text
    assert "from 4.21 px to 2.63 px. [[E1], [E2]]" in text
    assert "[2]: #3-references" in text
    assert "[E2]: #what-was-measured-on-your-picture" in text
    links = [token.attrs["href"] for token in tokens(text) if token.type == "link_open"]
    assert "#3-references" in links
    assert "#what-was-measured-on-your-picture" in links


def test_a_step_is_followed_by_what_explains_it(make: SimpleNamespace) -> None:
    text = to_markdown(make.report())
    assert (
        "2. **Model:** One network restores all scales. [[1]]\n"
        "   - Its decoder emits a picture at every scale, so structure is checked three times. "
        "[[1]]"
    ) in text
    assert text.index("```mermaid\nflowchart LR\n") > text.index("3. **Output:**")


def test_measurements_are_a_table_whose_rows_are_numbered(make: SimpleNamespace) -> None:
    text = to_markdown(make.report())
    assert "| E1 | Median width of strong edges | 4.21 px | shot.png, enlarged |" in text
    assert "![the most detailed part of shot.png, before and after](shot-comparison.png)" in text
    assert "[`shot-restored.png`](shot-restored.png)" in text


def test_pictures_that_are_not_at_hand_are_named_but_not_linked(make: SimpleNamespace) -> None:
    text = to_markdown(make.report(pictures={}))
    assert "`shot-restored.png`: shot.png, restored" in text
    assert "](shot" not in text


def test_what_did_not_run_is_not_described_as_run(make: SimpleNamespace) -> None:
    text = to_markdown(make.report(runs=(make.skipped(),)))
    assert "## What was measured" not in text
    assert "\n| E1 |" not in text
    assert "there are no weights for the network" in text.split("## Not run")[1]


def test_the_words_of_the_answer_about_a_run_are_not_said_twice(make: SimpleNamespace) -> None:
    note = "mimo-unet-plus was not run on shot.png: there are no weights for the network."
    text = to_markdown(
        make.report(runs=(make.skipped(),), answer=make.answer(limits=(note, "Another limit.")))
    )
    assert text.count("there are no weights") == 1
    assert note in text.split("## Not run")[1].split("## 3.")[0]
    assert "- Another limit." in text.split("## Limits")[1]


@pytest.mark.parametrize("reason", ["no_model", "ambiguous", "needs_image", "image_unusable"])
def test_an_abstention_says_why_first_and_once(make: SimpleNamespace, reason: str) -> None:
    text = to_markdown(make.abstaining(reason))
    assert "\n\nNo card of the registry is about baking bread.\n\n## 1. Task" in text
    assert text.count("baking bread") == 1
    for internal in ("llavar", "0.41", reason):
        assert internal not in text


def test_findings_of_the_check_are_counted_and_listed(make: SimpleNamespace) -> None:
    found = Verification(statements=6, unsupported=("A lie.",), unsupported_numbers=("7 in: A.",))
    text = to_markdown(make.report(verification=found))
    assert "6 statements checked; findings: 2" in text
    assert "- Not supported: A lie." in text
    assert "- Number without a source: 7 in: A." in text
    assert "6 statements checked: " in to_markdown(make.report())
    one = make.report(verification=Verification(statements=1))
    assert "1 statement checked: " in to_markdown(one)


def test_the_answer_alone_is_without_question_and_footer(make: SimpleNamespace) -> None:
    text = answer_markdown(make.report())
    assert "I upscaled" not in text
    assert "registry 3f2a" not in text
    assert text.startswith("## 1. Task")
    assert text.split("## 3. References")[1].split("\n\n[1]:")[0] in to_markdown(make.report())


def test_a_comparison_tells_one_system_after_the_other(make: SimpleNamespace) -> None:
    steps = make.answer().workflow
    other = steps[1].model_copy(update={"card": "llavar", "claims": ("llavar/workflow-1",)})
    text = to_markdown(make.report(answer=make.answer(workflow=(*steps, other))))
    assert "### Deblur-MIMO-UNet-Plus\n\n1. **Input:**" in text
    assert "### LLaVAR\n\n1. **Model:**" in text


def test_the_same_report_gives_the_same_bytes(make: SimpleNamespace) -> None:
    again = make.report().model_validate_json(make.report().model_dump_json())
    assert to_markdown(again) == to_markdown(make.report(pictures={}))


def test_ordinary_prose_stays_readable(make: SimpleNamespace) -> None:
    prose = "A 3×3 kernel (about 10–90 %) costs < 0.2 s & keeps mimo_unet at -1.5 dB: that's it!"
    text = to_markdown(make.report(answer=make.answer(task=prose)))
    assert prose in text


@settings(max_examples=60)
@given(text=hostile)
def test_hostile_text_shows_as_it_is_and_makes_nothing(make: SimpleNamespace, text: str) -> None:
    question = Question.model_construct(text=f"?{text}", images=(), upscale=None, turns=())
    statement = Statement(section="limits", text=f"{text}!", claims=(f"{text}/x",))
    run = make.run(image=text, artefacts=(), evidence=[
        make.evidence("a", 1.0, "x").model_copy(update={"measured_on": f"{text}!"})
    ])  # fmt: skip
    report = make.report(
        question=question,
        runs=(run,),
        answer=make.answer(statements=(statement,), limits=(), diagram=f"flowchart LR\n{text}"),
    )
    markdown = to_markdown(report)
    assert first_unsafe(markdown) is None
    assert plain(f"{text}!") in texts(markdown)  # the cell
    assert any(line.startswith(plain(f"{text}!")) for line in texts(markdown))  # the bullet
    allowed = {url for item in report.answer.references for url in item.links.values()}
    for token in tokens(markdown):
        assert token.type not in ("html_inline", "html_block", "image", "code_block")
        if token.type == "link_open":
            address = str(token.attrs["href"])
            assert address in allowed or address.startswith("#")
        if token.type == "text":  # an address here would be made a link by many renderers
            assert "://" not in token.content
