"""Headless plots with matplotlib; the same version always gives the same bytes."""

from __future__ import annotations

import io
import os
from typing import Any

from agent.files import default_cache


def keep_matplotlib_in_cache() -> None:
    """Make matplotlib store its font list in our cache, not in the home folder.

    Call it before importing matplotlib or a library that imports it. The user's `MPLCONFIGDIR`
    takes precedence.
    """
    os.environ.setdefault("MPLCONFIGDIR", str(default_cache() / "matplotlib"))


def figure(width: float, height: float, dpi: int) -> Any:
    """Create an empty matplotlib figure of `width` × `height` inches."""
    keep_matplotlib_in_cache()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    result = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(result)
    return result


def png(figure: Any) -> bytes:
    """Return the figure as PNG."""
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
