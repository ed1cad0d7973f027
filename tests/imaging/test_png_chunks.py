"""PNG files with what editors, cameras and workflow programs put beside the pixels."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.errors import InputError
from agent.imaging.encoding import encoded
from agent.imaging.picture import Picture
from agent.imaging.png_chunks import MOST_UNPACKED, SIGNATURE, chunk
from agent.imaging.reading import read_bytes

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY = SRGB[:16] + b"GRAY" + SRGB[20:]
PIXELS = np.random.default_rng(0).integers(0, 256, (8, 9, 3), np.uint8)


def png(*chunks: bytes, behind: bytes = b"", pixels: np.ndarray = PIXELS) -> bytes:
    """A file with more chunks behind its header, and `behind` the samples."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    content = file.getvalue()
    return content[:33] + b"".join(chunks) + content[33:-12] + behind + content[-12:]


def profile(content: bytes) -> bytes:
    return chunk(b"iCCP", b"p\0\0" + zlib.compress(content))


def read(content: bytes, pixels: np.ndarray = PIXELS) -> Picture:
    picture = read_bytes(content, "a.png", "a.png")
    assert (picture.pixels == (pixels if pixels.ndim == 3 else pixels[..., None])).all()
    return picture


def chunks_of(content: bytes) -> dict[bytes, bytes]:
    place, found = len(SIGNATURE), {}
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        found[kind] = content[place + 8 : place + 8 + length]
        place += length + 12
    return found


def through_png(content: bytes) -> tuple[dict[bytes, bytes], tuple[str, ...]]:
    """The chunks that are written for a file, and what is told of it; Pillow can open them."""
    written, notes = encoded(read(content), ".png")
    with Image.open(io.BytesIO(written)) as image:
        image.load()
    return chunks_of(written), notes


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
        (b"cICP", bytes([9, 16, 0, 1])),
        (b"sRGB", b"\1"),
        (b"mDCV", bytes(24)),
        (b"cLLI", bytes(8)),
        (b"pHYs", struct.pack(">IIB", 11_811, 5_906, 1)),
        (b"pHYs", struct.pack(">IIB", 2_000, 1_000, 0)),
        (b"tEXt", b"Title\0A picture"),
        (b"zTXt", b"prompt\0\0" + zlib.compress(b"{}" * 1000)),
        (b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(b"{}" * 1000)),
        (b"iTXt", b"Titel\0\0\0de\0Titel\0Ein Bild"),
    ],
)
def test_what_says_how_values_are_shown_or_who_made_them_is_kept(
    kind: bytes, content: bytes
) -> None:
    chunks, notes = through_png(png(chunk(kind, content)))
    assert chunks[kind] == content and notes == ()
    assert chunks_of(encoded(read(png(chunk(kind, content), pixels=PIXELS[..., 0]), PIXELS[..., 0]),
                             ".png")[0])[kind] == content  # fmt: skip


def test_one_pixel_shape_or_none() -> None:
    for unit in (0, 1):
        assert read(png(chunk(b"pHYs", struct.pack(">IIB", 0, 1, unit)))).resolution is None
    assert read(png(chunk(b"pHYs", struct.pack(">IIB", 7, 7, 0)))).resolution is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (chunk(b"gAMA", struct.pack(">I", 100_000)), "gamma (gAMA)"),
        (chunk(b"cHRM", struct.pack(">8I", *[30_000] * 8)), "primary colours (cHRM)"),
        (chunk(b"cICP", bytes([9, 16, 0, 1])), "colour coding (cICP)"),
        (chunk(b"tEXt", b"Ti\x1btle\0x"), "text “Ti\\x1btle”"),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".webp", ".bmp"])
def test_other_formats_tell_what_they_lose(more: bytes, said: str, suffix: str) -> None:
    _, notes = encoded(read(png(more)), suffix)
    assert notes == (f"not kept: {said}",)


