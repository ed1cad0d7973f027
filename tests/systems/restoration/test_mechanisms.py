from __future__ import annotations

import pytest
import torch

from agent.systems.restoration.mechanisms import (
    MECHANISMS,
    STAGES,
    ablation,
    look_inside,
    output_without,
)
from agent.systems.restoration.network import MIMOUNet

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def net() -> MIMOUNet:
    torch.manual_seed(0)
    return MIMOUNet(1).eval()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(1))


def hooks_of(net: MIMOUNet) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in net.modules())


def test_all_that_a_network_computes_is_there(net: MIMOUNet, x: torch.Tensor) -> None:
    seen = look_inside(net, x)
    with torch.no_grad():
        expected = net(x)
    for ours, plain in zip(seen.outputs, expected, strict=True):
        assert torch.equal(ours, plain)
    torch.testing.assert_close(x + seen.residual, seen.outputs[2])
    shapes = {name: tuple(seen.features[name].shape[1:]) for name in STAGES}
    assert shapes == {
        "Encoder.0": (32, 16, 24), "SCM2": (64, 8, 12), "FAM2": (64, 8, 12),
        "Encoder.1": (64, 8, 12), "SCM1": (128, 4, 6), "FAM1": (128, 4, 6),
        "Encoder.2": (128, 4, 6), "AFFs.1": (64, 8, 12), "AFFs.0": (32, 16, 24),
        "Decoder.0": (128, 4, 6), "Decoder.1": (64, 8, 12), "Decoder.2": (32, 16, 24),
    }  # fmt: skip
    assert hooks_of(net) == 0


def test_without_the_residual_head_the_input_comes_out(net: MIMOUNet, x: torch.Tensor) -> None:
    assert torch.equal(output_without(net, x, "residual"), x)


def test_without_attention_the_smaller_pictures_are_not_seen(
    net: MIMOUNet, x: torch.Tensor
) -> None:
    """The same as a network whose attention adds nothing: its merging convolution is zero."""
    torch.manual_seed(0)
    other = MIMOUNet(1).eval()
    for module in (other.FAM1, other.FAM2):
        for parameter in module.parameters():
            torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        expected = other.full(x)
    torch.testing.assert_close(output_without(net, x, "attention"), expected)
    assert not torch.allclose(expected, net(x)[2])


def test_without_coarser_branches_skips_hold_their_own_and_finer_scales(
    net: MIMOUNet, x: torch.Tensor
) -> None:
    """The same as a network whose fusing weights for coarser scales are zero."""
    torch.manual_seed(0)
    other = MIMOUNet(1).eval()
    with torch.no_grad():
        other.AFFs[0].conv[0].main[0].weight[:, 32:] = 0
        other.AFFs[1].conv[0].main[0].weight[:, 96:] = 0
        expected = other.full(x)
    torch.testing.assert_close(output_without(net, x, "fusion"), expected)
    assert not torch.allclose(expected, net(x)[2])


def test_the_network_is_left_as_it_was_also_after_an_error(net: MIMOUNet, x: torch.Tensor) -> None:
    with torch.no_grad():
        before = net(x)[2]
        for mechanism in MECHANISMS:
            with pytest.raises(ValueError, match="multiples"):
                output_without(net, x[..., :-1], mechanism)
            with pytest.raises(RuntimeError), ablation(net, mechanism):
                raise RuntimeError("anything")
        assert hooks_of(net) == 0 and torch.equal(net(x)[2], before)
    with pytest.raises(ValueError, match="expected one of attention, fusion, residual"):
        output_without(net, x, "memory")  # type: ignore[arg-type]
