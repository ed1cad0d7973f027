from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged
from agent.systems.restoration.comparison import Comparison
from agent.systems.restoration.evidence import measure
from agent.systems.spec import Job
from agent.types import Evidence


def stripes(height: int = 60, width: int = 70) -> np.ndarray:
    line = np.where(np.arange(width) // 12 % 2, 220, 40).astype(np.uint8)
    return np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2)


def evidence(job: Job, before: Picture, after: Picture) -> dict[str, Evidence]:
    found = list(measure(job, Comparison(before, after)))
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
    assert value["edge-width-restored-across"] == pytest.approx(0.8)
    assert value["edge-width-enlarged-across"] > 2
    assert value["edges-across"] >= 30
    assert not {"edges", "edges-down"} & set(value)  # there are no edges from top to bottom
    assert value["gradient-energy-ratio"] > 1.2 and value["high-frequency-ratio"] > 1.2
    low, high = found["edge-width-ratio-across"].interval
    ratio = value["edge-width-restored-across"] / value["edge-width-enlarged-across"]
    assert low <= value["edge-width-ratio-across"] <= high
    assert value["edge-width-ratio-across"] == pytest.approx(ratio, rel=0.02) and ratio < 0.5
    assert value["ssim"] > 0.9 and value["low-frequency-agreement"] > 20
    assert value["change-concentration"] == pytest.approx(
        value["change-near-edges"] / value["area-near-edges"], rel=0.01
    )
    assert value["change-near-edges"] > 99 > 60 > value["area-near-edges"]
    assert value["consistency"] > 25
    assert found["edge-width-restored-across"].measured_on == "shot.png, restored"
    assert found["edge-width-restored-across"].unit == "px"


def test_the_mean_change_is_that_of_the_pixels() -> None:
    picture = Picture("a.png", stripes())
    after = replace(picture, pixels=picture.pixels + np.uint8(3))
    found = evidence(Job("c", picture, "a"), picture, after)
    assert found["mean-change"].value == 3
    deep = replace(picture, pixels=picture.pixels.astype(np.uint16) * 257)
    after = replace(deep, pixels=deep.pixels + np.uint16(3 * 257))
    assert evidence(Job("c", deep, "a"), deep, after)["mean-change"].value == 3


def checks(side: int = 240) -> np.ndarray:
    """Squares whose edges run in both directions."""
    y, x = np.mgrid[:side, :side] // 30 % 2
    return np.repeat(np.where(x ^ y, 210, 50).astype(np.uint8)[..., None], 3, 2)


def smeared(pixels: np.ndarray, length: int, axis: int) -> np.ndarray:
    views = [np.roll(pixels, i - length // 2, axis) for i in range(length)]
    return np.mean(views, axis=0).astype(np.uint8)


def test_a_smear_from_left_to_right_shows_although_other_edges_are_sharp() -> None:
    before = Picture("a.png", smeared(checks(), 9, axis=1))
    found = evidence(Job("c", before, "a"), before, before)
    assert found["edge-width-input-across"].value > 6 > 1 > found["edge-width-input-down"].value
    assert "edge-width-input" not in found and "edge-width-ratio" not in found
    assert found["edge-width-ratio-across"].value == 1
    turned = Picture("a.png", smeared(checks(), 9, axis=0))
    found = evidence(Job("c", turned, "a"), turned, turned)
    assert found["edge-width-input-down"].value > 6 > 1 > found["edge-width-input-across"].value


def test_where_directions_agree_they_are_one() -> None:
    soft = np.asarray(Image.fromarray(checks()).filter(ImageFilter.GaussianBlur(2)))
    before = Picture("a.png", soft)
    found = evidence(Job("c", before, "a"), before, replace(before, pixels=checks()))
    assert found["edge-width-ratio"].value < 0.5
    assert not [key for key in found if key.endswith(("-across", "-down"))]


def test_a_perfect_recovery_is_no_change_of_the_broad_structure() -> None:
    soft = np.asarray(Image.fromarray(checks()).filter(ImageFilter.GaussianBlur(1.2)))
    before = Picture("a.png", soft)
    found = evidence(Job("c", before, "a"), before, replace(before, pixels=checks()))
    assert found["low-frequency-agreement"].value > 40
    redrawn = replace(before, pixels=np.roll(soft, 15, axis=1))
    assert evidence(Job("c", before, "a"), before, redrawn)["low-frequency-agreement"].value < 30


def test_overshoot_is_never_negative() -> None:
    """A profile that ends short of its level, as grain makes it, has no halo of less than none."""
    rng = np.random.default_rng(0)
    soft = np.asarray(Image.fromarray(checks()).filter(ImageFilter.GaussianBlur(2)), np.float64)
    grain = (soft + rng.normal(0, 6, soft.shape)).clip(0, 255).astype(np.uint8)
    before = Picture("a.png", grain)
    found = evidence(Job("c", before, "a"), before, replace(before, pixels=checks()))
    assert found["overshoot-input"].value >= 0 and found["overshoot-restored"].value == 0


def test_a_change_of_colour_and_a_change_away_from_edges_are_measured() -> None:
    picture = Picture("a.png", checks())
    tinted = picture.pixels.copy()
    tinted[..., 2] -= 20
    found = evidence(Job("c", picture, "a"), picture, replace(picture, pixels=tinted))
    # Cb falls by 20 · (1 − 0.114) / 1.772 = 10, Cr grows by 20 · 0.114 / 1.402 = 1.63
    assert found["colour-change"].value == pytest.approx(5.81, abs=0.01)
    assert found["flat-change"].value == pytest.approx(20 * 0.114, abs=0.01)


def test_blurring_is_not_called_sharpening() -> None:
    picture = Picture("a.png", stripes())
    soft = np.asarray(Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(2)))
    found = evidence(Job("c", picture, "a"), picture, replace(picture, pixels=soft))
    widths = [found[f"edge-width-{version}-across"].value for version in ("restored", "input")]
    assert widths[0] > widths[1] + 2
    assert found["gradient-energy-ratio"].value < 1


def test_what_cannot_be_measured_is_left_out() -> None:
    picture = Picture("a.png", np.full((40, 40, 3), 99, np.uint8))
    found = evidence(Job("c", picture, "a", 2), enlarged(picture, 2), enlarged(picture, 2))
    assert set(found) == {
        "input-width", "input-height", "output-width", "output-height", "factor", "mean-change",
        "low-frequency-agreement", "ssim", "flat-change", "colour-change",
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
