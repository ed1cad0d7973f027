"""MIMO-UNet with its residual blocks in 8-bit integers, for processors with instructions for it.

The two 3×3 convolutions of every residual block are nearly all of the network's work. Here they
multiply uint8 activations by int8 weights and add in int32: weights symmetric with a scale for
every output channel, activations with one scale for every tensor, taken from what the float32
network computes for a set of drawn pictures. What goes around the convolutions, the residual
stream, and all other layers stay in float32.

Of the channels of a tensor, the one that reaches furthest says how coarse the numbers of all are.
So each channel is divided by a share of how far it reaches, and the weights that meet it are
multiplied by that (SmoothQuant: Xiao et al., 2023; between two convolutions, which a ReLU does not
hinder, the equalisation of Nagel et al., 2019).
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import cast

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn
from torch.nn import functional

from agent.systems.restoration.network import MIMOUNet, ResBlock
from agent.systems.restoration.residual_blocks import convolutions, with_blocks

#: How far the scales reach beyond what the drawn pictures lead to.
MARGIN = 1.2
#: What a channel is taken to reach at least: of the furthest one, and where none reaches anywhere.
_LEAST_REACH, _NOTHING = 1e-3, 1e-9
#: Side of the drawn pictures, and what is written in them.
_SIDE = 96
_LETTERS = "The quick brown fox, 0123456789: jumps [over] the lazy dog; WAXY & Qualm #@%|!? " * 3
#: Values that are rounded at a time, few enough to stay in the cache, and that are convolved at a
#: time, few enough for the allocator to give the same memory again.
_ROUNDED, _CONVOLVED = 2**18, 2**22
#: Rows on each side of a strip that two 3×3 convolutions see.
_REACH = 2
_ONES = [1, 1]


def available() -> bool:
    """Whether this processor multiplies 8-bit integers fast (AVX512-VNNI, AMX) and PyTorch can."""
    probes = (
        getattr(torch.cpu, name, None) for name in ("_is_vnni_supported", "_is_amx_tile_supported")
    )
    return (
        torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and hasattr(torch.ops.onednn, "qconv2d_pointwise")
        and any(probe() for probe in probes if probe)
    )


def eight_bit(net: MIMOUNet) -> MIMOUNet:
    """A network that computes what `net` does, its residual blocks in 8 bits.

    All other layers are shared with `net`. The result takes and gives float32, channels last, on
    the CPU, and cannot be trained. Infinities and NaN pass through the residual stream.

    Args:
        net: in evaluation mode, on the CPU, in float32.
    """
    ranges = _ranges(net, _scenes())
    return with_blocks(net, lambda block: _EightBitBlock(block, *ranges[block]))


class _EightBitBlock:
    """A residual block whose input lies in [low, high], and behind its ReLU in [0, top].

    Args:
        low, high, top: `(C,)`, of each channel.
    """

    def __init__(self, block: ResBlock, low: Tensor, high: Tensor, top: Tensor) -> None:
        first, second = convolutions(block)
        outer = _share(torch.maximum(-low, high), first)
        inner = _share(top, second)
        least, most = float((low / outer).min()), float((high / outer).max())
        self.scale = max(most - least, _NOTHING) / 255
        self.zero = round(-least / self.scale)
        self.inner_scale = max(float((top / inner).max()), _NOTHING) / 255
        #: What a value is multiplied by, and what is added, to make it a whole number less 128.
        self.factors = (1 / (outer * self.scale)).view(1, -1, 1, 1)
        self.shift = torch.tensor(self.zero - 128.0)
        self.first = _packed(first, self.scale, self.zero, outer, inner)
        self.second = _packed(second, self.inner_scale, 0, inner, torch.ones_like(outer))

    def add_to(self, stream: Tensor) -> None:
        """Add what the block computes for `(B, C, H, W)` to it, a strip of rows at a time."""
        rounded, height = self._rounded(stream), stream.shape[2]
        rows = max(4 * _REACH, _CONVOLVED // (stream.shape[1] * stream.shape[3]))
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            above = max(0, top - _REACH)  # what is wrong at the border of the strip is dropped
            strip = rounded[:, :, above : bottom + _REACH]
            change = self._change(strip)
            stream[:, :, top:bottom].add_(change[:, :, top - above : bottom - above])

    def _rounded(self, x: Tensor) -> Tensor:
        result = torch.empty_like(x, dtype=torch.int8, memory_format=torch.channels_last)
        rows = max(1, _ROUNDED // (x.shape[1] * x.shape[3]))
        strips = torch.split(x, rows, 2), torch.split(result, rows, 2)
        for strip, rounded in zip(*strips, strict=True):
            # one pass; converting to int8 is faster than to uint8
            values = torch.addcmul(self.shift, strip, self.factors)
            rounded.copy_(values.round_().clamp_(-128, 127))
        return result.view(torch.uint8).bitwise_xor_(128)  # adds 128

    def _change(self, x: Tensor) -> Tensor:
        inner = self._convolved(x, self.scale, self.zero, self.first, self.inner_scale, relu=True)
        return self._convolved(inner, self.inner_scale, 0, self.second, 1.0, relu=False)

    @staticmethod
    def _convolved(
        x: Tensor, scale: float, zero: int, packed: _Packed, out_scale: float, *, relu: bool
    ) -> Tensor:
        """uint8 behind a ReLU, else float32."""
        kind, name = (torch.uint8, "relu") if relu else (torch.float32, "none")
        result = torch.ops.onednn.qconv2d_pointwise(
            x, scale, zero, *packed, _ONES, _ONES, _ONES, 1, out_scale, 0, kind, name, [], ""
        )
        return cast(Tensor, result)


#: Weights as the operator wants them, their scales and zero points, and the bias.
_Packed = tuple[Tensor, Tensor, Tensor, Tensor | None]


def _share(reach: Tensor, conv: nn.Conv2d) -> Tensor:
    """`(C,)`, what each input channel of a convolution is divided by: more where it reaches further
    than its weights do."""
    weights = conv.weight.detach().abs().amax((0, 2, 3)).nan_to_num(0, 0)
    reach = reach.clamp_min(_LEAST_REACH * float(reach.max())).clamp_min(_NOTHING)
    return (reach / weights.clamp_min(_NOTHING)).sqrt()


def _packed(conv: nn.Conv2d, scale: float, zero: int, divided: Tensor, divide: Tensor) -> _Packed:
    """A convolution of channels that were divided, with results that are to be."""
    weight = conv.weight.detach() * divided.view(1, -1, 1, 1) / divide.view(-1, 1, 1, 1)
    scales = (weight.abs().amax((1, 2, 3)) / 127).clamp_min(1e-12)
    rounded = (weight / scales.view(-1, 1, 1, 1)).round().to(torch.int8).contiguous()
    packed = torch.ops.onednn.qconv_prepack(
        rounded, scales, scale, zero, _ONES, _ONES, _ONES, 1, None
    )
    bias = None if conv.bias is None else conv.bias.detach() / divide
    return packed, scales, torch.zeros(len(scales), dtype=torch.int64), bias


def _ranges(net: MIMOUNet, pictures: Tensor) -> dict[ResBlock, tuple[Tensor, Tensor, Tensor]]:
    """Of every residual block and each channel `(C,)`: least and largest input, largest value
    behind its ReLU; with the margin."""
    inputs: dict[ResBlock, tuple[Tensor, Tensor]] = {}
    tops: dict[ResBlock, Tensor] = {}
    with torch.no_grad(), ExitStack() as hooks:
        for block in _blocks(net):

            def see(module: nn.Module, args: tuple[Tensor], block: ResBlock = block) -> None:
                inputs[block] = args[0].amin((0, 2, 3)), args[0].amax((0, 2, 3))

            def see_inner(
                module: nn.Module, args: object, output: Tensor, block: ResBlock = block
            ) -> None:
                tops[block] = output.amax((0, 2, 3))

            hooks.callback(block.register_forward_pre_hook(see).remove)
            hooks.callback(block.main[0].register_forward_hook(see_inner).remove)
        net.full(pictures)
    return {
        block: (_finite(low).clamp_max(0), _finite(high).clamp_min(0), _finite(tops[block]))
        for block, (low, high) in inputs.items()
    }


def _finite(extremes: Tensor) -> Tensor:
    """With the margin; 0 for what is not finite, whose results tell of themselves."""
    return MARGIN * extremes.nan_to_num(0, 0, 0)


def _blocks(module: nn.Module) -> list[ResBlock]:
    return [part for part in module.modules() if isinstance(part, ResBlock)]


def _scenes() -> Tensor:
    """`(B, 3, H, W)` in [0, 1]: text and rectangles, sharp, and reduced and enlarged; and noise."""
    rng = torch.Generator().manual_seed(0)
    pages = [
        _page((255, 255, 255), (0, 0, 0), 13),
        _page((0, 0, 0), (255, 255, 255), 18),
        _page((240, 230, 140), (160, 0, 60), 26),
        _rectangles(rng),
    ]
    scenes = torch.stack(pages)
    small = functional.interpolate(scenes, scale_factor=1 / 3, mode="bicubic", antialias=True)
    soft = functional.interpolate(small, scale_factor=3, mode="bicubic").clamp(0, 1)
    return torch.cat([scenes, soft, torch.rand(1, *scenes.shape[1:], generator=rng)])


def _page(paper: tuple[int, int, int], ink: tuple[int, int, int], size: int) -> Tensor:
    image = Image.new("RGB", (_SIDE, _SIDE), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for row, top in enumerate(range(-2, _SIDE, size + 2)):
        draw.text((-row, top), _LETTERS[row * 7 :], ink, font)
    return torch.from_numpy(np.asarray(image, np.float32) / 255).permute(2, 0, 1)


def _rectangles(rng: torch.Generator) -> Tensor:
    scene = torch.zeros(3, _SIDE, _SIDE)
    for _ in range(150):
        top, left = torch.randint(_SIDE, (2,), generator=rng).tolist()
        height, width = torch.randint(1, 24, (2,), generator=rng).tolist()
        colour = torch.rand(3, 1, 1, generator=rng)
        scene[:, top : top + height, left : left + width] = colour
    return scene
