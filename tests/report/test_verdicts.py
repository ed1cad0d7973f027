"""A verdict is shown behind its sentence with what decided it, in every form of the report."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from rich.console import Console

from agent.report.html import to_html
from agent.report.markdown import to_markdown
from agent.report.schema import to_json
from agent.report.terminal import print_report
from agent.types import Report, Statement, Verdict

SUPPORTED = Verdict(
    outcome="supported", reason="edges came out <narrower>", evidence=("shot.edge-width-restored",)
)
CONTRADICTED = Verdict(
    outcome="contradicted", reason="*edges* came out wider", evidence=("shot.edge-width-restored",)
)
UNTESTED = Verdict(outcome="untested", reason="no measurement here bears on it")


def judged(make: SimpleNamespace, *verdicts: Verdict) -> Report:
    waiting = iter(verdicts)
    statements = [
        s.model_copy(update={"verdict": next(waiting, None)}) if s.section == "workflow" else s
        for s in make.answer().statements
    ]
    report: Report = make.report(answer=make.answer(statements=statements))
    return report


def terminal(report: Report) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=300))
    return " ".join(out.getvalue().split())


def test_markdown_shows_sign_reason_and_evidence(make: SimpleNamespace) -> None:
    text = to_markdown(judged(make, SUPPORTED, UNTESTED))
    assert "checked three times. [[1]] **✓ edges came out <narrower>** [[E2]]" in text.replace(
        "\\", ""
    )
    assert UNTESTED.reason not in text and "–**" not in text  # what was not tested has no mark
    assert "✓ supported, ✗ contradicted by the measurements on your picture" in text
    assert "**✗ \\*edges\\* came out wider** [[E2]]" in to_markdown(judged(make, CONTRADICTED))


def test_html_marks_the_outcome_and_escapes_the_reason(make: SimpleNamespace) -> None:
    page = to_html(judged(make, SUPPORTED, CONTRADICTED))
    assert '<span class="verdict supported">✓ edges came out &lt;narrower&gt; ' in page
    assert '<span class="verdict contradicted">✗ *edges* came out wider ' in page
    assert page.count('href="#e2"') >= 3
    assert 'class="legend"' in page


def test_the_terminal_shows_it_in_words(make: SimpleNamespace) -> None:
    shown = terminal(judged(make, CONTRADICTED, UNTESTED))
    assert "✗ *edges* came out wider [E2]" in shown and "was not tested." in shown


def test_json_holds_the_verdict(make: SimpleNamespace) -> None:
    report = judged(make, SUPPORTED)
    held = json.loads(to_json(report))["answer"]["statements"][1]["verdict"]
    assert held == {
        "outcome": "supported", "reason": SUPPORTED.reason, "evidence": list(SUPPORTED.evidence)
    }  # fmt: skip
    assert Report.model_validate_json(to_json(report)).answer == report.answer


@pytest.mark.parametrize("form", [to_markdown, to_html, terminal])
def test_without_verdicts_there_is_no_legend(make: SimpleNamespace, form) -> None:  # type: ignore[no-untyped-def]
    assert "anything unmarked" not in form(judged(make))


@pytest.mark.parametrize("form", [to_markdown, to_html, terminal])
@pytest.mark.parametrize(("verdict", "is_shown"), [(SUPPORTED, False), (CONTRADICTED, True)])
def test_the_answer_itself_bears_no_tick_but_a_cross(  # type: ignore[no-untyped-def]
    make: SimpleNamespace, form, verdict: Verdict, is_shown: bool
) -> None:
    first = Statement(
        section="answer", text="Edges stay sharp.", claims=("mimo/a",), verdict=verdict
    )
    report = make.report(answer=make.answer(statements=(first, *make.answer().statements)))
    assert ("came out" in form(report), "anything unmarked" in form(report)) == (is_shown, is_shown)
