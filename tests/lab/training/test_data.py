from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from agent.errors import InputError
from agent.lab.training import data as module
from agent.lab.training.data import PatchBatches, Stage, find_pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for name, low in (("photo/a.png", 0), ("photo/b.webp", 0), ("text/c.png", 128)):
        (folder / name).parent.mkdir(exist_ok=True)
        pixels = rng.integers(low, low + 128, (110, 120, 3), np.uint8)  # text is the brighter
        Image.fromarray(pixels).save(folder / name, lossless=True)
    (folder / "notes.txt").write_text("not a picture")
    (folder / "photo" / "._a.png").write_bytes(b"\0\5\26\7")  # as macOS leaves beside a.png
    return folder


def batches(folder: Path, **changes: object) -> PatchBatches:
    options = {"stages": [Stage(10, 32, 4)], "seed": 0, "text_share": 0.5} | changes
    return PatchBatches(folder, **options)


def test_pictures_are_found_in_order_and_others_left(folder: Path, tmp_path: Path) -> None:
    found = [path.relative_to(folder).as_posix() for path in find_pictures(folder)]
    assert found == ["photo/a.png", "photo/b.webp", "text/c.png"]
    with pytest.raises(InputError, match="no pictures found"):
        find_pictures(tmp_path)


def test_a_batch_is_a_pair_of_tensors_in_range(folder: Path) -> None:
    degraded, sharp = batches(folder)[3]
    for tensor in (degraded, sharp):
        assert tensor.shape == (4, 3, 32, 32) and tensor.dtype == torch.float32
        assert tensor.min() >= 0 and tensor.max() <= 1
    assert not torch.equal(degraded, sharp)
    assert len(batches(folder)) == 10


def test_seed_and_step_fix_a_batch(folder: Path) -> None:
    first = batches(folder)[3][0]
    assert torch.equal(first, batches(folder, stages=[Stage(99, 32, 4)])[3][0])
    assert not torch.equal(first, batches(folder)[4][0])
    assert not torch.equal(first, batches(folder, seed=1)[3][0])


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_text_is_drawn_by_its_share(folder: Path, share: float) -> None:
    sharp = torch.cat([batches(folder, text_share=share)[step][1] for step in range(4)])
    assert ((sharp.mean(dim=(1, 2, 3)) > 0.5) == bool(share)).all()


def test_one_group_alone_will_do(folder: Path) -> None:
    assert batches(folder / "photo", text_share=1.0)[0][1].mean() < 0.5


def test_degraded_and_sharp_are_one_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regions: list[np.ndarray] = []

    def recorded(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        regions.append(picture)
        return picture

    monkeypatch.setattr(module, "random_degradation", recorded)
    degraded, sharp = batches(folder)[0]
    assert torch.equal(degraded, sharp)
    for region, patch in zip(regions, sharp.permute(0, 2, 3, 1).numpy(), strict=True):
        assert region.shape[0] % 12 == 0
        places = np.lib.stride_tricks.sliding_window_view(region, (32, 32), axis=(0, 1))
        same = (places.transpose(0, 1, 3, 4, 2) == np.round(patch * 255)).all(axis=(2, 3, 4))
        (y, x) = np.argwhere(same)[0]
        # Far enough from the border that no blur of it is seen.
        assert 8 <= y <= region.shape[0] - 40 and 8 <= x <= region.shape[1] - 40


def test_what_cannot_be_cut_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="multiple of 4, got 30"):
        batches(folder, stages=[Stage(1, 30, 1)])
    Image.new("RGB", (50, 50)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="smaller than 72 pixels"):
        batches(tmp_path)
