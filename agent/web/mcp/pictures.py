"""The pictures that a call names, and the previews that it returns."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from agent.errors import InputError
from agent.imaging.encoding import to_pillow
from agent.imaging.picture import Picture
from agent.web.mcp.paths import allowed_picture
from agent.web.service import Service
from agent.web.uploads import upload_of
from agent.web.workspace import Upload

MOST_SIDE, MOST_BYTES = 1_024, 200_000
"""Limits of a preview: pixels of its longer side, and bytes."""
_MOST_INLINE = 1_000_000
"""Largest picture inside a call, in bytes."""
_QUALITIES = (85, 70, 50)
_WHITE = (255, 255, 255, 255)


@asynccontextmanager
async def at_hand(names: Sequence[str], service: Service) -> AsyncIterator[tuple[Path, ...]]:
    """Provide the pictures that a call names as files, for as long as the block runs.

    Args:
        names: paths in allowed folders, or data URIs.

    Raises:
        InputError: for a path that is not allowed, a malformed data URI, or too many pictures.
    """
    most = service.options.max_pictures
    if len(names) > most:
        raise InputError(f"the call names {len(names)} pictures; expected at most {most}")
    uploads = {i: _decode_inline(name, i + 1) for i, name in enumerate(names) if _is_inline(name)}
    stored = await asyncio.to_thread(service.pictures, list(uploads.values()))
    try:
        inline = dict(zip(uploads, stored, strict=True))
        yield tuple(
            inline.get(i) or allowed_picture(name, service.options.allow)
            for i, name in enumerate(names)
        )
    finally:
        service.release(stored)


def _is_inline(name: str) -> bool:
    return name[:5].lower() == "data:"


def _decode_inline(uri: str, number: int) -> Upload:
    upload = upload_of(uri, number)
    if len(upload.content) > _MOST_INLINE:
        raise InputError(
            f"picture {number} is larger than {_MOST_INLINE:,} bytes; give its path instead, in a "
            "folder named with --allow DIR"
        )
    return upload


class Preview(NamedTuple):
    """A small encoded picture."""

    content: bytes
    media_type: str

    @property
    def base64(self) -> str:
        """The content in base64."""
        return base64.b64encode(self.content).decode()

    @property
    def data_uri(self) -> str:
        """The picture as a data URI."""
        return f"data:{self.media_type};base64,{self.base64}"


def preview(picture: Picture, factor: int = 1) -> Preview:
    """Encode a picture within `MOST_SIDE` pixels and `MOST_BYTES` bytes: as PNG if it fits, else as
    JPEG on white.

    Args:
        factor: enlargement of both sides, so that it matches the size of an enlarged result.
    """
    sides = picture.width * factor, picture.height * factor
    share = min(1.0, MOST_SIDE / max(sides))
    size = max(1, round(sides[0] * share)), max(1, round(sides[1] * share))
    image = _resize(to_pillow(picture), size)
    exact = _encode(image, "PNG", optimize=True)
    if len(exact) <= MOST_BYTES:
        return Preview(exact, "image/png")
    flat = _flatten(image)
    while True:
        for quality in _QUALITIES:
            small = _encode(flat, "JPEG", quality=quality)
            if len(small) <= MOST_BYTES:
                return Preview(small, "image/jpeg")
        flat = _resize(flat, (max(1, flat.width // 2), max(1, flat.height // 2)))


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    resized = image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)
    resized.info = image.info
    return resized


def _flatten(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in ("LA", "RGBA"):
        ground = Image.new("RGBA", image.size, _WHITE)
        image = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
        profile = profile if profile and profile[16:20] == b"RGB " else None
    image.info = {"icc_profile": profile} if profile else {}
    return image


def _encode(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    profile = image.info.get("icc_profile")
    image.save(buffer, kind, icc_profile=profile, **options)
    return buffer.getvalue()
