"""Reading a picture file that may be hostile, broken or of any common kind.

Only the decoders of `FORMATS` are ever started, on bytes that were read once, after the size in
the header was found bearable.
"""

from __future__ import annotations

import io
import stat
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from agent.errors import InputError
from agent.imaging.depth import in_planes, raw_mode, sixteen_bits
from agent.imaging.metadata import descriptive_exif
from agent.imaging.picture import Picture, Pixels
from agent.text import visible

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 200_000_000
#: Pillow's own mark for a decompression bomb lies just above.
MAX_PIXELS = 89_000_000
MAX_SIDE = 32_000

_SIXTEEN = (";16B", ";16L", ";16N")
_GREY = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
#: First bytes of files that people take for pictures, and what to do with them.
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

    EXIF orientation is applied. Grey, palette and 1-bit pictures become RGB; 16 bits a channel are
    kept; CMYK is converted to sRGB, through its colour profile where the file holds one;
    transparency of any kind becomes `alpha`. Whatever was simplified is in `notes`.

    Raises:
        InputError: when there is no such file, it is no regular file, is empty, larger than
            `MAX_BYTES`, of another format than `FORMATS`, damaged, or has more than `MAX_PIXELS`
            pixels or a side of more than `MAX_SIDE`.
    """
    shown = visible(str(path))
    return read_bytes(_content(path, shown), visible(path.name), shown)


def read_bytes(content: bytes, name: str, shown: str) -> Picture:
    """Read a picture from the content of its file; `read` says what is made of it.

    Args:
        name: the name that the picture gets.
        shown: what an error calls the file.

    Raises:
        InputError: for another format than `FORMATS`, damaged content, or too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with _open(content, shown) as image:
                image.verify()
            with _open(content, shown) as image:
                deep = sixteen_bits(image, lambda: _open(content, shown))
                return _decoded(image, name, shown, deep)
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{shown}: has far more than {MAX_PIXELS:,} pixels; expected a smaller picture, "
            "reduce or crop it first"
        ) from error
    except Exception as error:  # decoders raise whatever they please on damaged bytes
        detail = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{shown}: the picture is damaged ({visible(detail)}); expected a whole file, "
            "download or export it again"
        ) from error


def _content(path: Path, shown: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
            raise InputError(f"{shown}: is {kind}; expected a picture file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"{shown}: no such file; expected a picture, check its path") from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{shown}: cannot be opened ({detail}); expected a picture file that you may read"
        ) from error
    if not content:
        raise InputError(f"{shown}: is empty (0 bytes); expected a picture, download it again")
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{shown}: is larger than {MAX_BYTES // 1_000_000} MB; expected a smaller picture file"
        )
    return content


def _open(content: bytes, shown: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise InputError(
            f"{shown}: is {_kind_of(content)}; expected a picture in one of the formats "
            + ", ".join(FORMATS)
        ) from error
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE or 0 in image.size:
        raise InputError(
            f"{shown}: is {width:,} × {height:,} pixels; expected at most {MAX_PIXELS:,} pixels "
            f"and {MAX_SIDE:,} a side, reduce or crop it first"
        )
    return image


def _kind_of(content: bytes) -> str:
    head = content[:512].lstrip().lower()
    for start, kind in _OTHER_KINDS:
        if head.startswith(start.lower()):
            return kind
    if content[4:8] == b"ftyp":
        return "a HEIC picture or a video; export the picture as PNG or JPEG"
    try:
        content[:512].decode("utf-8")
    except UnicodeDecodeError:
        return "in no format that is known here, or damaged at its beginning"
    return "text, whatever its name says" if b"\0" not in head else "no picture"


def from_pillow(image: Image.Image, name: str) -> Picture:
    """What `read` makes of a file, from a picture that Pillow holds in memory.

    Raises:
        InputError: for floating-point or 32-bit values, whose range is not known.
    """
    return _decoded(image, name, name)


def _decoded(
    image: Image.Image, name: str, shown: str, deep: NDArray[np.uint16] | None = None
) -> Picture:
    """`deep` are samples of 16 bits, `(H, W, C)`, upright, in place of those of `image`."""
    if in_planes(image):
        raise InputError(
            f"{shown}: holds 16 bits a channel in separate planes, which cannot be read; expected "
            "interleaved channels, export it again as PNG or TIFF"
        )
    notes: list[str] = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        animated = image.format in ("GIF", "WEBP", "PNG", "AVIF")
        kind = "animated" if animated else "several pictures in one file"
        notes.append(f"{kind}: the first of {frames} frames was used")
        image.seek(0)
    grey = image.mode in _GREY or raw_mode(image) == "LA;16B"
    if deep is None and raw_mode(image).endswith(_SIXTEEN) and image.mode not in _SIXTEEN_BITS:
        notes.append("16 bits a channel: the upper 8 were used")
    profile = _fitting(image.info.get("icc_profile"), grey)
    exif = descriptive_exif(image, notes)
    image.load()
    image = _upright(image, notes)
    pixels: Pixels
    alpha: Pixels | None = None
    if deep is not None:
        colours = deep.shape[2] - (deep.shape[2] in (2, 4))
        pixels = np.broadcast_to(deep[..., :colours], (*deep.shape[:2], 3))
        alpha = deep[..., colours] if colours < deep.shape[2] else None
    elif image.mode in _SIXTEEN_BITS:
        pixels = np.repeat(np.asarray(image).astype(np.uint16)[..., None], 3, axis=2)
    elif image.mode in ("I", "F"):
        raise InputError(
            f"{shown}: holds {'32-bit' if image.mode == 'I' else 'floating-point'} values of no "
            "known range; expected 8 or 16 bits a channel, convert it first"
        )
    else:
        if image.mode == "CMYK":
            image, profile = _from_cmyk(image, profile, notes), None
        if image.has_transparency_data:
            rgba = np.asarray(image.convert("RGBA"))
            pixels, alpha = rgba[..., :3], rgba[..., 3]
        else:
            pixels = np.asarray(image.convert("RGB"))
    return Picture(name, pixels, alpha, profile, exif, grey, tuple(notes))


def _fitting(profile: bytes | None, grey: bool) -> bytes | None:
    """The colour profile where it is made for the kind of values that the file holds."""
    if not profile or (grey and profile[16:20] != b"GRAY"):  # ICC.1:2022, table 17
        return None
    return profile


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data leave the pixels as good as they are
        notes.append("EXIF data are damaged: the orientation was not applied")
        return image


def _from_cmyk(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                notes.append("CMYK: converted to sRGB through its colour profile")
                return converted
        except ImageCms.PyCMSError:
            pass
    notes.append("CMYK: converted to RGB without a colour profile, so colours may be off")
    return image.convert("RGB")
