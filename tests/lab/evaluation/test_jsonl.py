"""Files from outside: every fault named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import InputError
from agent.lab.evaluation.jsonl import read


def written(folder: Path, content: bytes) -> Path:
    path = folder / "q.jsonl"
    path.write_bytes(content)
    return path


def test_lines_are_numbered_and_blank_ones_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff{"q": "a\u2028b"}\r\n\n  \n{"q": "c", "more": 1}'.encode())
    assert list(read(path, ("q",))) == [(1, {"q": "a\u2028b"}), (4, {"q": "c", "more": 1})]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{broken", "not valid JSON"),
        (b'{"q": "cut', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[1, 2]", "holds list"),
        (b'"text"', "holds str"),
        (b'{"other": "x"}', "no text under 'q'"),
        (b'{"q": 7}', "no text under 'q'"),
        (b'{"q": null}', "no text under 'q'"),
    ],
)
def test_a_line_that_does_not_fit(tmp_path: Path, line: bytes, why: str) -> None:
    path = written(tmp_path, b'{"q": "fine"}\n' + line + b"\n")
    with pytest.raises(InputError, match=rf"q\.jsonl:2: .*{why}"):
        list(read(path, ("q",)))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        list(read(tmp_path / "none.jsonl", ()))
    with pytest.raises(InputError, match="Is a directory"):
        list(read(tmp_path, ()))
    with pytest.raises(InputError, match="not UTF-8"):
        list(read(written(tmp_path, b'{"q": "\xff"}'), ()))
