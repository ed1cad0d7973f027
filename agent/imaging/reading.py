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
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from agent.errors import InputError
from agent.imaging.picture import Picture, Pixels
from agent.text import visible

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 200_000_000
#: Pillow's own mark for a decompression bomb lies just above.
MAX_PIXELS = 89_000_000
MAX_SIDE = 32_000

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

    EXIF orientation is applied. Grey, palette and 1-bit pictures become RGB; 16-bit grey keeps its
    16 bits; CMYK is converted to sRGB, through its colour profile where the file holds one;
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
                return _decoded(image, name, shown)
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


def _decoded(image: Image.Image, name: str, shown: str) -> Picture:
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        animated = image.format in ("GIF", "WEBP", "PNG", "AVIF")
        kind = "animated" if animated else "several pictures in one file"
        notes.append(f"{kind}: the first of {frames} frames was used")
        image.seek(0)
    if _raw_mode(image).endswith((";16B", ";16L", ";16N")) and image.mode not in _SIXTEEN_BITS:
        notes.append("16 bits a channel: the upper 8 were used")
    profile = image.info.get("icc_profile")
    if image.mode not in ("RGB", "RGBA", "P", "PA", "CMYK"):
        profile = None  # made for grey values, it fits no RGB
    image.load()
    image = _upright(image, notes)
    pixels: Pixels
    alpha: Pixels | None = None
    if image.mode in _SIXTEEN_BITS:
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
    return Picture(name, pixels, alpha, profile or None, tuple(notes))


def _raw_mode(image: Image.Image) -> str:
    """How samples lie in the file, by Pillow's name for it, such as `RGB;16B`."""
    tile = image.tile if isinstance(image, ImageFile.ImageFile) else []
    details = tile[0][3] if tile else ""
    return str(details[0] if isinstance(details, tuple) and details else details)


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
