"""Reading picture files of any common format, which may be hostile or damaged.

Only the decoders of `FORMATS` ever run, on bytes that were read once, after the size in the header
was accepted.
"""

from __future__ import annotations

import io
import re
import stat
import warnings
from dataclasses import replace
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from agent.errors import InputError
from agent.imaging import containers
from agent.imaging.assembly import assembled, tiff_contents, with_info
from agent.imaging.contents import Contents, Unreadable
from agent.imaging.decoding import decoded, keyed
from agent.imaging.ifd import directory, is_tiff
from agent.imaging.picture import Picture
from agent.imaging.png_chunks import SIGNATURE, png_contents
from agent.imaging.tiff_reading import raster, size
from agent.text import visible

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 200_000_000
#: Just below Pillow's own limit for decompression bombs.
MAX_PIXELS = 89_000_000
MAX_SIDE = 32_000
#: Maximum length of the words in metadata, in characters.
_MOST_WORDS = 20_000
_WORDS = re.compile(rb"[ -~]{3,}")

#: First bytes of files that people mistake for pictures, and what to do with them.
_OTHER_KINDS = (
    (b"%PDF", "a PDF document; export its page as PNG"),
    (b"%!PS", "a PostScript file; export it as PNG"),
    (b"<svg", "an SVG drawing; export it as PNG"),
    (b"<?xml", "an XML file, perhaps an SVG drawing; export it as PNG"),
    (b"<!doctype", "a web page; save the picture itself"),
    (b"<html", "a web page; save the picture itself"),
)


def read(path: Path) -> Picture:
    """Read the first frame of a picture file as upright RGB.

    Orientation is applied. Grey, palette and 1-bit pictures become RGB; up to 8 bits per channel
    become 8 and up to 16 become 16, scaled to the full range; CMYK is converted to sRGB, through
    the colour profile in the file if any; any kind of transparency becomes `alpha`. `notes` list
    all simplifications. Damaged parts other than pixels are left out.

    Raises:
        InputError: if there is no such file, it is no regular file, is empty, larger than
            `MAX_BYTES`, in a format not in `FORMATS`, damaged, or has more than `MAX_PIXELS` pixels
            or a side of more than `MAX_SIDE`.
    """
    where = visible(str(path))
    return read_bytes(_content(path, where), visible(path.name), where)


