"""What is said of text follows what was read, and quotes it as it is."""

from __future__ import annotations

from collections.abc import Sequence

from agent.answer.evidence import opening_statements, statements
from agent.types import Evidence, ParsedQuestion, RunResult, Statement


def read_out(runs: Sequence[RunResult]) -> list[Statement]:
    """What opens the answer to “What does it say?”."""
    asked = ParsedQuestion(intent="look", operation="read_text", effects=("text",))
    return list(opening_statements(runs, asked))


def run(texts: dict[str, str] | None = None, **values: float) -> RunResult:
    texts = texts or {}
    evidence = tuple(
        Evidence(
            id=f"shot.text-{key.replace('_', '-')}", quantity=key, value=value, unit="u",
            measured_on="shot.png, restored, near the top left", method="m", text=texts.get(key),
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
        "No text was found in shot.png, so this answer cannot say whether text in it can be read."
    )
    (nothing,) = read_out([run(lines=0)])
    assert nothing.text.startswith("No text was found")


def test_the_reader_is_not_called_by_the_name_of_a_system_that_did_not_run():
    text = said(run(lines=2, words_input=5, confidence_input=93))
    assert text.startswith("An OCR program read 2 lines of text with 5 words in shot.png, with a")
    assert "LLaVAR" not in text


def test_readings_before_and_after_are_compared():
    compared = {"words_restored": 9, "agreement": 98.0, "lines": 3}
    assert "Every word that can be read in shot.png reads as it did" in said(
        run(changed=0, doubtful=0, **compared)
    )
    surer = run({"surer_1": "l1t → lit"}, changed=2, doubtful=0, surer_1=97.0, **compared)
    assert (
        "2 places in shot.png read differently after restoration, and with more confidence than "
        "before: “l1t → lit” near the top left. That does not prove the new reading right."
    ) in said(surer)
    one = said(run(changed=1, doubtful=0, **compared))
    assert "1 place in shot.png reads differently after restoration, and with more" in one
    assert "98 u of the characters in shot.png were read the same as before" in one


def test_doubtful_places_are_named_with_where_to_look_and_at_most_three():
    texts = {f"doubt_{i}": f"shap{i} → sharp{i}" for i in range(1, 6)}
    values = {"changed": 14, "doubtful": 13, "agreement": 98.0, "lines": 3, "words_restored": 9}
    doubtful = run(texts, **values, **dict.fromkeys(texts, 60.0))
    text = said(doubtful)
    assert (
        "Of 14 places in shot.png that read differently after restoration, 13 are doubtful: "
        in text
    )
    assert "“shap1 → sharp1” near the top left" in text
    assert text.count("near the top left") == 3
    every = said(run(texts, **(values | {"changed": 13}), doubt_1=60))
    assert "All 13 places in shot.png that read differently after restoration are doubtful" in every
    one = run(texts, **(values | {"changed": 1, "doubtful": 1}), doubt_1=60)
    assert "The 1 place in shot.png that reads differently after restoration is doubtful:" in said(
        one
    )


def test_what_became_readable_is_told_and_quoted():
    compared = {"changed": 0, "doubtful": 0, "agreement": 100.0, "lines": 3}
    texts = {"gained_1": "Exit", "gained_2": "Way out"}

    def first(measured):
        return next(s.text for s in opening_statements([measured], ParsedQuestion(intent="look")))

    assert first(run(texts, gained=2, gained_1=90.0, gained_2=80.0, **compared)) == (
        "2 lines in shot.png became readable after restoration: “Exit”, “Way out”."
    )
    assert first(run(texts, gained=1, gained_1=90.0, **compared)).startswith("1 line in shot.png")
    assert first(run(gained=0, **compared)).startswith("No line in shot.png can be said")


def test_what_is_said_of_confidence_is_what_is_decided_on_its_change():
    values = {"confidence_input": 90, "confidence_restored": 95, "lines": 3}
    for change, words in (
        (5, "at least as much confidence as before"),
        (-5, "with less confidence than before"),
    ):
        assert words in said(run(confidence_change=change, **values))


def test_what_is_written_is_read_out_in_full_where_it_is_asked_for():
    values = {f"line_{i}": 99.0 for i in range(1, 21)}
    texts = {key: f"line {key}" for key in values}
    long = run(texts, lines=20, **values)
    full = list(read_out([long]))
    assert [s.section for s in full] == ["answer"] * 3
    assert sum(len(s.evidence) for s in full) == 20
    assert "“line line_20”" in full[-1].text
    assert said(long).count("“") == 4


def test_what_did_not_run_is_not_quoted():
    skipped = run({"line_1": "Exit"}, lines=1, line_1=99).model_copy(update={"status": "failed"})
    assert list(statements([skipped])) == list(read_out([skipped])) == []


def test_a_line_that_cannot_be_read_is_told_of_and_never_counted_as_read():
    both = said(run(lines=2, words_input=5, unread=3))
    assert "read 2 lines" in both and "3 further lines in shot.png could not be read" in both
    assert "Latin letters, Chinese and Japanese" in both
    assert both.count("could not be read") == 1
    none = said(run(lines=0, unread=1))
    assert none.startswith("1 line in shot.png could not be read") and "No text" not in none
    assert [s.text for s in read_out([run(lines=0, unread=1)])] == [none]
    for yes in ("well", "badly"):  # are the letters right, or wrong?
        asked = ParsedQuestion(intent="look", effects=("text",), yes=yes)
        (told,) = opening_statements([run(lines=0, unread=1)], asked)
        assert told.text == f"That cannot be told. {none}"
