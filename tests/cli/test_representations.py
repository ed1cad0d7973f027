"""`groundglass rsa` as people use and misuse it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from agent.cli import main
from agent.systems.restoration.network import MIMOUNet

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(4):
        small = rng.integers(0, 256, (6, 6, 3), np.uint8)
        Image.fromarray(small).resize((64, 64)).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def restorer(tmp_path: Path) -> list[str]:
    save_file(MIMOUNet(1).state_dict(), tmp_path / "net.safetensors")
    weights = str(tmp_path / "net.safetensors")
    return ["--encoder", "mimo-unet-plus", "--encoder-weights", weights]


def test_the_restorer_is_studied_and_saved(
    pictures: Path, restorer: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = tmp_path / "c.csv"
    captions.write_text("file,caption\n0.png,a cat\n1.png,a dog\n2.png,a bus\n3.png,a tram\n")
    out = tmp_path / "out"
    code = main(
        ["rsa", str(pictures), *restorer, "--captions", str(captions), "--layers", "Encoder.?",
         "Decoder.?", "--permutations", "10", "--resamples", "10", "-o", str(out), "--json"]
    )  # fmt: skip
    assert code == 0
    result = json.loads(capsys.readouterr().out)
    layers = [row["layer"] for row in result["rows"]]
    assert layers == ["Encoder.0", "Encoder.1", "Encoder.2", "Decoder.0", "Decoder.1", "Decoder.2"]
    assert {path.name for path in out.iterdir()} == {"rsa.json", "rsa.csv", "rsa.png", "rdms.hdf5"}
    assert json.loads((out / "rsa.json").read_text()) == result


def test_layers_can_be_listed(restorer: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rsa", "--list-layers", *restorer]) == 0
    assert "Encoder.0\t32 × 224 × 224" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ([], 2, "give a folder"),
        (["PICTURES", "--layers", "block.9"], 2, "has no layer 'block.9'"),
        (["PICTURES", "--captions", "none.csv"], 2, "none.csv: cannot be read"),
        (["PICTURES", "--baseline", "none.json"], 2, "none.json does not exist"),
        (["nowhere"], 2, "nowhere: no pictures found"),
        (["PICTURES", "--permutations", "0"], 2, "at least 1"),
    ],
)
def test_misuse_is_told_in_a_line(
    arguments: list[str], code: int, complaint: str, pictures: Path, restorer: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    given = [str(pictures) if a == "PICTURES" else a for a in arguments]
    try:
        assert main(["rsa", *restorer, *given]) == code
    except SystemExit as ended:
        assert ended.code == code
    err = capsys.readouterr().err
    assert complaint in err
    assert len(err.splitlines()) == 1
