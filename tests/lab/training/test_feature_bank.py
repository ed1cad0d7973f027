from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from agent.errors import InputError
from agent.lab.training.feature_bank import LEAST_CROP, Bank, crops
from agent.systems.encoders import Encoder
from agent.systems.features.feature_maps import FeatureStage

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(3):
        coarse = np.random.default_rng(i).integers(0, 256, (10, 12, 3), np.uint8)
        pixels = coarse.repeat(30, 0).repeat(30, 1)
        pixels[..., 2] = i  # tells which picture a crop is of
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_every_picture_is_taken_once_before_any_is_taken_again(data: Path) -> None:
    found = list(crops(data, 6, seed=0))
    owners = [round(float(crop[0, 2, 0, 0]) * 255) for crop in found]
    assert sorted(owners[:3]) == sorted(owners[3:]) == [0, 1, 2]
    for crop in found:
        assert crop.shape[2] == crop.shape[3] >= LEAST_CROP
        assert crop.shape[2] <= 300
        assert crop.min() >= 0 and crop.max() <= 1


def test_a_seed_fixes_the_crops(data: Path) -> None:
    first, again, other = (list(crops(data, 4, seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert any(
        a.shape != b.shape or not torch.equal(a, b) for a, b in zip(first, other, strict=True)
    )


def test_pictures_that_are_too_small_are_left_out(data: Path, tmp_path: Path) -> None:
    Image.new("RGB", (400, LEAST_CROP - 1)).save(tmp_path / "small.png")
    with pytest.raises(InputError, match="every picture is smaller than 256"):
        next(crops(tmp_path, 1, 0))
    Image.open(data / "0.png").save(tmp_path / "large.png")
    assert len(list(crops(tmp_path, 2, 0))) == 2


def test_a_batch_holds_scenes_and_views_of_them(data: Path, tiny_encoder: Encoder) -> None:
    stage = FeatureStage(tiny_encoder, "3")
    done: list[int] = []
    bank = Bank.look(crops(data, 4, 0), stage, 32, 2, views=3, seed=0, progress=done.append)
    assert done == [1, 2, 3, 4]
    assert bank.grid == (8, 8)
    assert bank.features().shape == (4 * 64, 4)
    batch = bank.batch(np.random.default_rng(0), 2, 3)
    assert batch.whole.coarse.shape == (2, 4, 8, 8)
    assert batch.whole.tiles.shape == (2, 4, 16, 16)
    assert batch.whole.guide.shape == (2, 3, 16, 16)
    assert batch.views.shape == (6, 4, 8, 8)
    assert len({tuple(h.flatten().tolist()) for h in batch.homographies[:3]}) == 3
    again = bank.batch(np.random.default_rng(0), 2, 3)
    assert torch.equal(batch.views, again.views)
