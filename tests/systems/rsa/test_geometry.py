"""RDMs of layers: right numbers, in any amount of memory, and what cannot be held refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from agent.errors import InputError
from agent.measures.similarity import cosine_rdm
from agent.systems.encoders import Encoder
from agent.systems.rsa.geometry import layer_rdms, saliency_rdm

pytestmark = pytest.mark.usefixtures("one_thread")


def encoder(*layers: nn.Module) -> Encoder:
    torch.manual_seed(0)
    plain = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Encoder("tiny", nn.Sequential(*layers).eval(), 8, *plain, "none", "", "none")


def pictures(n: int = 11, side: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), np.uint8)


def test_the_rdm_of_a_layer_is_that_of_its_flattened_output() -> None:
    net = encoder(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(144, 5))
    stimuli = pictures()
    found = layer_rdms(net, stimuli, ["0", "1", "3"])
    batch = torch.from_numpy(stimuli).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        first = net.net[0](batch)
        expected = [first, first.relu(), net.net(batch)]
    for matrix, output in zip(found, expected, strict=True):
        np.testing.assert_allclose(matrix, cosine_rdm(output.flatten(1).numpy()), atol=1e-6)


def test_little_memory_takes_more_passes_and_gives_the_same() -> None:
    net = encoder(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    stimuli = pictures()
    lines: list[str] = []
    whole = layer_rdms(net, stimuli, ["0", "1", "2"])
    one_layer = 11 * 144 * 4
    split = layer_rdms(net, stimuli, ["0", "1", "2"], memory=one_layer, progress=lines.append)
    np.testing.assert_array_equal(whole, split)
    assert lines[-1].startswith("pass 3 of 3")


def test_a_layer_that_no_memory_holds_is_named() -> None:
    with pytest.raises(InputError, match="activations of 0 for 11 pictures"):
        layer_rdms(encoder(nn.Conv2d(3, 4, 3)), pictures(), ["0"], memory=1000)


def test_values_that_are_not_finite_are_refused_with_their_layer() -> None:
    net = encoder(nn.Conv2d(3, 4, 3))
    nn.init.constant_(net.net[0].bias, float("nan"))
    with pytest.raises(InputError, match="layer 0 has values that are not finite"):
        layer_rdms(net, pictures(), ["0"])


def test_windows_laid_in_the_batch_are_told_apart_by_picture() -> None:
    class Windows(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.reshape(len(x) * 4, -1)

    stimuli = pictures()
    (matrix,) = layer_rdms(encoder(Windows()), stimuli, ["0"])
    flat = stimuli.transpose(0, 3, 1, 2).reshape(11, -1).astype(np.float32)
    np.testing.assert_allclose(matrix, cosine_rdm(flat), atol=1e-6)


def test_pictures_that_draw_the_eye_to_one_place_are_alike() -> None:
    def spot(y: int, x: int, colour: tuple[int, int, int]) -> np.ndarray:
        picture = np.full((128, 128, 3), 120, np.uint8)
        picture[y : y + 16, x : x + 16] = colour
        return picture

    left, left_too, right = spot(20, 20, (250, 20, 20)), spot(20, 20, (20, 20, 250)), spot(
        90, 90, (250, 20, 20)
    )  # fmt: skip
    matrix = saliency_rdm(np.stack([left, left_too, right]))
    assert matrix[0, 1] < 0.3 < matrix[0, 2]


def test_swapping_red_and_blue_is_handing_the_channels_over_in_that_order() -> None:
    stimuli = pictures(4, 48)
    swapped = saliency_rdm(stimuli, swap_red_blue=True)
    np.testing.assert_array_equal(swapped, saliency_rdm(stimuli[..., ::-1]))
    assert (swapped != saliency_rdm(stimuli)).any()
