"""The networks MIMO-UNet and MIMO-UNet+.

Written from the paper (Cho et al., "Rethinking Coarse-to-Fine Approach in Single Image
Deblurring", ICCV 2021, arXiv 2108.05054). Parameter names follow the published checkpoints, so
that the authors' files load; `load_checkpoint` reads them without unpickling anything but tensors.

This module knows nothing about enlarging, tiling, padding or devices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.errors import CheckpointError
from agent.systems.checkpoints import read_state

BASE_CHANNELS = 32
#: Residual blocks per encoder or decoder stage: 8 in MIMO-UNet, 20 in MIMO-UNet+.
PLUS_BLOCKS = 20
#: Two stride-2 convolutions: both sides of an input must be multiples of this.
SIZE_MULTIPLE = 4
_PLUS_DROPOUT = 0.1


class BasicConv(nn.Module):
    """Zero-padded convolution with bias, and a ReLU unless `relu` is False."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        relu: bool = True,
        transpose: bool = False,
    ) -> None:
        super().__init__()
        padding = kernel_size // 2 - (1 if transpose else 0)
        kind = nn.ConvTranspose2d if transpose else nn.Conv2d
        layers: list[nn.Module] = [kind(in_channels, out_channels, kernel_size, stride, padding)]
        if relu:
            layers.append(nn.ReLU(inplace=True))
        self.main = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.main(x))


class ResBlock(nn.Module):
    """Two 3×3 convolutions around an identity; no activation after the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            BasicConv(channels, channels, 3), BasicConv(channels, channels, 3, relu=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.main(x) + x)


class Stage(nn.Module):
    """An encoder or decoder block: `blocks` residual blocks in sequence."""

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(ResBlock(channels) for _ in range(blocks)))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.layers(x))


class ShallowConvModule(nn.Module):
    """SCM: features of a down-sampled input picture, with the picture itself concatenated first."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        quarter, half = out_channels // 4, out_channels // 2
        self.main = nn.Sequential(
            BasicConv(3, quarter, 3),
            BasicConv(quarter, half, 1),
            BasicConv(half, half, 3),
            BasicConv(half, out_channels - 3, 1),
        )
        self.conv = BasicConv(out_channels, out_channels, 1, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.conv(torch.cat([x, self.main(x)], dim=1)))


class FeatureAttentionModule(nn.Module):
    """FAM: features of a smaller input emphasise or suppress those from the scale above."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.merge = BasicConv(channels, channels, 3, relu=False)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        return cast(Tensor, x + self.merge(x * guide))


class AsymmetricFeatureFusion(nn.Module):
    """AFF: one skip connection made from the encoder features of all three scales.

    The published form resamples the three maps to one size, concatenates their 224 channels and
    applies a 1×1 convolution. A 1×1 convolution commutes with nearest resampling, so here each map
    meets its own slice of that convolution at its native size and the small results are resampled
    and added: equal up to the order of floating-point sums, at a fraction of the memory.
    """

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.widths = [BASE_CHANNELS, BASE_CHANNELS * 2, BASE_CHANNELS * 4]
        self.conv = nn.Sequential(
            BasicConv(sum(self.widths), out_channels, 1),
            BasicConv(out_channels, out_channels, 3, relu=False),
        )

    def forward(self, maps: list[Tensor], size: tuple[int, int]) -> Tensor:
        point, smooth = self._layers()
        fused: Tensor | None = None
        offset = 0
        for width, features in zip(self.widths, maps, strict=True):
            weight = point.weight[:, offset : offset + width]
            offset += width
            shrink = max(1, features.shape[-1] // size[1])
            part = functional.conv2d(features[..., ::shrink, ::shrink], weight)
            if part.shape[-2:] != size:
                part = functional.interpolate(part, size=size, mode="nearest")
            fused = part if fused is None else fused + part
        assert fused is not None
        assert point.bias is not None
        fused = fused + point.bias.to(fused.dtype).view(1, -1, 1, 1)
        return cast(Tensor, smooth(functional.relu(fused)))

    def _layers(self) -> tuple[nn.Conv2d, BasicConv]:
        """Return the 1×1 convolution without its ReLU, and the 3×3 one."""
        first, second = cast(Iterable[BasicConv], self.conv)
        return cast(nn.Conv2d, first.main[0]), second


class MIMOUNet(nn.Module):
    """Multi-input multi-output U-Net of Cho et al. 2021, sections 3.1–3.4.

    Args:
        blocks: residual blocks per stage; 20 is MIMO-UNet+ (16,107,651 parameters), 8 is MIMO-UNet
            (6,807,171). With 20 or more, the fused skips have a channel dropout of 0.1 in training.
    """

    def __init__(self, blocks: int = PLUS_BLOCKS) -> None:
        super().__init__()
        if blocks < 1:
            raise ValueError(f"blocks must be at least 1, got {blocks}")
        c = BASE_CHANNELS
        self.blocks = blocks
        self.feat_extract = nn.ModuleList(
            [
                BasicConv(3, c, 3),
                BasicConv(c, c * 2, 3, stride=2),
                BasicConv(c * 2, c * 4, 3, stride=2),
                BasicConv(c * 4, c * 2, 4, stride=2, transpose=True),
                BasicConv(c * 2, c, 4, stride=2, transpose=True),
                BasicConv(c, 3, 3, relu=False),
            ]
        )
        self.Encoder = nn.ModuleList(Stage(width, blocks) for width in (c, c * 2, c * 4))
        self.Decoder = nn.ModuleList(Stage(width, blocks) for width in (c * 4, c * 2, c))
        self.Convs = nn.ModuleList([BasicConv(c * 4, c * 2, 1), BasicConv(c * 2, c, 1)])
        self.ConvsOut = nn.ModuleList(
            [BasicConv(c * 4, 3, 3, relu=False), BasicConv(c * 2, 3, 3, relu=False)]
        )
        self.AFFs = nn.ModuleList([AsymmetricFeatureFusion(c), AsymmetricFeatureFusion(c * 2)])
        self.FAM1, self.SCM1 = FeatureAttentionModule(c * 4), ShallowConvModule(c * 4)
        self.FAM2, self.SCM2 = FeatureAttentionModule(c * 2), ShallowConvModule(c * 2)
        dropout = _PLUS_DROPOUT if blocks >= PLUS_BLOCKS else 0.0
        self.drop1, self.drop2 = nn.Dropout2d(dropout), nn.Dropout2d(dropout)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Restore a batch of pictures at three scales.

        Args:
            x: `(B, 3, H, W)`, floating point, RGB in [0, 1]; H and W multiples of 4.

        Returns:
            `[quarter, half, full]` of shapes `(B, 3, H/4, W/4)`, `(B, 3, H/2, W/2)` and
            `(B, 3, H, W)`, each the input at that scale plus a predicted residual; not clamped.

        Raises:
            ValueError: for another rank or channel count, or sides that are no multiples of 4.
        """
        return self._outputs(x, heads=True)

    def full(self, x: Tensor) -> Tensor:
        """Return only the full-size output of `forward`, without computing the smaller heads.

        Takes the input of `forward`, returns `(B, 3, H, W)`, and raises the same errors.
        """
        return self._outputs(x, heads=False)[0]

    def _outputs(self, x: Tensor, *, heads: bool) -> list[Tensor]:
        if x.ndim != 4 or x.shape[1] != 3:
            raise ValueError(f"expected a tensor of shape (B, 3, H, W), got {tuple(x.shape)}")
        if x.shape[2] % SIZE_MULTIPLE or x.shape[3] % SIZE_MULTIPLE:
            raise ValueError(
                f"H and W must be multiples of {SIZE_MULTIPLE}, got {x.shape[2]}×{x.shape[3]}; "
                "pad the picture first"
            )
        half, quarter = x[..., ::2, ::2], x[..., ::4, ::4]  # nearest resampling by 0.5, twice

        res1 = self.Encoder[0](self.feat_extract[0](x))
        res2 = self.Encoder[1](self.FAM2(self.feat_extract[1](res1), self.SCM2(half)))
        z = self.Encoder[2](self.FAM1(self.feat_extract[2](res2), self.SCM1(quarter)))

        skip2 = self.drop2(self.AFFs[1]([res1, res2, z], _size(res2)))
        skip1 = self.drop1(self.AFFs[0]([res1, res2, z], _size(res1)))
        del res1, res2  # the decoder does not need them

        outputs = []
        z = self.Decoder[0](z)
        if heads:
            outputs.append(self.ConvsOut[0](z) + quarter)
        z = self.Convs[0](torch.cat([self.feat_extract[3](z), skip2], dim=1))
        del skip2
        z = self.Decoder[1](z)
        if heads:
            outputs.append(self.ConvsOut[1](z) + half)
        z = self.Convs[1](torch.cat([self.feat_extract[4](z), skip1], dim=1))
        del skip1
        z = self.Decoder[2](z)
        return [*outputs, self.feat_extract[5](z) + x]


