"""Pictures that a call names, and the small ones that it gets back."""

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
"""Of a preview: pixels of its longer side, and bytes."""
_MOST_INLINE = 1_000_000
"""Bytes of a picture inside a call."""
_QUALITIES = (85, 70, 50)
_WHITE = (255, 255, 255, 255)


@asynccontextmanager
async def at_hand(names: Sequence[str], service: Service) -> AsyncIterator[tuple[Path, ...]]:
    """The files of pictures that a call names, for as long as it lasts.

    Args:
        names: paths in folders that are allowed, or data URIs.

    Raises:
        InputError: for a path that is not allowed, what is no data URI, and too many.
    """
    most = service.options.max_pictures
    if len(names) > most:
        raise InputError(f"{len(names)} pictures were named; expected at most {most}")
    uploads = {i: _inline(name, i + 1) for i, name in enumerate(names) if _is_inline(name)}
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


def _inline(uri: str, number: int) -> Upload:
    upload = upload_of(uri, number)
    if len(upload.content) > _MOST_INLINE:
        raise InputError(
            f"picture {number} is larger than {_MOST_INLINE:,} bytes; name its path instead, in a "
            "folder named with --allow DIR"
        )
    return upload


class Preview(NamedTuple):
    """A small picture."""

    content: bytes
    media_type: str

    @property
    def base64(self) -> str:
        """Its content as text."""
        return base64.b64encode(self.content).decode()

    @property
    def data_uri(self) -> str:
        """All of it as the address of a picture."""
        return f"data:{self.media_type};base64,{self.base64}"


def preview(picture: Picture, factor: int = 1) -> Preview:
    """The picture within `MOST_SIDE` pixels and `MOST_BYTES` bytes: PNG where that is enough, else
    JPEG on white.

    Args:
        factor: show it as large as one whose sides are so many times longer.
    """
    sides = picture.width * factor, picture.height * factor
    share = min(1.0, MOST_SIDE / max(sides))
    size = max(1, round(sides[0] * share)), max(1, round(sides[1] * share))
    image = _resized(to_pillow(picture), size)
    exact = _saved(image, "PNG", optimize=True)
    if len(exact) <= MOST_BYTES:
        return Preview(exact, "image/png")
    flat = _on_white(image)
    while True:
        for quality in _QUALITIES:
            small = _saved(flat, "JPEG", quality=quality)
            if len(small) <= MOST_BYTES:
                return Preview(small, "image/jpeg")
        flat = _resized(flat, (max(1, flat.width // 2), max(1, flat.height // 2)))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    resized = image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)
    resized.info = image.info
    return resized


def _on_white(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in ("LA", "RGBA"):
        ground = Image.new("RGBA", image.size, _WHITE)
        image = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
        profile = profile if profile and profile[16:20] == b"RGB " else None
    image.info = {"icc_profile": profile} if profile else {}
    return image


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    profile = image.info.get("icc_profile")
    image.save(buffer, kind, icc_profile=profile, **options)
    return buffer.getvalue()
