"""Commands whose standard streams are closed, full, or of an encoding that lacks letters."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from agent.cli import main
from agent.report.formats import text_formats

QUESTION = "Explain the saliency semantic RSA paper"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="written for a POSIX shell")


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which `$G` is the program."""
    environment = os.environ | {"G": f"{sys.executable} -m agent", "GROUNDGLASS_NO_LOG": "1"}
    return subprocess.run(
        ["sh", "-c", command], env=environment | variables, capture_output=True, timeout=60
    )


@pytest.mark.parametrize("command", ["registry list", "--help"])
def test_a_closed_output_costs_no_traceback(command):
    done = shell(f"$G {command} >&-")
    assert done.returncode == 0 and done.stderr == b""


def test_nothing_is_written_to_output_in_the_place_of_a_closed_error_stream():
    done = shell("$G config get nothing 2>&-")
    assert (done.returncode, done.stdout) == (3, b"")


def test_a_closed_input_is_told_in_one_line():
    done = shell("$G ask - <&-")
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    assert b"standard input is closed" in done.stderr


@pytest.mark.parametrize("command", [["chat"], ["batch", "-", "-o", "r"], ["brief", "-"]])
def test_every_command_that_reads_it_tells_so(command, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    assert main(command) == 2
    assert "standard input is closed" in capsys.readouterr().err


@pytest.mark.parametrize("form", [form.key for form in text_formats()])
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
def test_what_programs_read_is_utf8_whatever_the_terminal(form, encoding, monkeypatch):
    stream = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(stream, encoding))
    assert main(["ask", "--no-log", QUESTION, "-f", form]) == 0
    assert "Opiełka" in stream.getvalue().decode("utf-8")


def test_a_bibliography_in_a_piped_chat_is_utf8(monkeypatch):
    stream = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(stream, "cp1252"))
    lines = f"{QUESTION}\n/references bibtex\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert main(["chat", "--no-log"]) == 0
    assert "author = {Opiełka, Gustaw" in stream.getvalue().decode("utf-8")


@pytest.mark.parametrize("command", [["ask", "-"], ["chat"]])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_question_is_read_whatever_its_encoding(command, encoding, monkeypatch, capsys):
    content = f"{QUESTION}\r\n".encode(encoding)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main([*command, "--no-log"]) == 0
    assert capsys.readouterr().out.startswith(f"# {QUESTION}\n")


def test_an_answer_fills_a_terminal_that_tells_a_width_of_nought():
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "ask", "-q", QUESTION],
        env=os.environ | {"COLUMNS": "0", "TERM": "xterm", "GROUNDGLASS_NO_LOG": "1"},
        stdin=subprocess.DEVNULL, stdout=inside, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(inside)
    shown = b""
    with suppress(OSError):  # the other end is closed
        while part := os.read(terminal, 4096):
            shown += part
    os.close(terminal)
    assert process.communicate()[1] == b"" and process.returncode == 0
    assert "Opiełka" in shown.decode()
