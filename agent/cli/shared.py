"""Helpers that commands share: settings, questions, progress, common options.

Functions import the heavy modules they need themselves, so that `--help` is immediate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.streams import print_exact
from agent.errors import InputError, LogError
from agent.text import visible

if TYPE_CHECKING:
    from agent.imaging.sheet import Pixels
    from agent.registry import Registry
    from agent.settings import Settings
    from agent.systems.features.feature_maps import FeatureStage
    from agent.types import Question, Report

#: Bytes read of a question on standard input; longer ones are refused anyway.
_MOST_BYTES = 200_000
#: The values of `agent.settings.Precision`, repeated to keep `--help` fast.
PRECISIONS = ("auto", "fp32", "bf16", "fp16", "int8")
#: Help text of `--weights`.
WEIGHTS = "weights of MIMO-UNet(+) or, with groundglass[models], of any network that spandrel loads"


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings from flags, environment, configuration file and defaults."""
    from agent.cli.setting_sources import resolve

    return resolve(options)[0]


def path(text: str) -> Path:
    """Convert an argument to a path; see `agent.files.path_of`."""
    from agent.files import path_of

    return path_of(text)


def folder(text: str) -> Path:
    """Convert an argument to a folder for results; see `agent.files.folder_of`."""
    from agent.files import folder_of

    return folder_of(text)


def sheet(text: str) -> Path:
    """Convert an argument to the path of a picture to write; its suffix has to be writable."""
    from agent.imaging.encoding import SUFFIXES

    target = path(text)
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{visible(text)}: this picture format cannot be written; expected one of "
            + ", ".join(SUFFIXES)
        )
    return target


def load_registry(options: argparse.Namespace) -> Registry:
    from agent.registry import load

    active = settings(options)
    return load(active.registry, active.cache)


def question(text: str, images: tuple[Path, ...] = (), upscale: int | None = None) -> Question:
    from agent.types import question_from

    if text == "-":
        text = _standard_input()
    return question_from(text, images=images, upscale=upscale)


def _standard_input() -> str:
    from agent.files import encoding_of, standard_input

    try:
        content = standard_input().read(_MOST_BYTES)
    except OSError as error:
        raise InputError(
            f"standard input cannot be read ({error.strerror or error}); give the question itself"
        ) from None
    return content.decode(encoding_of(content), errors="replace")  # it may be cut off


def progress(options: argparse.Namespace) -> Callable[[str], None]:
    """Return a function that shows progress on standard error, if that is a terminal."""
    if options.quiet or not sys.stderr.isatty():
        return lambda _: None

    def show(line: str) -> None:
        print(f"\r\x1b[2K{visible(line)}", end="", file=sys.stderr, flush=True)

    return show


def write_sheet(path: Path, pixels: Pixels) -> None:
    """Write an RGB sheet `(H, W, 3)` in the format of the suffix; replace an existing file.

    Raises:
        InputError: if the suffix is unknown.
    """
    from agent.files import write_whole
    from agent.imaging.encoding import encoded
    from agent.imaging.picture import Picture

    content, _ = encoded(Picture(path.name, pixels), path.suffix)
    write_whole(path, content)


def keep(report: Report, settings: Settings) -> None:
    """Save an answer in the history, unless it is off; a failure only causes a warning."""
    if settings.no_log:
        return
    from agent.cli.log import Log

    try:
        Log(settings.data).keep(report)
    except LogError as error:
        print(f"groundglass: {error}", file=sys.stderr)


def print_markdown(report: Report, *, saved: bool = False) -> None:
    """Print an answer: laid out on a terminal, otherwise as Markdown.

    Args:
        saved: whether its pictures are saved, so that Markdown can link to them.
    """
    if sys.stdout.isatty():
        from agent.report.terminal import print_report

        print_report(report)
    else:
        from agent.report.markdown import to_markdown

        printable = report if saved else report.model_copy(update={"pictures": {}})
        print_exact(to_markdown(printable))


def log_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--no-log",
        action="store_const",
        const=True,
        help="leave this out of the history of answers",
    )


def picture_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        *("-i", "--image"), type=path, action="append", default=[], metavar="FILE",
        help="a picture to run the model on; may be given several times",
    )  # fmt: skip
    run_options(command)


def run_options(command: argparse.ArgumentParser) -> None:
    """Add the options that choose what runs on pictures, and with which weights."""
    add = command.add_argument
    add("--weights", metavar="FILE", help=WEIGHTS)
    add(
        "--evidence", choices=("none", "core", "full"),
        help="what to run on a picture: none; core: restore it and read its text; full: every "
        "tool, which takes minutes; default: core",
    )  # fmt: skip
    add(
        "--no-run", dest="evidence", action="store_const", const="none",
        help="the same as --evidence none",
    )  # fmt: skip


def encoder_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--encoder", metavar="NAME", help="an encoder of timm; default: the built-in one")
    add("--encoder-weights", type=path, metavar="FILE", help="of an encoder that is not built in")
    add("--layer", metavar="NAME", help="layer to upsample; required for another encoder")


def feature_stage(options: argparse.Namespace) -> FeatureStage:
    from agent.systems.encoders import DEFAULT_ENCODER, load_encoder
    from agent.systems.features.feature_maps import DEFAULT_LAYER, FeatureStage

    name = options.encoder or DEFAULT_ENCODER
    if name != DEFAULT_ENCODER and not options.layer:
        raise InputError(f"--encoder {name} needs --layer, the name of the layer to sharpen")
    encoder = load_encoder(name, options.encoder_weights)
    return FeatureStage(encoder, options.layer or DEFAULT_LAYER)


def model_options(command: argparse.ArgumentParser) -> None:
    """Add the options of a language model, which are settings, too."""
    add = command.add_argument_group("language model", "used only if you name one").add_argument
    add(
        *("-m", "--model"), metavar="PROVIDER:NAME",
        help="word the answer with this model, such as openai:gpt-4.1-mini; without a provider, "
        "OpenAI or the server that OPENAI_BASE_URL names",
    )  # fmt: skip
    add(
        "--judge",
        metavar="PROVIDER:NAME",
        help="use this model to check what the language model wrote; default: the same model",
    )
    add(
        "--no-judge",
        dest="judge",
        action="store_const",
        const="none",
        help="do not check the meaning of what the language model wrote; the answer says so",
    )
    add("--max-tokens", metavar="N", help="spend at most N tokens")
    add("--max-usd", metavar="X", help="spend at most X US dollars")
    add("--price", metavar="IN/OUT", help="price of the model, in US dollars per million tokens")
    add("--timeout", metavar="S", help="seconds for one reply, retries included; default: 60")
    add("--rate", metavar="N", help="at most N requests a minute")
    add("--prompts", metavar="DIR", help="use your own prompts instead of the built-in ones")
    add(
        "--send-images", action="store_const", const=True,
        help="also send pictures to the model, not just measurements",
    )  # fmt: skip
