"""Parsing of JPEG, WebP, AVIF and BMP files into what the decoder needs, and everything else."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from agent.imaging.contents import Contents, Unreadable
from agent.imaging.ifd import directory
from agent.imaging.picture import Chunk, Resolution
from agent.imaging.png_chunks import INCH_IN_METRES
from agent.text import visible

_EXIF, _ICC, _JFIF = b"Exif\0\0", b"ICC_PROFILE\0", b"JFIF\0"
_XMP, _MORE_XMP = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
#: Segments that only apply to this file: previews, and compression details.
_STALE = (b"JFXX\0", b"Ducky", b"AVI1")
#: Maximum number of segments to name; a file can have millions.
_MOST_NAMES = 100
_NUMBER_OF_IMAGES = 0xB001
#: Maximum size of the header boxes of an AVIF file.
_AVIF_HEAD = 1 << 20


def jpeg_contents(file: bytes) -> Contents:
    """Take a JPEG file apart.

    Raises:
        Unreadable: for samples of more than 8 bits.
    """
    pixels, profile = [file[:2]], []
    left_out: dict[str, None] = {}
    exif, xmp, resolution = b"", None, None
    notes: tuple[str, ...] = ()
    channels, by_adobe = 0, False
    for marker, content, whole in _segments(file):
        if marker in _FRAMES and content[:1] != b"\x08":
            raise Unreadable(f"{content[0] if content else 0}-bit values in a JPEG file")
        if marker in _FRAMES:
            channels = content[5] if len(content) > 5 else 0
        if marker == _COMMENT:
            left_out["a comment"] = None
        elif not 0xE0 <= marker <= 0xEF:
            pixels.append(whole)
        elif content.startswith(_JFIF):
            pixels.append(whole)
            resolution = resolution or _density(content)
        elif marker == 0xEE and content.startswith(b"Adobe") and len(content) >= 12:
            pixels.append(whole)
            by_adobe = True
        elif content.startswith(_EXIF):
            exif += content[len(_EXIF) :]
        elif content.startswith(_ICC):
            profile.append(content[len(_ICC) :])
        elif content.startswith(_XMP):
            xmp = content[len(_XMP) :]
        elif content.startswith(b"MPF\0"):
            notes = _pictures(content[4:])
        elif not content.startswith((*_STALE, _MORE_XMP)) and len(left_out) < _MOST_NAMES:
            left_out[_application(marker, content)] = None
    icc = _join(profile)
    if profile and icc is None:
        left_out["a damaged colour profile"] = None
    return Contents(
        b"".join(pixels), icc, exif or None, xmp, resolution,
        plain_inks=channels == 4 and not by_adobe, notes=notes,
        left_out=tuple(left_out),
    )  # fmt: skip


def _segments(file: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, content and bytes of each segment; the first scan includes the rest."""
    place = 2
    while place + 4 <= len(file) and file[place] == 0xFF:
        marker = file[place + 1]
        if marker == 0xFF:  # padding
            place += 1
            continue
        length = int.from_bytes(file[place + 2 : place + 4])
        if marker in (_SCAN, _END) or length < 2 or place + 2 + length > len(file):
            break
        whole = file[place : place + 2 + length]
        yield marker, whole[4:], whole
        place += 2 + length
    yield _SCAN, b"", file[place:]


def _density(content: bytes) -> Resolution | None:
    if len(content) < 12:
        return None
    unit, x, y = struct.unpack_from(">BHH", content, 7)
    if not x or not y or (unit == 0 and x == y):
        return None
    scale = 2.54 if unit == 2 else 1
    return Resolution(x * scale, y * scale, unit in (1, 2))


def _join(parts: list[bytes]) -> bytes | None:
    """Return a profile from its numbered parts; None if some are missing."""
    numbered = {part[0]: part[2:] for part in parts if len(part) > 2}
    total = parts[0][1] if parts and len(parts[0]) > 1 else 0
    if not total or sorted(numbered) != list(range(1, total + 1)):
        return None
    return b"".join(numbered[number] for number in sorted(numbered))


def _pictures(content: bytes) -> tuple[str, ...]:
    try:
        number = directory(content).number(_NUMBER_OF_IMAGES, 1)
    except ValueError:
        return ()
    many = f"several pictures in one file: the first of {number} frames was used"
    return (many,) if number > 1 else ()


