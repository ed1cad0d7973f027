"""Frozen encoders: weights that are real, layers by name, activations that stay what they were."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from agent.errors import CheckpointError, ConfigError, InputError
from agent.imaging.resampling import central_square
from agent.systems import encoders
from agent.systems.encoders import Encoder, load_encoder
from agent.systems.restoration.network import MIMOUNet

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="needs groundglass[vision]")


class Reused(nn.Module):
    """A layer that runs twice, and one that overwrites its input."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 2, 1)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(2, 2, 1)
        self.idle = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.second(self.relu(self.first(x)))
        return self.idle(self.relu(x))


def encoder(net: nn.Module, size: int = 8) -> Encoder:
    plain = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Encoder("tiny", net.eval(), size, *plain, "none", "", "none")


def tiny_weights(path: Path) -> Path:
    encoders.import_torchvision()
    import timm

    torch.manual_seed(0)
    save_file(timm.create_model("test_efficientnet").state_dict(), path)
    return path


@pytest.mark.slow
def test_the_default_encoder_knows_what_is_on_a_photograph() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    flower = Image.fromarray(datasets.load_sample_image("flower.jpg"))
    net = load_encoder()
    pixels = central_square(np.asarray(flower), net.size)
    batch = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
    with torch.no_grad():
        classes = net.net(net.normalised(batch))
    assert int(classes.argmax()) == 985  # daisy
    assert net.licence.startswith("Apache-2.0")
    assert net.stages() == [
        "conv_stem", "bn1", *(f"blocks.{i}" for i in range(7)),
        "conv_head", "bn2", "global_pool", "classifier",
    ]  # fmt: skip


def test_activations_are_not_overwritten_by_the_next_layer() -> None:
    net = Reused()
    batch = torch.randn(2, 3, 8, 8)
    found = encoder(net).activations(batch, ["first", "relu", "second"])
    assert torch.equal(found["first"], net.first(batch))
    assert (found["first"] < 0).any()
    second = net.second(net.first(batch).relu())
    assert torch.equal(found["second"], second)
    assert torch.equal(found["relu"], second.relu())  # its last run


def test_layers_are_listed_as_they_run_and_hooks_are_taken_away() -> None:
    net = encoder(Reused())
    assert net.layers == {"first": (2, 8, 8), "relu": (2, 8, 8), "second": (2, 8, 8),
                          "idle": (2, 8, 8)}  # fmt: skip
    assert net.stages() == ["first", "relu", "second"]
    assert not any(module._forward_hooks for module in net.net.modules())


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["second", "first"], ["first", "second"]),
        (["*s*"], ["first", "second"]),
        (["all"], ["first", "relu", "second", "idle"]),
        (["stages", "idle"], ["first", "relu", "second", "idle"]),
    ],
)
def test_layers_are_chosen_by_pattern(patterns: list[str], names: list[str]) -> None:
    assert encoder(Reused()).select(patterns) == names


def test_an_unknown_layer_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(InputError, match=r"no layer 'secnd'.*second"):
        encoder(Reused()).select(["secnd"])


def test_an_encoder_of_timm_loads_from_a_file(tmp_path: Path) -> None:
    net = load_encoder("test_efficientnet", tiny_weights(tmp_path / "w.safetensors"))
    shapes = net.layers
    assert net.stages()[0] == "conv_stem"
    found = net.activations(torch.rand(1, 3, net.size, net.size), ["blocks.0"])
    assert tuple(found["blocks.0"].shape[1:]) == shapes["blocks.0"]


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not fit test_resnet"):
        load_encoder("test_resnet", tiny_weights(tmp_path / "w.safetensors"))


def test_the_restorer_is_an_encoder_too(tmp_path: Path) -> None:
    save_file(MIMOUNet(1).state_dict(), tmp_path / "w.safetensors")
    net = load_encoder("mimo-unet-plus", tmp_path / "w.safetensors")
    assert [n for n in net.stages() if n.startswith(("Encoder", "Decoder"))] == [
        "Encoder.0", "Encoder.1", "Encoder.2", "Decoder.0", "Decoder.1", "Decoder.2",
    ]  # fmt: skip


def test_nothing_is_downloaded() -> None:
    with pytest.raises(ConfigError, match="nothing is downloaded"):
        load_encoder("resnet18")


def test_a_misspelt_encoder_is_refused_with_its_neighbours() -> None:
    with pytest.raises(InputError, match="'resnett'; expected resnet"):
        load_encoder("resnett")


def test_a_changed_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_PACKAGED_SHA256", "0" * 64)
    with pytest.raises(CheckpointError, match="SHA-256 differs"):
        load_encoder()
