"""TIFF files as scanners, microscopes and other programs write them, byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.errors import InputError
from agent.imaging.picture import Picture
from agent.imaging.reading import from_pillow, read_bytes

Tags = dict[int, tuple[str, Sequence[int]]]
_KINDS = {"B": 1, "H": 3, "L": 4, "Q": 16}
_CODE = {"none": 1, "lzw": 5, "deflate": 8, "packbits": 32773}


def file_of(tags: Tags, blocks: Sequence[bytes], order: str = "<", *, big: bool = False) -> bytes:
    """A file of one directory, whose tags 273 or 324 are to say where the blocks lie."""
    tags = dict(tags)
    where = 324 if 322 in tags else 273
    word = "Q" if big else "L"
    size, body = (16 if big else 8), b""
    starts = []
    for block in blocks:
        starts.append(size + len(body))
        body += block
    tags[where] = word, starts
    tags[where + (1 if where == 324 else 6)] = word, [len(block) for block in blocks]
    entries = b""
    for number, (kind, values) in sorted(tags.items()):
        content = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(content) > (8 if big else 4):
            place, body = size + len(body), body + content
            content = struct.pack(f"{order}{word}", place)
        entries += struct.pack(f"{order}HH{word}", number, _KINDS[kind], len(values))
        entries += content.ljust(8 if big else 4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    head += struct.pack(f"{order}HHQ", 8, 0, size + len(body)) if big else b""
    head += b"" if big else struct.pack(f"{order}L", size + len(body))
    count = struct.pack(f"{order}{'Q' if big else 'H'}", len(tags))
    return head + body + count + entries + bytes(8 if big else 4)


def packed(values: np.ndarray, bits: int, order: str) -> bytes:
    """Rows `(H, N)` of samples, each row filled up to whole bytes."""
    if bits == 16:
        return values.astype(f"{order}u2").tobytes()
    rows = []
    for row in values:
        digits = "".join(f"{value:0{bits}b}" for value in row)
        digits += "0" * (-len(digits) % 8)
        rows.append(int(digits, 2).to_bytes(len(digits) // 8))
    return b"".join(rows)


def lzw(content: bytes) -> bytes:
    """As Pillow compresses it, as one strip."""
    file = io.BytesIO()
    image = Image.frombytes("L", (len(content), 1), content)
    image.save(file, "TIFF", compression="tiff_lzw")
    with Image.open(file) as written:
        assert len(written.tag_v2[273]) == 1
        start, length = written.tag_v2[273][0], written.tag_v2[279][0]
    return file.getvalue()[start : start + length]


def compressed(block: bytes, way: str) -> bytes:
    if way == "packbits":
        parts = [block[i : i + 128] for i in range(0, len(block), 128)]
        return b"".join(bytes([len(part) - 1]) + part for part in parts)
    return {"none": bytes, "deflate": zlib.compress, "lzw": lzw}[way](block)


def tiff(
    samples: np.ndarray,
    bits: int,
    photometric: int,
    *,
    order: str = "<",
    big: bool = False,
    planes: bool = False,
    rows: int = 0,
    tile: tuple[int, int] | None = None,
    predictor: int = 1,
    way: str = "none",
    more: Tags | None = None,
) -> bytes:
    """A file of samples `(H, W, C)` in strips of `rows` rows, or in tiles of (rows, columns)."""
    height, width, channels = samples.shape
    blocks = []
    for plane in np.split(samples, channels, 2) if planes else [samples]:
        deep, wide = tile or (rows or height, width)
        for top in range(0, height, deep):
            for left in range(0, width, wide):
                block = plane[top : top + deep, left : left + wide]
                if tile:
                    edges = ((0, deep - block.shape[0]), (0, wide - block.shape[1]), (0, 0))
                    block = np.pad(block, edges)
                if predictor == 2:
                    block = np.diff(block, axis=1, prepend=np.zeros_like(block[:, :1]))
                flat = block.reshape(len(block), -1)
                blocks.append(compressed(packed(flat, bits, order), way))
    tags: Tags = {
        256: ("L", [width]), 257: ("L", [height]), 258: ("H", [bits] * channels),
        259: ("H", [_CODE[way]]), 262: ("H", [photometric]), 277: ("H", [channels]),
        284: ("H", [2 if planes else 1]), 317: ("H", [predictor]),
    }  # fmt: skip
    tags |= (
        {322: ("L", [tile[1]]), 323: ("L", [tile[0]])} if tile else {278: ("L", [rows or height])}
    )
    return file_of(tags | (more or {}), blocks, order, big=big)


def read(content: bytes) -> Picture:
    return read_bytes(content, "a.tif", "a.tif")


def refusal(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(content)
    message = str(caught.value)
    assert message.isprintable() and ("expected" in message or "export it again" in message)
    return message


def noise(bits: int, *shape: int) -> np.ndarray:
    kind = np.uint8 if bits <= 8 else np.uint16
    return np.random.default_rng(bits).integers(0, 1 << bits, shape, dtype=kind)


def whole_range(values: np.ndarray, bits: int) -> np.ndarray:
    """`values` of `bits` bits from black to white of 8 or 16."""
    white = 255 if bits <= 8 else 65_535
    return np.floor(values.astype(float) * white / ((1 << bits) - 1) + 0.5).astype(int)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_samples_are_what_the_tags_say(data: st.DataObject) -> None:
    bits = data.draw(st.integers(1, 16), "bits")
    colour = data.draw(st.booleans(), "colour")
    opaque = data.draw(st.booleans(), "opaque")
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    way = data.draw(st.sampled_from(list(_CODE)), "way")
    samples = noise(bits, height, width, (3 if colour else 1) + (not opaque))
    white_is_zero = not colour and data.draw(st.booleans(), "white is zero")
    content = tiff(
        samples, bits, 2 if colour else int(not white_is_zero),
        order=data.draw(st.sampled_from("<>")), big=data.draw(st.booleans(), "big"),
        planes=data.draw(st.booleans(), "planes"), rows=data.draw(st.integers(0, 40)),
        tile=data.draw(st.sampled_from([None, (16, 16), (16, 32)])),
        predictor=2 if bits in (8, 16) and way != "none" and data.draw(st.booleans()) else 1,
        way=way, more=None if opaque else {338: ("H", [2])},
    )  # fmt: skip
    picture = read(content)
    wanted = whole_range(samples, bits)
    colours = wanted[..., :3] if colour else wanted[..., :1]
    colours = (255 if bits <= 8 else 65_535) - colours if white_is_zero else colours
    assert picture.pixels.dtype == (np.uint8 if bits <= 8 else np.uint16)
    assert (picture.pixels == colours).all() and picture.grey != colour
    assert picture.notes == () and picture.left_out == ()
    if opaque:
        assert picture.alpha is None
    else:
        assert picture.alpha is not None and (picture.alpha == wanted[..., -1]).all()


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("eight", [False, True])
def test_indices_of_a_palette_become_its_colours(bits: int, eight: bool) -> None:
    table = np.random.default_rng(1).integers(0, 256, (3, 1 << bits))
    indices = noise(bits, 5, 7, 1)
    stored = table if eight else table * 257
    content = tiff(indices, bits, 3, more={320: ("H", stored.ravel().tolist())})
    assert (read(content).pixels == table.T[indices[..., 0]]).all()


def test_a_palette_with_opacity_and_one_that_is_too_short() -> None:
    table: Tags = {320: ("H", (np.arange(768) // 3 * 257).tolist())}
    samples = noise(8, 5, 7, 2)
    picture = read(tiff(samples, 8, 3, more=table | {338: ("H", [2])}))
    assert picture.alpha is not None and (picture.alpha == samples[..., 1]).all()
    assert "palette" in refusal(tiff(samples[..., :1], 8, 3, more={320: ("H", [0] * 700)}))


@pytest.mark.parametrize("bits", [8, 16])
def test_colours_multiplied_by_opacity_are_divided_by_it(bits: int) -> None:
    white = (1 << bits) - 1
    samples = np.array([[[white // 4, white // 2, 0, white // 2], [0, 0, 0, 0]]])
    picture = read(tiff(samples.astype(np.uint16), bits, 2, more={338: ("H", [1])}))
    assert abs(picture.pixels[0, 0].astype(int) - [white // 2, white, 0]).max() <= 1
    assert picture.alpha is not None and picture.alpha.tolist() == [[white // 2, 0]]


def test_a_fourth_channel_of_rgb_is_opacity_unless_the_file_says_otherwise() -> None:
    samples = noise(8, 5, 7, 4)
    assert read(tiff(samples, 8, 2)).alpha is not None
    picture = read(tiff(samples, 8, 2, more={338: ("H", [0])}))
    assert picture.alpha is None and (picture.pixels == samples[..., :3]).all()
    assert picture.notes == ("1 more channel than colours: left out",)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planes", [False, True])
def test_cmyk_of_any_depth_and_layout(bits: int, planes: bool) -> None:
    white = (1 << bits) - 1
    samples = np.zeros((4, 4, 4), np.uint16)
    samples[..., 0] = white  # cyan
    picture = read(tiff(samples, bits, 5, planes=planes))
    assert picture.pixels[2, 2].tolist() == [0, 255, 255]
    assert any("without a colour profile" in note for note in picture.notes)
    assert any("upper 8" in note for note in picture.notes) == (bits == 16)


def test_lab_is_converted() -> None:
    rgb = Image.new("RGB", (8, 8), (200, 30, 60))
    profiles = (ImageCms.createProfile(space) for space in ("sRGB", "LAB"))
    lab = ImageCms.profileToProfile(rgb, *profiles, outputMode="LAB")
    assert lab is not None
    file = io.BytesIO()
    lab.save(file, "TIFF")
    picture = read(file.getvalue())
    assert abs(picture.pixels[4, 4].astype(int) - [200, 30, 60]).max() <= 4
    assert "L*a*b*" in picture.notes[0]


@pytest.mark.parametrize("way", ["raw", "jpeg", "tiff_lzw"])
def test_ycbcr_is_converted(way: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 30, 60)).convert("YCbCr").save(file, "TIFF", compression=way)
    assert abs(read(file.getvalue()).pixels[9, 9].astype(int) - [200, 30, 60]).max() <= 4


@pytest.mark.parametrize("way", ["group3", "group4", "jpeg"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_compressions_of_whole_samples(way: str, orientation: int) -> None:
    upright = Image.new("L", (32, 16))
    upright.paste(255, (0, 0, 8, 8))
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose.ROTATE_90)
    file = io.BytesIO()
    stored = stored if way == "jpeg" else stored.convert("1")
    stored.save(file, "TIFF", compression=way, tiffinfo={274: orientation})
    difference = read(file.getvalue()).pixels[..., 0].astype(int) - np.asarray(upright)
    assert abs(difference).max() < 20


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    upright = noise(12, 4, 6, 3)
    turn = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: np.rot90,
        7: lambda a: np.rot90(a.swapaxes(0, 1), 2), 8: lambda a: np.rot90(a, -1),
    }[orientation]  # fmt: skip
    picture = read(tiff(turn(upright), 12, 2, more={274: ("H", [orientation])}))
    assert (picture.pixels == whole_range(upright, 12)).all()


def test_bits_in_reverse_order() -> None:
    samples = noise(1, 5, 19, 1)
    content = bytearray(tiff(samples, 1, 1, more={266: ("H", [2])}))
    content[8:23] = (int(f"{byte:08b}"[::-1], 2) for byte in content[8:23])
    assert (read(bytes(content)).pixels[..., 0] == 255 * samples[..., 0]).all()


@pytest.mark.parametrize(
    ("bits", "photometric", "channels", "more", "said"),
    [
        (16, 1, 1, {339: ("H", [2])}, "signed values of 16 bits"),
        (16, 1, 1, {339: ("H", [3])}, "floating-point values of 16 bits"),
        (8, 1, 1, {258: ("H", [32])}, "32-bit values"),
        (8, 2, 3, {258: ("H", [5, 6, 5])}, "5-bit and 6-bit values"),
        (8, 5, 4, {332: ("H", [2])}, "inks other than"),
        (16, 32803, 1, {}, "raw sensor data"),
        (16, 8, 3, {}, "16-bit values"),
        (8, 6, 3, {}, "YCbCr colours at a lower resolution"),
        (12, 1, 1, {259: ("H", [5]), 317: ("H", [2])}, "predictor 2"),
        (16, 1, 1, {259: ("H", [8]), 317: ("H", [3])}, "predictor 3"),
        (8, 1, 1, {259: ("H", [34712])}, "unknown compression"),
        (8, 2, 1, {}, "1 channels where there should be 3"),
        (8, 99, 1, {}, "unknown kind"),
    ],
)
def test_what_cannot_be_read_right_is_refused(
    bits: int, photometric: int, channels: int, more: Tags, said: str
) -> None:
    assert said in refusal(tiff(noise(bits, 4, 6, channels), bits, photometric, more=more))


@pytest.mark.parametrize(
    ("bits", "photometric", "channels", "planes"),
    [(12, 1, 1, False), (16, 0, 1, False), (16, 2, 3, True)],
)
def test_an_image_that_pillow_misreads_is_refused(
    bits: int, photometric: int, channels: int, planes: bool
) -> None:
    content = tiff(noise(bits, 4, 6, channels), bits, photometric, planes=planes)
    with Image.open(io.BytesIO(content)) as image, pytest.raises(InputError, match="path"):
        from_pillow(image, "the image")


def test_damage_is_refused_and_memory_stays_bounded() -> None:
    whole = tiff(noise(16, 20, 20, 3), 16, 2, way="deflate")
    for more in (
        {256: ("L", [0])},
        {278: ("L", [0])},
        {256: ("L", [2**32 - 1])},
        {322: ("L", [2**31]), 323: ("L", [2**31])},
        {277: ("H", [60_000])},
    ):
        refusal(tiff(noise(8, 4, 4, 1), 8, 1, way="deflate", more=more))
    refusal(whole[:200])
    bomb = zlib.compress(bytes(50_000_000), 9)
    tags: Tags = {256: ("L", [8]), 257: ("L", [8]), 258: ("H", [8]), 259: ("H", [8]),
                  262: ("H", [1]), 277: ("H", [1]), 278: ("L", [8])}  # fmt: skip
    assert not read(file_of(tags, [bomb])).pixels.any()


def test_a_preview_and_further_pages_are_told() -> None:
    content = tiff(noise(8, 4, 4, 1), 8, 1, more={254: ("L", [1])})
    preview = "the first picture of the file is a preview of another: it was used"
    (first,) = struct.unpack_from("<L", content, 4)
    looped = content[:-4] + struct.pack("<L", first)  # its own successor
    assert read(looped).notes == (preview,)
    two = content[:-4] + struct.pack("<L", len(content)) + content[first:]
    several = "several pictures in one file: the first of 2 frames was used"
    assert read(two).notes == (several, preview)


def test_what_a_file_holds_besides_is_named() -> None:
    xmp = list(b"<x:xmpmeta tiff:Orientation='3'/>")
    samples = noise(8, 4, 6, 1)
    more: Tags = {700: ("B", xmp), 33723: ("B", [0] * 8), 301: ("H", [1] * 768), 65000: ("H", [1])}
    picture = read(tiff(samples, 8, 1, more=more))
    assert (picture.pixels == samples[::-1, ::-1]).all()
    assert picture.left_out == ("transfer function", "IPTC data", "TIFF tag 65000", "XMP data")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_end_in_a_picture_or_a_refusal(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(list(_CODE)))
    content = bytearray(tiff(noise(12, 6, 5, 3), 12, 2, way=way, rows=4))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except InputError as error:
        assert str(error).isprintable()
