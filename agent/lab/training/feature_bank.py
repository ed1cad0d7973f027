"""Bank of a frozen encoder's features of pictures, their tiles and views, computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from agent.errors import InputError
from agent.lab.training.data import find_pictures
from agent.systems.features.feature_maps import Encode, Look, resized
from agent.systems.features.views import Scene, random_homography, scene

#: Minimum side of a crop, in pixels; smaller pictures are not used.
LEAST_CROP = 256


def crops(folder: Path, count: int, seed: int) -> Iterator[Tensor]:
    """Yield `count` square crops `(1, 3, S, S)` from the pictures below `folder`.

    The seed determines them. Pictures come in random order, each once before any is repeated.

    Raises:
        InputError: if no picture has two sides of at least `LEAST_CROP` pixels.
    """
    usable = [path for path in find_pictures(folder) if _least_side(path) >= LEAST_CROP]
    if not usable:
        raise InputError(f"{folder}: every picture is smaller than {LEAST_CROP} pixels")
    for number in range(count):
        round_, place = divmod(number, len(usable))
        order = np.random.default_rng([seed, round_]).permutation(len(usable))
        rng = np.random.default_rng([seed, round_, place, 1])
        with Image.open(usable[order[place]]) as image:
            pixels = np.asarray(image.convert("RGB"))
        side = int(rng.integers(LEAST_CROP, min(pixels.shape[:2]) + 1))
        top, left = (int(rng.integers(n - side + 1)) for n in pixels.shape[:2])
        crop = pixels[top : top + side, left : left + side]
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        yield torch.from_numpy(crop.copy()).permute(2, 0, 1)[None].float() / 255


def _least_side(path: Path) -> int:
    with Image.open(path) as image:
        return min(image.size)


class Bank:
    """Scenes in memory, in half precision."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.size = len(scenes)
        looks = zip(*(one.whole for one in scenes), strict=True)
        self._whole = [torch.cat(part).half() for part in looks]
        self._views = torch.stack([one.views for one in scenes]).half()
        self._homographies = torch.stack([one.homographies for one in scenes])

    @classmethod
    def look(
        cls,
        crops: Iterable[Tensor],
        encode: Encode,
        side: int,
        factor: int,
        *,
        views: int,
        seed: int,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Bank:
        """Encode crops `(1, 3, S, S)`, each with `views` views drawn from `seed`.

        Args:
            side: side of the square input of `encode`, in pixels.
        """
        scenes = []
        for number, crop in enumerate(crops):
            rng = np.random.default_rng([seed, number, 2])
            homographies = torch.stack([random_homography(rng) for _ in range(views)])
            fine = resized(crop, factor * side, factor * side)
            scenes.append(scene(encode, fine, factor, homographies))
            progress(number + 1)
        return cls(scenes)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the coarse maps."""
        height, width = self._whole[0].shape[-2:]
        return height, width

    def features(self) -> Tensor:
        """Return all coarse features `(N, C)`, float32."""
        return self._whole[0].float().permute(0, 2, 3, 1).flatten(0, 2)

    def batch(self, rng: np.random.Generator, size: int, views: int) -> Scene:
        """Draw `size` scenes as one batch, with `views` consecutive views each."""
        picked = torch.from_numpy(rng.integers(self.size, size=size))
        count = self._homographies.shape[1]
        view_indices = torch.from_numpy(
            np.stack([rng.permutation(count)[:views] for _ in range(size)])
        )
        index = picked[:, None], view_indices
        return Scene(
            Look(*(part[picked].float() for part in self._whole)),
            self._homographies[index].flatten(0, 1),
            self._views[index].flatten(0, 1).float(),
        )