@pytest.mark.parametrize(
    "more",
    [
        chunk(b"gAMA", struct.pack(">I", 45_455)),
        chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 45_455))
        + chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        chunk(b"cICP", bytes([1, 13, 0, 1])),
        profile(SRGB) + chunk(b"gAMA", struct.pack(">I", 100_000)),
        chunk(b"sBIT", b"\5\6\5") + chunk(b"tIME", bytes(7)),
    ],
)  # fmt: skip
def test_what_means_srgb_or_holds_no_longer_is_no_loss(more: bytes) -> None:
    assert encoded(read(png(more)), ".jpg")[1] == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (profile(GREY), "a colour profile, which is for GRAY values"),
        (profile(SRGB[:16] + b"CMYK" + SRGB[20:]), "a colour profile, which is for CMYK values"),
        (profile(SRGB[:50]), "a damaged colour profile"),
        (profile(b"\0" * 1_200_000), "a damaged colour profile"),
        (profile(b"\0" * 20_000_000), "a colour profile that is damaged or too large"),
        (chunk(b"iCCP", b"p\0\0rubbish"), "a colour profile that is damaged or too large"),
        (chunk(b"iCCP", b"p"), "a colour profile that is damaged or too large"),
        (chunk(b"tEXt", b"Long\0" + b"a" * (MOST_UNPACKED + 1)), "text “Long”, damaged or longer"),
        (chunk(b"zTXt", b"Bomb\0\0" + zlib.compress(bytes(90_000_000), 9)), "text “Bomb”, damaged"),
        (chunk(b"zTXt", b"Broken\0\0rubbish"), "text “Broken”, damaged"),
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"), "XMP data"),
        (chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"x")), "type iptc”"),
        (chunk(b"bKGD", bytes(6)), "background colour"),
        (chunk(b"vpAg", bytes(9)), "PNG chunk vpAg"),
        (chunk(b"gAMA", bytes(4))[:-1] + b"?", "damaged PNG chunk gAMA"),
        (chunk(b"pHYs", bytes(9))[:-1] + b"?", "damaged PNG chunk pHYs"),
        (chunk(b"tEXt", b"a\0b")[:-1] + b"?", "damaged PNG chunk tEXt"),
        (chunk(b"tEXt", b"a" * 90_000) * 100, "text “" + "a" * 79 + "”, beyond"),
    ],
    ids=range(18),  # the profile holds the second in which it was made
)
def test_what_is_left_out_is_told_and_never_fatal(more: bytes, said: str) -> None:
    _, notes = through_png(png(more))
    (told,) = notes
    assert told.startswith("not kept: ") and said in told and told.isprintable()
    assert through_png(png(behind=more))[1] == notes


def test_a_grey_profile_stays_with_grey_and_a_large_one_is_told() -> None:
    grey = PIXELS[..., 0]
    assert read(png(profile(GREY), pixels=grey), grey).icc_profile == GREY
    assert read(png(profile(SRGB), pixels=grey), grey).icc_profile is None
    large = read(png(profile(SRGB + bytes(MOST_UNPACKED))))
    assert encoded(large, ".tif")[1] == ()
    assert "larger than most programs accept" in encoded(large, ".png")[1][0]


def test_a_file_may_end_behind_its_pixels() -> None:
    whole = png(behind=chunk(b"tEXt", b"Title\0A picture"))
    end = whole.index(b"tEXt")
    for cut in (len(whole) - 1, len(whole) - 12, end + 6, end - 1, end - 4):
        assert read(whole[:cut]).left_out == ("the end of the file, which is missing",)
    assert read(whole + b"rubbish").left_out == ()
    with pytest.raises(InputError, match="damaged"):
        read_bytes(whole[: end - 12], "a.png", "a.png")


def test_variants_of_png_are_refused() -> None:
    with pytest.raises(InputError, match=r"a variant of PNG \(CgBI\)"):
        read(png(chunk(b"CgBI", bytes(4))))


def test_orientation_in_each_place_where_it_is_written() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 3, "Maker"
    tiff = exif.tobytes()[6:]
    digits = b"\nexif\n%8d\n" % len(tiff) + tiff.hex().encode()
    for more in (
        chunk(b"eXIf", tiff),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits)),
        chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="3"/>'),
    ):
        for content in (png(more), png(behind=more)):
            picture = read(content, PIXELS[::-1, ::-1])
            assert (picture.exif is None) == (b"xmp" in more)


def test_damaged_exif_costs_itself_alone() -> None:
    picture = read(png(chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff")))
    assert picture.exif is None and picture.notes == ("EXIF data are damaged: dropped",)


def test_of_an_animation_that_leaves_its_first_picture_out_all_are_counted() -> None:
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    assert read(png(control)).notes == ("animated: the first of 3 frames was used",)
    assert read(png(control[:-1] + b"?")).notes == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_beside_the_pixels_never_costs_them(data: st.DataObject) -> None:
    more = bytearray(
        chunk(b"tEXt", b"Title\0A picture") + profile(SRGB) + chunk(b"eXIf", b"II*\0\10\0\0\0")
    )
    for _ in range(data.draw(st.integers(1, 6))):
        more[data.draw(st.integers(16, len(more) - 1))] = data.draw(st.integers(0, 255))
    content = png(behind=bytes(more))
    if b"IHDR" not in more and b"PLTE" not in more and b"IDAT" not in more:
        try:
            read(content)
        except InputError as error:  # the name of a chunk became that of one for pixels
            assert "a variant of PNG" in str(error)
