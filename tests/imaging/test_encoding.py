"""Every kind of file that is written, read back by the reader and by Pillow."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from agent.errors import InputError
from agent.imaging.encoding import SUFFIXES, encoded, to_pillow
from agent.imaging.picture import Picture, Resolution
from agent.imaging.reading import from_pillow, read

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif() -> bytes:
    data = Image.Exif()
    data[0x010F] = "Maker"
    data.get_ifd(0x8769)[0x829A] = 0.01
    data.get_ifd(0x8825)[1] = "N"
    return data.tobytes().removeprefix(b"Exif\0\0")


def picture(*, deep: bool, grey: bool, alpha: bool) -> Picture:
    """Ramps of 70 × 40 pixels."""
    values = np.linspace(0, 65_535, 70 * 40).reshape(70, 40).astype(np.uint16)
    colours = np.dstack([values, values if grey else values[::-1], values])
    opacity = values // 2 + 20_000
    if not deep:
        colours, opacity = (colours >> 8).astype(np.uint8), (opacity >> 8).astype(np.uint8)
    profile = None if grey else PROFILE
    return Picture("a", colours, opacity if alpha else None, profile, exif(), grey)


def written(given: Picture, suffix: str, folder: Path) -> tuple[Picture, tuple[str, ...]]:
    content, notes = encoded(given, suffix)
    (folder / f"a{suffix}").write_bytes(content)
    return read(folder / f"a{suffix}"), notes


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("alpha", [False, True])
def test_lossless_kinds_lose_nothing(
    tmp_path: Path, suffix: str, deep: bool, grey: bool, alpha: bool
) -> None:
    given = picture(deep=deep, grey=grey, alpha=alpha)
    again, notes = written(given, suffix, tmp_path)
    assert notes == ()
    assert again.pixels.dtype == given.pixels.dtype and (again.pixels == given.pixels).all()
    assert (again.alpha is None) == (given.alpha is None)
    if alpha:
        assert (again.alpha == given.alpha).all()
    assert again.icc_profile == given.icc_profile and again.exif is not None
    if not (deep and grey and alpha and suffix != ".png"):  # no such TIFF is read by Pillow
        assert again.grey == grey


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".bmp"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("alpha", [False, True])
def test_the_others_tell_what_they_lose(
    tmp_path: Path, suffix: str, deep: bool, alpha: bool
) -> None:
    given = picture(deep=deep, grey=False, alpha=alpha)
    again, notes = written(given, suffix, tmp_path)
    holds_alpha = suffix in (".webp", ".avif")
    assert any("laid on white" in note for note in notes) == (alpha and not holds_alpha)
    assert any("reduced from 16" in note for note in notes) == deep
    assert any("no EXIF data" in note for note in notes) == (suffix == ".bmp")
    wanted = given.pixels / (65_535 if deep else 255)
    if alpha and holds_alpha:
        opacity = given.alpha / (65_535 if deep else 255)
        assert np.abs(again.alpha / 255 - opacity).max() < 0.02
    elif alpha:
        opacity = given.alpha[..., None] / (65_535 if deep else 255)
        wanted = wanted * opacity + 1 - opacity
    assert np.abs(again.pixels / 255 - wanted).max() < 0.025
    if suffix != ".bmp":
        assert again.icc_profile == PROFILE and again.exif is not None


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_exif_of_three_directories_comes_back(tmp_path: Path, suffix: str) -> None:
    if suffix == ".bmp":
        pytest.skip("BMP holds none")
    again, _ = written(picture(deep=suffix == ".tif", grey=False, alpha=False), suffix, tmp_path)
    with Image.open(tmp_path / f"a{suffix}") as image:
        data = image.getexif()
        assert data[0x010F] == "Maker" and float(data.get_ifd(0x8769)[0x829A]) == 0.01
        assert data.get_ifd(0x8825)[1].strip("\0") == "N"
    assert again.exif is not None


@pytest.mark.parametrize("suffix", [".webp", ".avif", ".jpg"])
def test_a_grey_profile_never_meets_colours(tmp_path: Path, suffix: str) -> None:
    given = picture(deep=False, grey=True, alpha=False)
    profile = b"\0" * 16 + b"GRAY" + b"\0" * 108
    content, _ = encoded(Picture("a", given.pixels, None, profile, None, True), suffix)
    with Image.open(io.BytesIO(content)) as image:
        assert ("icc_profile" in image.info) == (image.mode == "L")
    coloured = picture(deep=False, grey=False, alpha=False).pixels
    content, _ = encoded(Picture("a", coloured, None, profile, None, True), ".png")
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "RGB" and "icc_profile" not in image.info


def test_sixteen_bits_are_rounded_to_the_nearest_eight() -> None:
    values = np.arange(0, 65_536, 7, np.uint16)
    pixels = np.repeat(values[None, :, None], 3, axis=2)
    result = np.asarray(to_pillow(Picture("a", pixels)))[0, :, 0]
    assert (result == np.floor(values * (255 / 65_535) + 0.5)).all()


def test_what_cannot_be_written_is_refused() -> None:
    given = picture(deep=False, grey=False, alpha=False)
    for suffix in (".gif", "", ".exe"):
        with pytest.raises(InputError, match=r"expected one of \.png, \.tif"):
            encoded(given, suffix)
    long = Picture("a", np.zeros((1, 16_384, 3), np.uint8))
    with pytest.raises(InputError, match="WEBP holds at most 16,383 pixels a side"):
        encoded(long, ".webp")


def test_exif_data_that_a_format_cannot_hold_are_told() -> None:
    data = Image.Exif()
    data.get_ifd(0x8769)[0x927C] = bytes(70_000)  # notes of the camera's maker
    given = Picture("a", np.zeros((4, 4, 3), np.uint8), exif=data.tobytes()[6:])
    content, notes = encoded(given, ".jpg")
    assert notes == ("not kept: EXIF data, which are larger than JPEG allows",)
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_metadata_nothing_is_told_of_the_taking(tmp_path: Path, suffix: str) -> None:
    given = replace(
        picture(deep=False, grey=False, alpha=False),
        resolution=Resolution(300, 300), texts=((b"tEXt", b"Author\0Somebody"),),
    )  # fmt: skip
    again, notes = written(given.without_metadata(), suffix, tmp_path)
    assert again.exif is None and again.texts == () and not any("text" in n for n in notes)
    assert again.resolution is None or suffix == ".bmp"


def test_an_image_of_pillow_has_what_the_file_said(tmp_path: Path) -> None:
    colour = ((b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45_455)),
              (b"cHRM", struct.pack(">8I", *range(20_000, 28_000, 1000))))  # fmt: skip
    given = Picture("a", np.zeros((4, 4, 3), np.uint8), colour=colour,
                    resolution=Resolution(300, 150))  # fmt: skip
    image = to_pillow(given)
    assert image.info["dpi"] == (300, 150) and image.info["gamma"] == 0.45455
    again = from_pillow(image, "a")
    assert again.colour == colour and again.resolution == given.resolution
