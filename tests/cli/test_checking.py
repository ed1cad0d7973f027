"""`check`: what is printed of a text, and the exit code by which a script can tell."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.cli import main

RIGHT = "MIMO-UNet+ predicts a correction and adds it to the picture."
WRONG = "ESRGAN is better, see https://evil.test/\x1b[31mx."


def test_a_file_without_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "answer.md"
    text.write_text(RIGHT, "utf-8")
    assert main(["check", str(text)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("consistent  mimo-unet-plus/") and "1 sentence: 1 consistent." in shown
    assert "not mean proven" in " ".join(shown.split())


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_problems_in_a_piped_text_are_shown_and_fail_the_command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped = SimpleNamespace(buffer=io.BytesIO(f"{RIGHT}\n\n{WRONG}".encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert main(["check", *arguments]) == 1
    shown = capsys.readouterr().out
    assert "✗ link: evil.test " in shown and "✗ name: ESRGAN" in shown and "\x1b" not in shown


def test_json_is_the_whole_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "answer.md"
    text.write_text(WRONG, "utf-8")
    assert main(["check", str(text), "--format", "json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["sentences"][0]["verdict"] == "unsupported"
    assert record["totals"]["problems"]["link"] == 1


def test_what_cannot_be_checked_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.md")]) == 2
    (tmp_path / "long.md").write_text("x" * 300_000)
    assert main(["check", str(tmp_path / "long.md")]) == 2
    (tmp_path / "bytes.md").write_bytes(b"a\xff\xfe\xff")
    assert main(["check", str(tmp_path / "bytes.md")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_the_check_is_measured_on_labelled_statements(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"text": RIGHT, "label": "supported", "kind": "plain"},
        {"text": WRONG, "label": "unsupported", "kind": "outside"},
    ]
    file = tmp_path / "prose.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert main(["evaluate", "check", "--statements", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["wrong"] == [] and found["sentences"] == 2
    assert main(["evaluate", "check", "--statements", str(file)]) == 0
    assert "unsupported: outside" in capsys.readouterr().out
    file.write_text(json.dumps(lines[0] | {"label": "true"}), "utf-8")
    assert main(["evaluate", "check", "--statements", str(file)]) == 2
    assert "expected supported or unsupported" in capsys.readouterr().err
