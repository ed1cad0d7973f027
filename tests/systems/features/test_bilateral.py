from __future__ import annotations

import pytest
import torch

from agent.systems.features.bilateral import BilateralLevel, BilateralStack, offsets, primes, window

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_window_goes_row_by_row_and_repeats_the_border() -> None:
    x = torch.arange(12.0).reshape(1, 1, 3, 4)
    views = list(window(x, 1))
    assert offsets(1).tolist() == [[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    assert torch.equal(views[4], x)
    assert views[5][0, 0, 1].tolist() == [5, 6, 7, 7]  # one to the right
    assert views[1][0, 0, 0].tolist() == [0, 1, 2, 3]  # one up


@pytest.mark.parametrize(
    ("number", "found"), [(1, []), (2, [2]), (3, [3]), (4, [2, 2]), (8, [2, 2, 2]), (6, [2, 3])]
)
def test_levels_are_the_prime_factors(number: int, found: list[int]) -> None:
    assert primes(number) == found
    assert [level.factor for level in BilateralStack(number).levels] == found


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_what_is_the_same_everywhere_stays_so(factor: int) -> None:
    torch.manual_seed(0)
    features = torch.tensor([2.0, -3]).reshape(1, 2, 1, 1).expand(1, 2, 5, 4)
    fine = BilateralStack(factor)(features, torch.rand(1, 3, 40, 32))
    assert fine.shape == (1, 2, 5 * factor, 4 * factor)
    assert torch.allclose(fine, features[..., :1, :1].expand_as(fine), atol=1e-5)


def test_features_change_where_the_picture_does() -> None:
    """A step half a coarse cell beside that of the picture is pulled to it."""
    level = BilateralLevel(2)
    with torch.no_grad():  # keys that tell dark from bright
        for layer in (level.keys[0], level.keys[2]):
            layer.weight.fill_(0.1)
            layer.bias.zero_()
        level.log_temperature.fill_(3.0)
        level.log_sigma.fill_(1.0)
    features = torch.zeros(1, 1, 6, 6)
    features[..., 3:] = 1
    guide = torch.zeros(1, 3, 12, 12)
    guide[..., 6:] = 1
    plain = torch.nn.functional.interpolate(features, scale_factor=2, mode="bilinear")
    fine = level(features, guide)
    assert fine[0, 0, 5, 6] - fine[0, 0, 5, 5] > 1.5 * (plain[0, 0, 5, 6] - plain[0, 0, 5, 5])
