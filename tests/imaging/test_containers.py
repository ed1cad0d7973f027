"""JPEG, WebP, AVIF, BMP and GIF files with what cameras and editors put beside the pixels."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.errors import InputError
from agent.imaging.containers import avif_contents
from agent.imaging.encoding import encoded
from agent.imaging.picture import Picture, Resolution
from agent.imaging.reading import read_bytes

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
IMAGE = Image.linear_gradient("L").resize((32, 24)).convert("RGB")


def read(content: bytes) -> Picture:
    return read_bytes(content, "a", "a")


def refusal(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(content)
    return str(caught.value)


def saved(kind: str, image: Image.Image = IMAGE, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(*segments: bytes, **options: object) -> bytes:
    """A file with more segments behind its first one."""
    content = saved("JPEG", quality=95, **options)
    return content[:20] + b"".join(segments) + content[20:]


def exif(x: int = 0, orientation: int = 0) -> bytes:
    data = Image.Exif()
    data[0x010F] = "Maker"
    if x:
        data[0x011A], data[0x011B], data[0x0128] = x, x, 2
    if orientation:
        data[0x0112] = orientation
    return data.tobytes()


# --- JPEG ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1, 2])
def test_density_is_kept_in_every_format_that_states_one(unit: int) -> None:
    content = bytearray(jpeg())
    content[13:18] = struct.pack(">BHH", unit, 300 if unit == 1 else 118, 150)
    picture = read(bytes(content))
    across = 300 if unit == 1 else 118 * 2.54
    assert picture.resolution == Resolution(across, 150 * (1 if unit == 1 else 2.54))
    for suffix in (".png", ".jpg", ".tif", ".webp", ".avif", ".bmp"):
        again, notes = encoded(picture, suffix)
        resolution = read(again).resolution
        assert resolution is not None and notes == ()
        assert abs(resolution.x - across) < 0.5 and abs(resolution.y - picture.resolution.y) < 0.5


def test_the_shape_of_a_pixel_is_kept_or_told() -> None:
    content = bytearray(jpeg())
    content[13:18] = struct.pack(">BHH", 0, 2, 1)
    picture = read(bytes(content))
    assert picture.resolution == Resolution(2, 1, False)
    assert encoded(picture, ".jpg")[1] == ("not kept: the shape of a pixel",)
    for suffix in (".png", ".tif"):
        resolution = read(encoded(picture, suffix)[0]).resolution
        assert resolution and resolution.x == 2 * resolution.y and not resolution.per_inch


def test_two_resolutions_that_disagree_are_told() -> None:
    picture = read(jpeg(dpi=(300, 300), exif=exif(72)))
    assert picture.resolution == Resolution(300, 300)
    written, notes = encoded(picture, ".jpg")
    assert notes == ("not kept: a resolution of 72 × 72 in EXIF data, where the file itself says "
                     "300 × 300",)  # fmt: skip
    with Image.open(io.BytesIO(written)) as image:
        assert image.info["dpi"] == (300, 300) and image.getexif()[0x011A] == 300
    assert read(jpeg(dpi=(300, 300), exif=exif(300))).left_out == ()
    assert read(jpeg(exif=exif(72))).resolution == Resolution(72, 72)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (segment(0xFE, b"made by hand"), "a comment"),
        (segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), "XMP data"),
        (segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0"), "IPTC and Photoshop data"),
        (segment(0xE2, b"ICC_PROFILE\0\1\2" + SRGB), "a damaged colour profile"),
        (segment(0xE2, b"ICC_PROFILE\0"), "a damaged colour profile"),
        (segment(0xE2, b"ICC_PROFILE\0\1\1" + SRGB[:90]), "a damaged colour profile"),
        (segment(0xE2, b"ICC_PROFILE\0\1\1" + SRGB[:16] + b"CMYK" + SRGB[20:]), "for CMYK values"),
        (segment(0xEB, b"JP\1\2jumb"), "JPEG segment 11"),
        (segment(0xE5, b"Samsung\0x"), "JPEG segment Samsung"),
    ],
)
def test_what_is_left_out_is_told(more: bytes, said: str) -> None:
    _, (told,) = encoded(read(jpeg(more)), ".jpg")
    assert told.startswith("not kept: ") and said in told


def test_a_profile_in_parts_and_orientation_in_xmp() -> None:
    parts = [SRGB[:200], SRGB[200:]]
    segments = [segment(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, 2]) + parts[i]) for i in (1, 0)]
    assert read(jpeg(*segments)).icc_profile == SRGB
    turned = segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation="6"/>')
    picture = read(jpeg(turned))
    assert (picture.width, picture.height) == (24, 32)
    both = read(jpeg(turned, exif=exif(orientation=1)))  # EXIF data count before
    assert (both.width, both.height) == (32, 24)


def test_more_bits_than_eight_are_refused_by_their_name() -> None:
    content = bytearray(jpeg())
    frame = content.index(b"\xff\xc0")
    content[frame + 4] = 12
    assert "12-bit values in a JPEG file" in refusal(bytes(content))


def test_of_several_pictures_the_first_is_used() -> None:
    picture = read(saved("MPO", save_all=True, append_images=[IMAGE, IMAGE]))
    assert picture.notes == ("several pictures in one file: the first of 3 frames was used",)


@pytest.mark.parametrize("inverted", [False, True])
def test_cmyk_with_and_without_the_mark_of_adobe(inverted: bool) -> None:
    content = saved("JPEG", Image.new("CMYK", (16, 16), (255, 0, 0, 0)), quality=95)
    mark = content.index(b"\xff\xee")
    if not inverted:
        content = content[:mark] + content[mark + 16 :]
    green = int(read(content).pixels[8, 8, 1])
    assert (green > 245) == inverted


# --- WebP and AVIF ------------------------------------------------------------------------------


def test_webp_without_what_is_damaged_beside_the_pixels() -> None:
    whole = saved("WEBP", exif=exif(orientation=6), icc_profile=SRGB, xmp=b"<x/>", lossless=True)
    picture = read(whole)
    assert picture.icc_profile == SRGB and picture.exif and picture.left_out == ("XMP data",)
    assert (picture.width, picture.height) == (24, 32)
    cut = read(whole[:-6])  # in the XMP data, which come last
    assert (cut.pixels == picture.pixels).all()
    assert read(whole + b"rubbish").exif
    inside = whole.index(b"VP8L") + 20
    assert "damaged" in refusal(whole[:inside])


def test_webp_of_several_frames_and_with_alpha() -> None:
    frames = [Image.new("RGBA", (9, 8), (255, 0, 0, 100)), Image.new("RGBA", (9, 8), "blue")]
    picture = read(
        saved(
            "WEBP", frames[0], save_all=True, append_images=frames[1:], lossless=True, exif=exif()
        )
    )
    assert picture.notes == ("animated: the first of 2 frames was used",)
    assert picture.alpha is not None and (picture.alpha == 100).all() and picture.exif


def test_avif_tells_its_bits_and_keeps_the_coding_of_its_colours() -> None:
    content = bytearray(saved("AVIF"))
    assert read(bytes(content)).notes == () and read(bytes(content)).colour == ()
    colour = content.index(b"nclx") + 4
    content[colour : colour + 4] = struct.pack(">HH", 9, 16)
    picture = read(bytes(content))
    assert picture.colour == ((b"cICP", bytes([9, 16, 0, 1])),)
    assert encoded(picture, ".avif")[1] == ("not kept: colour coding (cICP)",)
    content[content.index(b"av1C") + 6] |= 0x40  # the decoder would notice
    assert avif_contents(bytes(content)).notes == ("10 bits a channel: reduced to 8",)
    assert "an AVIF picture" in refusal(bytes(content))


def test_damaged_exif_of_avif_costs_itself_alone() -> None:
    content = saved("AVIF", exif=exif(orientation=6))
    assert read(content).width == 24
    start = content.rindex(b"Exif\0\0") + 6
    damaged = read(content[:start] + b"rubbish!" + content[start + 8 :])
    assert damaged.exif is None and damaged.notes == ("EXIF data are damaged: dropped",)


# --- BMP and GIF --------------------------------------------------------------------------------


def bmp(space: bytes, profile: bytes = b"", gamma: int = 0) -> bytes:
    """A file with a header of version 5."""
    plain = saved("BMP")
    header = bytearray(plain[14:54].ljust(124, b"\0"))
    header[:4], header[56:60] = struct.pack("<I", 124), space
    header[96:100] = struct.pack("<I", gamma)
    samples = plain[54:]
    header[112:120] = struct.pack("<II", 124 + len(samples), len(profile))
    start = struct.pack("<2sIII", b"BM", 138 + len(samples) + len(profile), 0, 138)
    return start + bytes(header) + samples + profile


def test_profiles_and_gamma_of_bmp() -> None:
    assert read(bmp(b"BGRs")).left_out == ()
    picture = read(bmp(b"DEBM", SRGB))
    assert picture.icc_profile == SRGB
    assert (picture.pixels == np.asarray(IMAGE)).all()
    assert read(bmp(b"KNIL", b"C:\\a.icc\0")).left_out == ("a colour profile in another file",)
    assert read(bmp(bytes(4), gamma=1 << 16)).left_out == ("gamma and primary colours",)


def test_the_comment_of_a_gif_is_told() -> None:
    assert read(saved("GIF", comment=b"made by hand")).left_out == ("a comment",)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_in_what_holds_no_pixels_is_no_damage_to_the_picture(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "WEBP", "TIFF"]))
    plain = read(saved(kind)).pixels
    mark = bytes(range(40, 240)) * 2
    damaged = bytearray(exif() + mark)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged[6:10] = b"MM\0*"
    content = saved(kind)
    if kind == "JPEG":
        content = content[:20] + segment(0xE1, bytes(damaged)) + content[20:]
    elif kind == "WEBP":
        content += b"EXIF" + struct.pack("<I", len(damaged)) + bytes(damaged)
    else:
        content += bytes(damaged)
    turned = read(content).pixels
    assert turned.size == plain.size


def test_of_an_animation_that_breaks_off_the_first_frame_is_used() -> None:
    frames = [IMAGE, IMAGE.rotate(90), IMAGE.rotate(180)]
    for kind in ("WEBP", "GIF", "PNG"):
        whole = saved(kind, frames[0], save_all=True, append_images=frames[1:])
        assert (read(whole[:-40]).pixels == read(whole).pixels).all()


def test_bit_fields_of_bmp() -> None:
    def fields(bits: int, masks: tuple[int, ...], samples: bytes) -> bytes:
        header = struct.pack("<IiiHHIIiiII", 56, 1, 1, 1, bits, 3, len(samples), 0, 0, 0, 0)
        whole = header + struct.pack("<4I", *masks) + samples
        return b"BM" + struct.pack("<III", 14 + len(whole), 0, 70) + whole

    rgba = read(fields(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), bytes([1, 2, 3, 4])))
    assert rgba.alpha is not None
    assert (rgba.pixels.tolist(), rgba.alpha.tolist()) == ([[[3, 2, 1]]], [[4]])
    assert read(fields(16, (0xF800, 0x7E0, 0x1F, 0), b"\xff\xff\0\0")).pixels.tolist() == [
        [[255, 255, 255]]
    ]
    ten = refusal(fields(32, (0x3FF00000, 0xFFC00, 0x3FF, 0), bytes(4)))
    assert "an unsupported kind" in ten and "damaged" not in ten


def test_a_line_names_a_few_of_many_losses() -> None:
    segments = (segment(0xE5, b"Maker%d\0" % number) for number in range(200))
    _, (told,) = encoded(read(jpeg(*segments)), ".jpg")
    assert told.endswith("JPEG segment Maker11, 88 more")
