"""Representational similarity analysis: the tool `compare_representations`, and what it shares
with the study of a folder of pictures in `agent.lab.evaluation`.
"""

from __future__ import annotations

from importlib.util import find_spec


def why_unavailable() -> str | None:
    """Return why representations cannot be compared here, in words; None if they can."""
    missing = [n for n in ("scipy", "timm", "matplotlib") if find_spec(n) is None]
    if not missing:
        return None
    return f"{', '.join(missing)} not installed; run pip install 'groundglass[vision]'"