def read_bytes(content: bytes, name: str, where: str) -> Picture:
    """Read a picture from the content of its file, as described in `read`.

    Args:
        name: name of the picture.
        where: name of the file in errors.

    Raises:
        InputError: for a format not in `FORMATS`, damaged content, or too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _read(content, name, where)
    except InputError:
        raise
    except Unreadable as error:
        raise InputError(_unreadable(where, error)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{where}: has far more than {MAX_PIXELS:,} pixels; reduce or crop it first"
        ) from error
    except Exception as error:  # decoders may raise anything on damaged data
        detail = " ".join(str(error).split()) or type(error).__name__
        if detail.startswith("Unsupported"):  # Pillow's message for intact files
            kind = Unreadable(f"an unsupported kind of picture ({visible(detail)})")
            raise InputError(_unreadable(where, kind)) from error
        raise InputError(
            f"{where}: the picture is damaged ({visible(detail)}); download or export it again"
        ) from error


def words_in_metadata(path: Path) -> str:
    """Return the plain text in the metadata of a picture file, such as the program that wrote it.

    No pixel is decoded. Compressed texts and unreadable files give nothing.
    """
    try:
        contents = _contents(_content(path, visible(str(path))))
    except Exception:  # reading the picture itself reports what is wrong
        return ""
    parts = (*(text for _, text in contents.texts), contents.exif or b"", contents.xmp or b"")
    words = b" ".join(word for part in parts for word in _WORDS.findall(part))
    return words[:_MOST_WORDS].decode("ascii")


def _content(path: Path, where: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
            raise InputError(f"{where}: is {kind}; expected a picture file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"{where}: no such file; check the path") from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{where}: cannot be opened ({detail}); expected a picture file that you may read"
        ) from error
    if not content:
        raise InputError(f"{where}: is empty (0 bytes); download it again")
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{where}: is larger than {MAX_BYTES // 1_000_000} MB; expected a smaller picture file"
        )
    return content


def _unreadable(where: str, error: Unreadable) -> str:
    return (
        f"{where}: holds {error}; expected values of 1 to 16 bits in grey, RGB, CMYK or a palette; "
        "export it again as PNG or TIFF"
    )


def _read(content: bytes, name: str, where: str) -> Picture:
    if is_tiff(content):
        return _read_tiff(content, name, where)
    contents = _contents(content)
    try:
        _verify(contents, where)
    except Exception:  # in AVIF only, damaged EXIF data prevent decoding
        pixels = containers.avif_without_exif(contents.pixels)
        if pixels == contents.pixels:
            raise
        notes = (*contents.notes, "EXIF data are damaged: dropped")
        contents = replace(contents, pixels=pixels, notes=notes)
        _verify(contents, where)
    with _open(contents.pixels, where) as image:
        samples = decoded(image, lambda: _open(contents.pixels, where))
        if image.format in ("AVIF", "GIF"):
            contents = with_info(contents, image)
    if contents.transparent:
        samples = keyed(samples, contents.transparent, contents.pixels[24])
    if contents.plain_inks:
        samples = samples._replace(colours=255 - samples.colours)
    return assembled(name, samples, contents)


def _verify(contents: Contents, where: str) -> None:
    with _open(contents.pixels, where) as image:
        image.verify()


def _read_tiff(content: bytes, name: str, where: str) -> Picture:
    first = directory(content)
    _check_size(size(first), where)
    contents, samples = tiff_contents(first), raster(first)
    if samples is not None:
        return assembled(name, samples, contents, first)
    with _open(content, where) as image:
        samples = decoded(image)
    return assembled(name, samples, contents, first, orientation=1)  # Pillow turned it


def _contents(content: bytes) -> Contents:
    if content.startswith(SIGNATURE):
        return png_contents(content)
    if content.startswith(b"\xff\xd8\xff"):
        return containers.jpeg_contents(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return containers.webp_contents(content)
    if content.startswith(b"BM"):
        return containers.bmp_contents(content)
    if content[4:8] == b"ftyp":
        return containers.avif_contents(content)
    return Contents(content)


def _open(content: bytes, where: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise InputError(
            f"{where}: is {_kind_of(content)}; expected a picture in one of the formats "
            + ", ".join(FORMATS)
        ) from error
    _check_size(image.size, where)
    return image


def _check_size(size: tuple[int, int], where: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE or min(size) < 1:
        raise InputError(
            f"{where}: is {width:,} × {height:,} pixels; expected at most {MAX_PIXELS:,} pixels "
            f"and {MAX_SIDE:,} a side; reduce or crop it first"
        )


def _kind_of(content: bytes) -> str:
    head = content[:512].lstrip().lower()
    for start, kind in _OTHER_KINDS:
        if head.startswith(start.lower()):
            return kind
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "an AVIF picture that is damaged or of a kind that cannot be read"
    if content[4:8] == b"ftyp":
        return "a HEIC picture or a video; export the picture as PNG or JPEG"
    try:
        content[:512].decode("utf-8")
    except UnicodeDecodeError:
        return "in an unrecognised format, or damaged at its beginning"
    return "text, whatever its name says" if b"\0" not in head else "not a picture"


def from_pillow(image: Image.Image, name: str) -> Picture:
    """Convert a Pillow image to what `read` returns for a file.

    Raises:
        InputError: for floating-point or 32-bit values, whose range is unknown, and for files that
            Pillow misreads.
    """
    try:
        samples = decoded(image)
    except Unreadable as error:
        raise InputError(_unreadable(name, error)) from error
    return assembled(name, samples, with_info(Contents(b""), image))
