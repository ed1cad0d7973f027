"""The published facts about MIMO-UNet that need no published weights."""

from __future__ import annotations

import collections
import gc
import os
import pickle
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from agent.errors import CheckpointError
from agent.systems.restoration.network import MIMOUNet, load_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def net() -> MIMOUNet:
    torch.manual_seed(0)
    return MIMOUNet(1).eval()


def picture(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def literal(net: MIMOUNet, x: Tensor) -> list[Tensor]:
    """The published form: nearest resampling by interpolation, skips fused after concatenation."""

    def scaled(features: Tensor, factor: float) -> Tensor:
        return functional.interpolate(features, scale_factor=factor)

    def fused(number: int, *maps: Tensor) -> Tensor:
        return net.AFFs[number].conv(torch.cat(maps, 1))

    fe, x2 = net.feat_extract, scaled(x, 0.5)
    x4 = scaled(x2, 0.5)
    res1 = net.Encoder[0](fe[0](x))
    res2 = net.Encoder[1](net.FAM2(fe[1](res1), net.SCM2(x2)))
    z = net.Encoder[2](net.FAM1(fe[2](res2), net.SCM1(x4)))
    z12, z21 = scaled(res1, 0.5), scaled(res2, 2)
    z42 = scaled(z, 2)
    skip2 = fused(1, z12, res2, z42)
    skip1 = fused(0, res1, z21, scaled(z42, 2))
    z = net.Decoder[0](z)
    quarter, z = net.ConvsOut[0](z) + x4, fe[3](z)
    z = net.Decoder[1](net.Convs[0](torch.cat([z, skip2], 1)))
    half, z = net.ConvsOut[1](z) + x2, fe[4](z)
    z = net.Decoder[2](net.Convs[1](torch.cat([z, skip1], 1)))
    return [quarter, half, fe[5](z) + x]


# --- parameters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "parameters", "tensors"), [(8, 6_807_171, 244), (20, 16_107_651, 532)]
)
def test_sizes_are_those_published(blocks: int, parameters: int, tensors: int) -> None:
    with torch.device("meta"):
        net = MIMOUNet(blocks)
    assert sum(p.numel() for p in net.parameters()) == parameters
    state = net.state_dict()
    assert len(state) == tensors
    assert not [name for name in state if "drop" in name]


def test_names_and_shapes_are_those_of_the_published_checkpoints(net: MIMOUNet) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    for name, shape in {
        "AFFs.0.conv.0.main.0.weight": (32, 224, 1, 1),
        "AFFs.1.conv.0.main.0.weight": (64, 224, 1, 1),
        "SCM1.main.3.main.0.weight": (125, 64, 1, 1),
        "SCM2.main.3.main.0.weight": (61, 32, 1, 1),
        "SCM1.conv.main.0.weight": (128, 128, 1, 1),
        "feat_extract.3.main.0.weight": (128, 64, 4, 4),
        "feat_extract.4.main.0.weight": (64, 32, 4, 4),
        "Encoder.2.layers.0.main.1.main.0.weight": (128, 128, 3, 3),
        "Decoder.2.layers.0.main.0.main.0.bias": (32,),
        "Convs.0.main.0.weight": (64, 128, 1, 1),
        "ConvsOut.1.main.0.weight": (3, 64, 3, 3),
        "FAM1.merge.main.0.weight": (128, 128, 3, 3),
    }.items():
        assert shapes[name] == shape


def test_at_least_one_block_is_needed() -> None:
    with pytest.raises(ValueError, match="blocks must be at least 1, got 0"):
        MIMOUNet(0)


# --- the function it computes -----------------------------------------------------------------


def test_equals_the_literal_published_form(net: MIMOUNet) -> None:
    x = picture(24, 40)
    with torch.no_grad():
        for ours, theirs in zip(net(x), literal(net, x), strict=True):
            assert ours.shape == theirs.shape
            assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()


def test_without_weights_passes_the_picture_on_at_three_scales(net: MIMOUNet) -> None:
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    x = picture(16, 24)
    with torch.no_grad():
        quarter, half, full = net(x)
    assert torch.equal(full, x)
    assert torch.equal(half, x[..., ::2, ::2])
    assert torch.equal(quarter, x[..., ::4, ::4])


