"""Assistants reach pictures in the allowed folders, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import InputError
from agent.web.mcp.paths import allowed_picture


def test_takes_a_file_inside(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    assert allowed_picture(str(tmp_path / "a.png"), [tmp_path]) == (tmp_path / "a.png").resolve()


@pytest.mark.parametrize(
    "name", ["{0}/b/a ü.png", "file://{0}/b/a%20%C3%BC.png", "b/a ü.png", "'b/a ü.png'"]
)
def test_takes_a_path_as_people_and_clients_write_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a ü.png").write_bytes(b"x")
    folders = [tmp_path / "none", tmp_path]
    found = allowed_picture(name.format(tmp_path), folders)
    assert found == (tmp_path / "b" / "a ü.png").resolve()


def test_an_address_is_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="downloads nothing"):
        allowed_picture("https://example.org/a.png", [tmp_path])


@pytest.mark.parametrize(
    "name", ["in/../out.png", "in/link.png", "in", "in/none.png", "in/\0", "none/a.png"]
)
def test_refuses_what_is_outside_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.png").write_bytes(b"x")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    for given in (str(tmp_path / name), f"../{name}", f"file://{tmp_path}/{name}"):
        with pytest.raises(InputError, match="--allow DIR") as error:
            allowed_picture(given, [tmp_path / "in"])
        assert "\n" not in str(error.value)


def test_refuses_all_where_no_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(InputError):
        allowed_picture(str(tmp_path / "a.png"), [])
