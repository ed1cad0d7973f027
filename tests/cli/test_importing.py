"""`registry import`: what is printed, and what is on disk afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import main
from agent.registry import load

RECORD = {
    "name": "Crisp", "author": "somebody", "license": "MIT", "tags": ["photo"],
    "date": "2023-05-01", "architecture": "esrgan", "size": None, "scale": 2,
    "inputChannels": 3, "outputChannels": 3, "resources": [],
}  # fmt: skip


def run(*arguments: str) -> int:
    return main(["registry", "import", "openmodeldb", *arguments])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    models = tmp_path / "db" / "data" / "models"
    models.mkdir(parents=True)
    (models / "2x-Crisp.json").write_text(json.dumps(RECORD), "utf-8")
    (models / "red\x1b[31m.json").write_text("{", "utf-8")
    return tmp_path / "db"


def test_cards_are_written_and_what_was_left_out_is_told_at_the_end(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made.yaml"
    assert run(str(checkout), "-o", str(made)) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"1 card written to {made}",
        "1 file left out:",
        "  data/models/red\\x1b[31m.json: is not valid JSON",
    ]
    assert list(load(made)) == ["2x-crisp"]


def test_a_file_that_exists_is_left_alone(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made.yaml"
    made.write_text("mine", "utf-8")
    assert run(str(checkout), "-o", str(made)) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert made.read_text("utf-8") == "mine"
    assert run(str(checkout), "-o", str(made), "--overwrite") == 0


def test_nothing_is_written_where_no_card_could_be_made(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "data" / "models" / "2x-Crisp.json").unlink()
    made = tmp_path / "made.yaml"
    assert run(str(checkout), "-o", str(made)) == 2
    assert "was not written" in capsys.readouterr().out
    assert not made.exists()
