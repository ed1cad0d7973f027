"""How an agent chose the experiments, in every form of a report."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from agent.report.html import to_html
from agent.report.markdown import answer_markdown, to_markdown
from agent.report.terminal import print_report
from agent.types import Report, ToolCall, Transcript

TRANSCRIPT = Transcript(
    model="openai:stub",
    calls=(
        ToolCall(
            tool="restore",
            arguments={"picture": "shot", "factor": 3},
            outcome="done",
            result="ran, 2 measurements",
            evidence=("shot.edge-width-restored",),
        ),
        ToolCall(tool="search_registry", outcome="done", result="found mimo-unet-plus"),
        ToolCall(
            tool="a tool that does not exist", outcome="refused", result="<b>it</b> does not exist"
        ),
    ),
    ended="limit",
    reason="it wanted more than 8 replies",
)
LINES = (
    "restore (picture shot, factor 3): ran, 2 measurements",
    "search_registry: found mimo-unet-plus",
    "a tool that does not exist: refused, <b>it</b> does not exist",
    "openai:stub was stopped: it wanted more than 8 replies.",
)


@pytest.fixture
def report(make: SimpleNamespace) -> Report:
    return make.report().model_copy(update={"transcript": TRANSCRIPT})


def test_markdown_numbers_the_calls_outside_of_the_answer(report: Report) -> None:
    text = to_markdown(report)
    at = text.index("## How the experiments were chosen")
    assert text.index("## Limits") < at < text.index("\n---\n")
    assert f"1. {LINES[0]}" in text and f"4. {LINES[3]}" in text
    assert "\\<b>it\\</b>" in text
    assert "experiments were chosen" not in answer_markdown(report)


def test_html_and_terminal_tell_the_same(report: Report) -> None:
    page = to_html(report)
    assert "How the experiments were chosen" in page and "&lt;b&gt;it&lt;/b&gt;" in page
    out = io.StringIO()
    print_report(report, Console(file=out, width=100))
    shown = " ".join(out.getvalue().split())
    for line in LINES:
        assert line in shown
        assert line.replace("<", "&lt;").replace(">", "&gt;") in page


def test_it_goes_through_json_and_is_nowhere_without_an_agent(
    report: Report, make: SimpleNamespace
) -> None:
    assert Report.model_validate_json(report.model_dump_json()).transcript == TRANSCRIPT
    assert "experiments were chosen" not in to_markdown(make.report())
    assert "experiments were chosen" not in to_html(make.report())
