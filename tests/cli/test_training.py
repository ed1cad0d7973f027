"""Sheets and curves of training and evaluation, as people ask for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.cli import main
from agent.lab.evaluation import restoration


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    coarse = np.random.default_rng(0).integers(0, 256, (30, 30, 3), np.uint8)
    path = tmp_path / "data" / "photo" / "a.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(coarse.repeat(4, 0).repeat(4, 1)).save(path)
    return path


def test_samples_are_written_as_the_suffix_says(picture, tmp_path, capsys) -> None:
    target = tmp_path / "sheets" / "samples.webp"
    assert main(["train", "samples", str(picture), "-o", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    with Image.open(target) as image:
        assert image.format == "WEBP"
    assert main(["train", "samples", str(picture), "-o", str(tmp_path / "a.doc")]) == 2
    assert (
        "a.doc: this picture format cannot be written; expected one of .png"
        in capsys.readouterr().err
    )
    assert not (tmp_path / "a.doc").exists()


@pytest.mark.slow
def test_the_curve_of_a_run_is_drawn_and_a_missing_run_told(tmp_path, capsys) -> None:
    target = tmp_path / "curve.png"
    assert main(["train", "curve", str(tmp_path), "-o", str(target)]) == 2
    assert "log.csv" in capsys.readouterr().err and not target.exists()
    (tmp_path / "log.csv").write_text("step,loss,steps_per_second\n20,0.5,1.0\n40,0.25,1.0\n")
    assert main(["train", "curve", str(tmp_path), "-o", str(target)]) == 0
    with Image.open(target) as image:
        assert image.format == "PNG"


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_an_evaluation_keeps_a_sheet_and_prints_the_same(
    weights, picture, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(restoration, "why_unavailable", lambda: "no reader")
    sheet = tmp_path / "sheet.png"
    command = ["evaluate", "restoration", "--data", str(picture.parents[1]), "--crop", "48"]
    command += ["--weights", str(weights)]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert main([*command, "--sheet", str(sheet)]) == 0
    assert capsys.readouterr().out == told
    with Image.open(sheet) as image:
        assert image.height > 5 * 96  # five conditions, each a row of pieces shown twice as large
