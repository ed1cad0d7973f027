from __future__ import annotations

from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from agent.imaging.ifd import directory
from agent.imaging.metadata import descriptive_exif
from agent.imaging.picture import Resolution
from agent.imaging.reading import read, words_in_metadata


def test_what_holds_for_one_file_only_is_left_out() -> None:
    given = Image.Exif()
    given[0x0112], given[0x010F], given[0x0100] = 6, "Maker", 4000
    inside = given.get_ifd(0x8769)
    inside[0xA002], inside[0xA003], inside[0x9003] = 4000, 3000, "2024:01:02 03:04:05"
    content, damaged = descriptive_exif(directory(given.tobytes()[6:]), Resolution(300, 300))
    kept = Image.Exif()
    kept.load(content or b"")
    assert not damaged and 0x0112 not in kept and 0x0100 not in kept and kept[0x010F] == "Maker"
    assert kept.get_ifd(0x8769) == {0x9003: "2024:01:02 03:04:05"}
    assert (kept[0x011A], kept[0x011B], kept[0x0128]) == (300, 300, 2)


def test_without_exif_there_is_none(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "a.webp", "a.avif", "a.gif", "a.bmp"):
        Image.new("RGB", (16, 16)).save(tmp_path / name)
        assert read(tmp_path / name).exif is None


def test_damaged_data_are_dropped_and_it_says_so(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    picture = read(tmp_path / "a.jpg")
    assert picture.exif is None


def test_words_of_metadata_are_read_without_the_picture(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("Software", "waifu2x")
    info.add_itxt("Comment", "by Real-CUGAN")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", pnginfo=info)
    assert {"waifu2x", "Real-CUGAN"} <= set(words_in_metadata(tmp_path / "a.png").split())
    exif = Image.Exif()
    exif[0x0131] = "waifu2x 3"
    for name in ("a.jpg", "a.webp"):
        Image.new("RGB", (8, 8)).save(tmp_path / name, exif=exif)
        assert "waifu2x 3" in words_in_metadata(tmp_path / name)


def test_what_cannot_be_read_has_no_words(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"waifu2x" * 9)
    (tmp_path / "a.txt").write_text("waifu2x")
    for name in ("torn.png", "a.txt", "none.png", "."):
        assert words_in_metadata(tmp_path / name) == ""
