from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.evidence import measured
from agent.systems.spec import Job
from agent.types import Evidence


def stripes(height: int = 60, width: int = 70) -> np.ndarray:
    line = np.where(np.arange(width) // 12 % 2, 220, 40).astype(np.uint8)
    return np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2)


def evidence(job: Job, before: Picture, after: Picture) -> dict[str, Evidence]:
    found = list(measured(job, Comparison(before, after)))
    assert len({item.id for item in found}) == len(found)
    assert all(item.id.startswith(f"{job.stem}.") for item in found)
    assert all(math.isfinite(item.value) for item in found)
    return {item.id.removeprefix(f"{job.stem}."): item for item in found}


def test_sharpening_an_enlarged_picture_is_measured() -> None:
    small = Picture("shot.png", stripes())
    job = Job("mimo-unet-plus", small, "shot-1", 3)
    before = enlarged(small, 3)
    sharp = small.pixels.repeat(3, 0).repeat(3, 1)
    found = evidence(job, before, replace(before, pixels=sharp))
    value = {key: item.value for key, item in found.items()}
    assert [value[k] for k in ("input-width", "input-height", "factor")] == [70, 60, 3]
    assert [value[k] for k in ("output-width", "output-height")] == [210, 180]
    assert value["edge-width-restored"] == pytest.approx(0.8)
    assert value["edge-width-enlarged"] > 2
    assert value["edges"] >= 30
    assert value["gradient-energy-ratio"] > 1.2 and value["high-frequency-ratio"] > 1.2
    low, high = found["edge-width-ratio"].interval
    ratio = value["edge-width-restored"] / value["edge-width-enlarged"]
    assert low <= value["edge-width-ratio"] <= high and value["edge-width-ratio"] < 0.5
    assert value["edge-width-ratio"] == pytest.approx(ratio, rel=0.02)
    assert value["ssim"] > 0.9 and value["low-frequency-agreement"] > 20
    assert value["change-concentration"] == pytest.approx(
        value["change-near-edges"] / value["area-near-edges"], rel=0.01
    )
    assert value["change-near-edges"] > 99 > 60 > value["area-near-edges"]
    assert value["consistency"] > 25
    assert found["edge-width-restored"].measured_on == "shot.png, restored"
    assert found["edge-width-restored"].unit == "px"


def test_the_mean_change_is_that_of_the_pixels() -> None:
    picture = Picture("a.png", stripes())
    after = replace(picture, pixels=picture.pixels + np.uint8(3))
    found = evidence(Job("c", picture, "a"), picture, after)
    assert found["mean-change"].value == 3
    deep = replace(picture, pixels=picture.pixels.astype(np.uint16) * 257)
    after = replace(deep, pixels=deep.pixels + np.uint16(3 * 257))
    assert evidence(Job("c", deep, "a"), deep, after)["mean-change"].value == 3


def test_blurring_is_not_called_sharpening() -> None:
    picture = Picture("a.png", stripes())
    soft = np.asarray(Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(2)))
    found = evidence(Job("c", picture, "a"), picture, replace(picture, pixels=soft))
    assert found["edge-width-restored"].value > found["edge-width-input"].value + 2
    assert found["gradient-energy-ratio"].value < 1


def test_what_cannot_be_measured_is_left_out() -> None:
    picture = Picture("a.png", np.full((40, 40, 3), 99, np.uint8))
    found = evidence(Job("c", picture, "a", 2), enlarged(picture, 2), enlarged(picture, 2))
    assert set(found) == {
        "input-width", "input-height", "output-width", "output-height", "factor", "mean-change",
        "low-frequency-agreement", "ssim",
    }  # fmt: skip
    assert (found["low-frequency-agreement"].value, found["ssim"].value) == (99, 1)
    assert found["mean-change"].value == 0


def test_numbers_are_stored_as_they_are_printed() -> None:
    rng = np.random.default_rng(0)
    picture = Picture("a.png", rng.integers(0, 256, (90, 80, 3), np.uint8))
    after = replace(picture, pixels=np.sort(picture.pixels, axis=1))
    for item in evidence(Job("c", picture, "a"), picture, after).values():
        number = item.shown().split()[0].replace(",", "")
        assert float(number) == item.value
