"""What is measured of a result."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from agent.imaging.picture import Picture
from agent.systems.model_comparison import measures
from agent.systems.model_comparison.measures import Measuring, as_evidence, cost
from agent.systems.model_comparison.separate import Done
from agent.types import Provenance


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is read in a test of its own."""
    monkeypatch.setattr(measures, "why_unavailable", lambda: "no reader here")


def checks(side: int = 80) -> Picture:
    y, x = np.mgrid[:side, :side] // 20 % 2
    grey = np.where(x ^ y, 210, 50).astype(np.uint8)
    soft = Image.fromarray(grey).filter(ImageFilter.GaussianBlur(0.6))
    return Picture("a.png", np.repeat(np.asarray(soft)[..., None], 3, 2))


def measured(picture: Picture, result: Picture | None = None, factor: int = 3) -> dict:
    measuring = Measuring(picture, factor)
    found, places = measuring.measure(result or measuring.before)
    assert places == [] and all(math.isfinite(item.value) for item in found)
    return {item.key: item for item in found}


def test_a_sharper_result_has_narrower_edges_in_both_directions() -> None:
    picture = checks()
    bicubic = measured(picture)
    blocks = replace(picture, pixels=picture.pixels.repeat(3, 0).repeat(3, 1))
    sharp = measured(picture, blocks)
    for key in ("edge-width-across", "edge-width-down"):
        assert sharp[key].value < bicubic[key].value
        low, high = bicubic[key].interval
        assert low <= bicubic[key].value <= high
    assert bicubic["flat-change"].value == bicubic["colour-change"].value == 0
    assert sharp["consistency"].value > 20 and sharp["consistency"].interval


def test_a_tint_is_a_change_of_colour_and_away_from_edges() -> None:
    picture = checks()
    tinted = Measuring(picture, 2).before.pixels.copy()
    tinted[..., 2] -= 20
    found = measured(picture, replace(picture, pixels=tinted), 2)
    assert found["colour-change"].value == pytest.approx(5.81, abs=0.01)
    assert found["flat-change"].value > 2


def test_what_cannot_be_measured_is_left_out() -> None:
    for shape in ((1, 1, 3), (3, 5, 3), (1, 300, 3), (40, 40, 3)):
        flat = Picture("a.png", np.full(shape, 99, np.uint8))
        found = measured(flat)
        assert set(found) == {"consistency", "flat-change", "colour-change"}
        assert found["consistency"].value == 99


def test_a_result_may_have_other_bits_than_the_picture() -> None:
    picture = checks()
    deep = replace(picture, pixels=picture.pixels.astype(np.uint16) * 257)
    result = Measuring(picture, 2).before
    as_8, as_16 = (measured(p, result, 2)["edge-width-down"].value for p in (picture, deep))
    assert as_8 == pytest.approx(as_16, rel=0.01)


def test_costs_are_told_as_they_were_measured() -> None:
    seconds, memory = cost(Done(1.23456, 123_456_789, Provenance()))
    assert as_evidence(seconds, "a.bicubic", "a.png").value == 1.23
    assert as_evidence(memory, "a.bicubic", "a.png").format() == "123 MB"
    assert [item.key for item in cost(Done(1.0, None, Provenance()))] == ["seconds"]


def test_why_text_is_not_read_is_told() -> None:
    assert Measuring(checks(), 2).why_no_text == "text was not read: no reader here"
