from __future__ import annotations

import pytest
import torch

from agent.lab.training.consistency import AttentionReducer, Objective

pytestmark = pytest.mark.usefixtures("one_thread")


# --- the reducer ------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_an_untrained_reducer_is_a_local_mean(factor: int) -> None:
    reducer = AttentionReducer(3, factor).eval()
    fine = torch.full((1, 3, 5 * factor, 7 * factor), 2.0)
    assert torch.allclose(reducer(fine), torch.full((1, 3, 5, 7), 2.0))
    ramp = torch.arange(9.0 * factor).expand(1, 3, 5 * factor, -1).clone()
    middle = reducer(ramp)[0, 0, 2, 3:6]
    wanted = [cell * factor + (factor - 1) / 2 for cell in (3, 4, 5)]
    assert middle.tolist() == pytest.approx(wanted, abs=0.02 * factor)


def test_a_fifth_of_the_weights_is_dropped_in_training_alone() -> None:
    torch.manual_seed(0)
    reducer, fine = AttentionReducer(3, 2), torch.randn(1, 3, 12, 12)
    assert not torch.equal(reducer.train()(fine), reducer(fine))
    assert torch.equal(reducer.eval()(fine), reducer(fine))


# --- the loss ---------------------------------------------------------------------------------


def test_cells_beside_borders_of_tiles_count_twice() -> None:
    objective = Objective(4, 2)
    fine = torch.zeros(1, 4, 8, 8)
    weights = objective._weights(type("S", (), {"fused": fine})(), torch.eye(3)[None])
    assert weights[0, 0].tolist() == [
        [1, 1.5, 1.5, 1],
        [1.5, 1.75, 1.75, 1.5],
        [1.5, 1.75, 1.75, 1.5],
        [1, 1.5, 1.5, 1],
    ]
