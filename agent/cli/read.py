"""The command `read`: ask LLaVAR or a vision-language model about a picture."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import ConfigError
from agent.text import visible

if TYPE_CHECKING:
    from agent.llm.picture_reading import Reading
    from agent.settings import Settings


def add(group: Group) -> None:
    """Add `read`."""
    about = "ask LLaVAR or a vision-language model about a picture"
    add = group.add("read", about, _read).add_argument
    add("picture", type=shared.path, metavar="IMAGE", help="the picture")
    add("question", nargs="*", help="default: what text can be read in this picture?")
    add(
        "--llavar",
        type=shared.path,
        metavar="DIR",
        help="merged weights of LLaVAR, with CLIP in a subfolder",
    )
    add(
        "--model",
        metavar="PROVIDER:NAME",
        help="a vision-language model; the picture is sent to it",
    )
    add("--device", metavar="NAME", help="cpu or cuda, for LLaVAR")
    add("--four-bit", action="store_true", help="quantise LLaVAR; needs CUDA and bitsandbytes")
    add("--length", type=int, default=256, metavar="N", help="maximum tokens in LLaVAR's reply")
    add("--json", action="store_true", help="print JSON")


def _read(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    if options.llavar and options.model:
        raise ConfigError("--llavar and --model cannot be combined; give only one of them")
    reading = _read_picture(options, shared.settings(options))
    if options.json:
        print_exact(json.dumps(asdict(reading), indent=2, ensure_ascii=False))
    else:
        print("\n".join(visible(line) for line in reading.text.splitlines()))
        print(f"\nRead by {visible(reading.reader)} in {reading.seconds:g} s; not checked.")
    return 0


def _read_picture(options: argparse.Namespace, settings: Settings) -> Reading:
    from agent.llm.picture_reading import DEFAULT_QUESTION, read_with_llavar, read_with_model

    question = " ".join(options.question) or DEFAULT_QUESTION
    if settings.llavar and not options.model:
        shared.progress(options)("loading LLaVAR")
        return read_with_llavar(
            options.picture, question, settings.llavar, device=settings.device,
            four_bit=options.four_bit, length=options.length,
        )  # fmt: skip
    from agent.llm import open_client
    from agent.llm.prompts import Prompts

    client = open_client(settings)
    if client is None:
        from agent.systems.text.llavar import WHERE

        raise ConfigError(
            "no model is set that can answer about pictures; name merged weights of LLaVAR with "
            f"--llavar DIR ({WHERE}), or a vision-language model with --model PROVIDER:NAME"
        )
    return read_with_model(options.picture, question, client, Prompts(settings.prompts))
