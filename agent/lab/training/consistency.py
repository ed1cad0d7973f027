"""The loss of multi-view consistency.

Fine features of a picture, warped by a view and reduced, must equal the encoder's features of that
view (Fu et al. 2024, FeatUp; Ranzinger et al. 2025, method).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.systems.features.featsharp import FeatSharp, Sharpened
from agent.systems.features.views import Scene, warp

#: Weight of the cells next to a tile border; all others have 1.
BORDER_WEIGHT = 2.0


class AttentionReducer(nn.Module):
    """Learned reduction of a fine map by u, used only in training (Fu et al. 2024).

    Each coarse cell is a weighted mean of 9 × 9 fine positions around its centre. The logits of the
    weights are a learned kernel, initialised as a Gaussian of the cell's size, plus a learned scale
    per position times a score from a linear map of the fine features, blurred 5 × 5. A fifth of the
    logits is dropped at random in training.
    """

    kernel_size = 9
    blur_size = 5

    def __init__(self, channels: int, factor: int, drop: float = 0.2) -> None:
        super().__init__()
        self.factor, self.drop = factor, drop
        centre = (factor - 1) / 2 - factor // 2 + self.kernel_size // 2
        line = (torch.arange(self.kernel_size) - centre).square()
        square = (line[:, None] + line).flatten()
        self.kernel = nn.Parameter(-square / (2 * (factor / 2) ** 2))
        self.weight = nn.Parameter(torch.zeros(self.kernel_size**2))
        self.score = nn.Conv2d(channels, 1, 1)
        blur = torch.tensor([1.0, 4, 6, 4, 1]) / 16
        self.register_buffer("blur", (blur[:, None] * blur)[None, None], persistent=False)

    blur: Tensor

    def forward(self, fine: Tensor) -> Tensor:
        """Reduce `(B, C, uh, uw)` to `(B, C, h, w)`; borders are repeated."""
        score = functional.pad(self.score(fine), (self.blur_size // 2,) * 4, mode="replicate")
        scores = self._patches(functional.conv2d(score, self.blur))[:, 0]
        logits = scores * self.weight[:, None] + self.kernel[:, None]
        if self.training and self.drop:
            dropped = torch.rand_like(logits) < self.drop
            logits = logits.masked_fill(dropped, float(logits.detach().min()) - 10)
        reduced = (self._patches(fine) * logits.softmax(1)[:, None]).sum(2)
        height, width = (side // self.factor for side in fine.shape[-2:])
        return reduced.reshape(*fine.shape[:2], height, width)

    def _patches(self, fine: Tensor) -> Tensor:
        """Return `(B, C, 81, h · w)`: the positions around the centre of each coarse cell."""
        before = self.kernel_size // 2 - self.factor // 2
        after = self.kernel_size - self.factor - before
        padded = functional.pad(fine, (before, after, before, after), mode="replicate")
        patches = functional.unfold(padded, self.kernel_size, stride=self.factor)
        return patches.reshape(*fine.shape[:2], self.kernel_size**2, -1)


class Objective(nn.Module):
    """The loss of a batch, with the modules that only training needs."""

    def __init__(self, channels: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.reducers = nn.ModuleList([AttentionReducer(channels, factor) for _ in range(2)])
        #: Logarithm of the expected error at a position, from the view's features.
        self.uncertainty = nn.Conv2d(channels, 1, 1)
        nn.init.zeros_(self.uncertainty.weight)
        nn.init.zeros_(self.uncertainty.bias)  # type: ignore[arg-type]  # it has a bias

    def forward(self, net: FeatSharp, scenes: Scene) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss, and the mean squared errors of the bilateral and the fused map.

        The errors are of normalised features, so they are shares of the features' variance.
        """
        normalise = net.normaliser.normalise
        sharp = net.sharpened(scenes.whole)
        target = net.debiased(normalise(scenes.views))
        expected = self.uncertainty(target.detach())
        views = len(scenes.homographies) // len(scenes.whole.coarse)
        weight = self._weights(sharp, scenes.homographies)
        loss, errors = torch.zeros(()), []
        for fine, reducer in zip(sharp, self.reducers, strict=True):
            fine_views = warp(fine.repeat_interleave(views, 0), scenes.homographies)
            squared = (reducer(fine_views) - target).square().mean(1, keepdim=True)
            # Negative log-likelihood of a normal distribution with learned variance.
            likelihood = (squared * (-expected).exp() + expected) / 2
            loss = loss + (weight * likelihood).sum() / weight.sum()
            errors.append(squared.mean().detach())
        return loss, errors[0], errors[1]

    def _weights(self, sharp: Sharpened, homographies: Tensor) -> Tensor:
        """Return weights `(B · V, 1, h, w)`, larger where a view shows tile borders."""
        height, width = sharp.fused.shape[-2:]
        grid = torch.ones(1, 1, height, width)
        for axis, side in ((2, height), (3, width)):
            for border in range(side // self.factor, side, side // self.factor):
                grid.narrow(axis, border - 1, 2).fill_(BORDER_WEIGHT)
        fine = warp(grid.expand(len(homographies), -1, -1, -1), homographies)
        return functional.avg_pool2d(fine, self.factor)
