from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from agent.errors import InputError
from agent.systems.encoders import Encoder
from agent.systems.features.feature_maps import FeatureStage, look, passes, resized, tile_maps

pytestmark = pytest.mark.usefixtures("one_thread")


def means(pictures: Tensor) -> Tensor:
    """An encoder with a stride of 4 that says the mean of what it is shown everywhere."""
    batch, channels, height, width = pictures.shape
    mean = pictures.mean((2, 3), keepdim=True)
    return mean.expand(batch, channels, height // 4, width // 4)


@pytest.mark.parametrize(("factor", "number"), [(1, 1), (2, 5), (4, 17), (8, 65)])
def test_one_pass_for_the_whole_and_one_a_tile(factor: int, number: int) -> None:
    assert passes(factor) == number
    shown: list[tuple[int, ...]] = []

    def counting(pictures: Tensor) -> Tensor:
        shown.append(tuple(pictures.shape))
        return means(pictures)

    if factor > 1:
        look(counting, torch.rand(1, 3, 8 * factor, 12 * factor), factor)
        assert shown == [(1, 3, 8, 12)] * number


def test_every_tile_is_seen_by_itself_and_put_in_its_place() -> None:
    picture = torch.zeros(1, 3, 16, 16)
    picture[..., :8, 8:], picture[..., 8:, :8], picture[..., 8:, 8:] = 1, 2, 3
    found = tile_maps(means, picture, 2)
    assert found[0, 0].tolist() == [[0, 0, 1, 1]] * 2 + [[2, 2, 3, 3]] * 2


def test_one_tile_is_the_whole() -> None:
    picture = torch.rand(1, 3, 16, 8)
    assert torch.equal(tile_maps(means, picture, 1), means(picture))


def test_a_picture_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 2"):
        tile_maps(means, torch.zeros(1, 3, 15, 16), 2)


def test_a_look_holds_the_whole_the_tiles_and_the_colours_of_cells() -> None:
    picture = torch.rand(1, 3, 16, 24)
    seen = look(means, picture, 2)
    assert torch.allclose(seen.coarse[..., 0, 0], picture.mean((2, 3)), atol=1e-6)
    assert seen.coarse.shape[-2:] == (2, 3)
    assert seen.tiles.shape[-2:] == seen.guide.shape[-2:] == (4, 6)
    assert seen.guide.min() >= 0 and seen.guide.max() <= 1


def test_resizing_stays_within_the_range() -> None:
    sharp = torch.zeros(1, 3, 8, 8)
    sharp[..., 4:] = 1
    grown = resized(sharp, 16, 16)
    assert grown.min() == 0 and grown.max() == 1
    assert resized(sharp, 8, 8) is sharp


def test_a_stage_is_what_the_layer_puts_out_and_no_more_is_computed(tiny_encoder: Encoder) -> None:
    after: list[int] = []
    tiny_encoder.net[3].register_forward_hook(lambda *_: after.append(1))
    stage = FeatureStage(tiny_encoder, "2")
    after.clear()
    pictures = torch.rand(2, 3, 32, 40)
    found = stage(pictures)
    assert after == []
    assert (stage.channels, stage.stride) == (8, 4)
    wanted = tiny_encoder.net[:3](tiny_encoder.normalised(pictures))
    assert torch.allclose(found, wanted, atol=1e-5)
    assert not found.requires_grad and not found.is_inference()


def test_a_layer_that_does_not_exist_is_named(tiny_encoder: Encoder) -> None:
    with pytest.raises(InputError, match=r"no layer 'blocks\.4'"):
        FeatureStage(tiny_encoder)


class Tokens(nn.Module):
    """Patches of 8 × 8 pixels as tokens after one of its own."""

    num_prefix_tokens = 1

    def __init__(self, extra: int = 0) -> None:
        super().__init__()
        self.extra = extra
        self.patches = nn.Conv2d(3, 5, 8, 8)
        self.last = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        first = tokens.new_zeros(len(x), 1 + self.extra, 5)
        return self.last(torch.cat([first, tokens], 1))


def test_tokens_become_a_map(tiny_encoder: Encoder) -> None:
    net = Tokens()
    stage = FeatureStage(replace(tiny_encoder, net=net), "last")
    pictures = torch.rand(1, 3, 32, 32)
    assert torch.allclose(
        stage(pictures), net.patches(tiny_encoder.normalised(pictures)), atol=1e-5
    )


def test_tokens_of_no_square_grid_are_refused(tiny_encoder: Encoder) -> None:
    with pytest.raises(InputError, match="square grid"):
        FeatureStage(replace(tiny_encoder, net=Tokens(extra=1)), "last")
