"""The terminal: complete at any width, plain without colour, and never steered by a text."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from agent.report.single_line import plain
from agent.report.terminal import print_report
from agent.text import first_unsafe
from agent.types import Question, Report


def shown(report: Report, width: int = 100, **options: object) -> str:
    file = io.StringIO()
    print_report(report, Console(file=file, width=width, **options))  # type: ignore[arg-type]
    return file.getvalue()


def test_every_part_of_a_report_is_shown(make: SimpleNamespace) -> None:
    text = shown(make.report(runs=(make.run(), make.skipped())))
    for part in (
        "▌ I upscaled a web image by 3× and the edges stayed sharp. Why?",
        "1. Task\n",
        "Web image → Enlarge 3× → MIMO-UNet+: deblurring → Result, measured",
        "2. Model: One network restores all scales. [1]",
        "from 4.21 px to 2.63 px. [E1, E2]",
        "   paper: https://arxiv.org/abs/2108.05054\n",
        "Not run\n",
        "Limits\n",
        "6 statements checked: ",
    ):
        assert part in text
    assert "flowchart" not in text
    row = next(line for line in text.splitlines() if line.startswith("E1 "))
    assert row.split("  ")[1].strip() == "Median width of strong edges"
    assert row.rstrip().endswith("4.21 px  shot.png, enlarged")


def test_a_narrow_terminal_keeps_to_its_width_but_for_addresses(make: SimpleNamespace) -> None:
    lines = shown(make.report(), 44).splitlines()
    assert all(len(line) <= 44 for line in lines if "https://" not in line)
    assert any(line.endswith("https://github.com/chosj95/MIMO-UNet") for line in lines)


def test_a_wide_terminal_has_lines_that_can_be_read(make: SimpleNamespace) -> None:
    assert max(map(len, shown(make.report(), 300).splitlines())) <= 100


@pytest.mark.parametrize("width", [1, 5, 12])
def test_a_terminal_of_a_few_columns_does_no_harm(make: SimpleNamespace, width: int) -> None:
    assert shown(make.report(), width)


def test_no_colour_where_none_is_wanted(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;36m1. Task" in shown(make.report(), force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "36m" not in shown(make.report(), force_terminal=True)
    assert "\x1b" not in shown(make.report())


def test_an_abstention_says_why_and_what_to_do(make: SimpleNamespace) -> None:
    text = shown(make.abstaining())
    assert "\n\nNo card of the registry is about baking bread.\n\n1. Task\n" in text
    assert "\n2. Workflow\n–\n\n3. References\n–\n\n" in text


@pytest.mark.parametrize("width", [30, 60, 100])
def test_the_answer_comes_first_with_its_table_and_what_is_to_be_copied(
    make: SimpleNamespace, width: int
) -> None:
    text = shown(make.direct(), width)
    order = [
        "Ich antworte",
        "It depends",
        "No: a | b. [1]",
        "Research",
        "  groundglass ask",
        "1. Task",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_lines_to_be_copied_are_not_broken(make: SimpleNamespace) -> None:
    command = f"groundglass ask -i {'x' * 90}.png"
    assert f"\n  {command}\n  b\n" in shown(make.direct(listing=f"{command}\nb"), 40)


def test_small_talk_has_none_of_the_three_parts(make: SimpleNamespace) -> None:
    text = shown(make.small_talk())
    assert text.startswith("▌ hi\n\nHello. Ask something.\n\ngroundglass")


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(["\x1b[2J", "\x9b", "\u202e", "[bold]", "[/]", ":smile:", "\n", "\x07"])
        | st.text(max_size=5),
        min_size=1,
        max_size=5,
    ).map("".join)
)  # fmt: skip
def test_hostile_text_shows_as_it_is(make: SimpleNamespace, text: str) -> None:
    question = Question.model_construct(text=f"?{text}!", images=(), upscale=None, turns=())
    report = make.report(
        question=question,
        answer=make.answer(task=f"{text}.", diagram=text, references=()),
        runs=(make.run(image=text, status="failed", reason=text, evidence=(), artefacts=()),),
    )
    output = shown(report)
    assert first_unsafe(output) is None
    question_lines = [line for line in output.split("\n\n")[0].split("\n") if line]
    assert "".join("".join(line[2:] for line in question_lines).split()) == "".join(
        plain(f"?{text}!").split()
    )


def test_a_word_wider_than_the_terminal_is_folded_and_not_cut(make: SimpleNamespace) -> None:
    word = "x" * 130
    text = shown(make.report(answer=make.answer(task="", limits=(word,))), 50)
    assert text.count("x") >= 130
    assert "…" not in text
