from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.imaging.writing import write_png


def noise(*shape: int, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(1).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def samples(content: bytes) -> np.ndarray:
    """A decoder by the letter of the standard, for files whose rows all use the Paeth filter."""
    width, height, depth, colour = struct.unpack(">IIBB", content[16:26])
    place, data = 8, b""
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        if content[place + 4 : place + 8] == b"IDAT":
            data += content[place + 8 : place + 8 + length]
        place += 12 + length
    channels = {2: 3, 6: 4}[colour]
    stride = channels * depth // 8
    raw, rows = zlib.decompress(data), []
    above = [0] * (width * stride)
    for y in range(height):
        line = raw[y * (width * stride + 1) :][: width * stride + 1]
        assert line[0] == 4
        row: list[int] = []
        for i, value in enumerate(line[1:]):
            a, b = (row[i - stride] if i >= stride else 0), above[i]
            c = above[i - stride] if i >= stride else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row.append((value + nearest) % 256)
        rows.append(row)
        above = row
    kind = ">u2" if depth == 16 else np.uint8
    return np.frombuffer(np.array(rows, np.uint8).tobytes(), kind).reshape(height, width, channels)


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(1, 9), st.booleans(), st.booleans())
def test_what_is_written_is_what_was_given(h: int, w: int, alpha: bool, deep: bool) -> None:
    dtype = np.uint16 if deep else np.uint8
    pixels = noise(h, w, 3, dtype=dtype)
    opacity = noise(h, w, dtype=dtype) if alpha else None
    decoded = samples(write_png(Picture("a", pixels, opacity)))
    assert (decoded[..., :3] == pixels).all()
    assert decoded.shape[2] == (4 if alpha else 3)
    if opacity is not None:
        assert (decoded[..., 3] == opacity).all()


def test_more_rows_than_are_filtered_at_once() -> None:
    pixels = noise(600, 5, 3)
    content = write_png(Picture("a", pixels))
    assert (np.asarray(Image.open(io.BytesIO(content))) == pixels).all()


def test_reads_back_with_profile_and_alpha(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Picture("a.png", noise(6, 7, 3), noise(6, 7), profile)
    (tmp_path / "a.png").write_bytes(write_png(picture))
    again = read(tmp_path / "a.png")
    assert (again.pixels == picture.pixels).all() and (again.alpha == picture.alpha).all()
    assert again.icc_profile == profile


def test_same_pixels_same_bytes_whatever_their_layout() -> None:
    pixels = noise(6, 8, 3)
    turned = np.ascontiguousarray(pixels[::-1])[::-1]
    big = pixels.astype(np.uint16)
    assert write_png(Picture("a", pixels)) == write_png(Picture("b", turned))
    assert write_png(Picture("a", big)) == write_png(Picture("a", big.copy(order="F")))


@pytest.mark.parametrize(
    ("pixels", "alpha", "said"),
    [
        (np.zeros((4, 4), np.uint8), None, r"shape \(H, W, 3\)"),
        (np.zeros((4, 4, 4), np.uint8), None, r"shape \(H, W, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), None, r"shape \(H, W, 3\)"),
        (np.zeros((4, 4, 3), np.float32), None, "uint8 or uint16"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5), np.uint8), "alpha of shape"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint16), "alpha of shape"),
    ],
)
def test_arrays_that_are_no_picture(pixels: np.ndarray, alpha: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Picture("a", pixels, alpha)
