"""Pairs of degraded and sharp patches, determined by seed, step and position in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from agent.errors import InputError
from agent.files import files_below
from agent.lab.training.degradations import random_degradation

PICTURE_SUFFIXES = {".avif", ".jpeg", ".jpg", ".png", ".webp"}
#: Margin that is degraded with the patch and then cropped, to avoid effects at its border.
MARGIN = 16
_GRID = 12  # a region's sides are multiples of 2, 3 and 4, the factors of enlargement


def find_pictures(folder: Path) -> list[Path]:
    """Return the pictures below `folder` that are not hidden, sorted; InputError if none."""
    pictures = [p for p in files_below(folder)[0] if p.suffix.lower() in PICTURE_SUFFIXES]
    if not pictures:
        raise InputError(
            f"{folder}: no pictures found; expected a folder with files that end in "
            + ", ".join(sorted(PICTURE_SUFFIXES))
        )
    return pictures


class Stage(NamedTuple):
    """A part of a training run: a number of steps with batches of square patches of one size."""

    steps: int
    patch: int
    """Side in pixels, a multiple of 4."""
    batch: int


class PatchBatches(Dataset[tuple[Tensor, Tensor]]):
    """Dataset whose item `step` is a batch `(degraded, sharp)`, `(B, 3, P, P)` float32 in [0, 1].

    Args:
        folder: folder of pictures; those in a folder named `text` are drawn with probability
            `text_share`, all others with the rest.
        stages: sizes of patches and batches, one stage after the other.

    Raises:
        InputError: if no picture is large enough for a patch of every stage with its margins.
    """

    def __init__(
        self, folder: Path, stages: Sequence[Stage], *, seed: int, text_share: float
    ) -> None:
        for stage in stages:
            if stage.patch % 4:
                raise ValueError(f"patch must be a multiple of 4, got {stage.patch}")
        self.stages, self.seed, self.text_share = stages, seed, text_share
        least = max(_region(stage.patch) for stage in stages)
        self.groups: dict[bool, list[np.ndarray]] = {True: [], False: []}
        for path in find_pictures(folder):
            pixels = np.asarray(Image.open(path).convert("RGB"))
            if min(pixels.shape[:2]) >= least:
                self.groups["text" in path.parts].append(pixels)
        if not any(self.groups.values()):
            raise InputError(f"{folder}: every picture is smaller than {least} pixels")

    def __len__(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        stage = self._stage(step)
        pairs = [
            self._pair(np.random.default_rng([self.seed, step, i]), stage.patch)
            for i in range(stage.batch)
        ]
        degraded, sharp = (
            np.stack(side).transpose(0, 3, 1, 2) for side in zip(*pairs, strict=True)
        )
        return _to_tensor(degraded), _to_tensor(sharp)

    def _stage(self, step: int) -> Stage:
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        raise IndexError(f"there are {len(self)} steps")

    def _pair(self, rng: np.random.Generator, patch: int) -> tuple[np.ndarray, np.ndarray]:
        region = _region(patch)
        has_text = bool(rng.random() < self.text_share)
        pictures = self.groups[has_text] or self.groups[not has_text]
        for _ in range(4):  # blank paper and empty sky teach little; try again a few times
            pixels = pictures[rng.integers(len(pictures))]
            top = int(rng.integers(pixels.shape[0] - region + 1))
            left = int(rng.integers(pixels.shape[1] - region + 1))
            sharp = pixels[top : top + region, left : left + region]
            if sharp.std() > 12:
                break
        sharp = np.rot90(sharp, int(rng.integers(4))) if not has_text else sharp
        sharp = np.ascontiguousarray(
            sharp[:, ::-1] if rng.random() < 0.5 and not has_text else sharp
        )
        degraded = random_degradation(sharp, rng)
        # Any offset near the middle, so that the phase of the enlargement grid varies.
        slack = region - patch - 2 * (MARGIN // 2)
        y, x = (MARGIN // 2 + int(rng.integers(slack + 1)) for _ in range(2))
        window = np.s_[y : y + patch, x : x + patch]
        return degraded[window], sharp[window]


def _region(patch: int) -> int:
    """Return the side of the square to degrade: the patch with margins, on the common grid."""
    return -(-(patch + 2 * MARGIN) // _GRID) * _GRID


def _to_tensor(batch: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(batch)).float().div_(255)
