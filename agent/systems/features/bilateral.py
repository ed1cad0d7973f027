"""Joint bilateral upsampling of feature maps, guided by the picture, in plain PyTorch.

Kopf, Cohen, Lischinski, Uyttendaele 2007, with a learned range kernel as in FeatUp (Fu et al.
2024): neighbours are weighted by their distance and by how similar the picture looks there.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

RADIUS = 3
_KEYS = 32


def window(x: Tensor, radius: int) -> Iterator[Tensor]:
    """Yield shifted copies of `(B, …, H, W)`, one per position of a window.

    They go row by row from `(−radius, −radius)` to `(radius, radius)`; borders are repeated. All
    are views of one padded map, which needs far less memory than unfolding it.
    """
    height, width = x.shape[-2:]
    flat = x.reshape(-1, 1, height, width)
    padded = functional.pad(flat, (radius,) * 4, mode="replicate")
    padded = padded.reshape(*x.shape[:-2], height + 2 * radius, width + 2 * radius)
    for top in range(2 * radius + 1):
        for left in range(2 * radius + 1):
            yield padded[..., top : top + height, left : left + width]


def offsets(radius: int) -> Tensor:
    """Return `(n², 2)` float: rows and columns of the positions of `window`, in the same order."""
    line = torch.arange(-radius, radius + 1, dtype=torch.float32)
    return torch.cartesian_prod(line, line)


class BilateralLevel(nn.Module):
    """Enlargement of features by one factor: bilinear, then smoothed along the picture.

    The weight of a neighbour is the softmax over the 7 × 7 window of temperature × key · key, times
    a Gaussian of its distance; a key is 32 numbers, learned, from the RGB of a position.
    """

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.keys = nn.Sequential(nn.Conv2d(3, _KEYS, 1), nn.GELU(), nn.Conv2d(_KEYS, _KEYS, 1))
        self.log_temperature = nn.Parameter(torch.zeros(()))
        self.log_sigma = nn.Parameter(torch.zeros(()))
        #: Share of the smoothed map in the result; the rest is the bilinear one.
        self.alpha = nn.Parameter(torch.ones(()))
        self.register_buffer("distance", offsets(RADIUS).square().sum(1), persistent=False)

    distance: Tensor

    def forward(self, features: Tensor, guide: Tensor) -> Tensor:
        """Enlarge `(B, C, H, W)` with a guide `(B, 3, ≥ uH, ≥ uW)` to `(B, C, uH, uW)`."""
        size = features.shape[-2] * self.factor, features.shape[-1] * self.factor
        coarse = functional.interpolate(features, size=size, mode="bilinear", align_corners=False)
        weights = self._weights(functional.adaptive_avg_pool2d(guide, size))
        fine = torch.zeros_like(coarse)
        for weight, neighbour in zip(weights, window(coarse, RADIUS), strict=True):
            fine = fine + weight[:, None] * neighbour
        return coarse + self.alpha * (fine - coarse)

    def _weights(self, guide: Tensor) -> tuple[Tensor, ...]:
        """Return weights `(B, H, W)` for each position of the window, which sum to 1."""
        keys = self.keys(guide * 2 - 1)
        likeness = torch.stack([(keys * neighbour).sum(1) for neighbour in window(keys, RADIUS)])
        closeness = -self.distance / (2 * (2 * self.log_sigma).exp())
        logits = self.log_temperature.exp() * likeness + closeness[:, None, None, None]
        return logits.softmax(0).unbind(0)


class BilateralStack(nn.Module):
    """One level per prime factor of `factor`, the largest last."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(BilateralLevel(prime) for prime in primes(factor))

    def forward(self, features: Tensor, guide: Tensor) -> Tensor:
        """Enlarge `(B, C, h, w)` to `(B, C, uh, uw)` with an RGB guide in [0, 1]."""
        for level in self.levels:
            features = level(features, guide)
        return features


def primes(number: int) -> list[int]:
    """Return the prime factors of a number ≥ 1, ascending, with repetition."""
    factors, candidate = [], 2
    while number > 1:
        while number % candidate == 0:
            factors.append(candidate)
            number //= candidate
        candidate += 1
    return factors
