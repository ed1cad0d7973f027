from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from agent.errors import CheckpointError
from agent.systems.features.featsharp import (
    FeatSharp,
    FusionBlock,
    LocalAttention,
    block_bias,
    load_sharpener,
)
from agent.systems.features.feature_maps import Look

pytestmark = pytest.mark.usefixtures("one_thread")


def plain_attention(layer: LocalAttention, x: torch.Tensor) -> torch.Tensor:
    """Position by position, as the docstring tells it."""
    batch, height, width = x.shape[:3]
    shape = (batch, height, width, 3, layer.heads, layer.size)
    query, key, value = layer.qkv(x).reshape(shape).unbind(3)
    merged = torch.zeros_like(query)
    for i in range(height):
        for j in range(width):
            near = [
                (a, b)
                for a in range(max(0, i - 3), min(height, i + 4))
                for b in range(max(0, j - 3), min(width, j + 4))
            ]
            for head in range(layer.heads):
                logits = torch.stack(
                    [
                        (query[:, i, j, head] * key[:, a, b, head]).sum(-1) / layer.size**0.5
                        - abs((a - i, b - j)[head % 2]) * 2.0 ** -((head + 2) // 2)
                        for a, b in near
                    ]
                )
                values = torch.stack([value[:, a, b, head] for a, b in near])
                merged[:, i, j, head] = (logits.softmax(0)[..., None] * values).sum(0)
    return layer.out(merged.flatten(3))


@pytest.mark.parametrize("shape", [(9, 8), (3, 5), (7, 14)])
def test_attention_by_blocks_is_attention_by_windows(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    layer = LocalAttention(10, 3)
    assert layer.size == 4  # 10 // 3 rounded up to a power of two
    x = torch.randn(2, *shape, 10)
    with torch.no_grad():
        assert torch.allclose(layer(x), plain_attention(layer, x), atol=1e-6)


def test_half_of_the_heads_look_along_rows_and_half_along_columns() -> None:
    bias = block_bias(4).reshape(4, 7, 7, 13, 13)
    centre = bias[:, 3, 3]  # of the query in the middle, whose window is the middle of the reach
    assert centre[0, 3:10, 6].tolist() == [-1.5, -1, -0.5, 0, -0.5, -1, -1.5]
    assert centre[0, 6, 3:10].tolist() == [0] * 7
    assert centre[1, 6, 3:10].tolist() == [-1.5, -1, -0.5, 0, -0.5, -1, -1.5]
    assert centre[2, 3, 6] == centre[3, 6, 3] == -0.75
    assert centre[0, 2, 6] == -torch.inf


def test_an_untrained_network_is_a_bilateral_upsampler() -> None:
    torch.manual_seed(0)
    net = FeatSharp(8, 2, (4, 5))
    sharp = net(torch.randn(2, 8, 4, 5), torch.randn(2, 8, 8, 10), torch.rand(2, 3, 8, 10))
    assert sharp.fused.shape == sharp.bilateral.shape == (2, 8, 8, 10)
    assert (sharp.fused - sharp.bilateral).abs().max() < 1e-4
    assert not torch.equal(sharp.fused, sharp.bilateral)


def test_tiles_reach_the_result_once_the_scales_are_learned() -> None:
    torch.manual_seed(0)
    block = FusionBlock(8, 4)
    first, second = torch.randn(1, 8, 6, 6), torch.randn(1, 8, 6, 6)
    with torch.no_grad():
        assert torch.allclose(block(first, second), block(first, -second), atol=1e-4)
        for scale in block.scales:
            scale.fill_(1.0)
        assert (block(first, second) - block(first, -second)).abs().max() > 0.01


def test_the_debias_map_is_repeated_for_every_tile_and_fitted_to_another_grid() -> None:
    net = FeatSharp(4, 2, (2, 2))
    with torch.no_grad():
        net.bias.copy_(torch.arange(16.0).reshape(1, 4, 2, 2))
    zeros = torch.zeros(1, 4, 2, 2)
    assert torch.equal(net.debiased(zeros), net.bias)
    assert net.debiased(torch.zeros(1, 4, 6, 3)).shape == (1, 4, 6, 3)
    seen: list[torch.Tensor] = []
    net.fusion.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[1]))
    net(zeros, torch.zeros(1, 4, 4, 4), torch.zeros(1, 3, 4, 4))
    assert torch.equal(seen[0], net.bias.repeat(1, 1, 2, 2))


def test_a_place_is_learned_for_each_tile_in_reading_order() -> None:
    net = FeatSharp(1, 2, (3, 3), heads=1)
    with torch.no_grad():
        net.position.copy_(torch.tensor([[[[1.0, 2], [3, 4]]]]))
    seen: list[torch.Tensor] = []
    net.fusion.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[1]))
    net(torch.zeros(1, 1, 3, 3), torch.zeros(1, 1, 6, 6), torch.zeros(1, 3, 6, 6))
    assert seen[0][0, 0, ::3, ::3].tolist() == [[1, 2], [3, 4]]
    assert seen[0][0, 0, 2, 3] == 2


def test_a_saved_network_comes_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = FeatSharp(8, 3, (4, 5))
    path = tmp_path / "net.safetensors"
    save_file({k: v.half().contiguous() for k, v in net.state_dict().items()}, path)
    again = load_sharpener(path)
    assert again.factor == 3
    assert not any(p.requires_grad for p in again.parameters())
    look = Look(torch.randn(1, 8, 4, 5), torch.randn(1, 8, 12, 15), torch.rand(1, 3, 12, 15))
    with torch.no_grad():
        assert torch.allclose(again.sharpened(look).fused, net.sharpened(look).fused, atol=1e-2)


@pytest.mark.parametrize(
    "state",
    [
        {"x": torch.zeros(1)},
        {"bias": torch.zeros(1, 8, 4, 4), "position": torch.zeros(1, 8, 2, 2)},
        {"bias": torch.zeros(1), "position": torch.zeros(1)},
        {"bias": torch.zeros(1, 8, 4, 4, 4), "position": torch.zeros(1, 8, 2, 2)},
    ],
)
def test_other_weights_are_refused_in_one_line(state: dict, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file(state, path)
    with pytest.raises(CheckpointError, match="holds no feature sharpener") as caught:
        load_sharpener(path)
    assert "\n" not in str(caught.value)
