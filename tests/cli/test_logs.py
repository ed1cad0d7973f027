"""`groundglass logs`: past answers from the command line, as its users type it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.log import Log
from tests.cli.command import run

QUESTION = "Which loss does MIMO-UNet+ use?"
LATER = "How fast is MIMO-UNet+ really?"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("GROUNDGLASS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def answer(capsys) -> str:
    """What was printed for the first of two questions that were asked."""
    assert run("ask", QUESTION) == 0
    printed = capsys.readouterr().out
    assert run("ask", LATER, "-f", "bibtex") == 0
    capsys.readouterr()
    return printed


def test_answers_are_listed_oldest_first_with_what_they_cite(answer, capsys):
    assert run("logs") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[0] == "1" and first.endswith(QUESTION) and "mimo-unet-plus" in first
    assert second.split()[0] == "2" and second.endswith(LATER)


@pytest.mark.parametrize(
    "arguments", [["-n", "1"], ["list", "-n", "1"], ["search", "fast"]], ids=" ".join
)
def test_the_latest_answer_and_one_that_is_searched_for_are_listed_alone(arguments, answer, capsys):
    assert run("logs", *arguments) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(LATER)


def test_an_answer_is_shown_again_as_it_was_printed(answer, capsys):
    assert run("logs", "show", "1") == 0
    assert capsys.readouterr().out == answer


def test_the_latest_answer_is_shown_where_none_is_named(answer, capsys):
    assert run("logs", "show", "--json") == 0
    assert json.loads(capsys.readouterr().out)["question"]["text"] == LATER


def test_answers_are_listed_as_json(answer, capsys):
    assert run("logs", "--json") == 0
    assert [entry["id"] for entry in json.loads(capsys.readouterr().out)] == [1, 2]


def test_the_place_of_the_log_is_told(folder, capsys):
    assert run("logs", "path") == 0
    assert capsys.readouterr().out.strip() == str(folder / "logs.db")


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_nothing_is_kept_where_it_is_not_wanted(way, folder, capsys, monkeypatch):
    if way == "variable":
        monkeypatch.setenv("GROUNDGLASS_NO_LOG", "1")
    assert run("ask", QUESTION, *(["--no-log"] if way == "flag" else [])) == 0
    assert not folder.exists()
    capsys.readouterr()
    assert run("chat", "-c", *(["--no-log"] if way == "flag" else [])) == 2
    assert "chat sessions need the history of answers" in capsys.readouterr().err


def test_a_damaged_log_costs_a_line_and_never_the_answer(folder, capsys):
    folder.mkdir()
    (folder / "logs.db").write_bytes(b"something else, and rather more than a hundred bytes" * 40)
    assert run("ask", QUESTION, "--strict") == 0
    out, err = capsys.readouterr()
    assert "## 1. Task" in out
    assert err.count("\n") == 1 and "is damaged" in err


def test_a_damaged_log_cannot_be_read_but_cleared(folder, capsys):
    folder.mkdir()
    (folder / "logs.db").write_bytes(b"something else, and rather more than a hundred bytes" * 40)
    assert run("logs") == 1
    assert "is damaged" in capsys.readouterr().err
    assert run("logs", "clear", "--yes") == 0
    assert run("ask", QUESTION) == 0
    assert capsys.readouterr().err == ""


def test_clearing_asks_first(folder, capsys):
    run("ask", QUESTION)
    assert run("logs", "clear") == 2
    assert "--yes" in capsys.readouterr().err
    assert len(Log(folder).entries()) == 1
    assert run("logs", "clear", "-y") == 0
    assert capsys.readouterr().out == "1 answers removed\n"


@pytest.mark.parametrize("verb", [[], ["list"], ["search", "x"], ["sessions"]])
def test_an_empty_log_says_so_and_is_no_failure(verb, capsys):
    assert run("logs", *verb) == 0
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1


@pytest.mark.parametrize("verb", [[], ["list"], ["sessions"]])
def test_an_empty_log_is_an_empty_list_as_json(verb, capsys):
    assert run("logs", *verb, "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("arguments", [["show"], ["show", "3"], ["-n", "-1"]])
def test_what_is_not_in_the_log_is_refused_in_one_line(arguments, capsys):
    assert run("logs", *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_session_of_the_chat_goes_on_and_is_listed(folder, capsys, monkeypatch):
    import io
    import sys

    def chat(text: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run("chat", *arguments) == 0
        return capsys.readouterr().out

    chat(f"{QUESTION}\n", "--session", "losses")
    follow_up = "and how many parameters does it have?\n"
    cited = [r.card for r in Log(folder).session("losses").last.answer.references]
    assert cited[0] == "mimo-unet-plus"
    chat(follow_up, "--continue")
    chat("What is LLaVAR?\n")
    session = Log(folder).session("losses")
    assert [turn.question for turn in session.turns] == [
        QUESTION,
        "How many parameters does MIMO-UNet+ have?",  # so that it stands alone
    ]
    assert session.turns[1].cards[0] == "mimo-unet-plus"  # it is about the answer before
    assert run("logs", "sessions") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("losses\t") and "2 answers" in first and QUESTION in first
    assert "What is LLaVAR?" in second
    assert run("logs", "--session", "losses", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert run("chat", "-c", "--session", "x") == 2
