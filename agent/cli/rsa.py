"""The commands about representations: `rsa` and `rsa-dataset`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import shared
from agent.cli.parser import Group
from agent.errors import ConfigError, InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.lab.evaluation.rsa import Study
    from agent.systems.encoders import Encoder


def add(group: Group) -> None:
    """Add `rsa` and `rsa-dataset`."""
    _rsa_options(group)
    _dataset_options(group)


def _rsa_options(group: Group) -> None:
    about = "correlate the layers of a network with saliency and meaning, over a folder of pictures"
    add = group.add("rsa", about, _rsa).add_argument
    add("folder", type=shared.path, metavar="DIR", nargs="?", help="pictures; at least four")
    add(
        "--captions",
        type=shared.path,
        metavar="FILE",
        help="CSV with columns file and caption; or JSON",
    )
    add(
        "--layers", nargs="+", default=["stages"], metavar="NAME",
        help="names or patterns such as blocks.*; stages (the default) or all",
    )  # fmt: skip
    add("--list-layers", action="store_true", help="print the names of the layers, and stop")
    add("--encoder", default="tf_efficientnet_lite0", metavar="NAME",
        help="an architecture of timm, or mimo-unet-plus; default: %(default)s")  # fmt: skip
    add(
        "--encoder-weights",
        type=shared.path,
        metavar="FILE",
        help="its weights; nothing is downloaded",
    )
    add("--permutations", type=_positive, default=5000, metavar="N", help="for p-values")
    add("--resamples", type=_positive, default=1000, metavar="N", help="for intervals")
    add("--seed", type=int, default=0, help="random seed")
    add("--swap-red-blue", action="store_true",
        help="swap red and blue before the saliency map, as the study's own analysis does"
    )  # fmt: skip
    add("--baseline", type=shared.path, metavar="FILE",
        help="rsa.json of the same pictures in another condition; prints the differences from it"
    )  # fmt: skip
    add(
        "-o",
        "--output",
        type=shared.folder,
        metavar="DIR",
        help="save table, figure and matrices here",
    )
    add("--json", action="store_true", help="print JSON")


def _dataset_options(group: Group) -> None:
    about = "paste distractors into pictures, in the four conditions of the study"
    add = group.add("rsa-dataset", about, _dataset).add_argument
    add(
        "folder",
        type=shared.path,
        metavar="DIR",
        help="pictures; each may serve as both base and distractor",
    )
    add(
        "--captions",
        type=shared.path,
        required=True,
        metavar="FILE",
        help="CSV with columns file and caption; or JSON",
    )
    add("-o", "--output", type=shared.folder, required=True, metavar="DIR", help="a new folder")
    for name, default, help in (
        ("similar", 0.32, "captions closer than this cosine distance are alike"),
        ("dissimilar", 0.92, "captions farther apart than this are unlike"),
        ("not-salient", 0.019, "saliency maps closer than this are the same"),
        ("salient", 0.24, "saliency maps farther apart than this differ"),
    ):
        add(f"--{name}", type=float, default=default, metavar="X",
            help=f"{help}; default: %(default)s")  # fmt: skip
    add("--side", type=_side, default=425, metavar="PX", help="side of the new pictures")
    add(
        "--tries",
        type=_positive,
        default=40,
        metavar="N",
        help="placements to try per semantic condition",
    )
    add("--limit", type=_positive, metavar="N", help="stop after N complete bases")
    add("--seed", type=int, default=0, help="random seed")


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of at least 1")
    return int(text)


def _side(text: str) -> int:
    if (side := _positive(text)) < 64:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a side of at least 64 pixels")
    return side


def _rsa(options: argparse.Namespace) -> int:
    _check_installed()
    encoder = _encoder(options)
    if options.list_layers:
        for name, shape in encoder.layers.items():
            print(f"{name}\t{' × '.join(map(str, shape))}")
        return 0
    if options.folder is None:
        raise InputError("give a folder of pictures, or --list-layers; see groundglass rsa --help")
    if options.baseline and not options.baseline.is_file():
        raise InputError(f"{options.baseline} does not exist; give the rsa.json of an earlier run")
    from agent.lab.evaluation.captions import read_captions
    from agent.lab.evaluation.rsa import Resampling, study

    progress = shared.progress(options)
    result = study(
        options.folder,
        encoder,
        encoder.select(options.layers),
        read_captions(options.captions) if options.captions else None,
        resampling=Resampling(options.permutations, options.resamples, options.seed),
        swap_red_blue=options.swap_red_blue,
        progress=progress,
    )
    progress("")
    _tell(result, options)
    return 0


def _tell(result: Study, options: argparse.Namespace) -> None:
    from agent.lab.evaluation import rsa_change, rsa_table

    content, text = rsa_table.to_dict(result), rsa_table.table(result)
    if options.baseline:
        changes = rsa_change.changes(content, options.baseline)
        content["changes"] = changes
        text += "\n\n" + rsa_change.table(changes)
    if options.output:
        _save(result, content, options.output)
    print(json.dumps(content, indent=2) if options.json else text)


def _dataset(options: argparse.Namespace) -> int:
    _check_installed()
    from agent.lab.evaluation.captions import read_captions
    from agent.lab.evaluation.distractors import Design, Thresholds, build

    progress = shared.progress(options)
    thresholds = Thresholds(
        options.similar, options.dissimilar, options.not_salient, options.salient
    )
    dataset = build(
        options.folder,
        read_captions(options.captions),
        options.output,
        Design(thresholds, options.side, options.tries, options.seed),
        limit=options.limit,
        progress=progress,
    )
    progress("")
    print(f"{dataset.bases} of {dataset.tried} pictures have all four conditions")
    for condition, count in dataset.counts.items():
        print(f"  {condition:<17} found for {count}")
    quartiles = ", ".join(f"{q:.2f}" for q in dataset.semantic_quartiles)
    print(f"quartiles of the distances between captions: {quartiles}")
    if not dataset.bases:
        print("nothing was written; add pictures, or adjust the thresholds to them")
        return 1
    print(f"Saved in {visible(str(options.output))}")
    return 0


def _check_installed() -> None:
    from agent.systems.rsa import why_unavailable

    if reason := why_unavailable():
        raise ConfigError(reason)


def _encoder(options: argparse.Namespace) -> Encoder:
    from agent.systems.encoders import MIMO_UNET, load_encoder

    weights = options.encoder_weights
    if weights is None and options.encoder == MIMO_UNET:
        weights = shared.settings(options).weights
    return load_encoder(options.encoder, weights)


def _save(result: Study, content: dict[str, Any], folder: Path) -> None:
    from agent.lab.evaluation import rsa_table

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rsa.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    (folder / "rsa.csv").write_text(rsa_table.to_csv(result), "utf-8")
    (folder / "rsa.png").write_bytes(rsa_table.figure(result))
    rsa_table.save_rdms(result, folder / "rdms.hdf5")
    print(f"Saved in {visible(str(folder))}", file=sys.stderr)
