from __future__ import annotations

import errno
import os
import stat
import unicodedata
from pathlib import Path

import pytest

from agent.errors import ConfigError, InputError
from agent.files import after_failed_write, folder_of, path_of, read_text, write_whole
from agent.files.words import ordinary_words


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    write_whole(path, b"one")
    write_whole(path, bytearray(b"two"))
    assert path.read_bytes() == b"two" and list(path.parent.iterdir()) == [path]


def test_free_space_is_advised_only_where_the_disk_is_full() -> None:
    assert "free some space" in after_failed_write(OSError(errno.ENOSPC, "No space left"))
    assert "space" not in after_failed_write(PermissionError(errno.EACCES, "Permission denied"))


@pytest.mark.parametrize("linked", [True, False])
def test_what_is_there_stays_unless_it_may_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    if not linked:  # a file system without links
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"
    write_whole(path, b"one", overwrite=False)
    with pytest.raises(InputError, match=r"a\.txt: already exists"):
        write_whole(path, b"two", overwrite=False)
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_those_asked_for_or_those_of_what_is_replaced(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    secret, shared = tmp_path / "secret", tmp_path / "shared"
    write_whole(secret, b"", mode=0o600)
    write_whole(shared, b"")
    mask = os.umask(0o022)
    os.umask(mask)
    assert mode(secret) == 0o600 and mode(shared) == 0o666 & ~mask
    shared.chmod(0o640)
    write_whole(shared, b"more")
    assert mode(shared) == 0o640


# --- which file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "my shot.png",
        " my shot.png\n",
        '"my shot.png"',
        "'{home}/my shot.png'",
        "{home}/my shot.png",
        "~/my shot.png",
        "file://{home}/my%20shot.png",
        "file:{home}/my shot.png",
        "FILE://localhost{home}/my%20shot.png",
        "./my shot.png",
    ],
)
def test_a_path_is_found_as_people_give_it(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my shot.png").touch()
    path = path_of(given.format(home=tmp_path))
    assert path.samefile("my shot.png")
    assert path_of(given.format(home=tmp_path), tmp_path).samefile("my shot.png")


@pytest.mark.parametrize("name", ["~", "~/a", "file:a", " a ", '"a"', "http:/a", "data:a", "a%20b"])
def test_a_file_of_exactly_that_name_comes_first(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).touch()
    assert path_of(name) == Path(name)


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("given", ["NFC", "NFD"])
def test_accents_may_be_composed_in_another_way(given: str, on_disk: str, tmp_path: Path) -> None:
    place = tmp_path / unicodedata.normalize(on_disk, "Fotos für Zoë") / "ü.png"
    place.parent.mkdir()
    place.touch()
    name = unicodedata.normalize(given, "Fotos für Zoë")
    assert path_of(f"{name}/ü.png", tmp_path).samefile(place)
    fresh = path_of(f"{name}/new.png", tmp_path)  # in the folder that is there
    assert fresh.parent.samefile(place.parent) and not fresh.exists()


@pytest.mark.parametrize(
    "given",
    ["http://a.test/b.png", "HTTPS://a.test/b", "s3://bucket/b.png", "https:/a.test/b.png",
     "data:image/png;base64,AAAA", "file://server/share/b.png", "ftp://a.test/b"],
)  # fmt: skip
def test_an_address_is_told_as_such(given: str) -> None:
    with pytest.raises(InputError, match=r"is a network address, and .* nothing; save the file"):
        path_of(given)


@pytest.mark.parametrize("given", ["", "  ", '""'])
def test_an_empty_path_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="path is empty"):
        path_of(given)


def test_what_is_nowhere_keeps_its_name() -> None:
    for name in (
        "C:/shots/a.png",
        "no such/ü.png",
        "~nobody-of-that-name/a.png",
        "a\0b",
        "x" * 5000,
    ):
        assert str(path_of(name)) == name


def test_results_go_to_no_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "there.d").mkdir()
    for name in ("new", "run-1.5", "2024.05.01", "there.d", "new.d/", ".hidden", "a.b c"):
        assert folder_of(f"{tmp_path}/{name}") == tmp_path / name
    for name in ("report.html", "r.heic", "r.JP2", "out.7z"):
        with pytest.raises(InputError, match="looks like a file"):
            folder_of(f"{tmp_path}/{name}")


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_a_text_is_read_whatever_its_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Opiełka\r\n€".encode(encoding))
    assert read_text(path, "a text", 100) == "Opiełka\r\n€"


def test_what_is_no_text_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("ab é".encode("latin-1"))
    with pytest.raises(
        ConfigError, match=r"a\.txt: is not UTF-8 text \(byte 3: .*save it as UTF-8"
    ):
        read_text(path, "a text", 100, ConfigError)
    path.write_bytes("é".encode("utf-16") + b"x")
    with pytest.raises(InputError, match="is not UTF-16 text"):
        read_text(path, "a text", 100)
    with pytest.raises(InputError, match="is larger than 3 bytes; expected a text"):
        read_text(path, "a text", 3)
    with pytest.raises(InputError, match="Is a directory"):
        read_text(tmp_path, "a text", 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes there")
def test_a_pipe_that_nobody_writes_to_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.files.reading.PATIENCE", 0)
    os.mkfifo(tmp_path / "pipe")
    assert read_text(tmp_path / "pipe", "a text", 100) == ""


def test_ordinary_words_are_lower_case_words_and_no_parts_of_words() -> None:
    words = ordinary_words()
    assert {"the", "whisper", "clip"} <= words
    assert words.isdisjoint(("##ing", "[CLS]", "1998", "é", "."))
    assert all(word.islower() for word in words)
