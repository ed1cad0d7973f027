"""Feature maps of a picture of any shape, before and after sharpening."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from agent.files import sha256_of
from agent.imaging.resampling import resized
from agent.measures.boundaries import Strength, strength
from agent.measures.fidelity import luma
from agent.systems.encoders import load_encoder
from agent.systems.features.featsharp import load_sharpener
from agent.systems.features.feature_maps import FeatureStage, look
from agent.systems.features.views import random_homography, scene, view_errors

Features = NDArray[np.float32]
VIEWS = 5
#: Minimum rows and columns of the coarse map; pictures longer than 8:1 are refused.
_LEAST_CELLS = 5


class Maps(NamedTuple):
    """Normalised features of one picture."""

    coarse: Features
    """`(C, h, w)`: the encoder's own."""
    before: Features
    """`(C, uh, uw)`: the same, enlarged by bilinear interpolation."""
    after: Features
    """`(C, uh, uw)`: sharpened."""
    edges: Strength
    """`(uh, uw)`: how much the luma of the picture changes there."""


class Sharpener:
    """The default encoder and its sharpener, both on the CPU, where they take seconds.

    Args:
        weights: weights file of the sharpener.

    Raises:
        ConfigError: if timm or the encoder's weights are not installed.
        CheckpointError: if weights cannot be used.
    """

    def __init__(self, weights: Path) -> None:
        self.encoder = load_encoder()
        self.encode = FeatureStage(self.encoder)
        self.net = load_sharpener(weights)
        self.sha256 = sha256_of(weights)

    @property
    def factor(self) -> int:
        """How much finer the map is made along each side."""
        return self.net.factor

    @property
    def licences(self) -> tuple[str, ...]:
        """What ran and its licence, one line each."""
        return (
            "FeatSharp, our implementation of the method; the authors have released no weights: "
            "Apache-2.0",
            "weights of the sharpener that come with Groundglass: CC BY-SA 4.0",
            f"weights of {self.encoder.name}: {self.encoder.licence}; the package's own licence "
            "field says nothing",
        )

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Return rows and columns of the coarse map: about as many cells as the encoder expects.

        Cells are square but for rounding, so the aspect ratio is kept.
        """
        side, shape = self.encode.encoder.size / self.encode.stride, (height / width) ** 0.5
        rows, columns = round(side * shape), round(side / shape)
        return max(_LEAST_CELLS, rows), max(_LEAST_CELLS, columns)

    def maps(self, pixels: NDArray[np.uint8]) -> Maps:
        """Compute the maps of `(H, W, 3)`, RGB, in 1 + u² passes of the encoder."""
        with torch.inference_mode():
            view = look(self.encode, self._fine(pixels), self.net.factor)
            coarse = self.net.normaliser.normalise(view.coarse)
            before = interpolate(
                coarse, view.tiles.shape[-2:], mode="bilinear", align_corners=False
            )
            after = self.net.sharpened(view).fused
        guide = view.guide[0].permute(1, 2, 0).numpy()
        edges = strength(luma(guide, 1)[None])
        return Maps(coarse[0].numpy(), before[0].numpy(), after[0].numpy(), edges)

    def view_errors(
        self, pixels: NDArray[np.uint8], seed: int = 0
    ) -> tuple[list[float], list[float]]:
        """Return multi-view consistency errors before and after, as shares of variance per view."""
        rng = np.random.default_rng(seed)
        homographies = torch.stack([random_homography(rng) for _ in range(VIEWS)])
        with torch.inference_mode():
            sample = scene(self.encode, self._fine(pixels), self.net.factor, homographies)
            normalise = self.net.normaliser.normalise
            coarse, target = normalise(sample.whole.coarse), normalise(sample.views)
            size = sample.whole.tiles.shape[-2:]
            before = interpolate(coarse, size, mode="bilinear", align_corners=False)
            after = self.net.sharpened(sample.whole).fused
            return (
                view_errors(before, target, homographies).tolist(),
                view_errors(after, self.net.debiased(target), homographies).tolist(),
            )

    def _fine(self, pixels: NDArray[np.uint8]) -> Tensor:
        rows, columns = self.grid(*pixels.shape[:2])
        unit = self.net.factor * self.encode.stride
        small = resized(pixels, unit * columns, unit * rows)
        return torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 255
