"""Pictures to upload."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image


def png(width: int = 8, height: int = 8) -> bytes:
    """A flat picture as PNG."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def data_uri(content: bytes) -> str:
    """A file as chat clients send it; it is called a PNG, whatever is in it."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
