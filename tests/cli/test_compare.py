"""`groundglass compare` as people use and misuse it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import main
from agent.systems.model_comparison import measures
from agent.systems.model_comparison.contenders import contenders


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "why_unavailable", lambda: "no reader here")


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return int(ended.code or 0)


def test_every_model_is_listed(capsys):
    assert run("compare", "--list") == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == list(contenders())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give the pictures with -i, or --list"),
        (["--with", "realesr-animevideo"], "did you mean realesr-animevideov3"),
        (["--criterion", "beauty"], "expected one of text, edges, halos"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_line(arguments, said, picture, capsys):
    given = ["-i", picture] if arguments else []
    assert run("compare", *given, *arguments) == 2
    told = capsys.readouterr()
    assert said in told.err and told.err.count("\n") == 1 and told.out == ""


@pytest.mark.slow
def test_a_comparison_is_printed_saved_and_ends_in_one_where_a_model_failed(
    picture: Path, weights: Path, tmp_path: Path, capsys
):
    home, given = tmp_path / "out", ("compare", "-i", picture, "--scale", 2)
    assert run(*given, "--weights", weights, "-o", home, "--criterion", "sharpness") == 0
    told = capsys.readouterr()
    assert told.out.startswith("# 2 models side by side on shot.png")
    assert "](shot-detail.png)" in told.out and told.err == f"Saved in {home}\n"
    assert {path.name for path in home.iterdir()} == {
        "comparison.html", "comparison.json", "comparison.md", "shot-bicubic.png",
        "shot-detail.png", "shot-mimo-unet-plus.png",
    }  # fmt: skip
    assert json.loads((home / "comparison.json").read_text())["criterion"] == "edges"

    assert run(*given, "--weights", tmp_path / "none.safetensors", "--format", "json") == 1
    record = json.loads(capsys.readouterr().out)
    assert [r["status"] for r in record["pictures"][0]["results"]] == ["ran", "skipped"]


@pytest.mark.slow
def test_without_a_folder_nothing_is_left(picture: Path, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    assert run("compare", "-i", picture, "--with", "bicubic") == 0
    assert "](shot-detail.png)" not in capsys.readouterr().out
    assert list((tmp_path / "temporary").iterdir()) == []
