"""Pairs of degraded and sharp patches, fixed by (seed, step, position in the batch)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from agent.errors import InputError
from agent.training.degradations import random_degradation

PICTURE_SUFFIXES = {".avif", ".jpeg", ".jpg", ".png", ".webp"}
#: Degraded around the patch and then cut off, so that no patch shows the border of its own blur.
MARGIN = 16
_GRID = 12  # a region's sides are multiples of 2, 3 and 4, the factors of enlargement


def find_pictures(folder: Path) -> list[Path]:
    """All pictures below `folder`, sorted; InputError where there is none."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES)
    if not found:
        raise InputError(
            f"{folder}: no pictures found; expected a folder with files that end in "
            + ", ".join(sorted(PICTURE_SUFFIXES))
        )
    return found


class PatchBatches(Dataset[tuple[Tensor, Tensor]]):
    """Item `step` is a batch `(degraded, sharp)`, each `(B, 3, P, P)` float32 in [0, 1].

    Args:
        folder: pictures; those under a folder named `text` are drawn with probability
            `text_share`, the others with the rest.
        patch: side of a patch in pixels, a multiple of 4.
    """

    def __init__(
        self, folder: Path, *, patch: int, batch: int, seed: int, steps: int, text_share: float
    ) -> None:
        if patch % 4:
            raise ValueError(f"patch must be a multiple of 4, got {patch}")
        self.patch, self.batch, self.seed, self.steps = patch, batch, seed, steps
        self.text_share = text_share
        self.groups: dict[bool, list[np.ndarray]] = {True: [], False: []}
        for path in find_pictures(folder):
            pixels = np.asarray(Image.open(path).convert("RGB"))
            if min(pixels.shape[:2]) >= self.region:
                self.groups["text" in path.parts].append(pixels)
        if not any(self.groups.values()):
            raise InputError(f"{folder}: every picture is smaller than {self.region} pixels")

    @property
    def region(self) -> int:
        """Side of the square that is degraded, the patch and its margins, on the common grid."""
        return -(-(self.patch + 2 * MARGIN) // _GRID) * _GRID

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        pairs = [self._pair(np.random.default_rng([self.seed, step, i])) for i in range(self.batch)]
        degraded, sharp = (
            np.stack(side).transpose(0, 3, 1, 2) for side in zip(*pairs, strict=True)
        )
        return _to_tensor(degraded), _to_tensor(sharp)

    def _pair(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        wanted = bool(rng.random() < self.text_share)
        pictures = self.groups[wanted] or self.groups[not wanted]
        for _ in range(4):  # blank paper and empty sky teach little; try again a few times
            pixels = pictures[rng.integers(len(pictures))]
            top = int(rng.integers(pixels.shape[0] - self.region + 1))
            left = int(rng.integers(pixels.shape[1] - self.region + 1))
            sharp = pixels[top : top + self.region, left : left + self.region]
            if sharp.std() > 12:
                break
        sharp = np.rot90(sharp, int(rng.integers(4))) if not wanted else sharp
        sharp = np.ascontiguousarray(sharp[:, ::-1] if rng.random() < 0.5 and not wanted else sharp)
        degraded = random_degradation(sharp, rng)
        # Any offset near the middle, so that the phase of the enlargement grid varies.
        slack = self.region - self.patch - 2 * (MARGIN // 2)
        y, x = (MARGIN // 2 + int(rng.integers(slack + 1)) for _ in range(2))
        window = np.s_[y : y + self.patch, x : x + self.patch]
        return degraded[window], sharp[window]


def _to_tensor(batch: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(batch)).float().div_(255)
