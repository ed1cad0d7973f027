"""The command `train`."""

from __future__ import annotations

import argparse
import re

from agent.cli import shared
from agent.cli.parser import Group
from agent.errors import InputError


def add(group: Group) -> None:
    """Add `train`."""
    train = Group(group.add("train", "train a network"), "WHAT")
    add = train.add("pages", "render pages of text to train on", _pages).add_argument
    add("documents", type=shared.path, nargs="+", metavar="DIR", help="HTML files")
    add(
        "-o",
        "--output",
        type=shared.folder,
        required=True,
        metavar="DIR",
        help="resumed if it exists",
    )
    add("--count", type=int, default=400, help="number of pages")
    add("--held-out", nargs="*", default=[], metavar="NAME", help="documents to leave out")
    add("--seed", type=int, default=0, help="random seed")
    add = train.add("restoration", "train MIMO-UNet+", _restoration).add_argument
    add("--data", type=shared.path, required=True, metavar="DIR", help="sharp pictures")
    add(
        "-o",
        "--output",
        type=shared.folder,
        required=True,
        metavar="DIR",
        help="resumed if it exists",
    )
    add(
        "--stages", type=_stage, nargs="+", default=[(8000, 64, 8), (2000, 96, 4)],
        metavar="STEPS:PATCHxBATCH", help="patch sizes to go through, such as 8000:64x8 2000:96x4",
    )  # fmt: skip
    add("--blocks", type=int, default=20, help="residual blocks per stage: 20 is MIMO-UNet+")
    add("--learning-rate", type=float, default=3e-4, help="peak learning rate")
    add("--cooldown", type=int, default=500, help="steps over which the rate falls to zero")
    add(
        "--text-share", type=float, default=0.45, metavar="SHARE",
        help="share of patches from pictures below a folder named text",
    )  # fmt: skip
    add(
        "--recognition", type=float, default=0.0, metavar="WEIGHT",
        help="weight of a loss from a text recogniser, such as 0.005; default: 0, no such loss",
    )  # fmt: skip
    add("--seed", type=int, default=0, help="random seed")
    add("--device", default="cpu", help="a PyTorch device")
    add(
        "--start-from",
        type=shared.path,
        metavar="FILE",
        help="a checkpoint of the same depth or less",
    )
    add = train.add("samples", "save a picture of sample training pairs", _samples).add_argument
    add("pictures", type=shared.path, nargs="+", metavar="PICTURE", help="sharp pictures")
    add("-o", "--output", type=shared.sheet, required=True, metavar="FILE", help="such as .png")
    add("--seed", type=int, default=0, help="random seed")
    add = train.add("curve", "plot the loss of training runs", _curve).add_argument
    add("runs", type=shared.path, nargs="+", metavar="DIR", help="outputs of train restoration")
    add("-o", "--output", type=shared.path, required=True, metavar="FILE", help="a PNG file")
    _features_options(train.add("features", "train a feature upsampler", _features))


def _features_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--data", type=shared.path, required=True, metavar="DIR", help="pictures")
    add(
        "-o",
        "--output",
        type=shared.folder,
        required=True,
        metavar="DIR",
        help="resumed if it exists",
    )
    add("--factor", type=int, choices=(2, 3, 4, 8), default=2, help="how much finer; default: 2")
    shared.encoder_options(command)
    add("--steps", type=int, default=600, help="number of batches")
    add("--batch", type=int, default=4, help="crops per step")
    add("--crops", type=int, default=256, help="number of crops to encode, once, before training")
    add("--learning-rate", type=float, default=1e-3, help="peak learning rate")
    add("--seed", type=int, default=0, help="random seed")
    add(
        "--start-from", type=shared.path, metavar="FILE",
        help="an upsampler for the same layer, of any factor",
    )  # fmt: skip


def _stage(text: str) -> tuple[int, int, int]:
    """Parse `STEPS:PATCHxBATCH`."""
    match = re.fullmatch(r"(\d+):(\d+)x(\d+)", text)
    if not match or not all(numbers := [int(group) for group in match.groups()]) or numbers[1] % 4:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected STEPS:PATCHxBATCH, all at least 1 and PATCH a multiple of 4"
        )
    return numbers[0], numbers[1], numbers[2]


def _pages(options: argparse.Namespace) -> int:
    from agent.lab.training.pages import render

    report = shared.progress(options)
    held_out = options.held_out
    count = render(options.documents, options.output, options.count, options.seed, held_out, report)
    report("")
    print(f"{count} pages in {options.output}")
    return 0


def _restoration(options: argparse.Namespace) -> int:
    from agent.lab.training.data import Stage
    from agent.lab.training.loop import Recipe, train
    from agent.systems.restoration.network import load_checkpoint

    recipe = Recipe(
        stages=tuple(Stage(*stage) for stage in options.stages),
        blocks=options.blocks,
        learning_rate=options.learning_rate,
        cooldown=options.cooldown,
        seed=options.seed,
        text_share=options.text_share,
        recognition=options.recognition,
    )
    start = load_checkpoint(options.start_from) if options.start_from else None
    weights = train(options.data, options.output, recipe, start_from=start, device=options.device)
    print(weights)
    return 0


def _samples(options: argparse.Namespace) -> int:
    from agent.lab.training.samples import samples

    shared.write_sheet(options.output, samples(options.pictures, options.seed))
    print(options.output)
    return 0


def _curve(options: argparse.Namespace) -> int:
    from agent.files import write_whole
    from agent.lab.training.curve import plot

    if options.output.suffix.lower() != ".png":
        raise InputError(f"{options.output}: expected the name of a PNG file")
    write_whole(options.output, plot(options.runs))
    print(options.output)
    return 0


def _features(options: argparse.Namespace) -> int:
    from agent.lab.training.features import FeatureRecipe, train
    from agent.systems.features.featsharp import load_sharpener

    for name in ("steps", "batch", "crops"):
        if getattr(options, name) < 1:
            raise InputError(f"--{name} is {getattr(options, name)}; expected at least 1")
    stage = shared.feature_stage(options)
    recipe = FeatureRecipe(
        factor=options.factor,
        steps=options.steps,
        batch=options.batch,
        crops=options.crops,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    start = load_sharpener(options.start_from) if options.start_from else None
    print(train(options.data, options.output, recipe, stage, start_from=start))
    return 0
