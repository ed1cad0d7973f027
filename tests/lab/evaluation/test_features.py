from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from agent.errors import CheckpointError, InputError
from agent.lab.evaluation.features import SHARPENED, evaluate, table
from agent.systems.encoders import Encoder
from agent.systems.features.featsharp import FeatSharp
from agent.systems.features.feature_maps import FeatureStage

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for group, count in (("photo", 2), ("text", 1)):
        (folder / group).mkdir()
        for i in range(count):
            coarse = np.random.default_rng(i).integers(0, 256, (9, 11, 3), np.uint8)
            image = Image.fromarray(coarse).resize((110, 90), Image.Resampling.BICUBIC)
            image.save(folder / group / f"{i}.png")
    return folder


@pytest.fixture
def stage(tiny_encoder: Encoder) -> FeatureStage:
    return FeatureStage(tiny_encoder, "3")


def sharpener(path: Path, channels: int = 4, factor: int = 2, bias: float = 0) -> Path:
    torch.manual_seed(0)
    net = FeatSharp(channels, factor, (8, 8))
    with torch.no_grad():
        net.bias.fill_(bias)
    save_file(net.state_dict(), path)
    return path


def test_every_way_is_scored_for_every_group_and_factor(
    data: Path, stage: FeatureStage, tmp_path: Path
) -> None:
    weights = [sharpener(tmp_path / f"{u}.safetensors", factor=u) for u in (2, 4)]
    found = evaluate(data, weights, stage)
    assert [(r.factor, r.group, r.pictures) for r in found.rows[::5]] == [
        (2, "photo", 2), (2, "text", 1), (4, "photo", 2), (4, "text", 1)
    ]  # fmt: skip
    methods = [row.method for row in found.rows[:5]]
    assert methods == ["bilinear", "bicubic", "tiles", "bilateral stage", SHARPENED]
    by_method = dict(zip(methods, found.rows, strict=False))
    for row in found.rows:
        assert 0 < row.error.low <= row.error.value <= row.error.high
    ours = by_method[SHARPENED]
    assert ours.gain.value == 0
    assert by_method["bilinear"].gain.value == pytest.approx(
        by_method["bilinear"].error.value - ours.error.value, abs=2e-4
    )
    # Untrained, the last stage adds nothing to the one before.
    assert by_method["bilateral stage"].error.value == pytest.approx(ours.error.value, rel=1e-3)
    assert by_method["bicubic"].error.value != by_method["bilinear"].error.value
    assert found.weights_sha256.keys() == {"2.safetensors", "4.safetensors"}
    assert evaluate(data, weights, stage).to_dict() == found.to_dict()


def test_a_debias_map_neither_helps_nor_harms_by_itself(
    data: Path, stage: FeatureStage, tmp_path: Path
) -> None:
    """It is added to what is compared on both sides."""
    plain = evaluate(data, [sharpener(tmp_path / "a.safetensors")], stage)
    biased = evaluate(data, [sharpener(tmp_path / "b.safetensors", bias=3)], stage)
    one, other = (e.rows[3].error.value for e in (plain, biased))
    assert one == pytest.approx(other, rel=1e-3)


def test_the_table_says_what_the_figures_are_and_what_they_are_of(
    data: Path, stage: FeatureStage, tmp_path: Path
) -> None:
    found = evaluate(data, [sharpener(tmp_path / "a.safetensors")], stage, limit=1)
    text = table(found)
    lines = text.splitlines()
    assert lines[0].split("  ")[0] == "factor"
    assert len(lines) == 1 + 10 + 1 + 3
    assert "bilateral stage" in text and found.pictures_sha256[:12] in text
    assert f"{found.rows[0].error.value:.2f} [" in lines[1]


def test_a_sharpener_for_other_features_is_refused(
    data: Path, stage: FeatureStage, tmp_path: Path
) -> None:
    weights = sharpener(tmp_path / "a.safetensors", channels=8)
    with pytest.raises(CheckpointError, match="features of 8 channels; 3 of tiny has 4"):
        evaluate(data, [weights], stage)


def test_pictures_that_cannot_be_scored_are_named(stage: FeatureStage, tmp_path: Path) -> None:
    weights = sharpener(tmp_path / "a.safetensors")
    Image.new("RGB", (500, 40)).save(tmp_path / "flat.png")
    with pytest.raises(InputError, match=r"flat\.png: is 500 × 40 pixels; expected at least 64"):
        evaluate(tmp_path, [weights], stage)
    with pytest.raises(InputError, match="--limit is 0"):
        evaluate(tmp_path, [weights], stage, limit=0)


def test_a_black_picture_has_an_error_and_no_boundaries(
    stage: FeatureStage, tmp_path: Path
) -> None:
    weights = sharpener(tmp_path / "a.safetensors")
    (tmp_path / "black").mkdir()
    Image.new("RGB", (80, 80)).save(tmp_path / "black" / "black.png")
    found = evaluate(tmp_path / "black", [weights], stage)
    assert all(row.distance is None and row.correlation is None for row in found.rows)
    assert "–" in table(found)
