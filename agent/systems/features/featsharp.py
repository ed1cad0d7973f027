"""FeatSharp: feature maps of a frozen encoder, made u times finer with the picture as a guide.

Our implementation of the method of Ranzinger et al. 2025 (arXiv 2502.16025), written from its
description; the authors have released no weights. Three steps:

1. De-bias: a learned map is added to the encoder's output for the whole picture and each tile.
2. Joint bilateral upsampling enlarges the coarse map along the picture's own edges.
3. A transformer block with local attention fuses the result with the features of u² tiles.

All steps work on features normalised by `PhiS`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.errors import CheckpointError
from agent.systems.checkpoints import read_state
from agent.systems.features.bilateral import RADIUS, BilateralStack
from agent.systems.features.feature_maps import Look
from agent.systems.features.phi_s import PhiS

HEADS = 16
#: Side of a block of queries whose attention is computed together; same as that of a window.
BLOCK = 2 * RADIUS + 1


class Sharpened(NamedTuple):
    """Two maps `(B, C, uh, uw)` of normalised features."""

    bilateral: Tensor
    """After step 2: the coarse map enlarged along the picture's edges."""
    fused: Tensor
    """The result."""


class FeatSharp(nn.Module):
    """Network that sharpens features of one encoder by one factor.

    Args:
        channels: C of the encoder's map.
        factor: u, at least 2.
        grid: rows and columns of the coarse map that the de-bias map is learned on; for maps of
            another size it is interpolated.
        heads: number of attention heads; half of them look along rows and half along columns.
    """

    def __init__(
        self, channels: int, factor: int, grid: tuple[int, int] = (14, 14), heads: int = HEADS
    ) -> None:
        super().__init__()
        self.factor = factor
        self.normaliser = PhiS(channels)
        self.bias = nn.Parameter(torch.zeros(1, channels, *grid))
        self.bilateral = BilateralStack(factor)
        self.position = nn.Parameter(torch.zeros(1, channels, factor, factor))
        self.fusion = FusionBlock(channels, heads)

    def sharpened(self, view: Look) -> Sharpened:
        """Sharpen the encoder's features of a picture."""
        normalise = self.normaliser.normalise
        sharp: Sharpened = self(normalise(view.coarse), normalise(view.tiles), view.guide)
        return sharp

    def forward(self, coarse: Tensor, tiles: Tensor, guide: Tensor) -> Sharpened:
        """Sharpen normalised features; see `Look` for the shapes."""
        size = coarse.shape[-2:]
        bilateral = self.bilateral(self.debiased(coarse), guide)
        repeated = self._bias(size).repeat(1, 1, self.factor, self.factor)
        place = functional.interpolate(self.position, size=tiles.shape[-2:], mode="nearest")
        return Sharpened(bilateral, self.fusion(bilateral.detach(), tiles + repeated + place))

    def debiased(self, coarse: Tensor) -> Tensor:
        """Normalise the features of one pass of the encoder and add the learned map."""
        return coarse + self._bias(coarse.shape[-2:])

    def _bias(self, size: torch.Size) -> Tensor:
        if self.bias.shape[-2:] == size:
            return self.bias
        return functional.interpolate(self.bias, size=size, mode="bilinear", align_corners=False)


def load_sharpener(path: Path) -> FeatSharp:
    """Load a trained network from a `.safetensors` file, in float32, on the CPU, without gradients.

    Raises:
        CheckpointError: when the file cannot be read or holds another network.
    """
    state = read_state(path)
    try:
        channels, *grid = state["bias"].shape[1:]
        net = FeatSharp(channels, state["position"].shape[-1], (grid[0], grid[1]))
        net.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        detail = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"{path}: holds no feature sharpener ({detail}); expected a file that "
            "groundglass train features wrote"
        ) from error
    return net.eval().requires_grad_(False)


