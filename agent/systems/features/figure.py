"""Figure of a picture and its feature maps: PCA colours, and the boundaries of both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from agent.measures.boundaries import Strength, boundary, strength
from agent.systems.features.sharpener import Maps
from agent.systems.figures import BLUE, ORANGE

Rgb = NDArray[np.uint8]

#: Maximum side of a panel, in pixels; three stand side by side.
_PANEL = 480
_GAP, _CAPTION = 10, 40
_PAPER, _INK, _GREY = (255, 255, 255), (20, 20, 20), (170, 170, 170)
_BLACK = (0, 0, 0)


def feature_figure(picture: Rgb, maps: Maps, factor: int) -> Rgb:
    """Draw two rows of three panels: picture and features before and after; their boundaries.

    Args:
        picture: `(H, W, 3)`.
        maps: its feature maps.
        factor: how much finer the sharpened map is.

    Returns:
        `(H, W, 3)`, at most 1,480 pixels wide.
    """
    colours = _Colours(maps.after)
    rows, columns = maps.edges.shape
    scale = _PANEL / max(rows, columns)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    cells = f"{maps.coarse.shape[2]} x {maps.coarse.shape[1]}"
    panels = [
        ("picture", _panel(picture, size, Image.Resampling.LANCZOS)),
        (f"features before: {cells}", _panel(colours(maps.coarse), size)),
        (f"features after: {factor}x finer", _panel(colours(maps.after), size)),
        ("boundaries of the picture", _panel(_boundary_image(maps.edges, None), size)),
        ("boundaries before", _panel(_boundary_image(maps.edges, strength(maps.before)), size)),
        ("boundaries after", _panel(_boundary_image(maps.edges, strength(maps.after)), size)),
    ]
    legend = (
        (ORANGE, "of the picture alone"),
        (BLUE, "of the features alone"),
        (_BLACK, "of both"),
    )
    return _sheet(panels, legend)


class _Colours:
    """The first three principal components of a map as colours, shared by all maps shown.

    The first is lightness, the second runs from blue to yellow and only the third from green to
    red (CIELAB), so that readers with red-green colour blindness lose least.
    """

    def __init__(self, features: NDArray[np.float32]) -> None:
        flat = features.reshape(len(features), -1).T.astype(np.float64)
        self._mean = flat.mean(0)
        _, axes = np.linalg.eigh(np.cov((flat - self._mean).T))
        axes = axes[:, ::-1][:, :3]
        # The sign of an eigenvector is arbitrary; this choice makes figures reproducible.
        self._axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
        values = (flat - self._mean) @ self._axes
        low, high = np.quantile(values, (0.02, 0.98), axis=0)
        self._low, self._range = low, np.where(high > low, high - low, 1)

    def __call__(self, features: NDArray[np.float32]) -> Rgb:
        flat = features.reshape(len(features), -1).T.astype(np.float64)
        parts = np.clip(((flat - self._mean) @ self._axes - self._low) / self._range, 0, 1)
        lab = np.stack(
            [20 + 70 * parts[:, 0], 80 * parts[:, 2] - 40, 120 * parts[:, 1] - 60], axis=1
        )
        colours: Rgb = _srgb(lab).reshape(*features.shape[1:], 3)
        return colours


def _srgb(lab: NDArray[np.float64]) -> Rgb:
    """Convert CIELAB `(N, 3)` (D65) to sRGB, clipping each channel to its range."""
    y = (lab[:, 0] + 16) / 116
    f = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * (0.95047, 1, 1.08883)
    matrix = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    linear = np.clip(xyz @ matrix.T, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    colours: Rgb = np.floor(coded * 255 + 0.5).astype(np.uint8)
    return colours


def _boundary_image(edges: Strength, features: Strength | None) -> Rgb:
    """Draw the boundaries of the picture, of the features and of both, on white."""
    of_picture = boundary(edges)
    of_features = np.zeros_like(of_picture) if features is None else boundary(features)
    image = np.full((*edges.shape, 3), 255, np.uint8)
    image[of_picture] = ORANGE
    image[of_features] = BLUE
    image[of_picture & of_features] = _BLACK
    return image


def _panel(
    pixels: Rgb, size: tuple[int, int], how: Image.Resampling = Image.Resampling.NEAREST
) -> Image.Image:
    return Image.fromarray(pixels).resize(size, how)


def _sheet(
    panels: list[tuple[str, Image.Image]], legend: tuple[tuple[tuple[int, int, int], str], ...]
) -> Rgb:
    font = ImageFont.load_default(20)
    width, height = panels[0][1].size
    column = max(width, *(int(font.getlength(caption)) + 1 for caption, _ in panels))
    row = height + _CAPTION
    sheet = Image.new("RGB", (3 * (column + _GAP) + _GAP, 2 * row + 2 * _GAP + _CAPTION), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, (caption, panel) in enumerate(panels):
        left, top = _GAP + i % 3 * (column + _GAP), _GAP + i // 3 * row
        draw.text((left, top), caption, _INK, font)
        sheet.paste(panel, (left, top + 28))
        draw.rectangle((left, top + 28, left + width - 1, top + 27 + height), outline=_GREY)
    left, top = _GAP, 2 * row + 2 * _GAP
    for colour, meaning in legend:
        draw.rectangle((left, top, left + 18, top + 18), fill=colour)
        draw.text((left + 26, top - 3), meaning, _INK, font)
        left += 26 + int(font.getlength(meaning)) + 30
    return np.asarray(sheet)
