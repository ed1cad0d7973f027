from __future__ import annotations

import copy

import pytest
import torch

from agent.systems.restoration.mechanisms import ablation
from agent.systems.restoration.network import MIMOUNet, ResBlock
from agent.systems.restoration.quantization import available, eight_bit
from agent.systems.restoration.residual_blocks import convolutions

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(
        not available(), reason="the processor or PyTorch has no fast arithmetic in 8 bits"
    ),
]


@pytest.fixture(scope="module")
def net() -> MIMOUNet:
    torch.manual_seed(0)
    return MIMOUNet(1).eval().to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return torch.rand(1, 3, 40, 52, generator=torch.Generator().manual_seed(1))


def change(net: MIMOUNet, x: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return net.full(x) - x


def error(net: MIMOUNet, x: torch.Tensor) -> float:
    """Share of the change that is another in 8 bits."""
    exact, fast = change(net, x), change(eight_bit(net), x)
    return float((fast - exact).pow(2).mean() / exact.var())


def test_comes_near_the_network_and_is_not_it(net: MIMOUNet, picture: torch.Tensor) -> None:
    assert 0 < error(net, picture) < 1e-3


def test_channels_may_reach_unevenly_far(net: MIMOUNet, picture: torch.Tensor) -> None:
    uneven = copy.deepcopy(net)
    for block in uneven.modules():
        if isinstance(block, ResBlock):
            first, second = convolutions(block)
            assert first.bias is not None
            factors = 4.0 ** (torch.arange(first.out_channels) % 4)
            first.weight.data *= factors.view(-1, 1, 1, 1)
            first.bias.data *= factors
            second.weight.data /= factors.view(1, -1, 1, 1)
    assert torch.allclose(change(uneven, picture), change(net, picture), atol=1e-4)
    assert error(uneven, picture) < 4 * error(net, picture)  # 240 times with one scale for all


def test_the_network_itself_stays_exact(net: MIMOUNet, picture: torch.Tensor) -> None:
    before = change(net, picture)
    fast = eight_bit(net)
    assert torch.equal(change(net, picture), before)
    assert not any(isinstance(module, ResBlock) for module in fast.modules())
    assert fast.feat_extract is net.feat_extract  # weights are held once
    assert not any(block._forward_hooks or block._forward_pre_hooks for block in net.modules())


def test_the_same_network_gives_the_same(net: MIMOUNet, picture: torch.Tensor) -> None:
    assert torch.equal(change(eight_bit(net), picture), change(eight_bit(net), picture))


def test_values_that_are_not_finite_are_not_hidden(net: MIMOUNet, picture: torch.Tensor) -> None:
    spoilt = picture.clone()
    spoilt[0, 0, 5, 5] = float("nan")
    assert change(eight_bit(net), spoilt).isnan().any()


def test_a_network_of_zeros_returns_its_input(picture: torch.Tensor) -> None:
    net = MIMOUNet(1).eval()
    for parameter in net.parameters():
        parameter.data.zero_()
    assert not change(eight_bit(net), picture).any()


def test_ablating_a_mechanism_reaches_it(net: MIMOUNet, picture: torch.Tensor) -> None:
    fast = eight_bit(net)
    with ablation(net, "residual"):
        assert not change(fast, picture).any()
    assert change(fast, picture).any()


def test_strips_make_no_difference(
    net: MIMOUNet, picture: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = eight_bit(net)
    whole = change(fast, picture)
    monkeypatch.setattr("agent.systems.restoration.quantization._ROUNDED", 1)
    monkeypatch.setattr("agent.systems.restoration.quantization._CONVOLVED", 1)
    assert torch.equal(change(fast, picture), whole)


@pytest.mark.parametrize("size", [(4, 4), (4, 8), (8, 4), (12, 400)])
def test_any_size_of_multiples_of_four(net: MIMOUNet, size: tuple[int, int]) -> None:
    x = torch.rand(1, 3, *size)
    assert change(eight_bit(net), x).isfinite().all()