class FusionBlock(nn.Module):
    """A pre-norm transformer block over two maps, whose output corrects the first.

    Both branches are scaled by learned factors that start at one millionth, so an untrained block
    returns its first input. The feed-forward part is SwiGLU with 8/3 C hidden units, rounded up to
    a multiple of 8. The paper's layer norm is kept; its released settings leave it out.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        width, hidden = 2 * channels, math.ceil(8 * channels / 3 / 8) * 8
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = LocalAttention(width, heads)
        self.gate = nn.Linear(width, 2 * hidden)
        self.out = nn.Linear(hidden, channels)
        self.scales = nn.ParameterList(
            [nn.Parameter(torch.full((n,), 1e-6)) for n in (width, channels)]
        )

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Fuse two maps `(B, C, H, W)` into one."""
        x = torch.cat([first, second], dim=1).permute(0, 2, 3, 1)
        x = x + self.scales[0] * self.attention(self.norms[0](x))
        gate, value = self.gate(self.norms[1](x)).chunk(2, dim=-1)
        change = self.scales[1] * self.out(functional.silu(gate) * value)
        merged: Tensor = x[..., : first.shape[1]] + change
        return merged.permute(0, 3, 1, 2)


class LocalAttention(nn.Module):
    """Attention of each position to its 7 × 7 window, with a bias by distance.

    The bias is that of ALiBi (Press, Smith, Lewis 2022) in two dimensions: head h subtracts
    2^−⌊(h + 2) / 2⌋ times the distance in rows for even h and in columns for odd h. Queries, keys
    and values have no bias; the width of a head is rounded up to a power of two.

    Computed by blocks of 7 × 7 queries, each with the 13 × 13 positions that its windows reach, as
    a masked matrix product; this is several times as fast as a loop over the windows.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.size = heads, 2 ** math.ceil(math.log2(max(1, width // heads)))
        self.qkv = nn.Linear(width, 3 * heads * self.size, bias=False)
        self.out = nn.Linear(heads * self.size, width)
        self.register_buffer("block_bias", block_bias(heads), persistent=False)

    block_bias: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Attend over `(B, H, W, width)`, same shape; positions outside the map get no weight."""
        height, width = x.shape[1:3]
        down, right = -height % BLOCK, -width % BLOCK
        parts = functional.pad(self.qkv(x).permute(0, 3, 1, 2), (0, right, 0, down))
        query, key, value = parts.chunk(3, dim=1)
        inside = functional.pad(x.new_ones(1, 1, height, width), (0, right, 0, down))
        hidden = self._blocks(inside, RADIUS, 1)[:, :, :, None, :, 0] == 0
        query = self._blocks(query, 0, self.heads) * self.size**-0.5
        key, value = (self._blocks(part, RADIUS, self.heads) for part in (key, value))
        # Finite, since a query beyond the map may see nothing at all; it is cropped below.
        logits = (query @ key.transpose(-1, -2) + self.block_bias).masked_fill(hidden, -1e9)
        merged = (logits.softmax(-1) @ value).permute(0, 2, 4, 3, 1)
        grid = functional.fold(
            merged.flatten(1, 3), (height + down, width + right), BLOCK, stride=BLOCK
        )
        result: Tensor = self.out(grid[..., :height, :width].permute(0, 2, 3, 1))
        return result

    @staticmethod
    def _blocks(x: Tensor, reach: int, heads: int) -> Tensor:
        """Cut `(B, heads · D, H, W)` into `(B, blocks, heads, positions, D)`, in reading order."""
        patches = functional.unfold(x, BLOCK + 2 * reach, padding=reach, stride=BLOCK)
        positions = (BLOCK + 2 * reach) ** 2
        shape = (len(x), heads, x.shape[1] // heads, positions, patches.shape[-1])
        return patches.reshape(shape).permute(0, 4, 1, 3, 2)


def block_bias(heads: int) -> Tensor:
    """Return `(heads, 49, 169)`: the bias of each head for a query of a block and a position.

    Minus infinity for a position outside the query's window of 7 × 7.
    """
    query = torch.cartesian_prod(torch.arange(BLOCK), torch.arange(BLOCK))
    reach = torch.arange(-RADIUS, BLOCK + RADIUS)
    distance = (query[:, None] - torch.cartesian_prod(reach, reach)[None]).abs()
    slopes = torch.tensor([2.0 ** -((head + 2) // 2) for head in range(heads)])
    along = torch.stack([distance[..., head % 2] for head in range(heads)])
    outside = distance.amax(-1) > RADIUS
    return (-slopes[:, None, None] * along).masked_fill(outside, -math.inf)
