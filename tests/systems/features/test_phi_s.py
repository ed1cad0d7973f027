from __future__ import annotations

import pytest
import torch

from agent.systems.features.phi_s import PhiS, hadamard


@pytest.mark.parametrize("order", [1, 2, 4, 8, 12, 20, 24, 28, 36, 40, 112, 320, 384, 768, 1280])
def test_rows_of_a_hadamard_matrix_are_orthogonal_signs(order: int) -> None:
    matrix = hadamard(order)
    assert matrix.abs().eq(1).all()
    assert torch.equal(matrix @ matrix.T, order * torch.eye(order))


@pytest.mark.parametrize("order", [3, 6, 92])
def test_an_order_out_of_reach_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match=r"order|stage"):
        hadamard(order)


def test_every_channel_gets_the_same_variance_and_all_is_undone() -> None:
    torch.manual_seed(0)
    mixed = torch.randn(4000, 4) @ torch.diag(torch.tensor([9.0, 1, 0.1, 0.01])) + 5
    mixed = mixed @ torch.linalg.qr(torch.randn(4, 4))[0]
    normaliser = PhiS(4)
    normaliser.fit(mixed)
    maps = mixed.T.reshape(1, 4, 50, 80)
    normalised = normaliser.normalise(maps)
    assert normalised.mean((0, 2, 3)).abs().max() < 1e-3
    assert normalised.var((0, 2, 3), correction=0) == pytest.approx(torch.ones(4), rel=1e-3)
    assert torch.allclose(normaliser.restore(normalised), maps, atol=1e-3)
    # One scale for all: squared errors shrink by one factor, the mean variance.
    other = maps + torch.randn_like(maps)
    error = (normaliser.normalise(other) - normalised).square().mean()
    variance = maps.var((0, 2, 3), correction=0).mean()
    wanted = (other - maps).square().mean() / variance
    assert float(error) == pytest.approx(float(wanted), rel=1e-3)


def test_features_that_do_not_vary_cannot_be_normalised() -> None:
    with pytest.raises(ValueError, match="all the same"):
        PhiS(4).fit(torch.ones(100, 4))
