from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from agent.systems.restoration.precision import computing_in, fastest_type

CPU = torch.device("cpu")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_convolutions_are_computed_in_the_type_that_was_asked_for(dtype: torch.dtype) -> None:
    x, weight = torch.rand(1, 3, 8, 8), torch.rand(4, 3, 3, 3)
    with computing_in(dtype, CPU):
        assert functional.conv2d(x, weight).dtype == dtype
    assert functional.conv2d(x, weight).dtype == torch.float32


def test_float32_is_not_rounded_to_tensorfloat_and_what_was_set_comes_back() -> None:
    before = torch.backends.cudnn.allow_tf32
    with pytest.raises(KeyError), computing_in(torch.float32, CPU):
        assert not torch.backends.cudnn.allow_tf32
        raise KeyError
    assert torch.backends.cudnn.allow_tf32 == before


@pytest.mark.parametrize("units", [True, False])
def test_bfloat16_is_taken_where_there_are_units_for_it(
    monkeypatch: pytest.MonkeyPatch, units: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: units, raising=False)
    assert fastest_type(CPU) == (torch.bfloat16 if units else torch.float32)
