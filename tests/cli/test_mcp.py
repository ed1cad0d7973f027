"""`mcp`: what stops it before a client is served."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.cli import main


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("agent.web.mcp", "mcp"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["mcp"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1 and "pip install 'groundglass[mcp]'" in said.err


def test_what_is_allowed_has_to_be_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", "--allow", str(tmp_path / "none")]) == 2
    assert "is not a folder" in capsys.readouterr().err
