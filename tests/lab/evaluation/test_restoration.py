from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from agent.errors import InputError
from agent.lab.evaluation import restoration
from agent.lab.evaluation.restoration import CONDITIONS, Evaluation, Sample, evaluate, table
from agent.lab.training.degradations import enlarged
from agent.lab.training.loop import new_network
from agent.measures.fidelity import psnr, studio_luma
from agent.systems.text.ocr import Reading

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network that returns its input, so that every figure of the output is known."""
    path = tmp_path_factory.mktemp("weights") / "identity.safetensors"
    save_file(new_network(1).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in ("photo/a.png", "photo/deep/b.png", "text/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (17, 15, 3), np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(coarse).save(folder / name)
    return folder


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoration, "why_unavailable", lambda: "not measured: no reader")


@pytest.fixture(scope="module")
def evaluation(weights: Path, data: Path) -> Evaluation:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restoration, "why_unavailable", lambda: "not measured: no reader")
        return evaluate(data, weights, Sample(crop=50))


def test_every_condition_is_measured_on_every_group(evaluation: Evaluation) -> None:
    pairs = [(row.group, row.condition) for row in evaluation.rows]
    assert pairs == [(group, c) for group in ("photo", "text") for c in CONDITIONS]
    assert [row.pictures for row in evaluation.rows] == [2] * 6 + [1] * 6


def test_a_network_that_changes_nothing_gains_nothing(evaluation: Evaluation) -> None:
    for row in evaluation.rows:
        assert row.psnr["output"] == row.psnr["input"] and row.ssim["output"] == row.ssim["input"]
        if row.condition == "untouched":
            assert row.gain is None and row.psnr["output"].value == 100
            assert row.ssim["output"].value == 1 and list(row.psnr) == ["input", "output"]
        else:
            assert row.gain is not None and row.gain.value == row.gain.low == 0
            assert 10 < row.psnr["input"].value < 40
            assert {"unsharp", "richardson_lucy"} < row.psnr.keys()
            assert ("lanczos" in row.psnr) == ("enlarged" in row.condition)
    assert evaluation.seam == 0


def test_deconvolution_with_the_known_blur_undoes_some_of_it(evaluation: Evaluation) -> None:
    row = next(r for r in evaluation.rows if "Gaussian" in r.condition)
    assert row.psnr["richardson_lucy"].value > row.psnr["input"].value + 0.5


def test_figures_are_those_of_the_middle_scored_by_hand(evaluation: Evaluation, data: Path) -> None:
    sharp = np.asarray(Image.open(data / "text" / "c.png"))[10:58, 6:54]  # 68 × 60, cut to 48
    soft = enlarged(np.ascontiguousarray(sharp), 3)
    a, b = (studio_luma(pixels)[3:-3, 3:-3] for pixels in (sharp, soft))
    row = next(r for r in evaluation.rows if (r.group, r.condition) == ("text", "enlarged 3x"))
    assert row.psnr["input"].value == pytest.approx(psnr(a, b), abs=1e-3)


def test_same_seed_same_figures(weights: Path, data: Path, evaluation: Evaluation) -> None:
    assert evaluate(data, weights, Sample(crop=50)) == evaluation
    other = evaluate(data, weights, Sample(crop=50, seed=1, limit=1))
    shake = [next(r for r in e.rows if "shake" in r.condition) for e in (evaluation, other)]
    assert shake[0].psnr["input"] != shake[1].psnr["input"]
    assert {row.pictures for row in other.rows} == {1}
    assert other.pictures_sha256 != evaluation.pictures_sha256


def test_figures_are_of_float32_unless_another_precision_is_named(
    weights: Path, data: Path, evaluation: Evaluation
) -> None:
    assert evaluation.dtype == "float32" and "float32" in table(evaluation)
    coarse = evaluate(data / "photo", weights, Sample(crop=50, limit=1), precision="bf16")
    assert coarse.dtype == "bfloat16" and "bfloat16" in table(coarse)


def test_legibility_is_measured_on_text_alone(
    weights: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reader:
        """Sees one line, and reads its mean brightness as so many letters."""

        name = "a reader"

        def find_lines(self, pixels: np.ndarray) -> list[tuple[int, int, int, int]]:
            return [(0, 0, 12, 12)]

        def read_lines(self, pixels: np.ndarray, boxes: list[object]) -> list[Reading]:
            assert pixels.shape == (48, 48, 3) and len(boxes) == 1
            return [Reading("x" * int(pixels[0, 0, 0]), 1.0, ())]

    monkeypatch.setattr(restoration, "why_unavailable", lambda: None)
    monkeypatch.setattr(restoration, "LineReader", Reader)
    found = evaluate(data, weights, Sample(crop=50))
    assert found.reader == "a reader"
    for row in found.rows:
        assert row.cer.keys() == (set() if row.group == "photo" else row.psnr.keys())
        assert row.cer.get("input") == row.cer.get("output")
    assert found.rows[-1].cer["output"].value == 0
    assert "OCR error" in table(found) and "OCR error" not in table(
        evaluate(data / "photo", weights)
    )


def test_the_table_shows_what_was_measured_and_what_was_not(evaluation: Evaluation) -> None:
    text = table(evaluation)
    assert "not measured: no reader" in text
    assert "photo  enlarged 3x" in text and "+0.00 [+0.00, +0.00]" in text
    assert "nan" not in text
    json.dumps(evaluation.to_dict(), allow_nan=False)
    figures = [f for row in evaluation.rows for f in (*row.psnr.values(), *row.ssim.values())]
    assert figures and all(math.isfinite(figure.value) for figure in figures)


def test_what_leaves_nothing_to_measure_is_refused(
    weights: Path, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no pictures found"):
        evaluate(tmp_path, weights)
    with pytest.raises(InputError, match="--limit is 0; expected at least 1"):
        evaluate(data, weights, Sample(limit=0))
    with pytest.raises(InputError, match="--crop is 30; expected at least 36"):
        evaluate(data, weights, Sample(crop=30))
    Image.new("RGB", (100, 30)).save(tmp_path / "low.png")
    with pytest.raises(InputError, match=r"low\.png: is 100 × 30 pixels"):
        evaluate(tmp_path, weights)
