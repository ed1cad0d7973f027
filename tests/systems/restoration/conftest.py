"""A network of the least depth, for whatever has to run one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from agent.settings import Settings
from agent.systems.restoration.network import MIMOUNet


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random, and the same every time."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_file(MIMOUNet(1).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def settings(weights: Path) -> Settings:
    return Settings(weights=weights)
