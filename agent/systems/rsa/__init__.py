"""Representations of pictures and their geometry: what the folder study and the tool share."""

from __future__ import annotations

from importlib.util import find_spec


def why_unavailable() -> str | None:
    """Why representations cannot be compared here, in words; None where they can."""
    missing = [n for n in ("scipy", "timm", "matplotlib") if find_spec(n) is None]
    if not missing:
        return None
    return f"{', '.join(missing)} not installed; run pip install 'groundglass[vision]'"
