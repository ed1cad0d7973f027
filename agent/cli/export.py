"""The command `export`."""

from __future__ import annotations

import argparse

from agent.cli import shared
from agent.cli.parser import Group
from agent.text import visible


def add(group: Group) -> None:
    """Add `export`."""
    kinds = Group(group.add("export", "export the network to other runtimes"), "KIND")
    add = kinds.add("onnx", "write an ONNX model for any height and width", _onnx).add_argument
    add("-o", "--output", type=shared.path, required=True, metavar="FILE", help="file to write")
    add("--weights", metavar="FILE", help="weights of MIMO-UNet or MIMO-UNet+")
    add("--overwrite", action="store_true", help="replace an existing file")


def _onnx(options: argparse.Namespace) -> int:
    from agent.files import write_whole
    from agent.systems.restoration.onnx import to_onnx

    content = to_onnx(shared.settings(options).weights)
    write_whole(options.output, content, overwrite=options.overwrite)
    print(f"{visible(str(options.output))}: {len(content) / 1e6:.1f} MB")
    return 0