def _application(marker: int, content: bytes) -> str:
    if content.startswith(b"Photoshop 3.0\0"):
        return "IPTC and Photoshop data"
    name = content[:20].split(b"\0")[0].decode("latin-1")
    return f"JPEG segment {visible(name) if name.isascii() and name.isalnum() else marker - 0xE0}"


def webp_contents(file: bytes) -> Contents:
    """Take a WebP file apart."""
    chunks: list[bytes] = []
    others: dict[bytes, bytes] = {}
    place = 12
    while place + 8 <= len(file):
        kind, length = struct.unpack_from("<4sI", file, place)
        end = place + 8 + length + length % 2
        if kind in (b"ICCP", b"EXIF", b"XMP "):
            if place + 8 + length <= len(file):
                others[kind] = file[place + 8 : place + 8 + length]
        elif kind in (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            if kind == b"ANMF" and end > len(file) and any(k.startswith(kind) for k in chunks):
                break  # a later frame is truncated; the first one is complete
            chunks.append(file[place:end])
        elif kind == b"VP8X" and length >= 10:
            flags = file[place + 8] & ~(0x20 | 0x08 | 0x04)  # clears profile, EXIF and XMP
            chunks.append(file[place : place + 8] + bytes([flags]) + file[place + 9 : end])
        place = end
    body = b"WEBP" + b"".join(chunks)
    exif = others.get(b"EXIF", b"").removeprefix(_EXIF)
    return Contents(
        b"RIFF" + struct.pack("<I", len(body)) + body,
        others.get(b"ICCP"),
        exif or None,
        others.get(b"XMP "),
    )


def avif_contents(file: bytes) -> Contents:
    """Return what Pillow does not tell about an AVIF file: its bit depth and colour coding."""
    bits = 8
    colour: tuple[Chunk, ...] = ()
    for kind, content in _boxes(file, (b"meta", b"iprp", b"ipco")):
        if kind == b"av1C" and len(content) > 2:
            bits = max(bits, 12 if content[2] & 0x20 else 10 if content[2] & 0x40 else 8)
        elif kind == b"colr" and content[:4] == b"nclx" and len(content) >= 10:
            primaries, transfer = struct.unpack_from(">HH", content, 4)
            if (primaries, transfer) not in ((1, 13), (2, 2)) and max(primaries, transfer) < 256:
                colour = ((b"cICP", bytes([primaries, transfer, 0, 1])),)
    notes = (f"{bits} bits a channel: reduced to 8",) if bits > 8 else ()
    return Contents(file, colour=colour, notes=notes)


def avif_without_exif(file: bytes) -> bytes:
    """Rename the EXIF data of a file to a type that decoders ignore."""
    head, kind, tail = file[:_AVIF_HEAD], b"Exif", file[_AVIF_HEAD:]
    return re.sub(rb"(infe[\2\3].{3}(?:..|....)\0\0)" + kind, rb"\1none", head, flags=re.S) + tail


def _boxes(content: bytes, path: tuple[bytes, ...]) -> Iterator[Chunk]:
    """Yield kind and content of the boxes inside the nested boxes of `path` (ISO/IEC 14496-12)."""
    place = 0
    while place + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + length if length else len(content)
        if length == 1 or end < place + 8:  # longer than 4 GB, or damaged
            return
        if not path:
            yield kind, content[place + 8 : end]
        elif kind == path[0]:
            yield from _boxes(content[place + (12 if kind == b"meta" else 8) : end], path[1:])
        place = end


def bmp_contents(file: bytes) -> Contents:
    """Take a BMP file apart."""
    size, x, y = 0, 0, 0
    if len(file) >= 54:
        size = int.from_bytes(file[14:18], "little")
        x, y = struct.unpack_from("<ii", file, 38)
    resolution = None
    if size >= 40 and x > 0 and y > 0:
        resolution = Resolution(x * INCH_IN_METRES, y * INCH_IN_METRES)
    profile, left_out = None, []
    if size >= 108 and len(file) >= 14 + size:
        space = file[70:74][::-1]
        if space == b"MBED" and size >= 124:
            start, length = struct.unpack_from("<II", file, 126)
            profile = file[14 + start : 14 + start + length]
        elif space == b"LINK":
            left_out.append("a colour profile in another file")
        elif space == bytes(4) and any(file[74:122]):
            left_out.append("gamma and primary colours")
    return Contents(file, profile, resolution=resolution, left_out=tuple(left_out))
