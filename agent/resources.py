"""Where the project's data files are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _find(name: str) -> Path:
    """A file at the top of the checkout, or the copy that the wheel carries in the package."""
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.exists() else _PACKAGE.parent / name


DEFAULT_REGISTRY = _find("model_registry.yaml")
PROMPTS = _find("prompts")
DATA = _PACKAGE / "data"
DEFAULT_WEIGHTS = _PACKAGE / "weights" / "mimo_unet_plus.safetensors"
#: Feature sharpeners for the default encoder, by factor.
SHARPENERS = {u: _PACKAGE / "weights" / f"featsharp_{u}x.safetensors" for u in (2, 4)}
