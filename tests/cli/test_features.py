"""`train features` and `evaluate features`, on a tiny encoder in place of the one that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.cli import shared
from agent.systems.encoders import Encoder
from agent.systems.features.feature_maps import FeatureStage
from tests.cli.command import run

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    coarse = np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8)
    Image.fromarray(coarse).resize((256, 256)).save(folder / "a.png")
    return folder


def test_what_was_trained_can_be_evaluated(
    data: Path,
    tmp_path: Path,
    tiny_encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(shared, "feature_stage", lambda _: FeatureStage(tiny_encoder, "3"))
    options = ("--steps", 1, "--batch", 1, "--crops", 2)
    assert run("train", "features", "--data", data, "-o", tmp_path / "out", *options) == 0
    weights = capsys.readouterr().out.strip()
    assert weights == str(tmp_path / "out" / "weights.safetensors")
    again = ("--factor", 4, "--start-from", weights, *options)
    assert run("train", "features", "--data", data, "-o", tmp_path / "4x", *again) == 0
    capsys.readouterr()
    score = ("evaluate", "features", "--data", data, "--sharpener", weights)
    assert run(*score) == 0
    assert "bilateral stage" in capsys.readouterr().out
    assert run(*score, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["encoder"] == "tiny" and len(found["rows"]) == 5


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--steps", "0"), "--steps is 0; expected at least 1"),
        (("--factor", "5"), "invalid choice"),
        (("--encoder", "resnet18"), "--encoder resnet18 needs --layer"),
    ],
)
def test_options_that_cannot_be_used_are_named(
    options: tuple[str, ...], told: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "features", "--data", data, "-o", data / "out", *options) == 2
    assert told in capsys.readouterr().err
