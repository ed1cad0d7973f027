"""Sentences on a terminal while they are written, and nothing of them afterwards."""

from __future__ import annotations

import io

from rich.console import Console

from agent.cli.streaming import Streaming
from agent.types import Statement


def said(text: str) -> Statement:
    return Statement(section="task", text=text, claims=("a/b",))


def terminal(height: int = 20) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=60, height=height)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_sentences_come_and_are_taken_away_for_the_whole_answer() -> None:
    console, lines = terminal(), []
    with Streaming(console, lines.append) as stream:
        stream.progress("matching")
        stream.on_statement(said("It deblurs \x1b[31mpictures."))
        assert "It deblurs \\x1b[31mpictures." in shown(console)
        stream.progress("held back")
        stream.on_statement(said("It is fast."))
    assert lines == ["matching", "", ""]
    assert "It is fast." in shown(console)
    assert shown(console).rstrip().endswith("\x1b[2K")  # the last thing done is to clear


def test_what_is_withdrawn_is_no_longer_shown() -> None:
    console = terminal()
    with Streaming(console) as stream:
        stream.on_statement(said("First try."))
        before = len(shown(console))
        stream.on_statement(None)
        stream.on_statement(said("Second try."))
        assert "First" not in shown(console)[before:] and "Second try." in shown(console)


def test_no_more_is_shown_than_the_terminal_has_room_for() -> None:
    console = terminal(height=6)
    with Streaming(console) as stream:
        for i in range(30):
            before = len(shown(console))
            stream.on_statement(said(f"Sentence {i}."))
        last = shown(console)[before:]
    assert "Sentence 29." in last and "Sentence 20." not in last


def test_nothing_is_written_where_nobody_watches() -> None:
    console = Console(file=io.StringIO())
    with Streaming(console) as stream:
        stream.on_statement(said("It deblurs."))
        stream.on_statement(None)
    assert shown(console) == ""
