"""Parsing of PNG files (W3C, third edition) into what the decoder needs, and everything else.

The decoder never sees text, profiles or EXIF data, so neither their size nor their damage affects
the pixels.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from agent.imaging.contents import Contents, Unreadable
from agent.imaging.ifd import is_tiff
from agent.imaging.picture import Chunk, Resolution
from agent.text import visible

SIGNATURE = b"\x89PNG\r\n\x1a\n"
INCH_IN_METRES = 0.0254
#: Many programs, including Pillow, refuse files with a larger text or profile.
MOST_UNPACKED = 1 << 20
#: Maximum size of all texts in the file.
_MOST_TEXT = 8 << 20
#: Maximum unpacked size of a profile; those of printers reach a few megabytes.
MOST_PROFILE = 16 << 20
_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
#: Chunks about colour, with their lengths.
_COLOUR = {b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32}
#: Chunks about the samples or the file itself, which do not apply to another picture.
_STALE = (b"sBIT", b"hIST", b"tIME", b"acTL", b"fcTL", b"fdAT")
_NAMES = {
    b"bKGD": "background colour", b"sPLT": "suggested palette", b"oFFs": "place on the page",
    b"sCAL": "physical scale", b"pCAL": "calibration of values", b"sTER": "stereo layout",
    b"caBX": "content credentials",
}  # fmt: skip
#: More than any real file has; each takes memory.
_MOST_CHUNKS = 500_000
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


class _Block(NamedTuple):
    kind: bytes
    content: bytes
    whole: bytes
    """With length and checksum, as in the file."""
    intact: bool


def png_contents(file: bytes) -> Contents:
    """Take a PNG file apart.

    Raises:
        Unreadable: for a variant of PNG that requires special chunks to be decoded.
    """
    blocks = list(islice(_blocks(file), _MOST_CHUNKS + 1))
    if len(blocks) > _MOST_CHUNKS:
        raise Unreadable(f"more than {_MOST_CHUNKS:,} PNG chunks")
    header = next((block.content for block in blocks if block.kind == b"IHDR"), b"")
    for block in blocks:
        if block.kind[:1].isupper() and block.kind not in _PIXELS:
            raise Unreadable(f"a variant of PNG ({visible(block.kind.decode('latin-1'))})")
    palette = header[9:10] == b"\3"
    image_blocks = [b for b in blocks if b.kind in _PIXELS or (b.kind == b"tRNS" and palette)]
    pixels = SIGNATURE + b"".join(block.whole for block in image_blocks)
    left_out = []
    if not image_blocks or image_blocks[-1].kind != b"IEND":
        pixels += chunk(b"IEND", b"")
        left_out.append("the end of the file, which is missing")
    others = {b.kind: b.content for b in reversed(blocks) if b.intact}
    left_out += [
        f"damaged {_kind_name(block.kind)}"
        for block in blocks
        if not block.intact and block.kind not in (*_PIXELS, *_STALE)
    ]
    texts, exif, xmp, more = _texts([(b.kind, b.content) for b in blocks if b.intact])
    return Contents(
        pixels,
        icc_profile=_profile(others.get(b"iCCP"), left_out),
        exif=others.get(b"eXIf", exif),
        xmp=xmp,
        resolution=_resolution(others.get(b"pHYs", b"")),
        colour=tuple((k, others[k]) for k, n in _COLOUR.items() if len(others.get(k, b"")) == n),
        texts=texts,
        transparent=None if palette else others.get(b"tRNS"),
        notes=_frames(blocks),
        left_out=(*left_out, *more, *_unknown(blocks)),
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """Encode a chunk with length and checksum."""
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _blocks(file: bytes) -> Iterator[_Block]:
    """Yield all chunks up to the end or a truncation.

    A truncated chunk of pixels is included, for the decoder to judge.
    """
    place = len(SIGNATURE)
    while place + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, place)
        whole = file[place : place + length + 12]
        if len(whole) < length + 12 and kind not in _PIXELS:
            return
        content = whole[8 : 8 + length]
        intact = len(whole) == length + 12 and whole[-4:] == struct.pack(
            ">I", zlib.crc32(content, zlib.crc32(kind))
        )
        if kind == b"IEND" and not intact:
            return
        yield _Block(kind, content, whole, intact)
        if kind == b"IEND":
            return
        place += length + 12


def _frames(blocks: list[_Block]) -> tuple[str, ...]:
    kinds = [block.kind for block in blocks]
    control = next((b.content for b in blocks if b.kind == b"acTL" and b.intact), b"")
    if len(control) < 4 or b"IDAT" not in kinds:
        return ()
    frames = int.from_bytes(control[:4]) + (b"fcTL" not in kinds[: kinds.index(b"IDAT")])
    return (f"animated: the first of {frames} frames was used",) if frames > 1 else ()


def _profile(content: bytes | None, left_out: list[str]) -> bytes | None:
    if content is None:
        return None
    _, _, packed = content.partition(b"\0")
    profile = _unpacked(packed[1:], MOST_PROFILE)
    if profile is None:
        left_out.append("a colour profile that is damaged or too large")
    return profile


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """Decompress data; None if they are damaged or become longer than `most`."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed, most)
    except zlib.error:
        return None
    return content if stream.eof else None


