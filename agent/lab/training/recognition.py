"""A loss that asks whether text still reads as it should, by the recogniser of PP-OCR.

Pixels do not tell a letter that is redrawn as another letter from one that is a little soft. The
recogniser does: lines are cut from the output and from the sharp patch alike, and what it makes of
the first is held against what it makes of the second. It is fixed; only the restorer learns.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice, zip_longest
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.errors import InputError
from agent.systems.torchvision_ops import import_torchvision

#: Height in pixels that the recogniser reads at.
HEIGHT = 48
#: Lines that are read for a batch, few enough that reading stays a small part of a step.
MOST_LINES = 3
#: Heights of ink in pixels that are taken for one line, and the least width as a multiple of them.
_HEIGHTS = range(6, 41)
_LEAST_ASPECT = 1.5
#: Difference from the background that is ink, of the range [0, 1].
_INK = 0.2
#: Rows and columns of background left around the ink, as a detector of text leaves them.
_MARGIN = 2
#: A line that the recogniser does not read surely when it is sharp teaches nothing.
_LEAST_CONFIDENCE = 0.8
_BLANK = 0  # the class of "no letter here" (CTC)


class Line(NamedTuple):
    """Where a line is in a patch, in pixels; `bottom` and `right` are past its end."""

    top: int
    bottom: int
    left: int
    right: int


def lines(patch: Tensor) -> Iterator[Line]:
    """Level lines of text on a plain background, top to bottom, of `(3, H, W)` in [0, 1].

    A line is a run of rows with ink between rows without; one cut off by the border of the patch
    above or below is left out, and so is whatever is too high or too short to be a line.
    """
    grey = patch.mean(0)
    ink = (grey - grey.median()).abs() > _INK
    rows = functional.pad(ink.any(1).int(), (1, 1)).diff()
    starts, ends = (rows == 1).nonzero().flatten(), (rows == -1).nonzero().flatten()
    height, width = grey.shape
    for top, bottom in zip(starts.tolist(), ends.tolist(), strict=True):
        columns = ink[top:bottom].any(0).nonzero().flatten()
        left, right = int(columns[0]), int(columns[-1]) + 1
        inside = top >= _MARGIN and bottom <= height - _MARGIN
        if inside and bottom - top in _HEIGHTS and right - left >= _LEAST_ASPECT * (bottom - top):
            left, right = max(0, left - _MARGIN), min(width, right + _MARGIN)
            yield Line(top - _MARGIN, bottom + _MARGIN, left, right)


class RecognitionLoss(nn.Module):
    """Kullback–Leibler divergence between the letters read in the sharp and in the restored lines.

    The mean over the recogniser's positions of the lines that it reads surely when they are sharp,
    at most `MOST_LINES` a batch; zero where there is none.

    Raises:
        InputError: when rapidocr or onnx2torch is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.recogniser = _recogniser()

    def forward(self, output: Tensor, sharp: Tensor) -> Tensor:
        """A scalar for two batches `(B, 3, H, W)`, RGB float32 in [0, 1]."""
        of_each = [[(i, line) for line in lines(patch)] for i, patch in enumerate(sharp)]
        # The first line of every patch comes before the second of any.
        candidates = (place for turn in zip_longest(*of_each) for place in turn if place)
        places = list(islice(candidates, MOST_LINES))
        if not places:
            return output.new_zeros(())
        with torch.no_grad():
            reference = self._read(sharp, places)
        sure = _confidence(reference) >= _LEAST_CONFIDENCE
        if not sure.any():
            return output.new_zeros(())
        read = self._read(output, places)[sure]
        divergence = functional.kl_div(read, reference[sure], reduction="none", log_target=True)
        return divergence.sum(-1).mean()

    def _read(self, batch: Tensor, places: list[tuple[int, Line]]) -> Tensor:
        """Log probabilities of the letters, `(lines, positions, letters)`."""
        cut = [
            functional.interpolate(
                batch[i : i + 1, :, line.top : line.bottom, line.left : line.right],
                size=(HEIGHT, round(HEIGHT * (line.right - line.left) / (line.bottom - line.top))),
                mode="bilinear",
                align_corners=False,
            )
            for i, line in places
        ]
        widest = max(line.shape[-1] for line in cut)
        # Around [−1, 1], blue first, and zero past the end, as PP-OCR was trained.
        ready = [functional.pad(line * 2 - 1, (0, widest - line.shape[-1])) for line in cut]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # onnx2torch indexes with lists
            probabilities: Tensor = self.recogniser(torch.cat(ready).flip(1))
        return probabilities.clamp_min(1e-8).log()


def _confidence(read: Tensor) -> Tensor:
    """Mean probability of the letters of each line, 0 where there is none; `(lines,)`."""
    best, letters = read.exp().max(-1)
    is_letter = (letters != _BLANK).float()
    return (best * is_letter).sum(1) / is_letter.sum(1).clamp_min(1)


def _recogniser() -> nn.Module:
    """PP-OCR's recogniser as a module: lines `(N, 3, 48, W)` to probabilities `(N, W / 8, L)`."""
    if missing := [name for name in ("rapidocr", "onnx2torch") if find_spec(name) is None]:
        raise InputError(
            f"a recognition loss needs {' and '.join(missing)}: pip install 'groundglass[train]'"
        )
    import onnx

    import_torchvision()  # onnx2torch needs it
    from onnx2torch import convert

    (path,) = (files("rapidocr") / "models").glob("*_rec_*.onnx")  # type: ignore[attr-defined]
    model = onnx.load(path)
    for node in model.graph.node:
        _pad_explicitly(node)
    net: nn.Module = convert(model).eval().requires_grad_(False)
    return net


def _pad_explicitly(node: Any) -> None:
    """Write "same" padding at stride 1 as numbers, the only form that onnx2torch knows."""
    from onnx import helper

    attributes = {attribute.name: attribute for attribute in node.attribute}
    if "auto_pad" in attributes and attributes["auto_pad"].s == b"SAME_UPPER":
        for name in {"auto_pad", "pads"} & attributes.keys():
            node.attribute.remove(attributes[name])
        sides = attributes["kernel_shape"].ints
        pads = [(side - 1) // 2 for side in sides] + [side // 2 for side in sides]
        node.attribute.append(helper.make_attribute("pads", pads))
