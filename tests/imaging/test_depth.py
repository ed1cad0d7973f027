"""TIFF files of 16 bits a channel as other programs write them; PNG files are in test_reading."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from agent.errors import InputError
from agent.imaging.reading import read


def tiff(samples: np.ndarray, order: str, *, deflated: bool = False, planes: bool = False) -> bytes:
    """A file of one strip, or of one strip a plane."""
    height, width, channels = samples.shape
    planar = samples.transpose(2, 0, 1) if planes else samples[None]
    strips = [plane.astype(f"{order}u2").tobytes() for plane in planar]
    strips = [zlib.compress(strip) for strip in strips] if deflated else strips
    start = 8
    places = [start + sum(map(len, strips[:i])) for i in range(len(strips))]
    after = start + sum(map(len, strips))
    extra = b"".join(struct.pack(f"{order}{channels}H", *[16] * channels) for _ in (0,))
    lists = struct.pack(f"{order}{2 * len(strips)}L", *places, *map(len, strips))
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, after),
        (259, 3, 1, 8 if deflated else 1), (262, 3, 1, 2),
        (273, 4, len(strips), after + len(extra) if len(strips) > 1 else places[0]),
        (277, 3, 1, channels), (278, 4, 1, height),
        (279, 4, len(strips), after + len(extra) + 4 * len(strips) if len(strips) > 1
         else len(strips[0])),
        (284, 3, 1, 2 if planes else 1),
    ]  # fmt: skip
    if channels == 4:
        tags.append((338, 3, 1, 2))
    entries = b"".join(
        struct.pack(f"{order}HHL", tag, kind, count)
        + (struct.pack(f"{order}HH", value, 0) if kind == 3 and count == 1
           else struct.pack(f"{order}L", value))
        for tag, kind, count, value in tags
    )  # fmt: skip
    directory = struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}L", 0)
    head = (b"II" if order == "<" else b"MM") + struct.pack(
        f"{order}HL", 42, after + len(extra) + len(lists)
    )
    return head + b"".join(strips) + extra + lists + directory


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflated", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_of_either_byte_order_are_kept(
    tmp_path: Path, order: str, deflated: bool, channels: int
) -> None:
    samples = np.random.default_rng(0).integers(0, 65_536, (7, 5, channels), np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff(samples, order, deflated=deflated))
    picture = read(tmp_path / "a.tif")
    assert picture.pixels.dtype == np.uint16 and picture.notes == ()
    assert (picture.pixels == samples[..., :3]).all()
    if channels == 4:
        assert picture.alpha is not None and (picture.alpha == samples[..., 3]).all()


def test_planes_are_refused_instead_of_misread(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(0, 65_536, (7, 5, 3), np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff(samples, "<", planes=True))
    with pytest.raises(InputError, match="separate planes"):
        read(tmp_path / "a.tif")
