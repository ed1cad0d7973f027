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
        ("OPENAI_API_KEY= # none yet", ""),
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_first_line_counts_whatever_editor_wrote_it(encoding):
    Path(".env").write_bytes("OPENAI_API_KEY=abc\r\nOTHER_API_KEY=ł\r\n".encode(encoding))
    assert take_env_file() == []
    assert (os.environ["OPENAI_API_KEY"], os.environ["OTHER_API_KEY"]) == ("abc", "ł")


def test_of_two_lines_with_one_name_the_latter_holds():
    Path(".env").write_text("OPENAI_API_KEY=old\nOPENAI_API_KEY=new\n")
    assert take_env_file() == []
    assert os.environ["OPENAI_API_KEY"] == "new"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"$env:OPENAI_API_KEY = 'k'", "expected NAME=VALUE"),
        (b"set -gx OPENAI_API_KEY k", "expected NAME=VALUE"),
        (b"OPENAI_API_KEY: k", "expected NAME=VALUE"),
        (b'OPENAI_API_KEY="k', "any quotation marks closed"),
        (b"OPENAI_API_KEY=caf\xe9", "save the file as UTF-8"),
        (b"OPENAI_API_KEY=a\0b", "no text"),
    ],
)
def test_a_line_without_effect_is_told_without_its_value(line, said):
    Path(".env").write_bytes(
        b"# caf\xe9: OPENAI_API_KEY\n\nnot ours\n" + line + b"\nOTHER_API_KEY=z\n"
    )
    (complaint,) = take_env_file()
    assert complaint.startswith(".env:4: OPENAI_API_KEY") and said in complaint
    assert "OPENAI_API_KEY" not in os.environ and os.environ["OTHER_API_KEY"] == "z"


def test_a_key_within_marks_that_another_line_left_open_is_told():
    Path(".env").write_text('OTHER="k\n\nOPENAI_API_KEY="x"\n')
    (complaint,) = take_env_file()
    assert complaint.startswith(".env:3: OPENAI_API_KEY: expected")


def test_a_value_that_mentions_a_name_of_ours_is_no_fault():
    Path(".env").write_text("HINT='set OPENAI_API_KEY'\nMORE=$OPENAI_API_KEY # OPENAI_API_KEY\n")
    assert take_env_file() == []


@pytest.mark.parametrize("line", ["OPENAI_API_KEY=x" + " " * 5_000 + "y", "\v" * 5_000])
def test_a_file_that_would_take_long_to_read_is_left_out(line):
    Path(".env").write_text(f"OTHER_API_KEY=k\n{line}\n")
    assert take_env_file() == [
        ".env: has a line of over 4,000 characters; nothing of it is in effect"
    ]
    assert "OTHER_API_KEY" not in os.environ


def test_a_folder_of_that_name_is_no_file_of_settings():
    Path(".env").mkdir()
    assert take_env_file() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes there")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(capsys):
    os.mkfifo(".env")
    assert main(["config", "get", "device"]) == 0
    assert capsys.readouterr().out == "cpu\n"


def test_a_line_without_effect_ends_no_command(capsys):
    Path(".env").write_text("OPENAI_API_KEY 'x\n")
    assert main(["config", "get", "device"]) == 0
    assert "groundglass: .env:1: OPENAI_API_KEY: expected" in capsys.readouterr().err


def test_commands_read_it(capsys):
    Path(".env").write_text("GROUNDGLASS_DEVICE=from-env-file\n")
    assert main(["config", "get", "device"]) == 0
    assert capsys.readouterr().out == "from-env-file\n"
