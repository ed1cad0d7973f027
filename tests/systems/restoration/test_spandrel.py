from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from agent.systems.restoration.network import MIMOUNet
from agent.systems.restoration.spandrel import (  # first: see torchvision_ops
    MIMOUNetArchitecture,
    install,
)

from spandrel import MAIN_REGISTRY, ModelLoader, UnsupportedModelError  # isort: skip

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def installed() -> None:
    install()


@pytest.mark.parametrize("blocks", [1, 2])
def test_spandrel_loads_and_runs_it_on_any_size(
    installed: None, tmp_path: Path, blocks: int
) -> None:
    torch.manual_seed(0)
    net = MIMOUNet(blocks).eval()
    save_file(net.state_dict(), tmp_path / "a.safetensors")
    model = ModelLoader("cpu").load_from_file(tmp_path / "a.safetensors")
    assert model.architecture.id == "MIMO-UNet" and model.purpose == "Restoration"
    assert (model.scale, model.input_channels, model.output_channels) == (1, 3, 3)
    assert f"{blocks} blocks" in model.tags
    x = torch.rand(1, 3, 16, 20)
    with torch.inference_mode():
        wanted = net(x)[2].clamp(0, 1)
    assert torch.allclose(model(x), wanted, atol=1e-6)
    assert model(torch.rand(1, 3, 17, 19)).shape == (1, 3, 17, 19)


def test_the_checkpoints_of_the_authors_are_recognised(installed: None) -> None:
    state = MIMOUNet(20).state_dict()
    model = ModelLoader("cpu").load_from_state_dict({"model": state})
    assert model.architecture.id == "MIMO-UNet" and "MIMO-UNet+" in model.tags


def test_installing_twice_is_as_good_as_once_and_others_are_left_alone(installed: None) -> None:
    install()
    ids = [support.architecture.id for support in MAIN_REGISTRY]
    assert ids.count("MIMO-UNet") == 1 and len(ids) > 20
    detect = MIMOUNetArchitecture().detect
    assert not detect({"intro.weight": torch.zeros(1)})
    with pytest.raises(UnsupportedModelError):
        ModelLoader("cpu").load_from_state_dict({"nothing.weight": torch.zeros(1)})
