"""What is said of text follows what was read, and quotes it as it is."""

from __future__ import annotations

from agent.answer.evidence import read_out, statements
from agent.types import Evidence, RunResult


def run(texts: dict[str, str] | None = None, **values: float) -> RunResult:
    texts = texts or {}
    evidence = tuple(
        Evidence(
            id=f"shot.text-{key.replace('_', '-')}", quantity=key, value=value, unit="u",
            measured_on="shot.png", method="m", text=texts.get(key),
        )
        for key, value in values.items()
    )  # fmt: skip
    return RunResult(
        card="llavar", tool="read_text", image="shot.png", status="ran", evidence=evidence
    )


def said(*runs: RunResult) -> str:
    return " ".join(s.text for s in statements(runs))


def test_without_text_nothing_is_said_of_its_legibility():
    assert said(run(lines=0)) == (
        "No text was found in shot.png, so nothing is said about whether text in it can be read."
    )
    assert list(read_out([run(lines=0)])) == []


def test_the_reader_is_never_called_llavar():
    assert "LLaVAR itself did not run" in said(run(lines=2, words_input=5))


def test_readings_before_and_after_are_compared():
    compared = {"words_restored": 9, "agreement": 98.0, "lines": 3}
    assert "no word changed" in said(run(changed=0, doubtful=0, **compared))
    surer = said(run(changed=2, doubtful=0, **compared))
    assert "2 places read differently, all of them read with more confidence" in surer
    one = said(run(changed=1, doubtful=0, **compared))
    assert "1 place read differently, and with more confidence" in one
    doubt = {"doubt_1": "shap → sharp", "line_1": "a sharp edge"}
    doubtful = run(doubt, changed=2, doubtful=1, doubt_1=60, line_1=80, **compared)
    assert "1 of them doubtfully, such as “shap → sharp”: letters there may be" in said(doubtful)


def test_what_is_written_is_read_out_in_full_where_it_is_asked_for():
    values = {f"line_{i}": 99.0 for i in range(1, 21)}
    texts = {key: f"line {key}" for key in values}
    long = run(texts, lines=20, **values)
    full = list(read_out([long]))
    assert [s.section for s in full] == ["task"] * 3
    assert sum(len(s.evidence) for s in full) == 20
    assert "“line line_20”" in full[-1].text
    assert said(long).count("“") == 4


def test_what_did_not_run_is_not_quoted():
    skipped = run({"line_1": "Exit"}, lines=1, line_1=99).model_copy(update={"status": "failed"})
    assert list(statements([skipped])) == list(read_out([skipped])) == []
