"""The worked examples of CONTRIBUTING.md: each diff applies, and its command prints its lines."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
#: What a change may touch; weights are linked, and nothing else of the tree is needed.
PARTS = ("agent", "prompts", "examples", "model_registry.yaml")
_BLOCKS = re.compile(r"^### (.+?)$.*?^```diff$\n(.*?)^```$.*?^```console$\n(.*?)^```$", re.M | re.S)


class Example(NamedTuple):
    title: str
    diff: str
    command: list[str]
    lines: list[str]


def examples() -> list[Example]:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = []
    for title, diff, console in _BLOCKS.findall(text):
        first, *lines = console.splitlines()
        found.append(Example(title, diff, shlex.split(first.removeprefix("$ ")), lines))
    return found


def test_there_is_an_example_for_each_thing_that_is_added_often() -> None:
    titles = [example.title for example in examples()]
    assert titles == [
        "A card", "A curated answer", "A tool", "A second restorer", "A language",
        "An output format",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_a_worked_example_works(example: Example, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "*.safetensors")
            shutil.copytree(ROOT / part, tree / part, ignore=ignore)
        else:
            shutil.copyfile(ROOT / part, tree / part)
    for weights in ROOT.glob("agent/**/*.safetensors"):
        (tree / weights.relative_to(ROOT)).symlink_to(weights)
    applied = subprocess.run(
        ["git", "apply", "--whitespace=error", "-"],
        input=example.diff, text=True, capture_output=True, cwd=tree,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)},
    )  # fmt: skip
    assert applied.returncode == 0, applied.stderr
    program, *arguments = example.command
    assert program == "groundglass"
    done = subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        text=True, capture_output=True, cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "GROUNDGLASS_NO_LOG": "1",
             "GROUNDGLASS_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for line in example.lines:
        assert line in done.stdout
