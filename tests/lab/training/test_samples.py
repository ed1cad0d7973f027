from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.errors import InputError
from agent.lab.training.samples import DEGRADATIONS, SIDE, samples


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Plain paper with one square of detail, away from the middle."""
    pixels = np.full((300, 400, 3), 200, np.uint8)
    detail = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
    pixels[20 : 20 + SIDE, 30 : 30 + SIDE] = detail.repeat(4, 0).repeat(4, 1)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    return path


def test_the_same_seed_draws_the_same_sheet_and_another_one_does_not(picture: Path) -> None:
    assert (samples([picture], 3) == samples([picture], 3)).all()
    assert (samples([picture], 3) != samples([picture], 4)).any()


def test_what_is_shown_first_is_the_sharp_detail_itself(picture: Path) -> None:
    drawn = samples([picture])
    shown = drawn[32 : 32 + 2 * SIDE, 8 : 8 + 2 * SIDE][::2, ::2]
    pixels = np.asarray(Image.open(picture))
    # The gradient at the rim of the square may lie on either side of it.
    places = [(y, x) for y in (19, 20, 21) for x in (29, 30, 31)]
    assert any((shown == pixels[y : y + SIDE, x : x + SIDE]).all() for y, x in places)


@pytest.mark.parametrize("name", [n for n in DEGRADATIONS if not n.startswith("drawn")])
def test_every_named_degradation_but_the_first_changes_the_picture(name: str) -> None:
    sharp = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    degraded = DEGRADATIONS[name](sharp, np.random.default_rng(1))
    assert degraded.shape == sharp.shape and degraded.dtype == np.uint8
    assert (degraded == sharp).all() == (name == "sharp")


def test_what_is_no_picture_or_too_small_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(InputError, match=r"text\.png: cannot be read as a picture"):
        samples([tmp_path / "text.png"])
    Image.new("RGB", (SIDE, SIDE - 1)).save(tmp_path / "small.png")
    with pytest.raises(InputError, match=rf"is {SIDE} × {SIDE - 1} pixels; expected at least"):
        samples([tmp_path / "small.png"])
