"""Figures: correlation by depth, and pictures with their maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agent.imaging import plotting
from agent.measures.similarity import Correlation

#: Okabe and Ito's colours, safe for colour-blind readers, each with a marker for greyscale print.
_STYLES = (("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"))
_WIDTH, _HEIGHT, _DPI = 7.0, 4.2, 150  # inches; readable at the width of a report
_MOST_NAMES = 32


def depth_figure(
    layers: Sequence[str],
    series: Mapping[str, Sequence[Correlation]],
    title: str,
    quantity: str = "Spearman correlation of RDMs",
) -> bytes:
    """Plot one line per series over the layers, with 95 % intervals as bands, as PNG.

    Filled markers have an uncorrected p-value below 0.05. With the same version of matplotlib, the
    same numbers give the same bytes.

    Args:
        layers: layer names in order of depth.
        series: one correlation per layer, by label.
    """
    figure = plotting.figure(_WIDTH, _HEIGHT, _DPI)
    axes = figure.add_subplot()
    depth = list(range(1, len(layers) + 1))
    axes.axhline(0, color="#888888", linewidth=0.8)
    for (label, correlations), (colour, marker) in zip(series.items(), _STYLES, strict=False):
        values = [c.value for c in correlations]
        low, high = [c.low for c in correlations], [c.high for c in correlations]
        axes.fill_between(depth, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(depth, values, color=colour, linewidth=1.6, label=label, marker=marker,
                  markerfacecolor="white", markersize=5)  # fmt: skip
        sure = [(d, c.value) for d, c in zip(depth, correlations, strict=True) if c.p < 0.05]
        axes.plot([d for d, _ in sure], [v for _, v in sure], linestyle="none", color=colour,
                  marker=marker, markersize=5)  # fmt: skip
    axes.set_title(title, fontsize=10)
    axes.set_ylabel(quantity)
    if len(layers) <= _MOST_NAMES:
        axes.set_xticks(depth, layers, rotation=60, ha="right", fontsize=8)
    axes.set_xlabel("layer, in the order in which they run; filled: p < 0.05", fontsize=8)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return plotting.png(figure)


def map_figure(pictures: Mapping[str, np.ndarray], maps: Mapping[str, np.ndarray]) -> bytes:
    """Draw pictures above their maps, with titles, as PNG.

    Args:
        pictures: `(H, W, 3)`, uint8, by title.
        maps: `(h, w)` in [0, 1] by title, as many as pictures; dark is 0, yellow 1.
    """
    figure = plotting.figure(_WIDTH, _HEIGHT, _DPI)
    columns = len(pictures)
    for i, (title, image) in enumerate([*pictures.items(), *maps.items()], 1):
        axes = figure.add_subplot(2, columns, i)
        axes.imshow(image, cmap="cividis", vmin=0, vmax=1 if image.ndim == 2 else 255)
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()
    return plotting.png(figure)