def _resolution(content: bytes) -> Resolution | None:
    if len(content) != 9:
        return None
    x, y, unit = struct.unpack(">IIB", content)
    if not x or not y or (unit == 0 and x == y):
        return None
    scale = INCH_IN_METRES if unit == 1 else 1
    return Resolution(x * scale, y * scale, unit == 1)


def physical_size(resolution: Resolution) -> bytes:
    """Return the content of a `pHYs` chunk."""
    values = [resolution.x, resolution.y]
    if resolution.per_inch:
        values = [value / INCH_IN_METRES for value in values]
    elif max(values) < 1000:
        values = [value * 1000 for value in values]
    whole = (min(max(1, round(value)), 2**31 - 1) for value in values)
    return struct.pack(">IIB", *whole, resolution.per_inch)


def _texts(
    chunks: list[Chunk],
) -> tuple[tuple[Chunk, ...], bytes | None, bytes | None, list[str]]:
    """Return the texts to keep, EXIF and XMP data from texts, and names of dropped texts."""
    texts: list[Chunk] = []
    exif = xmp = None
    left_out: list[str] = []
    for kind, content in chunks:
        if kind not in _TEXTS:
            continue
        keyword, _, rest = content.partition(b"\0")
        name = visible(keyword[:79].decode("latin-1"))
        text = _text(kind, rest)
        if keyword == b"XML:com.adobe.xmp":
            xmp = text or b""
        elif text is None:
            left_out.append(f"text “{name}”, damaged or longer than {MOST_UNPACKED:,} bytes")
        elif keyword in (b"Raw profile type exif", b"Raw profile type APP1"):
            exif = _from_hex(text)
        elif keyword.startswith(b"Raw profile type"):
            left_out.append(f"text “{name}”")
        elif sum(len(payload) for _, payload in texts) + len(content) > _MOST_TEXT:
            left_out.append(f"text “{name}”, beyond {_MOST_TEXT:,} bytes of text")
        else:
            texts.append((kind, content))
    return tuple(texts), exif, xmp, left_out


def _text(kind: bytes, rest: bytes) -> bytes | None:
    """Return the text after the keyword; None if it is damaged or too long."""
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        _, _, rest = rest.partition(b"\0")
        _, _, rest = rest.partition(b"\0")
    else:
        packed, rest = kind == b"zTXt", rest[1:] if kind == b"zTXt" else rest
    if packed:
        return _unpacked(rest, MOST_UNPACKED)
    return rest if len(rest) <= MOST_UNPACKED else None


def _from_hex(text: bytes) -> bytes | None:
    """Decode EXIF data written by ImageMagick: a name, a length, and hexadecimal digits."""
    try:
        content = bytes.fromhex(b"".join(text.split()[2:]).decode("ascii"))
    except ValueError:
        return None
    content = content.removeprefix(b"Exif\0\0")
    return content if is_tiff(content) else None


def _unknown(blocks: list[_Block]) -> list[str]:
    known_kinds = (*_PIXELS, *_STALE, *_COLOUR, *_TEXTS, b"tRNS", b"iCCP", b"eXIf", b"pHYs")
    return list(
        dict.fromkeys(_kind_name(b.kind) for b in blocks if b.kind not in known_kinds and b.intact)
    )


def _kind_name(kind: bytes) -> str:
    return _NAMES.get(kind, f"PNG chunk {visible(kind.decode('latin-1'))}")
