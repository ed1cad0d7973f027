"""`groundglass compare` as people use and misuse it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.systems.model_comparison import measures
from agent.systems.model_comparison.contenders import contenders
from tests.cli.command import run


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "why_unavailable", lambda: "no reader here")


def test_every_model_is_listed(capsys):
    assert run("compare", "--list") == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == list(contenders())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give the pictures with -i, or --list"),
        (["--with", "realesr-animevideo"], "did you mean realesr-animevideov3"),
        (["--with", "bicubic", "--scale", "1"], "bicubic is always compared, so name another"),
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
def test_without_a_folder_nothing_is_left(
    picture: Path, weights: Path, tmp_path: Path, monkeypatch, capsys
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    assert run("compare", "-i", picture, "--weights", weights) == 0
    assert "](shot-detail.png)" not in capsys.readouterr().out
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Is it sharp?", "--compare"], "give the pictures to compare models on with -i"),
        (
            ["Is it sharp?", "-i", "PICTURE", "--with", "waifu2x-cunet"],
            "give both options or neither",
        ),
        (["Is SwinIR sharp?", "-i", "PICTURE", "--compare"], "SwinIR cannot be compared"),
        (
            ["Is it sharp?", "-i", "PICTURE", "--compare", "--with", "waifu2x-cunnet"],
            "did you mean waifu2x-cunet",
        ),
        (["Is it sharp at 1.5x?", "-i", "PICTURE", "--compare"], "the question names 1.5"),
        (["Is it sharp?", "-i", "PICTURE", "--compare", "-f", "html"], "choose markdown or json"),
        (["Is it sharp?", "-i", "PICTURE", "--compare", "--no-run"], "leave out --evidence"),
        (["--brief", "b.md", "-i", "PICTURE", "--compare"], "leave out --brief"),
    ],
)
def test_a_question_that_cannot_be_compared_is_told_in_a_line(arguments, said, picture, capsys):
    given = [picture if argument == "PICTURE" else argument for argument in arguments]
    assert run("ask", *given) == 2
    told = capsys.readouterr()
    assert said in told.err and told.err.count("\n") == 1 and told.out == ""


@pytest.mark.slow
def test_a_question_is_the_title_of_the_comparison_that_it_asks_for(
    picture: Path, weights: Path, tmp_path: Path, capsys
):
    home = tmp_path / "out"
    given = ("-i", picture, "--compare", "--weights", weights, "-o", home)
    assert run("ask", "Is MIMO-UNet+ sharper at 2x?", *given) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Is MIMO-UNet+ sharper at 2x?\n")
    assert "2 models side by side on shot.png. Both sides enlarged 2 times." in printed
    record = json.loads((home / "comparison.json").read_text())
    assert record["models"] == ["bicubic", "mimo-unet-plus"]
    assert (record["criterion"], record["factor"]) == ("edges", 2)


@pytest.mark.parametrize(
    ("question", "command"),
    [
        (
            "Is Real-CUGAN or waifu2x better at keeping text readable at 2x?",
            "--with realcugan-conservative --with waifu2x-cunet-noise0 --scale 2 --criterion text",
        ),
        ("Which of these models keeps the text readable?", "shot.png --criterion text"),
    ],
)
def test_a_question_that_compares_names_the_command_that_measures(
    question, command, picture, capsys
):
    assert run("ask", question, "-i", picture, "--no-run", "--no-log") == 0
    told = capsys.readouterr().err
    assert told.startswith(f"To measure models on it: groundglass compare -i {picture}")
    assert told.endswith(f"{command}\n")
    assert run("ask", "Why did my photo get sharp edges?", "-i", picture, "--no-run") == 0
    assert capsys.readouterr().err == ""
