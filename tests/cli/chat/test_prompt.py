"""Lines from a pipe, whatever it holds; a terminal is in test_chat.py."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from agent.cli.chat.prompt import Prompt, piped_lines


def test_lines_come_without_their_ends_and_bad_bytes_are_replaced() -> None:
    stream = io.BytesIO(b"one\r\n\ntwo \xff\nlast")
    assert list(piped_lines(stream)) == ["one", "", "two \ufffd", "last"]


def test_an_endless_line_is_cut_and_the_next_one_is_whole() -> None:
    stream = io.BytesIO(b"x" * 2_500_000 + b"\nnext\n")
    first, second = piped_lines(stream)
    assert len(first) == 1_000_000
    assert second == "next"


def test_a_history_that_cannot_be_kept_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    prompt = Prompt(tmp_path / "file" / "history", lambda line, word: [])
    monkeypatch.setattr("builtins.input", lambda label: "a line")
    assert prompt("> ") == "a line"
