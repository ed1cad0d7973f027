"""Keys from `.env`: what is taken, and what a file from elsewhere cannot set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.dotenv import take_env_file


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OTHER_API_KEY",
        "GROUNDGLASS_DEVICE",
        "PATH2",
    ):
        monkeypatch.setenv(name, "x")  # so that it is put back afterwards
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("OPENAI_API_KEY=abc", "abc"),
        ("export OPENAI_API_KEY = abc  # mine", "abc"),
        ("OPENAI_API_KEY='a b # c' # mine", "a b # c"),
        ('  OPENAI_API_KEY="$HOME"', "$HOME"),
        ("OPENAI_API_KEY=a=b#c", "a=b#c"),
    ],
)
def test_a_value_is_read_as_a_shell_would(line, value):
    Path(".env").write_text(f"# keys\n\n{line}\nno line\n")
    take_env_file()
    assert os.environ["OPENAI_API_KEY"] == value


def test_the_environment_wins_and_other_names_are_left_alone(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from outside")
    Path(".env").write_text("OPENAI_API_KEY=inside\nOTHER_API_KEY=k\nPATH2=/evil\nLD_PRELOAD=x\n")
    take_env_file()
    assert os.environ["OPENAI_API_KEY"] == "from outside" and os.environ["OTHER_API_KEY"] == "k"
    assert "PATH2" not in os.environ and os.environ.get("LD_PRELOAD") != "x"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"A" * 200_000])
def test_a_file_that_is_none_stops_nothing(content):
    Path(".env").write_bytes(content)
    take_env_file()


def test_commands_read_it(capsys):
    Path(".env").write_text("GROUNDGLASS_DEVICE=from-env-file\n")
    assert main(["config", "get", "device"]) == 0
    assert capsys.readouterr().out == "from-env-file\n"
