"""Plots by matplotlib without a screen; one version of it gives the same bytes each time."""

from __future__ import annotations

import io
from typing import Any


def figure(width: float, height: float, dpi: int) -> Any:
    """An empty matplotlib figure, `width` × `height` inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(made)
    return made


def png(figure: Any) -> bytes:
    """The figure as PNG."""
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
