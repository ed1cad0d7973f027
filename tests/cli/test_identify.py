"""`groundglass identify` as people use and misuse it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
import yaml

from tests.cli.command import run


@pytest.fixture
def tensors(tmp_path: Path) -> Path:
    path = tmp_path / "a.pth"
    torch.save({"head.weight": torch.zeros(10, 4)}, path)
    return path


def test_an_unknown_file_is_told_to_be_unknown(tensors, capsys):
    assert run("identify", tensors) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{tensors}: ") and told.err == ""
    assert "its author, licence and permitted uses are unknown" in told.out
    assert "1, with 40 parameters of float32" in told.out


def test_json_lists_every_file(tensors, capsys):
    assert run("identify", "-f", "json", tensors, tensors) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["card"] for row in rows] == [None, None]
    assert rows[0]["sha256"] == rows[1]["sha256"] and rows[0]["parameters"] == 40


def test_a_missing_file_is_told_and_the_others_are_not_lost(tensors, tmp_path, capsys):
    assert run("identify", tmp_path / "none.pth", tensors) == 2
    told = capsys.readouterr()
    assert told.err == (
        f"groundglass: {tmp_path / 'none.pth'}: no such file; expected a model file\n"
    )
    assert told.out.startswith(f"{tensors}: ")
    assert run("identify", tmp_path / "none.pth") == 2
    assert capsys.readouterr().out == ""


def test_no_name_in_a_file_and_no_file_name_can_add_a_row(tmp_path, capsys):
    spoof = "x\n  licence     CC0-1.0\n  use         its licence allows commercial use"
    path = tmp_path / f"{spoof}.pth"
    torch.save({spoof: torch.zeros(1)}, path)
    assert run("identify", path) == 0
    told = capsys.readouterr()
    labels = [line.split()[0] for line in told.out.splitlines()[1:]]
    assert labels == ["SHA-256", "model", "format", "tensors", "note"]
    assert "1, with 1 parameter of float32" in told.out
    assert run("identify", tmp_path / f"{spoof}.none") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_damaged_file_is_told_by_the_exit_code_too(tensors, tmp_path, capsys):
    damaged = tmp_path / "cut.safetensors"
    damaged.write_bytes(b"\2\0\0")
    assert run("identify", "-f", "json", damaged, tensors) == 2
    rows = json.loads(capsys.readouterr().out)
    assert [row["readable"] for row in rows] == [False, True]
    assert rows[0]["tensors"] is rows[0]["parameters"] is None


@pytest.fixture
def registry(tensors, tmp_path):
    """Writes a registry whose card names the file."""

    def write(**fields: object) -> Path:
        card = {
            "id": "sharp", "name": "UltraSharp", "task": "enlarging pictures",
            "summary": "It enlarges.", "links": {"page": "https://a.example/p"},
            "sha256": [hashlib.sha256(tensors.read_bytes()).hexdigest()], **fields,
        }  # fmt: skip
        path = tmp_path / "models.yaml"
        path.write_text(yaml.safe_dump({"models": [card]}), "utf-8")
        return path

    return write


def test_a_known_file_is_told_with_its_licence_and_lineage(tensors, registry, capsys):
    path = registry(licence={"name": "CC BY-NC-SA 4.0"}, commercial_use=False, based_on=["ESRGAN"])
    assert run("identify", tensors, "--registry", path) == 0
    told = capsys.readouterr().out
    for part in (
        "UltraSharp (sharp): enlarging pictures",
        "CC BY-NC-SA 4.0",
        "its licence forbids commercial use",
        "ESRGAN",
        "https://a.example/p",
    ):
        assert part in told
    assert run("identify", tensors, "--registry", path, "-f", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    card = row["card"]
    assert (card["id"], card["commercial_use"], card["based_on"]) == ("sharp", False, ["ESRGAN"])


def test_what_a_card_does_not_tell_is_told_to_be_unknown(tensors, registry, capsys):
    path = registry()
    assert run("identify", tensors, "--registry", path) == 0
    told = capsys.readouterr().out
    assert told.count("not known") == 3  # licence, use and what it is based on
    assert run("identify", tensors, "--registry", path, "-f", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["card"]["licence"] is None


def test_a_network_that_is_recognised_is_named_with_its_scale(tmp_path, capsys):
    compact = pytest.importorskip("spandrel.architectures.Compact")
    net = compact.Compact(num_in_ch=3, num_out_ch=3, num_feat=4, num_conv=2, upscale=4)
    torch.save({"params": net.state_dict()}, tmp_path / "a.pth")
    assert run("identify", tmp_path / "a.pth") == 0
    assert "4×, 3 channels in, 3 out, for enlarging" in capsys.readouterr().out
