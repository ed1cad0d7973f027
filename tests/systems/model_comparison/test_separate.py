"""A model in a process of its own."""

from __future__ import annotations

from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.imaging.reading import read
from agent.imaging.resampling import enlarged
from agent.settings import Settings
from agent.systems.model_comparison.contenders import BICUBIC, MIMO_UNET
from agent.systems.model_comparison.separate import Done, NotDone, Work, run_separately

pytestmark = pytest.mark.slow


def nothing(done: int, total: int) -> None: ...


def test_a_result_is_that_of_the_model_and_its_memory_is_its_own(picture: Path, tmp_path: Path):
    target = tmp_path / "out.png"
    done = run_separately(Work(BICUBIC, picture, 3, Settings(), target), nothing)
    assert isinstance(done, Done) and done.seconds > 0
    assert np.array_equal(read(target).pixels, enlarged(read(picture), 3).pixels)
    assert done.peak is None or 10_000_000 < done.peak < 200_000_000, "no PyTorch in it"
    assert set(done.provenance.versions) == {"pillow"} and done.provenance.licences


def test_what_a_model_lacks_is_told(picture: Path, tmp_path: Path):
    settings = Settings(weights=tmp_path / "none.safetensors")
    target = tmp_path / "out.png"
    done = run_separately(Work(MIMO_UNET, picture, 2, settings, target), nothing)
    assert isinstance(done, NotDone) and done.status == "skipped"
    assert "no such file" in done.reason and not target.exists()


def test_a_model_that_cannot_be_loaded_fails_with_its_reason(picture: Path, tmp_path: Path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    work = Work(MIMO_UNET, picture, 2, Settings(weights=broken), tmp_path / "out.png")
    done = run_separately(work, nothing)
    assert isinstance(done, NotDone) and done.status == "failed" and done.reason


def test_a_model_that_dies_costs_itself_alone(weights: Path, tmp_path: Path):
    large = tmp_path / "large.png"
    Image.radial_gradient("L").resize((512, 512)).save(large)
    told = []

    def kill(done: int, total: int) -> None:
        told.append((done, total))
        for process in active_children():
            process.kill()

    settings = Settings(weights=weights, tile=128)
    done = run_separately(Work(MIMO_UNET, large, 1, settings, tmp_path / "out.png"), kill)
    assert isinstance(done, NotDone) and done.status == "failed"
    assert "ended during the work (signal 9), perhaps out of memory" in done.reason
    assert told[0] == (1, 16) and not (tmp_path / "out.png").exists()
