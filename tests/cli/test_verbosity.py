"""--verbose and --log-file tell what is done, and end with the command."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agent.cli import main


def test_verbose_tells_the_steps_on_standard_error(capsys: pytest.CaptureFixture) -> None:
    assert main(["-v", "ask", "Which loss does MIMO-UNet+ use?"]) == 0
    told = capsys.readouterr()
    assert "understood: " in told.err and "matched: mimo-unet-plus" in told.err
    assert "understood: " not in told.out
    assert logging.getLogger("agent").handlers == []


def test_scores_are_told_to_whoever_asks_for_them(capsys: pytest.CaptureFixture) -> None:
    assert main(["-v", "ask", "How do I bake bread?"]) == 0
    told = capsys.readouterr()
    assert "no system: confidence: " in told.err and "; required: 0." in told.err
    assert "required" not in told.out and "confidence" not in told.out


def test_without_it_nothing_is_told(capsys: pytest.CaptureFixture) -> None:
    assert main(["ask", "Which loss does MIMO-UNet+ use?"]) == 0
    assert capsys.readouterr().err == ""


def test_a_log_file_keeps_the_traceback_that_the_screen_does_not_show(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    log = tmp_path / "log"
    asked = ("ask", "Why?", "-i", str(tmp_path / "none.png"), "-vv", "--log-file", str(log))
    assert main(asked) == 2
    assert "Traceback" not in capsys.readouterr().err
    kept = log.read_text()
    assert "Traceback" in kept and "none.png" in kept
    assert main(("ask", "What is LLaVAR?", "--log-file", str(log))) == 0
    assert log.read_text().startswith(kept)  # a log is added to


def test_what_is_logged_cannot_steer_a_terminal(capsys: pytest.CaptureFixture) -> None:
    from argparse import Namespace

    from agent.cli import verbosity

    verbosity.start(Namespace(verbose=1, log_file=None))
    logging.getLogger("agent.x").info("name: %s", "\x1b[2J\u202e")
    verbosity.stop()
    assert capsys.readouterr().err == "name: \\x1b[2J\\u202e\n"


def test_a_log_file_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["ask", "Why?", "--log-file", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "cannot be written" in error and error.count("\n") == 1
