"""MIMO-UNet+ as an ONNX file, for runtimes other than PyTorch."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from agent.files import sha256_of
from agent.systems.restoration.network import SIZE_MULTIPLE, MIMOUNet, load_checkpoint

_OPSET = 17
INPUT, OUTPUT = "image", "restored"


class _Full(nn.Module):
    """The network with only its full-size output."""

    def __init__(self, net: MIMOUNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> Tensor:
        return self.net.full(image)


def to_onnx(weights: Path) -> bytes:
    """Return the network of a checkpoint as an ONNX model of opset 17, in float32.

    Its input `image` and output `restored` are `(B, 3, H, W)`, gamma-coded RGB in [0, 1]; the
    output is not clamped. B, H and W are free, but H and W must be multiples of 4, so pad by
    reflection before and crop afterwards. The file's metadata say so, and hold the SHA-256 of the
    weights.

    Raises:
        CheckpointError: if the weights cannot be used.
    """
    import onnx

    net = _Full(load_checkpoint(weights))
    free = {0: "batch", 2: "height", 3: "width"}
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # PyTorch recommends the exporter that needs the package onnxscript.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (torch.zeros(1, 3, 8 * SIZE_MULTIPLE, 8 * SIZE_MULTIPLE),),
            buffer,  # type: ignore[arg-type]  # the stubs lack what its documentation names
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: free, OUTPUT: free},
            opset_version=_OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    described = {
        "architecture": f"MIMO-UNet, {net.net.blocks} residual blocks a stage",
        "values": "RGB, gamma-coded, [0, 1]",
        "multiple_of": str(SIZE_MULTIPLE),
        "weights_sha256": sha256_of(weights),
    }
    onnx.helper.set_model_props(model, described)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
