"""The command `train`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from agent.surfaces.cli import shared
from agent.surfaces.cli.parsing import Group


def add(group: Group) -> None:
    """Add `train`."""
    train = Group(group.add("train", "train a network"), "WHAT")
    add = train.add("pages", "render pages of text to train on", _pages).add_argument
    add("documents", type=Path, nargs="+", metavar="DIR", help="HTML files")
    add("-o", "--output", type=Path, required=True, metavar="DIR", help="taken up where it exists")
    add("--count", type=int, default=400, help="how many pages")
    add("--held-out", nargs="*", default=[], metavar="NAME", help="left out")
    add("--seed", type=int, default=0, help="of what is drawn by chance")
    add = train.add("restoration", "train MIMO-UNet+", _restoration).add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="sharp pictures")
    add("-o", "--output", type=Path, required=True, metavar="DIR", help="resumed where it exists")
    add(
        "--stages", type=_stage, nargs="+", default=[(8000, 64, 8), (2000, 96, 4)],
        metavar="STEPS:PATCHxBATCH", help="patch sizes to go through, such as 8000:64x8 2000:96x4",
    )  # fmt: skip
    add("--blocks", type=int, default=20, help="residual blocks a stage: 20 is MIMO-UNet+")
    add("--learning-rate", type=float, default=3e-4, help="at its highest")
    add("--cooldown", type=int, default=500, help="steps over which the rate falls to zero")
    add("--seed", type=int, default=0, help="of what is drawn by chance")
    add("--device", default="cpu", help="as PyTorch names it")
    add("--start-from", type=Path, metavar="FILE", help="a checkpoint of the same depth or less")


def _stage(text: str) -> tuple[int, int, int]:
    """`STEPS:PATCHxBATCH` as numbers."""
    found = re.fullmatch(r"(\d+):(\d+)x(\d+)", text)
    if not found or not all(numbers := [int(group) for group in found.groups()]) or numbers[1] % 4:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected STEPS:PATCHxBATCH, all at least 1 and PATCH a multiple of 4"
        )
    return numbers[0], numbers[1], numbers[2]


def _pages(options: argparse.Namespace) -> int:
    from agent.training.pages import render

    report = shared.progress(options)
    held_out = options.held_out
    count = render(options.documents, options.output, options.count, options.seed, held_out, report)
    report("")
    print(f"{count} pages in {options.output}")
    return 0


def _restoration(options: argparse.Namespace) -> int:
    from agent.nets.mimo_unet import load_checkpoint
    from agent.training.data import Stage
    from agent.training.loop import Recipe, train

    recipe = Recipe(
        stages=tuple(Stage(*stage) for stage in options.stages),
        blocks=options.blocks,
        learning_rate=options.learning_rate,
        cooldown=options.cooldown,
        seed=options.seed,
    )
    start = load_checkpoint(options.start_from) if options.start_from else None
    weights = train(options.data, options.output, recipe, start_from=start, device=options.device)
    print(weights)
    return 0
