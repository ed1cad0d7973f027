"""Paths of the files that ship, in a checkout or an installed wheel, and of the cache."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from agent.files.paths import path_of

_PACKAGE = Path(__file__).parents[1]


def _find(name: str) -> Path:
    """Return a file at the top of the checkout, or its copy inside the wheel."""
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.exists() else _PACKAGE.parent / name


DEFAULT_REGISTRY = _find("model_registry.yaml")
#: Cards of upscaling networks.
UPSCALERS = _PACKAGE / "registry" / "upscalers.yaml"
PROMPTS = _find("prompts")
DATA = _PACKAGE / "search" / "data"
DEFAULT_WEIGHTS = _PACKAGE / "systems" / "weights" / "mimo_unet_plus.safetensors"
#: Feature sharpeners for the default encoder, by factor.
SHARPENERS = {u: _PACKAGE / "systems" / "weights" / f"featsharp_{u}x.safetensors" for u in (2, 4)}


def shipped_registry(path: Path) -> Path | None:
    """Return the built-in registry of a bare name, `default` or `upscalers`.

    Returns:
        None for any other path, or if a file of that name exists.
    """
    shipped = {"default": DEFAULT_REGISTRY, "upscalers": UPSCALERS}.get(str(path))
    return None if shipped is None or path.exists() else shipped


def default_cache() -> Path:
    """Return the default cache folder."""
    home = os.environ.get("GROUNDGLASS_CACHE")
    return path_of(home) if home else user_cache_path("groundglass")
