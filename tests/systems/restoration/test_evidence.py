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


@pytest.fixture(scope="module")
def sharpened() -> dict[str, Evidence]:
    """Of stripes, enlarged 3 times, whose edges a perfect restorer made steep."""
    small = Picture("shot.png", stripes())
    job, before = Job("mimo-unet-plus", small, "shot-1", 3), enlarged(small, 3)
    sharp = small.pixels.repeat(3, 0).repeat(3, 1)
    return evidence(job, before, replace(before, pixels=sharp))


def test_the_sizes_are_those_of_input_and_output(sharpened: dict[str, Evidence]) -> None:
    keys = ("input-width", "input-height", "factor", "output-width", "output-height")
    assert [sharpened[key].value for key in keys] == [70, 60, 3, 210, 180]


def test_steeper_edges_are_narrower_and_carry_more_energy(sharpened: dict[str, Evidence]) -> None:
    assert sharpened["edge-width-restored-across"].value == pytest.approx(0.8)
    assert sharpened["edge-width-enlarged-across"].value > 2
    assert sharpened["gradient-energy-ratio"].value > 1.2
    assert sharpened["high-frequency-ratio"].value > 1.2


def test_edges_are_measured_only_in_the_direction_in_which_there_are_some(
    sharpened: dict[str, Evidence],
) -> None:
    assert sharpened["edges-across"].value >= 30
    assert not {"edges", "edges-down"} & set(sharpened)


def test_the_ratio_of_edge_widths_lies_in_its_interval(sharpened: dict[str, Evidence]) -> None:
    ratio = sharpened["edge-width-ratio-across"]
    low, high = ratio.interval or (0, 0)
    assert low <= ratio.value <= high
    widths = [sharpened[f"edge-width-{on}-across"].value for on in ("restored", "enlarged")]
    assert ratio.value == pytest.approx(widths[0] / widths[1], rel=0.02) and ratio.value < 0.5


def test_the_change_is_concentrated_near_edges(sharpened: dict[str, Evidence]) -> None:
    change, area = (sharpened[f"{of}-near-edges"].value for of in ("change", "area"))
    assert change > 99 > 60 > area
    assert sharpened["change-concentration"].value == pytest.approx(change / area, rel=0.01)


def test_what_keeps_the_content_agrees_with_its_input(sharpened: dict[str, Evidence]) -> None:
    assert sharpened["ssim"].value > 0.9
    assert sharpened["low-frequency-agreement"].value > 20
    assert sharpened["consistency"].value > 25


def test_a_measurement_says_on_what_it_was_taken(sharpened: dict[str, Evidence]) -> None:
    width = sharpened["edge-width-restored-across"]
    assert (width.measured_on, width.unit) == ("shot.png, restored", "px")


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
        number = item.format().split()[0].replace(",", "")
        assert float(number) == item.value
