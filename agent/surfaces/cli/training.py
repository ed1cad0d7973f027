"""The command `train`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from agent.surfaces.cli.parsing import Group


def add(group: Group) -> None:
    """Add `train`."""
    train = Group(group.add("train", "train a network"), "WHAT")
    add = train.add("restoration", "train MIMO-UNet+", _restoration).add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="sharp pictures")
    add("-o", "--output", type=Path, required=True, metavar="DIR", help="resumed where it exists")
    add(
        "--stages", type=_stage, nargs="+", default=[(8000, 64, 8), (2000, 96, 4)],
        metavar="STEPS:PATCHxBATCH", help="patch sizes to go through, such as 8000:64x8 2000:96x4",
    )  # fmt: skip
    add("--blocks", type=int, default=20, help="residual blocks a stage: 20 is MIMO-UNet+")
    add("--learning-rate", type=float, default=3e-4)
    add("--cooldown", type=int, default=500, help="steps over which the rate falls to zero")
    add("--seed", type=int, default=0)
    add("--device", default="cpu")
    add("--start-from", type=Path, metavar="FILE", help="a checkpoint of the same depth or less")


def _stage(text: str) -> tuple[int, int, int]:
    """`STEPS:PATCHxBATCH` as numbers."""
    found = re.fullmatch(r"(\d+):(\d+)x(\d+)", text)
    if not found or not all(numbers := [int(group) for group in found.groups()]) or numbers[1] % 4:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected STEPS:PATCHxBATCH, all at least 1 and PATCH a multiple of 4"
        )
    return numbers[0], numbers[1], numbers[2]


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
