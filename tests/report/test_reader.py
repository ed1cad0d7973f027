"""Reports read back: those of other versions are read whole or refused with one clear line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from html import unescape
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from agent.cli import main
from agent.errors import InputError
from agent.report.html import to_html
from agent.report.reader import read_report
from agent.report.schema import to_json
from agent.report.terminal import print_report

#: As groundglass 0.1.0 wrote it before its modules moved into rooms, shortened.
OLD = Path(__file__).with_name("report-0.1.0.json")


@pytest.fixture
def changed(make: SimpleNamespace, tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes a report with some fields changed, and gives its path."""

    def write(changes: dict[str, Any]) -> Path:
        path = tmp_path / "report.json"
        path.write_text(json.dumps({**json.loads(to_json(make.report())), **changes}))
        return path

    return write


def test_an_old_report_is_read_whole() -> None:
    """Fields that came later have their defaults; none of its own is lost."""
    old, new = json.loads(OLD.read_text("utf-8")), json.loads(to_json(read_report(OLD)))
    assert lost(old, new) == []


def lost(old: Any, new: Any, where: str = "") -> list[str]:
    """What of an old document a new one does not hold as it was."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [line for key in old for line in lost(old[key], new.get(key), f"{where}.{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for i, pair in pairs for line in lost(*pair, f"{where}.{i}")]
    return [] if old == new else [f"{where}: {old!r} became {new!r}"]


def test_an_old_report_is_rendered_whole() -> None:
    report = read_report(OLD)
    terminal = io.StringIO()
    print_report(report, Console(file=terminal, width=100))
    texts = (report.answer.task, *(s.text for s in report.answer.statements))
    for shown in (terminal.getvalue(), report.to_markdown(), to_html(report)):
        said = letters(shown)
        assert [text for text in texts if letters(text) not in said] == []


def letters(text: str) -> str:
    """The text without the spaces, bullets and escapes that a format may put in."""
    return re.sub(r"[\W_]", "", unescape(text))


def test_an_old_report_can_be_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(OLD), str(OLD)]) == 0
    assert capsys.readouterr().out.startswith("Same result: ")


def test_a_field_of_another_version_is_refused_with_the_version_that_wrote_it(
    changed: Callable[[dict[str, Any]], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed({"version": "9.0.0", "colours": ["red"]})
    for command in (["diff", path, path], ["replay", path]):
        assert main([*map(str, command)]) == 2
        assert capsys.readouterr().err == (
            f"groundglass: {path}: was written by groundglass 9.0.0, and this version, "
            f"{version('groundglass')}, cannot read it (at colours: unknown field); "
            "read it with the version that wrote it, or ask its question again\n"
        )


@pytest.mark.parametrize(
    "changes", [{"answer": {"status": "perhaps"}}, {"parsed": {"purpose": "fun"}}, {"runs": 3}]
)
def test_a_field_with_another_meaning_is_refused_and_not_misread(
    changed: Callable[[dict[str, Any]], Path], changes: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match=rf"groundglass 9, .*\(at {next(iter(changes))}"):
        read_report(changed({"version": "9", **changes}))


@pytest.mark.parametrize("writer", ["\x1b[2J\n", 3, None, "9" * 1_000])
def test_what_says_to_be_a_version_cannot_steer_the_line(
    changed: Callable[[dict[str, Any]], Path], writer: object
) -> None:
    with pytest.raises(InputError) as refused:
        read_report(changed({"version": writer, "colours\n\x1b[2J": 1}))
    line = str(refused.value)
    assert line.isprintable() and len(line) < 1_000
