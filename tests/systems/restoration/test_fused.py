from __future__ import annotations

import pytest
import torch

from agent.systems.restoration.fused import available, fused
from agent.systems.restoration.mechanisms import MECHANISMS, Mechanism, ablation
from agent.systems.restoration.network import MIMOUNet, ResBlock
from agent.systems.restoration.precision import computing_in

CPU = torch.device("cpu")
pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(not available(torch.float32, CPU), reason="PyTorch is without oneDNN"),
]
TYPES = [kind for kind in (torch.float32, torch.bfloat16) if available(kind, CPU)]


@pytest.fixture(scope="module")
def net() -> MIMOUNet:
    torch.manual_seed(0)
    return MIMOUNet(2).eval().to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return torch.rand(1, 3, 40, 52, generator=torch.Generator().manual_seed(1))


def change(net: MIMOUNet, x: torch.Tensor, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    with torch.inference_mode(), computing_in(dtype, CPU):
        return net.full(x).float() - x


def test_in_float32_only_the_order_of_sums_differs(net: MIMOUNet, picture: torch.Tensor) -> None:
    exact = change(net, picture)
    assert (change(fused(net, torch.float32), picture) - exact).abs().max() <= 1e-6
    assert exact.abs().max() > 1e-2


@pytest.mark.skipif(torch.bfloat16 not in TYPES, reason="the processor has no bfloat16")
def test_in_bfloat16_it_is_as_near_as_layer_by_layer(net: MIMOUNet, picture: torch.Tensor) -> None:
    exact = change(net, picture)
    layers, blocks = (
        (change(one, picture, torch.bfloat16) - exact).pow(2).mean().sqrt()
        for one in (net, fused(net, torch.bfloat16))
    )
    assert 0 < blocks <= 1.1 * layers


@pytest.mark.parametrize("dtype", TYPES)
def test_all_three_outputs_and_several_pictures(net: MIMOUNet, dtype: torch.dtype) -> None:
    fast, x = fused(net, dtype), torch.rand(3, 3, 16, 20)
    with torch.inference_mode(), computing_in(dtype, CPU):
        quarter, half, full = fast(x)
        alone = fast.full(x[1:2])
    assert [out.shape[2:] for out in (quarter, half, full)] == [(4, 5), (8, 10), (16, 20)]
    assert (alone - full[1:2]).abs().max() <= (1e-6 if dtype == torch.float32 else 1e-2)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3e38])
def test_values_that_are_not_finite_are_not_hidden(
    picture: torch.Tensor, value: float, dtype: torch.dtype
) -> None:
    spoilt = MIMOUNet(1).eval()
    first = spoilt.get_parameter("Encoder.0.layers.0.main.0.main.0.weight")
    first.data[:] = value
    assert not change(fused(spoilt, dtype), picture, dtype).isfinite().all()


@pytest.mark.parametrize("dtype", TYPES)
def test_the_input_and_the_network_itself_stay_as_they_were(
    net: MIMOUNet, picture: torch.Tensor, dtype: torch.dtype
) -> None:
    before, given = change(net, picture), picture.clone()
    fast = fused(net, dtype)
    change(fast, picture, dtype)
    assert torch.equal(change(net, picture), before) and torch.equal(picture, given)
    assert not any(isinstance(module, ResBlock) for module in fast.modules())
    assert fast.feat_extract is net.feat_extract  # weights are held once
    stream = torch.rand(1, 32, 8, 8)
    kept = stream.clone()
    with torch.inference_mode():
        fast.Encoder[0](stream)
    assert torch.equal(stream, kept)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_ablating_a_mechanism_reaches_it(
    net: MIMOUNet, picture: torch.Tensor, mechanism: Mechanism
) -> None:
    fast = fused(net, torch.float32)
    with ablation(fast, mechanism):
        silent = change(fast, picture)
    with ablation(net, mechanism):
        assert (change(net, picture) - silent).abs().max() <= 1e-6
    assert (change(fast, picture) - silent).abs().max() > 1e-3


@pytest.mark.parametrize("size", [(4, 4), (4, 8), (8, 4), (12, 400)])
def test_any_size_of_multiples_of_four(net: MIMOUNet, size: tuple[int, int]) -> None:
    x = torch.rand(1, 3, *size)
    assert (change(fused(net, torch.float32), x) - change(net, x)).abs().max() <= 1e-6


def test_no_other_type_and_no_other_device() -> None:
    assert not available(torch.float16, CPU) and not available(torch.int8, CPU)
    assert not available(torch.float32, torch.device("meta"))
