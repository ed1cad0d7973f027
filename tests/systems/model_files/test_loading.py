"""What is no network that restores one picture is refused on one line, before it takes memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from agent.errors import CheckpointError, ConfigError
from agent.systems.model_files.loading import load_network

pytestmark = pytest.mark.usefixtures("one_thread", "architectures")

Compact = Callable[..., Path]


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Mapping[str, Tensor]], str]:
    def refused(state: Mapping[str, Tensor]) -> str:
        path = tmp_path / "net.pth"
        torch.save(dict(state), path)
        with pytest.raises(CheckpointError) as caught:
            load_network(path)
        text = str(caught.value)
        assert "\n" not in text and text.startswith("net.pth: ") and len(text) < 500
        return text

    return refused


def test_networks_of_any_architecture_are_loaded(compact: Compact, tmp_path: Path) -> None:
    model = load_network(compact(2))
    assert (model.architecture.name, model.scale) == ("RealESRGAN Compact", 2)
    from safetensors.torch import save_file
    from spandrel.architectures.ESRGAN import ESRGAN

    net = ESRGAN(in_nc=3, out_nc=3, num_filters=4, num_blocks=1, scale=4).half()
    save_file(net.state_dict(), tmp_path / "a.safetensors")
    model = load_network(tmp_path / "a.safetensors")
    assert (model.architecture.name, model.scale, model.dtype) == ("ESRGAN", 4, torch.float32)
    assert not any(parameter.requires_grad for parameter in model.model.parameters())


def test_a_network_that_nobody_knows_is_refused(refused: Any) -> None:
    classifier = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 10))
    text = refused(classifier.state_dict())
    assert "does not recognise this network" in text
    assert "got 4 tensors such as 0.bias, 0.weight, 2.bias" in text
    assert "\\x1b" in refused({"a\x1b": torch.zeros(1), "b": torch.zeros(1)})


def test_a_network_that_is_not_whole_is_refused(refused: Any, compact: Compact) -> None:
    state = torch.load(compact(2), weights_only=True)["params"]
    assert "does not fit it" in refused({k: v for k, v in state.items() if k != "body.2.bias"})
    wider = {**state, "body.2.weight": torch.zeros(9, 4, 3, 3)}
    assert "does not fit it" in refused(wider)


def test_a_small_file_builds_no_large_network(refused: Any, compact: Compact) -> None:
    state = torch.load(compact(2), weights_only=True)["params"]
    last = max(state, key=lambda name: int(name.split(".")[1]))
    deep = {**state, "body.100000000.bias": state[last.replace("weight", "bias")]}
    assert "many times as large as its file" in refused(deep)
    wide = {**state, "body.0.weight": torch.zeros(200_000, 3, 1, 1)}
    assert "many times as large as its file" in refused(wide)


def test_networks_for_other_work_are_refused_by_what_they_are_for(
    refused: Any,
) -> None:
    from spandrel.architectures.Compact import Compact
    from spandrel.architectures.RestoreFormer import RestoreFormer

    state = RestoreFormer(
        n_embed=4, embed_dim=32, ch=32, out_ch=3, ch_mult=(1, 1), num_res_blocks=1,
        attn_resolutions=(16,), in_channels=3, resolution=512, z_channels=32,
    ).state_dict()  # fmt: skip
    assert "RestoreFormer, which restores a single face" in refused(state)
    odd = Compact(num_in_ch=2, num_out_ch=2, num_feat=4, num_conv=1, upscale=2).state_dict()
    assert "takes 2 channels and gives 2; expected 1, 3 or 4" in refused(odd)


def test_without_spandrel_it_says_how_to_install_it(
    compact: Compact, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compact(2)
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ConfigError, match=r"pip install 'groundglass\[models\]'$"):
        load_network(path)
