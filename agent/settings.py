"""Where things are and what they may cost: one small frozen object, built at the edge.

Flags win over environment variables, those over defaults. This module builds nothing else.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path

from agent.resources import DEFAULT_REGISTRY, DEFAULT_WEIGHTS

#: What runs on an attached picture: nothing, what every answer rests on, or every tool there is.
Level = Literal["none", "core", "full"]


def _default_cache() -> Path:
    home = os.environ.get("GROUNDGLASS_CACHE")
    return Path(home) if home else user_cache_path("groundglass")


@dataclass(frozen=True)
class Settings:
    """All that a run may vary; two runs with equal settings and input give equal answers."""

    registry: Path = DEFAULT_REGISTRY
    weights: Path = DEFAULT_WEIGHTS
    cache: Path = field(default_factory=_default_cache)
    device: str = "cpu"
    max_pixels: int = 24_000_000
    """Largest picture, after enlargement, that is restored; a larger one is skipped, said so."""
    evidence: Level = "core"
    """`core` restores the picture and reads its text; `full` runs every tool of the cards."""

    def sha256(self) -> str:
        """Hash of what can change an answer; where the cache lies cannot."""
        content = {k: str(v) for k, v in sorted(asdict(self).items()) if k != "cache"}
        return hashlib.sha256(repr(content).encode()).hexdigest()