def _size(features: Tensor) -> tuple[int, int]:
    return features.shape[-2], features.shape[-1]


_BLOCK = re.compile(r"Encoder\.0\.layers\.(\d+)\.")


def is_mimo_unet(names: Iterable[str]) -> bool:
    """Check whether these tensor names are those of MIMO-UNet or MIMO-UNet+."""
    names = tuple(names)
    return any(map(_BLOCK.match, names)) and any(name.startswith("AFFs.") for name in names)


def load_checkpoint(path: str | Path) -> MIMOUNet:
    """Load a checkpoint of MIMO-UNet or MIMO-UNet+, the authors' or ours.

    Args:
        path: a `.safetensors` file, or a `.pkl`, `.pth` or `.pt` file written by `torch.save`. The
            state dict may be bare or under the key `model`, its names with or without `module.`.
            The number of residual blocks is read from the names.

    Returns:
        The network in float32, on the CPU, in evaluation mode.

    Raises:
        CheckpointError: if the file cannot be read, holds anything but tensors, or does not fit the
            network exactly; the message lists what is missing, unexpected or of another shape.
    """
    path = Path(path)
    state = read_state(path)
    if not is_mimo_unet(state):
        raise CheckpointError(
            f"{path}: this is not a MIMO-UNet checkpoint; expected names such as "
            f"'Encoder.0.layers.0.main.0.main.0.weight', got {sorted(state)[:3]}"
        )
    blocks = {m[1] for k in state if (m := _BLOCK.match(k))}
    net = MIMOUNet(len(blocks))  # the count: a huge index would build a huge network
    expected = net.state_dict()
    missing = sorted(expected.keys() - state.keys())
    unexpected = sorted(state.keys() - expected.keys())
    misshapen = [
        f"{name} {tuple(state[name].shape)} instead of {tuple(expected[name].shape)}"
        for name in sorted(expected.keys() & state.keys())
        if state[name].shape != expected[name].shape
    ]
    faults = [
        f"{label}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''} ({len(names)})"
        for label, names in (
            ("missing", missing), ("unexpected", unexpected), ("of another shape", misshapen)
        )
        if names
    ]  # fmt: skip
    if faults:
        raise CheckpointError(f"{path}: does not fit MIMO-UNet; " + "; ".join(faults))
    net.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return net.eval()
