"""Pictures as people have them, and as enemies make them."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.errors import InputError
from agent.imaging import reading
from agent.imaging.reading import read


def noise(height: int, width: int, channels: int = 3) -> np.ndarray:
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IEND", b"")


def refusal(path: Path) -> str:
    """The message with which `path` is refused; one line, safe to print, naming the file."""
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.isprintable()
    assert "; " in message, "what was expected, or what to do"
    return message


# --- what people have -------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "webp", "avif", "bmp", "tiff", "gif", "jpg"])
def test_every_format_is_read(tmp_path: Path, suffix: str) -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:, 15:] = (255, 128, 0)
    lossless = {"webp": {"lossless": True}, "avif": {"quality": 100, "subsampling": "4:4:4"}}
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", **lossless.get(suffix, {}))
    picture = read(tmp_path / f"a.{suffix}")
    assert (picture.height, picture.width) == (20, 30)
    assert picture.pixels.dtype == np.uint8
    assert picture.alpha is None and picture.notes == () and picture.name == f"a.{suffix}"
    inner = np.s_[:, [2, 27]]
    assert np.abs(picture.pixels[inner].astype(int) - pixels[inner]).max() <= 6


def test_content_counts_not_the_suffix(tmp_path: Path) -> None:
    Image.fromarray(noise(8, 9)).save(tmp_path / "a.png", "JPEG")
    assert read(tmp_path / "a.png").width == 9


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (1, 2, 3)).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png").pixels.tolist() == [[[1, 2, 3]]]


def test_grey_and_one_bit_become_rgb(tmp_path: Path) -> None:
    grey = noise(5, 7, 1)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert (read(tmp_path / "grey.png").pixels == grey[..., None]).all()
    bits = Image.fromarray(grey).convert("1")
    bits.save(tmp_path / "bits.png")
    assert (read(tmp_path / "bits.png").pixels[..., 0] == 255 * np.asarray(bits)).all()


def test_transparency_becomes_alpha(tmp_path: Path) -> None:
    rgba, la = noise(5, 7, 4), noise(5, 7, 2)
    Image.fromarray(rgba).save(tmp_path / "rgba.png")
    picture = read(tmp_path / "rgba.png")
    assert picture.alpha is not None
    assert (np.dstack([picture.pixels, picture.alpha]) == rgba).all()
    Image.fromarray(la).save(tmp_path / "la.png")
    picture = read(tmp_path / "la.png")
    assert (picture.pixels == la[..., :1]).all() and (picture.alpha == la[..., 1]).all()


def test_palette_with_transparency(tmp_path: Path) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    image.save(tmp_path / "a.png", transparency=bytes([0, 128, 255]))
    picture = read(tmp_path / "a.png")
    assert picture.pixels.tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]
    assert picture.alpha is not None and picture.alpha.tolist() == [[0, 128, 255]]
    image.save(tmp_path / "b.png")
    assert read(tmp_path / "b.png").alpha is None


def test_sixteen_bits_of_grey_are_kept(tmp_path: Path) -> None:
    values = np.array([[0, 255, 256], [1000, 40_000, 65_535]], np.uint16)
    for name in ("a.png", "a.tiff"):
        Image.fromarray(values).save(tmp_path / name)
        picture = read(tmp_path / name)
        assert picture.pixels.dtype == np.uint16
        assert (picture.pixels == values[..., None]).all()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([2, 4, 6]), st.booleans(), st.integers(1, 9), st.integers(1, 9))
def test_sixteen_bits_of_colour_and_alpha_are_kept(
    tmp_path: Path, colour: int, turned: bool, height: int, width: int
) -> None:
    channels = {2: 3, 4: 2, 6: 4}[colour]
    values = np.random.default_rng(0).integers(0, 65_536, (height, width, channels), np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    content = png(width, height, 16, colour, rows)
    if turned:
        exif = Image.Exif()
        exif[0x0112] = 3
        content = content[:33] + png_chunk(b"eXIf", exif.tobytes()[6:]) + content[33:]
    (tmp_path / "a.png").write_bytes(content)
    picture = read(tmp_path / "a.png")
    upright = values[::-1, ::-1] if turned else values
    colours = channels - (colour != 2)
    assert picture.pixels.dtype == np.uint16 and picture.notes == ()
    assert (picture.pixels == upright[..., :colours]).all()
    assert picture.grey == (colour == 4)
    if colour != 2:
        assert picture.alpha is not None and (picture.alpha == upright[..., -1]).all()


@pytest.mark.parametrize(
    ("colour", "depth"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16)]
)
def test_a_colour_that_stands_for_transparency(tmp_path: Path, colour: int, depth: int) -> None:
    most, channels = (1 << depth) - 1, 3 if colour else 1
    samples = [[most] * channels, [1] * channels]  # the second one is transparent
    digits = "".join(f"{value:0{depth}b}" for pixel in samples for value in pixel)
    digits += "0" * (-len(digits) % 8)
    content = png(2, 1, depth, colour, b"\0" + int(digits, 2).to_bytes(len(digits) // 8))
    key = png_chunk(b"tRNS", struct.pack(">H", 1) * channels)
    (tmp_path / "a.png").write_bytes(content[:33] + key + content[33:])
    picture = read(tmp_path / "a.png")
    white = 65_535 if depth == 16 else 255
    assert picture.pixels[0, :, 0].tolist() == [white, white // most]
    assert picture.alpha is not None and picture.grey == (colour == 0)
    assert picture.alpha.tolist() == [[0 if depth == 1 else white, 0]] and picture.notes == ()


def test_cmyk_is_converted(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    cyan.save(tmp_path / "a.jpg", quality=95)
    picture = read(tmp_path / "a.jpg")
    red, green, blue = picture.pixels[4, 4]
    assert red < 10 and green > 245 and blue > 245
    assert picture.icc_profile is None
    assert "without a colour profile" in picture.notes[0]


def test_a_damaged_cmyk_profile_does_not_matter(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8)).save(tmp_path / "a.tiff", icc_profile=b"rubbish")
    assert (read(tmp_path / "a.tiff").pixels == 255).all()


def test_the_colour_profile_of_rgb_is_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", icc_profile=profile)
    assert read(tmp_path / "a.png").icc_profile == profile
    Image.new("L", (8, 8)).save(tmp_path / "b.png", icc_profile=profile)
    assert read(tmp_path / "b.png").icc_profile is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = np.zeros((16, 24, 3), np.uint8)
    upright[:8, :8] = 255  # white top left corner
    stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.transpose(1, 0, 2), 6: np.rot90(upright, 1),
        7: np.rot90(upright.transpose(1, 0, 2), 2), 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.png", exif=exif)
    assert (read(tmp_path / "a.png").pixels == upright).all()


def test_damaged_exif_leaves_the_picture_usable(tmp_path: Path) -> None:
    Image.fromarray(noise(8, 8)).save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert read(tmp_path / "a.jpg").width == 8


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_used(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (9, 8), colour) for colour in ("red", "green", "blue")]
    options = {"lossless": True} if suffix == "webp" else {}
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **options)
    picture = read(path)
    assert (picture.pixels == (255, 0, 0)).all()
    assert picture.notes == ("animated: the first of 3 frames was used",)


def test_of_many_pages_the_first_is_used(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (9, 8), colour) for colour in ("red", "green")]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    picture = read(tmp_path / "a.tiff")
    assert (picture.pixels == (255, 0, 0)).all()
    assert picture.notes == ("several pictures in one file: the first of 2 frames was used",)


def test_names_are_made_safe_to_print(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\u202e.png"
    Image.new("RGB", (4, 4)).save(path)
    assert read(path).name == "a\\x1b[31m\\u202e.png"
    path.write_bytes(b"")
    assert "\\x1b[31m" in refusal(path)


# --- what cannot be read ----------------------------------------------------------------------


def test_missing_files_folders_and_loops(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "a.png")
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be opened" in refusal(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert "no such file" in refusal(tmp_path / "dangling")
    assert "cannot be opened" in refusal(tmp_path / ("long" * 200))
    assert "cannot be opened" in refusal(tmp_path / "nul\0.png")


@pytest.mark.skipif(sys.platform == "win32", reason="no such things there")
def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "a device or pipe" in refusal(tmp_path / "pipe.png")
    assert "a device or pipe" in refusal(Path("/dev/zero"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission_to_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.png").chmod(0)
    assert "Permission denied" in refusal(tmp_path / "a.png")


def test_forbidden_files_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.png").write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be opened (Permission denied)" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (b"hello, I am a text\n", "is text, whatever its name says"),
        (b"%PDF-1.7\n\xff", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"  <SVG xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "not a picture"),
        (bytes(1000), "not a picture"),
        (b"\xff\xfe\xfd" * 50, "an unrecognised format"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "a.png").write_bytes(content)
    message = refusal(tmp_path / "a.png")
    assert said in message and "a.png" in message


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "avif", "gif", "bmp", "tiff"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_pictures_are_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise(64, 64)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refusal(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    Image.fromarray(noise(32, 32)).save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "a.png").write_bytes(content)
    assert "damaged" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("size", [(30_000, 30_000), (9_500, 9_500), (60_000, 2), (2, 60_000)])
def test_bombs_are_refused_by_their_header(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png(*size, 8, 2, b""))
    message = refusal(tmp_path / "a.png")
    assert "reduce or crop it first" in message


def test_a_header_without_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(0, 5, 8, 2, b""))
    refusal(tmp_path / "a.png")


def test_too_many_bytes_are_not_even_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    Image.fromarray(noise(32, 32)).save(tmp_path / "a.png")
    assert "is larger than" in refusal(tmp_path / "a.png")


def test_values_of_no_known_range_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "a.tiff")
    assert "floating-point" in refusal(tmp_path / "a.tiff")
    Image.fromarray(np.ones((4, 4), np.int32)).save(tmp_path / "b.tiff")
    assert "signed values of 32 bits" in refusal(tmp_path / "b.tiff")


def test_decoders_outside_the_list_never_start(tmp_path: Path) -> None:
    for name, kind in (("a.ppm", "PPM"), ("a.ico", "ICO"), ("a.tga", "TGA")):
        Image.fromarray(noise(16, 16)).save(tmp_path / name, kind)
        assert "one of the formats" in refusal(tmp_path / name)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_damaged_ends_in_a_picture_or_a_refusal(
    tmp_path: Path, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]))
    buffer = io.BytesIO()
    Image.fromarray(noise(12, 10)).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a.bin").write_bytes(content)
    try:
        picture = read(tmp_path / "a.bin")
    except InputError as error:
        assert str(error).isprintable()
    else:
        assert picture.pixels.dtype in (np.uint8, np.uint16)
