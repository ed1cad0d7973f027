"""Assistants reach pictures in the allowed folders, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import InputError
from agent.web.mcp.paths import allowed_picture


def test_takes_a_file_inside(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    assert allowed_picture(str(tmp_path / "a.png"), [tmp_path]) == (tmp_path / "a.png").resolve()


@pytest.mark.parametrize("name", ["in/../out.png", "in/link.png", "in", "in/none.png", "in/\0"])
def test_refuses_what_is_outside_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.png").write_bytes(b"x")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    with pytest.raises(InputError, match="--allow DIR") as error:
        allowed_picture(str(tmp_path / name), [tmp_path / "in"])
    assert "\n" not in str(error.value)


def test_refuses_all_where_no_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(InputError):
        allowed_picture(str(tmp_path / "a.png"), [])
