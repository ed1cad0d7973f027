from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from agent.errors import CheckpointError
from agent.lab.training.features import FeatureRecipe, train
from agent.systems.encoders import Encoder
from agent.systems.features.featsharp import FeatSharp, load_sharpener
from agent.systems.features.feature_maps import FeatureStage

pytestmark = pytest.mark.usefixtures("one_thread")

RECIPE = FeatureRecipe(factor=2, steps=4, batch=1, crops=3, views=2, warmup=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(2):
        coarse = np.random.default_rng(i).integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(coarse).resize((256, 256), Image.Resampling.BICUBIC).save(
            folder / f"{i}.png"
        )
    return folder


def quiet(line: str) -> None: ...


def run(data: Path, out: Path, recipe: FeatureRecipe, encoder: Encoder, **more: object) -> Path:
    return train(data, out, recipe, FeatureStage(encoder, "3"), report=quiet, **more)


def test_the_rate_rises_and_falls_to_nothing() -> None:
    recipe = FeatureRecipe(factor=2, steps=1000, warmup=100)
    scales = [recipe.scale(step) for step in range(1000)]
    assert scales[0] == pytest.approx(0.01, rel=1e-3)
    assert max(scales) == scales[99] < 1
    assert scales[500] == pytest.approx(0.5, abs=1e-3)
    assert 0 < scales[-1] < 1e-5


# --- the loop ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_training_learns_and_leaves_weights_that_load(
    data: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    recipe = replace(RECIPE, steps=40, learning_rate=0.01, scale_rate=0.1)
    path = run(data, tmp_path / "a", recipe, tiny_encoder)
    rows = list(csv.DictReader((tmp_path / "a" / "log.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["20", "40"]
    assert float(rows[1]["fused_error"]) < float(rows[0]["fused_error"])
    assert float(rows[1]["fused_error"]) < float(rows[1]["bilateral_error"])
    net = load_sharpener(path)
    assert (net.factor, net.bias.shape) == (2, (1, 4, 8, 8))
    assert net.normaliser.rotation.ne(torch.eye(4)).any()


def test_a_run_that_was_cut_off_ends_as_one_that_was_not(
    data: Path, tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(data, tmp_path / "whole", RECIPE, tiny_encoder)
    save = torch.save

    def cut(state: dict[str, object], path: Path) -> None:
        save(state, path)
        if state.get("step") == 3:
            raise KeyboardInterrupt  # in the middle of it

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(torch, "save", cut)
        run(data, tmp_path / "cut", RECIPE, tiny_encoder, save_seconds=0)
    assert torch.load(tmp_path / "cut" / "resume.pt", weights_only=True)["step"] == 2
    resumed = run(data, tmp_path / "cut", RECIPE, tiny_encoder)
    one, other = load_file(whole), load_file(resumed)
    assert all(torch.allclose(one[name], other[name], atol=1e-3) for name in one)


def test_a_run_goes_on_from_a_network_of_another_factor(
    data: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    start = FeatSharp(4, 2, (8, 8))
    with torch.no_grad():
        start.bias.fill_(0.25)
        start.bilateral.levels[0].alpha.fill_(0.5)
    recipe = replace(RECIPE, steps=1, factor=4)
    path = run(data, tmp_path / "b", recipe, tiny_encoder, start_from=start)
    net = load_sharpener(path)
    assert net.position.shape[-1] == 4
    assert float(net.bias.mean()) == pytest.approx(0.25, abs=0.01)
    # The second level, which a factor of 2 does not have, begins as the first.
    alphas = [float(level.alpha) for level in net.bilateral.levels]
    assert alphas == pytest.approx([0.5, 0.5], abs=0.01)


def test_what_belongs_to_another_network_is_not_resumed(
    data: Path, tmp_path: Path, tiny_encoder: Encoder
) -> None:
    run(data, tmp_path / "c", replace(RECIPE, steps=1), tiny_encoder)
    with pytest.raises(CheckpointError, match="belongs to another network"):
        run(data, tmp_path / "c", replace(RECIPE, steps=1, factor=4), tiny_encoder)
