"""A loss on the legibility of text, by the recogniser of PP-OCR.

A pixel loss does not distinguish a letter turned into another from one that is slightly soft. The
recogniser does: the same lines are cropped from the output and from the sharp patch, and its
readings of both are compared. It is frozen; only the restorer learns.
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

#: Height of the recogniser's input in pixels.
HEIGHT = 48
#: Maximum number of lines per batch, so that reading stays a small part of a step.
MOST_LINES = 3
#: Heights of ink in pixels that count as one line, and the minimum width as a multiple of them.
_HEIGHTS = range(6, 41)
_LEAST_ASPECT = 1.5
#: Minimum difference of ink from the background, in the range [0, 1].
_INK = 0.2
#: Margin of background around the ink, as a text detector leaves it.
_MARGIN = 2
#: Minimum confidence of a line in the sharp patch to be worth learning from.
_LEAST_CONFIDENCE = 0.8
_BLANK = 0  # the class of "no letter here" (CTC)


class Line(NamedTuple):
    """The place of a line in a patch, in pixels; `bottom` and `right` are exclusive."""

    top: int
    bottom: int
    left: int
    right: int


def lines(patch: Tensor) -> Iterator[Line]:
    """Find horizontal lines of text on a plain background of `(3, H, W)` in [0, 1], top to bottom.

    A line is a run of rows with ink between rows without. Those cut off by the upper or lower
    border of the patch, and those too high or too short to be a line, are left out.
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

    The mean is over the recogniser's positions in lines that it reads confidently when sharp, at
    most `MOST_LINES` per batch; zero if there are none.

    Raises:
        InputError: if rapidocr or onnx2torch is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.recogniser = _recogniser()

    def forward(self, output: Tensor, sharp: Tensor) -> Tensor:
        """Return the scalar loss of two batches `(B, 3, H, W)`, RGB float32 in [0, 1]."""
        of_each = [[(i, line) for line in lines(patch)] for i, patch in enumerate(sharp)]
        # The first lines of all patches come before the second ones.
        candidates = (place for turn in zip_longest(*of_each) for place in turn if place)
        places = list(islice(candidates, MOST_LINES))
        if not places:
            return output.new_zeros(())
        with torch.no_grad():
            reference = self._read(sharp, places)
        sure = _confidence(reference) >= _LEAST_CONFIDENCE
        if not sure.any():
            return output.new_zeros(())
        reading = self._read(output, places)[sure]
        divergence = functional.kl_div(reading, reference[sure], reduction="none", log_target=True)
        return divergence.sum(-1).mean()

    def _read(self, batch: Tensor, places: list[tuple[int, Line]]) -> Tensor:
        """Return log probabilities of the letters, `(lines, positions, letters)`."""
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
        # In [−1, 1], blue first, and zero past the end, as PP-OCR was trained.
        ready = [functional.pad(line * 2 - 1, (0, widest - line.shape[-1])) for line in cut]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # onnx2torch indexes with lists
            probabilities: Tensor = self.recogniser(torch.cat(ready).flip(1))
        return probabilities.clamp_min(1e-8).log()


def _confidence(read: Tensor) -> Tensor:
    """Return the mean probability of the letters of each line, 0 without letters; `(lines,)`."""
    best, letters = read.exp().max(-1)
    is_letter = (letters != _BLANK).float()
    return (best * is_letter).sum(1) / is_letter.sum(1).clamp_min(1)


def _recogniser() -> nn.Module:
    """Load PP-OCR's recogniser: lines `(N, 3, 48, W)` to probabilities `(N, W / 8, L)`."""
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
    """Replace "same" padding at stride 1 by numbers, the only form that onnx2torch supports."""
    from onnx import helper

    attributes = {attribute.name: attribute for attribute in node.attribute}
    if "auto_pad" in attributes and attributes["auto_pad"].s == b"SAME_UPPER":
        for name in {"auto_pad", "pads"} & attributes.keys():
            node.attribute.remove(attributes[name])
        sides = attributes["kernel_shape"].ints
        pads = [(side - 1) // 2 for side in sides] + [side // 2 for side in sides]
        node.attribute.append(helper.make_attribute("pads", pads))
