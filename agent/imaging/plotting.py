"""Plots by matplotlib without a screen; one version of it gives the same bytes each time."""

from __future__ import annotations

import io
import os
from typing import Any

from agent.files import default_cache


def keep_matplotlib_in_cache() -> None:
    """Have matplotlib keep its list of fonts in our cache, not in folders of its own in the home.

    Call it before matplotlib, or a library that imports it, is imported. `MPLCONFIGDIR` wins where
    the user has set it.
    """
    os.environ.setdefault("MPLCONFIGDIR", str(default_cache() / "matplotlib"))


def figure(width: float, height: float, dpi: int) -> Any:
    """An empty matplotlib figure, `width` × `height` inches."""
    keep_matplotlib_in_cache()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    result = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(result)
    return result


def png(figure: Any) -> bytes:
    """The figure as PNG."""
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
