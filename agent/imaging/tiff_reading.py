"""Reading TIFF (and BigTIFF) samples of 1 to 16 bits as their tags define them.

Pillow's table of TIFF formats has gaps and, worse, entries that it fails to scale or invert. So the
tags are interpreted here, and Pillow's decoders only decompress, with the data presented as plain
bytes. tifffile is no substitute: it inflates a strip without bound, so that a small file can fill
the memory, and it decodes no LZW without imagecodecs.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.imaging.contents import Raster, Unreadable
from agent.imaging.ifd import LONG, SHORT, Directory, tag, tiff_bytes
from agent.imaging.picture import Pixels

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _CHANNELS, _ROWS, _COUNTS, _PLANAR, _PREDICTOR = 273, 277, 278, 279, 284, 317
_COLOUR_MAP, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS = 320, 322, 323, 324, 325
_INK_SET, _EXTRA, _SAMPLE_FORMAT, _SUBSAMPLING, _SUBFILE = 332, 338, 339, 530, 254

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB = 0, 1, 2, 3, 5, 6, 8
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4}
_NONE, _DEFLATE = 1, (8, 32946)
#: LZW, PackBits, LZMA and Zstandard, which work on bytes, whatever the samples.
_BY_PILLOW = (5, 32773, 34925, 50000)
#: Compressions of whole samples (JPEG, fax, WebP), which Pillow handles completely.
_OF_SAMPLES = {2: (1,), 3: (1,), 4: (1,), 6: (8,), 7: (8,), 50001: (8,)}
_OTHER_COLOURS = {
    4: "a transparency mask", 9: "ICC L*a*b* colours", 10: "ITU L*a*b* colours",
    32803: "raw sensor data of a camera", 34892: "raw sensor data of a camera",
    32844: "logarithmic luminance", 32845: "logarithmic colours",
}  # fmt: skip
_FORMATS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
_ALPHA_KINDS = (1, 2, 999)
_PREMULTIPLIED = 1
#: Bytes to decode at once, if the layout of the file allows.
_BATCH = 16_000_000
#: Maximum size of a single tile or strip. Pillow treats larger ones as decompression bombs.
_MOST_BYTES, _MOST_BY_PILLOW = 720_000_000, 89_000_000
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def raster(first: Directory) -> Raster | None:
    """Decode the picture of a directory; None if Pillow decodes it correctly.

    Raises:
        Unreadable: for unsupported samples.
        ValueError, OSError, zlib.error: for damaged data.
    """
    layout = _layout(first)
    notes = _notes(first, layout)
    if layout is None:
        return None
    samples = _samples(first.content, layout)
    colours = _mapped(samples[..., : layout.colours], _table(first, layout))
    alpha = None
    if layout.alpha:
        alpha = _mapped(samples[..., layout.colours], _scale(layout.bits))
        if layout.alpha == _PREMULTIPLIED:
            colours = _divided(colours, alpha)
    return Raster(colours, alpha, notes)


class _Layout(NamedTuple):
    """Layout of the samples in the file."""

    width: int
    height: int
    bits: int
    channels: int
    colours: int
    alpha: int
    """Kind of the first extra sample after the colours; 0 for no opacity."""
    photometric: int
    separate: bool
    """Whether each channel is a separate plane."""
    predictor: int
    compression: int
    reversed: bool
    order: str
    tiled: bool
    block: tuple[int, int]
    """Rows and columns of a tile, or of a strip."""
    places: list[tuple[int, int]]
    """Offset and length of every tile or strip."""

    @property
    def grid(self) -> tuple[int, int]:
        """Number of blocks vertically and horizontally."""
        return -(-self.height // self.block[0]), -(-self.width // self.block[1])

    @property
    def stride(self) -> int:
        """Bytes per row of a block; rows are aligned to bytes."""
        return -(-self.block[1] * (1 if self.separate else self.channels) * self.bits // 8)

    def rows(self, index: int) -> int:
        """Return the rows of a block: border tiles are full, the last strip may be shorter."""
        down, across = self.grid
        top = index % (down * across) // across * self.block[0]
        return self.block[0] if self.tiled else min(self.block[0], self.height - top)


def size(first: Directory) -> tuple[int, int]:
    """Return width and height of the stored picture."""
    return first.number(_WIDTH, 0), first.number(_HEIGHT, 0)


def _layout(first: Directory) -> _Layout | None:
    """Return the layout; None if Pillow should decode the picture."""
    photometric = first.number(_PHOTOMETRIC, _WHITE_IS_ZERO)
    compression = first.number(_COMPRESSION, _NONE)
    channels = first.number(_CHANNELS, 3 if compression == 6 else 1)
    bits = set(first.numbers(_BITS, (1,))[:channels])
    formats = set(first.numbers(_SAMPLE_FORMAT, (1,))) - {1, 4}
    if photometric in _OTHER_COLOURS:
        raise Unreadable(_OTHER_COLOURS[photometric])
    if formats:
        kind = _FORMATS.get(min(formats), "unknown")
        raise Unreadable(f"{kind} values of {max(bits)} bits, of unknown range")
    if len(bits) != 1 or not 1 <= (depth := min(bits)) <= 16:
        raise Unreadable(f"{' and '.join(f'{b}-bit' for b in sorted(bits))} values")
    if photometric == _CMYK and first.number(_INK_SET, 1) != 1:
        raise Unreadable("inks other than cyan, magenta, yellow and black")
    if compression in _OF_SAMPLES or photometric in (_YCBCR, _LAB):
        _check_of_samples(first, photometric, compression, depth)
        return None
    if photometric not in _COLOURS:
        raise Unreadable(f"colours of an unknown kind (photometric interpretation {photometric})")
    if compression != _NONE and compression not in (*_DEFLATE, *_BY_PILLOW):
        raise Unreadable(f"data of an unknown compression ({compression})")
    predictor = first.number(_PREDICTOR, 1) if compression != _NONE else 1
    if predictor not in (1, 2) or (predictor == 2 and depth not in (8, 16)):
        raise Unreadable(f"{depth}-bit values with predictor {predictor}")
    colours = _COLOURS[photometric]
    if channels < colours:
        raise Unreadable(f"{channels} channels where there should be {colours}")
    width, height = size(first)
    tiled = _TILE_WIDTH in first.tags
    block = (
        (first.number(_TILE_HEIGHT, 0), first.number(_TILE_WIDTH, 0))
        if tiled
        else (min(first.number(_ROWS, height), height), width)
    )
    return _Layout(
        width, height, depth, channels, colours, _alpha(first, channels, colours), photometric,
        first.number(_PLANAR, 1) == 2 and channels > 1, predictor, compression,
        first.number(_FILL_ORDER, 1) == 2, first.order, tiled, block, _places(first, tiled),
    )  # fmt: skip


def _check_of_samples(first: Directory, photometric: int, compression: int, depth: int) -> None:
    if depth not in _OF_SAMPLES.get(compression, (8,)):
        raise Unreadable(
            f"{depth}-bit values in a compression that is not supported with so many bits"
        )
    subsampling = first.numbers(_SUBSAMPLING, (2, 2))
    if photometric == _YCBCR and compression == _NONE and subsampling != (1, 1):
        raise Unreadable("uncompressed YCbCr colours at a lower resolution")
    if photometric == _LAB and first.number(_PLANAR, 1) == 2:
        raise Unreadable("L*a*b* colours in separate planes")


def _alpha(first: Directory, channels: int, colours: int) -> int:
    """Return the kind of opacity after the colours.

    A fourth channel of RGB without a tag counts as opacity, since many programs write it so.
    """
    if channels == colours:
        return 0
    kind = first.number(_EXTRA, 2 if (colours, channels) == (3, 4) else 0)
    return kind if kind in _ALPHA_KINDS else 0


def _places(first: Directory, tiled: bool) -> list[tuple[int, int]]:
    numbers = (_TILE_OFFSETS, _TILE_COUNTS) if tiled else (_OFFSETS, _COUNTS)
    offsets, counts = (first.tags.get(number) for number in numbers)
    if offsets is None:
        raise ValueError("no tag says where the samples lie")
    starts = offsets.values.astype(np.int64)
    if counts is None or len(counts.values) < len(starts):  # a single strip extends to the end
        return [(int(start), len(first.content) - int(start)) for start in starts[:1]]
    return list(zip(starts.tolist(), counts.values.astype(np.int64).tolist(), strict=False))


def _notes(first: Directory, layout: _Layout | None) -> tuple[str, ...]:
    notes = []
    if (pages := first.pages()) > 1:
        notes.append(f"several pictures in one file: the first of {pages} frames was used")
    if first.number(_SUBFILE, 0) & 1:
        notes.append("the first picture of the file is a preview of another: it was used")
    if layout is not None and (extra := layout.channels - layout.colours - bool(layout.alpha)):
        notes.append(f"{extra} more channel{'s' if extra > 1 else ''} than colours: left out")
    return tuple(notes)


def _samples(content: bytes, layout: _Layout) -> NDArray[np.unsignedinteger]:
    """Return the used samples, unscaled: `(H, W, C)`, colours first, then opacity."""
    used = layout.colours + bool(layout.alpha)
    rows, columns = layout.block
    if min(rows, columns) < 1:
        raise ValueError(f"tiles or strips of {columns} × {rows} pixels")
    down, across = layout.grid
    planes = used if layout.separate else 1
    if len(layout.places) < planes * down * across:
        raise ValueError("the file has fewer tiles or strips than its size calls for")
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    whole = np.zeros((layout.height, layout.width, used), kind)
    for plane in range(planes):
        channels = slice(plane, plane + 1) if layout.separate else slice(used)
        first = plane * down * across
        for index, values in _blocks(content, layout, range(first, first + down * across)):
            top, left = (index - first) // across * rows, (index - first) % across * columns
            target = whole[top : top + rows, left : left + columns, channels]
            target[:] = values[: target.shape[0], : target.shape[1], : target.shape[2]]
    return whole


def _blocks(
    content: bytes, layout: _Layout, indices: range
) -> Iterator[tuple[int, NDArray[np.unsignedinteger]]]:
    """Yield the samples of each block: `(rows, columns, channels)`."""
    columns, channels = layout.block[1], 1 if layout.separate else layout.channels
    batch = max(1, _BATCH // (layout.block[0] * layout.stride))
    for start in range(0, len(indices), batch):
        some = indices[start : start + batch]
        for index, block in zip(some, _decompressed(content, layout, some), strict=True):
            rows = layout.rows(index)
            if len(block) < rows * layout.stride:
                raise ValueError(
                    f"a tile or strip holds {len(block)} bytes instead of {rows * layout.stride}"
                )
            values = _unpacked(block[: rows * layout.stride], layout, rows, columns * channels)
            values = values.reshape(rows, columns, channels)
            if layout.predictor == 2:
                values = values.cumsum(axis=1, dtype=values.dtype)
            yield index, values


def _decompressed(content: bytes, layout: _Layout, indices: range) -> Iterator[bytes]:
    """Yield the decompressed blocks, none longer than its samples require."""
    blocks = []
    for index in indices:
        start, count = layout.places[index]
        block = content[start : start + count]
        blocks.append(block.translate(_REVERSED) if layout.reversed else block)
    size = layout.block[0] * layout.stride
    if size > (_MOST_BY_PILLOW if layout.compression in _BY_PILLOW else _MOST_BYTES):
        raise Unreadable(f"{size:,} bytes of samples in a single tile or strip")
    if layout.compression == _NONE:
        yield from (block[:size] for block in blocks)
    elif layout.compression in _DEFLATE:
        yield from (zlib.decompressobj().decompress(block, size) for block in blocks)
    else:
        whole = _by_pillow(blocks, layout, sum(layout.rows(index) for index in indices))
        yield from (whole[i * size : (i + 1) * size] for i in range(len(blocks)))


def _by_pillow(blocks: list[bytes], layout: _Layout, height: int) -> bytes:
    """Decompress blocks as strips of a grey picture with one byte per pixel."""
    starts = 8 + np.cumsum([0, *map(len, blocks[:-1])])
    file = tiff_bytes(
        {
            _WIDTH: tag(LONG, [layout.stride]),
            _HEIGHT: tag(LONG, [height]),
            _BITS: tag(SHORT, [8]),
            _COMPRESSION: tag(SHORT, [layout.compression]),
            _PHOTOMETRIC: tag(SHORT, [_BLACK_IS_ZERO]),
            _OFFSETS: tag(LONG, starts.tolist()),
            _CHANNELS: tag(SHORT, [1]),
            _ROWS: tag(LONG, [layout.block[0]]),
            _COUNTS: tag(LONG, [len(block) for block in blocks]),
        },
        samples=b"".join(blocks),
    )
    with Image.open(io.BytesIO(file), formats=("TIFF",)) as image:
        return image.tobytes()


def _unpacked(
    block: bytes, layout: _Layout, rows: int, columns: int
) -> NDArray[np.unsignedinteger]:
    """Unpack the samples of a block, `(rows, columns)`."""
    bits = layout.bits
    if bits == 8:
        return np.frombuffer(block, np.uint8).reshape(rows, columns)
    if bits == 16:
        return np.frombuffer(block, f"{layout.order}u2").astype(np.uint16).reshape(rows, columns)
    kind = np.dtype(np.uint8 if bits < 8 else np.uint16)
    packed = np.frombuffer(block, np.uint8).reshape(rows, -1)
    values = np.zeros((rows, columns), kind)
    step = max(1, _BATCH // (columns * bits))
    for top in range(0, rows, step):
        places = np.unpackbits(packed[top : top + step], axis=1, count=columns * bits)
        for i in range(bits):
            band = values[top : top + step]
            band <<= 1
            band |= places[:, i::bits]
    return values


def _table(first: Directory, layout: _Layout) -> NDArray[np.unsignedinteger] | None:
    """Return a table of values or palette colours by sample; None if samples are values."""
    if layout.photometric == _PALETTE:
        return _palette(first, layout.bits)
    scale = _scale(layout.bits)
    if layout.photometric != _WHITE_IS_ZERO:
        return scale
    if scale is None:
        kind = np.dtype(np.uint8 if layout.bits == 8 else np.uint16)
        scale = np.arange(1 << layout.bits, dtype=kind)
    return scale[::-1]


def _palette(first: Directory, bits: int) -> NDArray[np.uint8]:
    """Return the palette `(2 ** bits, 3)`; files store its 8 bits in the upper half of 16."""
    entries = first.tags.get(_COLOUR_MAP)
    if entries is None or len(entries.values) < 3 << bits:
        raise ValueError(f"the palette has fewer than {3 << bits} values")
    table = entries.values[: 3 << bits].astype(np.uint16).reshape(3, -1).T
    shift = 8 if table.max() > 255 else 0  # some programs write plain 8 bits
    return (table >> shift).astype(np.uint8)


def _scale(bits: int) -> NDArray[np.unsignedinteger] | None:
    """Return a table that scales `bits` bits to the full range of 8, or of 16 if above 8."""
    if bits in (8, 16):
        return None
    kind = np.uint8 if bits < 8 else np.uint16
    white, most = int(np.iinfo(kind).max), (1 << bits) - 1
    return ((np.arange(most + 1, dtype=np.uint32) * white + most // 2) // most).astype(kind)


def _mapped(
    samples: NDArray[np.unsignedinteger], table: NDArray[np.unsignedinteger] | None
) -> Pixels:
    """Look samples up in a table, in bands of rows, since indices take 8 bytes."""
    if table is None:
        return cast(Pixels, samples)
    if table.ndim == 2:
        samples = samples[..., 0]
    result = np.empty((*samples.shape, *table.shape[1:]), table.dtype)
    step = max(1, _BATCH // (8 * samples.shape[1]))
    for top in range(0, len(samples), step):
        result[top : top + step] = table[samples[top : top + step]]
    return cast(Pixels, result)


def _divided(colours: Pixels, alpha: Pixels) -> Pixels:
    """Divide premultiplied colours by their opacity."""
    white = int(np.iinfo(colours.dtype).max)
    result = np.empty_like(colours)
    for i in range(colours.shape[2]):
        plane = colours[..., i].astype(np.uint32) * white + alpha // 2
        result[..., i] = np.minimum(plane // np.maximum(alpha, 1), white)
    return result
