"""Tiny networks of architectures that other people publish, written as their files are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from agent.errors import ConfigError
from agent.systems.model_files.loading import spandrel

Compact = Callable[..., Path]


@pytest.fixture(scope="session")
def architectures() -> Any:
    """spandrel's architectures; the test skips where it is not installed."""
    try:
        spandrel()
    except ConfigError as error:
        pytest.skip(str(error))
    from spandrel import architectures

    return architectures


@pytest.fixture
def compact(architectures: Any, tmp_path: Path) -> Compact:
    """Writes a network of Real-ESRGAN's compact architecture.

    Without weights of its own it repeats every pixel, so that what comes out is known exactly.
    """
    from spandrel.architectures.Compact import Compact

    def write(
        scale: int = 4, channels: int = 3, random: bool = False, name: str = "compact.pth"
    ) -> Path:
        torch.manual_seed(0)
        net = Compact(
            num_in_ch=channels, num_out_ch=channels, num_feat=4, num_conv=2, upscale=scale
        )
        state = net.state_dict()
        if not random:
            state = {key: torch.zeros_like(value) for key, value in state.items()}
        torch.save({"params": state}, tmp_path / name)
        return tmp_path / name

    return write