@pytest.mark.parametrize("size", [(18, 16), (16, 18), (15, 15), (16, 17)])
def test_refuses_sides_that_are_no_multiples_of_four(net: MIMOUNet, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"multiples of 4, got {size[0]}×{size[1]}"):
        net(picture(*size))


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 1, 16, 16), (1, 4, 16, 16)])
def test_refuses_other_shapes(net: MIMOUNet, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected a tensor of shape"):
        net(torch.zeros(shape))


def test_dropout_acts_in_training_of_plus_only(net: MIMOUNet) -> None:
    with torch.device("meta"):
        plus, plain = MIMOUNet(20), MIMOUNet(8)
    assert plus.drop1.p == plus.drop2.p == 0.1
    assert plain.drop1.p == plain.drop2.p == 0
    x = picture(8, 8)
    with torch.no_grad():
        assert torch.equal(net.train()(x)[2], net(x)[2])
        net.drop1.p = 0.5
        assert not torch.equal(net(x)[2], net(x)[2])
        assert torch.equal(net.eval()(x)[2], net(x)[2])


def test_mean_over_rotations_turns_with_the_picture_and_the_network_alone_does_not(
    net: MIMOUNet,
) -> None:
    def turned(x: Tensor, quarters: int) -> Tensor:
        return torch.rot90(x, quarters, (2, 3))

    def ensemble(x: Tensor) -> Tensor:
        return torch.stack([turned(net(turned(x, k))[2], -k) for k in range(4)]).mean(0)

    x = picture(16, 16)
    with torch.no_grad():
        assert torch.allclose(ensemble(turned(x, 1)), turned(ensemble(x), 1), atol=1e-5)
        assert not torch.allclose(net(turned(x, 1))[2], turned(net(x)[2], 1), atol=1e-4)


# --- how far it sees --------------------------------------------------------------------------


def reach(blocks: int) -> tuple[int, int]:
    """How far, exactly, an input pixel acts to its left and right: counted on a narrow strip.

    With positive weights and no bias, black stays black, and whatever a white pixel can act on
    turns brighter; in float64 even at the end of the longest way. The shallow modules do have a
    bias, since their features are multiplied with the others.
    """
    net = MIMOUNet(blocks).double().eval()
    for name, parameter in net.named_parameters():
        fan_in = parameter[0].numel() if parameter.ndim == 4 else 1
        weight = name.endswith("weight") or name.startswith("SCM")
        nn.init.constant_(parameter, 1 / fan_in if weight else 0.0)
    margin = 28 * blocks + 24
    x = torch.zeros(4, 3, 4, 2 * margin + 8, dtype=torch.float64)
    for phase in range(4):
        x[phase, :, :, margin + phase] = 1
    with torch.no_grad():
        lit = [row.nonzero().flatten() - margin for row in net(x)[2].amax(dim=(1, 2))]
    left = max(phase - int(places[0]) for phase, places in enumerate(lit))
    return left, max(int(places[-1]) - phase for phase, places in enumerate(lit))


def test_reach_grows_by_28_pixels_a_block_up_to_the_published_577() -> None:
    # An output pixel sees as far to the left as an input pixel acts to the right.
    assert [reach(1), reach(2)] == [(14 + 28, 17 + 28), (14 + 56, 17 + 56)]
    assert (17 + 28 * 8, 17 + 28 * 20) == (241, 577)
    assert (14 + 28 * 8, 14 + 28 * 20) == (238, 574)


def test_pixels_out_of_reach_stay_identical(net: MIMOUNet) -> None:
    x = picture(4, 120)
    changed = x.clone()
    changed[..., 60] += 0.5
    with torch.no_grad():
        same = (net(x)[2] == net(changed)[2]).all(dim=2).flatten(0, 1).all(0)
    assert same[: 60 - 45].all() and same[60 + 46 :].all()
    assert not same[60 - 8 : 60 + 8].any()


# --- what it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "true", "thop", "ptflops"),
    [
        (8, 63_732_842_496, 66_954_067_968, 67_169_947_648),
        (20, 150_705_930_240, 153_927_155_712, 154_407_276_544),
    ],
)
def test_multiplications_at_256_pixels(blocks: int, true: int, thop: int, ptflops: int) -> None:
    with torch.device("meta"):
        net = MIMOUNet(blocks).eval()
    counted: dict[str, int] = collections.Counter()

    def count(module: nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            transposed = isinstance(module, nn.ConvTranspose2d)
            taps = module.kernel_size[0] * module.kernel_size[1]
            places = args[0] if transposed else out
            counted["true"] += places[0, 0].numel() * module.weight.numel()
            counted["as if at the size of the output"] += out.numel() * module.in_channels * taps
            counted["biases and activations"] += out.numel()
        elif isinstance(module, nn.ReLU):
            counted["biases and activations"] += out.numel()

    for module in net.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        literal(net, torch.empty(1, 3, 256, 256, device="meta"))
    assert counted["true"] == true
    assert counted["as if at the size of the output"] == thop
    assert thop + counted["biases and activations"] == ptflops


class Peak(TorchDispatchMode):
    """Counts the bytes of all tensors alive, and remembers the most there were at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[int, int] = collections.Counter()
        self.now = self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            storage = result.untyped_storage()
            key, size = storage.data_ptr(), storage.nbytes()
            self.now += size if not self.users[key] else 0
            self.users[key] += 1
            self.most = max(self.most, self.now)
            weakref.finalize(result, self._freed, key, size)
        return result

    def _freed(self, key: int, size: int) -> None:
        self.users[key] -= 1
        self.now -= size if not self.users[key] else 0


@pytest.mark.slow
def test_memory_is_less_than_half_of_the_literal_form(net: MIMOUNet) -> None:
    peaks = []
    for forward in (net, lambda x: literal(net, x)):
        gc.collect()
        x = picture(128, 128)
        with torch.no_grad(), Peak() as peak:
            forward(x)
        peaks.append(peak.most)
    assert peaks[0] * 2 < peaks[1]
    assert 1_500 < peaks[1] / 128**2 < 2_500  # about 2.2 kB a pixel, as counted by hand


# --- checkpoints ------------------------------------------------------------------------------


def test_every_kind_of_file_loads_alike(net: MIMOUNet, tmp_path: Path) -> None:
    state = net.state_dict()
    prefixed = {f"module.{name}": tensor for name, tensor in state.items()}
    torch.save({"model": state}, tmp_path / "a.pkl")
    torch.save(state, tmp_path / "b.pth")
    torch.save({"model": prefixed}, tmp_path / "c.pt")
    schedule = {"milestones": collections.Counter([500, 1000]), "last_epoch": 3}
    torch.save({"model": state, "scheduler": schedule, "epoch": 3}, tmp_path / "d.pkl")
    save_file(state, tmp_path / "e.safetensors")
    save_file({k: v.half() for k, v in state.items()}, tmp_path / "f.safetensors")
    x = picture(8, 8)
    with torch.no_grad():
        expected = net(x)[2]
        for path in sorted(tmp_path.iterdir()):
            loaded = load_checkpoint(path)
            assert loaded.blocks == 1 and not loaded.training
            assert all(p.dtype == torch.float32 for p in loaded.parameters())
            tolerance = 1e-2 if path.name.startswith("f") else 0
            assert (loaded(x)[2] - expected).abs().max() <= tolerance


class Trap:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("protocol", [None, 2, 4])
def test_programs_inside_a_pickle_are_refused_and_never_run(
    tmp_path: Path, protocol: int | None
) -> None:
    marker, path = tmp_path / "ran", tmp_path / "trap.pkl"
    if protocol is None:
        torch.save({"model": Trap(marker)}, path)
    else:
        path.write_bytes(pickle.dumps({"model": Trap(marker)}, protocol))
    with pytest.raises(CheckpointError, match=r"refused, it .* holds more than tensors") as caught:
        load_checkpoint(path)
    assert not marker.exists()
    assert "\n" not in str(caught.value)


def test_misfits_are_told_by_name(net: MIMOUNet, tmp_path: Path) -> None:
    state = dict(net.state_dict())
    del state["SCM1.conv.main.0.bias"]
    state["extra"] = torch.zeros(1)
    state["FAM1.merge.main.0.bias"] = torch.zeros(3)
    save_file(state, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(tmp_path / "x.safetensors")
    message = str(caught.value)
    assert "missing: SCM1.conv.main.0.bias (1)" in message
    assert "unexpected: extra (1)" in message
    assert "FAM1.merge.main.0.bias (3,) instead of (128,)" in message


def test_an_absurd_block_index_builds_no_absurd_network(net: MIMOUNet, tmp_path: Path) -> None:
    state = dict(net.state_dict())
    state["Encoder.0.layers.999999999.main.0.main.0.bias"] = torch.zeros(32)
    save_file(state, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match=r"missing: .*unexpected: .*999999999"):
        load_checkpoint(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.safetensors", b"", "not a PyTorch checkpoint"),
        ("a.safetensors", b"\xff" * 64, "not a PyTorch checkpoint"),
        ("a.pth", b"", "not a PyTorch checkpoint"),
        ("a.pth", b"not a pickle", "refused|not a PyTorch checkpoint"),
        ("a.pkl", pickle.dumps([1, 2]), "expected a mapping|refused|not a PyTorch checkpoint"),
    ],
)
def test_rubbish_is_refused_on_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_other_networks_and_missing_files_are_refused(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.zeros(2)}, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match="not a MIMO-UNet checkpoint"):
        load_checkpoint(tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match="no such file"):
        load_checkpoint(tmp_path / "nothing.pkl")
    with pytest.raises(CheckpointError, match="no such file"):
        load_checkpoint(tmp_path)
