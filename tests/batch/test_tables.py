"""The summary as spreadsheets and data frames read it."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from agent.batch import Batch
from agent.batch.plan import Task
from agent.batch.rows import Row
from agent.batch.tables import result, summary
from agent.types import Verification

Make = Callable[..., Batch]


def table(batch: Batch) -> list[dict[str, str]]:
    with (batch.output / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_summary_has_a_row_each_and_what_was_passed_through(batch: Make):
    made = batch(
        [
            {"id": "a", "question": "How does Net-Plus work, “so”?\nReally?", "topic": [1, "é"]},
            {"id": "b", "question": "What is the capital of Brazil?", "status": "mine"},
            {"id": "c", "question": ""},
        ]
    )
    made.run()
    first, second, third = table(made)
    assert first["question"].endswith("“so”?\nReally?") and first["topic"] == '[1, "é"]'
    assert (first["cards"], first["verified"], first["folder"]) == ("net", "true", "reports/a")
    assert (second["status"], second["extra.status"]) == ("cannot_answer", "mine")
    assert third["status"] == "error" and third["verified"] == "" and third["folder"] == ""


FAILURES = [name for name in Verification.model_fields if name != "statements"]


@pytest.mark.parametrize("kind", [None, *FAILURES])
def test_the_summary_calls_verified_what_the_report_does(kind: str | None) -> None:
    found = Verification(statements=2, **({kind: ("It is sharp.",)} if kind else {}))
    report = {"verification": found.model_dump(mode="json"), "runs": [], "tokens": 0,
              "cost_usd": 0.0}  # fmt: skip
    told = {"status": "answered", "error": None, "summary": "", "cards": [], "report": report}
    row = Row(number=1, id="a", question="Why?")
    columns = summary(result(Task(row, (), "a", "", ""), told, None))
    assert columns["verified"] is found.passed is (kind is None)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_becomes_a_formula(cell: str, batch: Make):
    made = batch([{"id": "a", "question": f"{cell} Net-Plus?", "note": cell}])
    made.run()
    (row,) = table(made)
    assert row["note"] == f"'{cell}" and not row["question"].startswith(("=", "+", "-", "@"))


def test_the_parquet_table_says_what_the_csv_says(batch: Make):
    parquet = pytest.importorskip("pyarrow.parquet")
    made = batch()
    made.run()
    columns = parquet.read_table(made.output / "summary.parquet").to_pylist()
    said = table(made)
    assert [row["row"] for row in columns] == [1, 2, 3, 4, 5]
    assert columns[0]["verified"] is True and columns[3]["verified"] is None
    for typed, text in zip(columns, said, strict=True):
        assert set(typed) == set(text)
        for name in ("id", "status", "question", "topic", "folder"):
            assert (typed[name] or "") == text[name]


def test_without_pyarrow_all_else_is_written(batch: Make, monkeypatch):
    monkeypatch.setattr("agent.batch.tables.find_spec", lambda _: None)
    made = batch()
    made.run()
    assert not (made.output / "summary.parquet").exists() and len(table(made)) == 5
