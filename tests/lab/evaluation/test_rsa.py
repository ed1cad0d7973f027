"""The folder study, with a tiny encoder and pictures that are made here."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from agent.errors import InputError
from agent.lab.evaluation import rsa_table
from agent.lab.evaluation.rsa import Resampling, study
from agent.systems.encoders import Encoder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

FEW = Resampling(permutations=20, resamples=20)
COLOURS = {"red": (200, 30, 30), "green": (30, 160, 40), "blue": (30, 40, 200)}


def encoder() -> Encoder:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    plain = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Encoder("tiny", net.eval(), 32, *plain, "made here", "", "none")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of each colour, with a spot at another place each."""
    folder = tmp_path_factory.mktemp("pictures")
    for i, (name, colour) in enumerate(COLOURS.items()):
        for j in range(2):
            pixels = np.full((64, 80, 3), colour, np.uint8)
            pixels[5 + 7 * i : 25 + 7 * i, 20 * j + 12 : 20 * j + 30] = 240
            Image.fromarray(pixels).save(folder / f"{name}-{j}.png")
    return folder


def captions() -> dict[str, list[str]]:
    return {f"{name}-{j}.png": [f"a {name} wall"] for name in COLOURS for j in range(2)}


def test_a_layer_that_sees_colour_agrees_with_captions_about_colour(pictures: Path) -> None:
    result = study(pictures, encoder(), ["0", "3"], captions(), resampling=Resampling(500, 20))
    pooled = result.rows[1]
    assert pooled.layer == "3"
    assert pooled.semantic is not None
    assert pooled.semantic.value > 0.5
    assert pooled.semantic.p < 0.05
    assert set(result.rdms) == {"saliency", "semantic", "layer 0", "layer 3"}
    assert any("do not compare" in note for note in result.notes)


def test_without_captions_only_saliency_is_told(pictures: Path) -> None:
    result = study(pictures, encoder(), ["3"], resampling=FEW)
    assert result.rows[0].semantic is None
    assert result.saliency_with_semantic is None
    assert "semantics" not in rsa_table.table(result)
    assert rsa_table.figure(result).startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_study(pictures: Path) -> None:
    first, second = (
        rsa_table.to_dict(study(pictures, encoder(), ["3"], captions(), resampling=FEW))
        for _ in range(2)
    )
    assert json.dumps(first) == json.dumps(second)


def test_pictures_without_a_caption_are_left_out_and_counted(pictures: Path) -> None:
    some = {name: texts for name, texts in captions().items() if name != "red-0.png"}
    result = study(pictures, encoder(), ["3"], some, resampling=FEW)
    assert "red-0.png" not in result.pictures
    assert result.notes[0].startswith("1 of 6 pictures")


def test_too_few_pictures_are_refused(pictures: Path) -> None:
    with pytest.raises(InputError, match="2 pictures can be used; expected at least 4"):
        study(pictures, encoder(), ["3"], {"red-0.png": ["a"], "red-1.png": ["b"]}, resampling=FEW)


def test_names_that_occur_twice_are_refused_with_captions(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (40, 40)).save(tmp_path / folder / "same.png")
    with pytest.raises(InputError, match=r"such as same\.png"):
        study(tmp_path, encoder(), ["3"], {"same.png": ["x"]}, resampling=FEW)


def test_flat_pictures_give_no_number_rather_than_a_wrong_one(tmp_path: Path) -> None:
    for i in range(4):
        Image.new("RGB", (40, 40), (60 * i + 20,) * 3).save(tmp_path / f"{i}.png")
    result = study(tmp_path, encoder(), ["3"], resampling=FEW)
    (row,) = rsa_table.to_dict(result)["rows"]
    assert row["saliency"] == {"value": None, "low": None, "high": None, "p": None, "q": None}
    assert "nan" in rsa_table.table(result)
    rsa_table.figure(result)


def test_csv_holds_what_the_table_shows(pictures: Path) -> None:
    result = study(pictures, encoder(), ["0", "3"], captions(), resampling=FEW)
    rows = list(csv.DictReader(io.StringIO(rsa_table.to_csv(result))))
    assert [row["layer"] for row in rows] == ["0", "3"]
    shown = f"{float(rows[1]['semantic_value']):+.3f}"
    assert shown in rsa_table.table(result)


def test_rsatoolbox_reads_the_matrices(pictures: Path, tmp_path: Path) -> None:
    toolbox = pytest.importorskip("rsatoolbox.rdm")
    result = study(pictures, encoder(), ["3"], resampling=FEW)
    rsa_table.save_rdms(result, tmp_path / "rdms.hdf5")
    loaded = toolbox.load_rdm(str(tmp_path / "rdms.hdf5"))
    assert list(loaded.rdm_descriptors["name"]) == ["saliency", "layer 3"]
    np.testing.assert_allclose(loaded.get_matrices()[1], result.rdms["layer 3"])
