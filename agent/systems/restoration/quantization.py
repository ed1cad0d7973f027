"""MIMO-UNet with residual blocks in 8-bit integers, for processors with instructions for them.

The two 3×3 convolutions of each residual block are nearly all of the network's work. Here they
multiply uint8 activations by int8 weights and accumulate in int32. Weights are symmetric with a
scale per output channel; activations have one scale per tensor, calibrated with the float32 network
on a set of drawn pictures. The residual stream and all other layers stay in float32.

The channel with the largest range determines the step size of the whole tensor. So each channel is
divided by a factor that grows with its range, and the weights that it meets are multiplied by the
same factor (SmoothQuant: Xiao et al., 2023; between the two convolutions, across the ReLU, the
equalisation of Nagel et al., 2019).
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

#: Margin of the calibrated ranges.
MARGIN = 1.2
#: Minimum range of a channel, as a share of the largest one, and if all are zero.
_LEAST_REACH, _NOTHING = 1e-3, 1e-9
#: Side of the drawn pictures, and the text in them.
_SIDE = 96
_LETTERS = "The quick brown fox, 0123456789: jumps [over] the lazy dog; WAXY & Qualm #@%|!? " * 3
#: Values rounded at a time, few enough to stay in the cache, and values convolved at a time, few
#: enough for the allocator to reuse memory.
_ROUNDED, _CONVOLVED = 2**18, 2**22
#: Rows on each side of a strip within reach of two 3×3 convolutions.
_REACH = 2
_ONES = [1, 1]


def available() -> bool:
    """Check whether processor (AVX512-VNNI, AMX) and PyTorch multiply 8-bit integers fast."""
    probes = (
        getattr(torch.cpu, name, None) for name in ("_is_vnni_supported", "_is_amx_tile_supported")
    )
    return (
        torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and hasattr(torch.ops.onednn, "qconv2d_pointwise")
        and any(probe() for probe in probes if probe)
    )


def eight_bit(net: MIMOUNet) -> MIMOUNet:
    """Return a network equivalent to `net` with residual blocks in 8 bits.

    All other layers are shared with `net`. Inputs and outputs are float32, channels last, on the
    CPU; the network cannot be trained. Infinities and NaN pass through the residual stream.

    Args:
        net: network in evaluation mode, on the CPU, in float32.
    """
    ranges = _ranges(net, _scenes())
    return with_blocks(net, lambda block: _EightBitBlock(block, *ranges[block]))


class _EightBitBlock:
    """A residual block with its input in [low, high] and activations after its ReLU in [0, top].

    Args:
        low, high, top: `(C,)`, per channel.
    """

    def __init__(self, block: ResBlock, low: Tensor, high: Tensor, top: Tensor) -> None:
        first, second = convolutions(block)
        outer = _share(torch.maximum(-low, high), first)
        inner = _share(top, second)
        least, most = float((low / outer).min()), float((high / outer).max())
        self.scale = max(most - least, _NOTHING) / 255
        self.zero = round(-least / self.scale)
        self.inner_scale = max(float((top / inner).max()), _NOTHING) / 255
        #: Factors and offsets that map a value to an integer minus 128.
        self.factors = (1 / (outer * self.scale)).view(1, -1, 1, 1)
        self.shift = torch.tensor(self.zero - 128.0)
        self.first = _packed(first, self.scale, self.zero, outer, inner)
        self.second = _packed(second, self.inner_scale, 0, inner, torch.ones_like(outer))

    def add_to(self, stream: Tensor) -> None:
        """Add the output of the block for `(B, C, H, W)` to it, a strip of rows at a time."""
        rounded, height = self._rounded(stream), stream.shape[2]
        rows = max(4 * _REACH, _CONVOLVED // (stream.shape[1] * stream.shape[3]))
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            above = max(0, top - _REACH)  # rows that the border of the strip affects are dropped
            strip = rounded[:, :, above : bottom + _REACH]
            change = self._change(strip)
            stream[:, :, top:bottom].add_(change[:, :, top - above : bottom - above])

    def _rounded(self, x: Tensor) -> Tensor:
        result = torch.empty_like(x, dtype=torch.int8, memory_format=torch.channels_last)
        rows = max(1, _ROUNDED // (x.shape[1] * x.shape[3]))
        strips = torch.split(x, rows, 2), torch.split(result, rows, 2)
        for strip, rounded in zip(*strips, strict=True):
            # One pass; converting to int8 is faster than to uint8.
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
        """Convolve; the result is uint8 after a ReLU, else float32."""
        kind, name = (torch.uint8, "relu") if relu else (torch.float32, "none")
        result = torch.ops.onednn.qconv2d_pointwise(
            x, scale, zero, *packed, _ONES, _ONES, _ONES, 1, out_scale, 0, kind, name, [], ""
        )
        return cast(Tensor, result)


#: Weights packed for the operator, their scales and zero points, and the bias.
_Packed = tuple[Tensor, Tensor, Tensor, Tensor | None]


def _share(reach: Tensor, conv: nn.Conv2d) -> Tensor:
    """Return the divisor `(C,)` of each input channel: larger if its range exceeds its weights'."""
    weights = conv.weight.detach().abs().amax((0, 2, 3)).nan_to_num(0, 0)
    reach = reach.clamp_min(_LEAST_REACH * float(reach.max())).clamp_min(_NOTHING)
    return (reach / weights.clamp_min(_NOTHING)).sqrt()


def _packed(conv: nn.Conv2d, scale: float, zero: int, divided: Tensor, divide: Tensor) -> _Packed:
    """Pack a convolution whose inputs were divided and whose outputs will be."""
    weight = conv.weight.detach() * divided.view(1, -1, 1, 1) / divide.view(-1, 1, 1, 1)
    scales = (weight.abs().amax((1, 2, 3)) / 127).clamp_min(1e-12)
    rounded = (weight / scales.view(-1, 1, 1, 1)).round().to(torch.int8).contiguous()
    packed = torch.ops.onednn.qconv_prepack(
        rounded, scales, scale, zero, _ONES, _ONES, _ONES, 1, None
    )
    bias = None if conv.bias is None else conv.bias.detach() / divide
    return packed, scales, torch.zeros(len(scales), dtype=torch.int64), bias


def _ranges(net: MIMOUNet, pictures: Tensor) -> dict[ResBlock, tuple[Tensor, Tensor, Tensor]]:
    """Return minimum and maximum input and maximum after the ReLU, `(C,)`, per residual block."""
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
    """Add the margin; 0 for values that are not finite, which show in the result anyway."""
    return MARGIN * extremes.nan_to_num(0, 0, 0)


def _blocks(module: nn.Module) -> list[ResBlock]:
    return [part for part in module.modules() if isinstance(part, ResBlock)]


def _scenes() -> Tensor:
    """Draw `(B, 3, H, W)` in [0, 1]: text and rectangles, sharp and softened, and noise."""
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
