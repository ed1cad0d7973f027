"""What EXIF data say of a picture and its taking, without what holds for one file only."""

from __future__ import annotations

from PIL import ExifTags, Image

_BASE = ExifTags.Base
#: Of the main directory. Not the orientation, which reading applies, nor how samples lie in a file.
_KEPT = (
    _BASE.ImageDescription, _BASE.Make, _BASE.Model, _BASE.XResolution, _BASE.YResolution,
    _BASE.ResolutionUnit, _BASE.Software, _BASE.DateTime, _BASE.Artist, _BASE.HostComputer,
    _BASE.Copyright, _BASE.Rating, _BASE.XPTitle, _BASE.XPComment, _BASE.XPAuthor,
    _BASE.XPKeywords, _BASE.XPSubject,
)  # fmt: skip
#: Of the directory about the taking: sizes, which change, and a pointer to a directory left out.
_DROPPED = (_BASE.ExifImageWidth, _BASE.ExifImageHeight, _BASE.ExifInteroperabilityOffset)


def descriptive_exif(image: Image.Image, notes: list[str]) -> bytes | None:
    """The EXIF data to keep, as TIFF without a prefix; None where there are none.

    Kept are who, when, where (GPS) and with what; the thumbnail, sizes and orientation are not.

    Args:
        notes: where a note is added when the data are damaged.
    """
    try:
        given = image.getexif()
        kept = Image.Exif()
        for tag in _KEPT:
            if tag in given:
                kept[tag] = given[tag]
        for directory, dropped in ((ExifTags.IFD.Exif, _DROPPED), (ExifTags.IFD.GPSInfo, ())):
            inside = {k: v for k, v in given.get_ifd(directory).items() if k not in dropped}
            if inside:
                kept[directory] = inside
        return kept.tobytes().removeprefix(b"Exif\0\0") if len(kept) else None
    except Exception:  # decoders raise whatever they please on damaged bytes
        notes.append("EXIF data are damaged: dropped")
        return None
