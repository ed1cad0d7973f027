"""A copy may come from anybody: whatever it holds, the worst that happens is a line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.registry import copies
from agent.registry.copies import MAX_FILE, Refused, files_of

WANTED = re.compile(r"(?:^|/)data/models/[^/]+\.json\Z")


def read(source: Path) -> dict[str, bytes | str]:
    """Content by path, or why it was refused."""
    return {
        name: content.reason if isinstance(content, Refused) else content
        for name, content in files_of(source, ("data/models",), WANTED)
    }


def entry(name: str, content: bytes = b"{}", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, content


def archive(path: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    packed: dict[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
    stream = packed.get(path.suffix, open)(path, "wb")
    with stream, tarfile.open(fileobj=stream, mode="w") as file:
        for info, content in entries:
            file.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "no-ending"])
def test_an_archive_is_told_by_its_content(name: str, tmp_path: Path) -> None:
    path = archive(
        tmp_path / name, entry("x-main/data/models/a.json"), entry("x-main/README.md", b"no")
    )
    assert read(path) == {"x-main/data/models/a.json": b"{}"}


def test_another_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "4x.json"
    path.write_bytes(b"{1}")
    assert read(path) == {path.as_posix(): b"{1}"}


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("../data/models/a.json", {}, "leads out"),
        ("x/../../data/models/a.json", {}, "leads out"),
        ("/etc/data/models/a.json", {}, "leads out"),
        ("data/models/a.json", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "is a link"),
        ("data/models/a.json", {"type": tarfile.LNKTYPE, "linkname": "b"}, "is a link"),
        ("data/models/a.json", {"type": tarfile.FIFOTYPE}, "not a regular file"),
        ("data/models/a.json", {"type": tarfile.CHRTYPE}, "not a regular file"),
        ("data/models/a.json", {"type": tarfile.DIRTYPE}, "not a regular file"),
    ],
)
def test_an_entry_that_is_no_plain_file_inside_is_refused(
    name: str, changes: dict[str, object], reason: str, tmp_path: Path
) -> None:
    hostile = entry(name, b"", **changes)
    path = archive(tmp_path / "a.tar", hostile, entry("data/models/good.json"))
    found = read(path)
    assert found.pop("data/models/good.json") == b"{}"
    ((_, why),) = found.items()
    assert reason in str(why)


def test_a_huge_entry_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    large = entry("data/models/large.json", b" " * (MAX_FILE + 1))
    path = archive(tmp_path / "a.tar.xz", large, entry("data/models/small.json"))
    found = read(path)
    assert "is larger than 1 MiB" in str(found["data/models/large.json"])
    assert found["data/models/small.json"] == b"{}"


def test_a_bomb_ends_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MAX_UNPACKED", 1 << 20)
    bomb = entry("data/anything", bytes(4 << 20))
    path = archive(tmp_path / "a.tar.xz", bomb, entry("data/models/a.json"))
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        read(path)


def test_an_archive_of_endless_entries_ends_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MAX_FILES", 5)
    path = archive(tmp_path / "a.tar", *[entry(f"{i}", b"") for i in range(9)])
    with pytest.raises(InputError, match="more than 5 entries"):
        read(path)


def test_links_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    models = tmp_path / "db" / "data" / "models"
    models.mkdir(parents=True)
    (models / "good.json").write_bytes(b"{}")
    (models / "large.json").write_bytes(b" " * (MAX_FILE + 1))
    (models / "folder.json").mkdir()
    (models / "link.json").symlink_to("/etc/passwd")
    os.mkfifo(models / "pipe.json")
    found = read(tmp_path / "db")
    assert found == {
        "data/models/good.json": b"{}",
        "data/models/large.json": "is larger than 1 MiB",
        "data/models/folder.json": "is not a regular file",
        "data/models/link.json": "is a link",
        "data/models/pipe.json": "is not a regular file",
    }


def test_a_folder_of_records_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "db" / "data").mkdir(parents=True)
    (tmp_path / "db" / "data" / "models").symlink_to(tmp_path / "elsewhere")
    assert read(tmp_path / "db") == {"data/models": "is a link"}


_PACKED: dict[str, Callable[[Path], Path]] = {
    suffix: lambda path: archive(path, *[entry(f"data/models/{i}.json") for i in range(3)])
    for suffix in (".tar", ".gz", ".bz2", ".xz")
}


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(list(_PACKED)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_a_damaged_archive_gives_files_or_a_line(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    changes: list[tuple[float, int]],
    cut: float,
) -> None:
    path = _PACKED[suffix](tmp_path_factory.mktemp("any") / f"a{suffix}")
    content = bytearray(path.read_bytes())
    for place, byte in changes:
        content[int(place * (len(content) - 1))] = byte
    path.write_bytes(content[: int(cut * len(content))])
    try:
        read(path)
    except InputError as error:
        assert "\n" not in str(error)
