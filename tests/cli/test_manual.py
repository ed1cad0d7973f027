"""Completion and reference are made from the parser, which is complete."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.commands import parser
from agent.cli.manual import commands, completion, reference


def test_every_option_and_argument_says_what_it_is() -> None:
    silent = [
        f"{command.prog} {action.option_strings or action.dest}"
        for _, command in commands(parser())
        for action in command._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("groundglass repl", {"replay"}),
        ("groundglass config s", {"set"}),
        ("groundglass ask --form", {"--format"}),
        ("groundglass ask --format js", {"json"}),
    ],
)
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes(typed: str, offered: set[str], tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(completion(parser(), "bash"))
    words = typed.split()
    program = (
        f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        "$(complete -p groundglass | sed 's/.*-F \\([^ ]*\\).*/\\1/'); echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=30)
    assert offered <= set(done.stdout.split()), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "replay" in script and "groundglass" in script
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True)
        assert checked.returncode == 0, checked.stderr


def test_a_missing_shtab_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 3
    assert "pip install shtab" in capsys.readouterr().err


def test_the_reference_names_every_command() -> None:
    page = reference(parser())
    for about, command in commands(parser()):
        assert not about or f"## {command.prog}\n" in page


def test_the_reference_is_the_same_on_every_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    narrow = reference(parser())
    monkeypatch.setenv("COLUMNS", "200")
    assert reference(parser()) == narrow


def test_help_loads_nothing_that_it_can_do_without() -> None:
    program = (
        "import sys; from agent.cli.commands import parser; parser();"
        "print([m for m in ('dataclasses', 'pydantic', 'yaml', 'numpy', 'logging', 'rich', 'shtab',"
        " 'platformdirs', 'importlib.metadata') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
