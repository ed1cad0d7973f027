from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("ncnn", reason="pip install 'groundglass[upscalers]'")

from agent.errors import CheckpointError
from agent.systems.upscaling.network import NcnnNetwork
from agent.systems.upscaling.upscaler import Family, Network

from . import tiny


def noise(height: int, width: int, kind: type = np.uint8, high: int | None = None) -> np.ndarray:
    high = high or np.iinfo(kind).max
    return np.random.default_rng(0).integers(0, high + 1, (height, width, 3)).astype(kind)


def run(network: NcnnNetwork, pixels: np.ndarray, core: int = 512) -> tuple[np.ndarray, int]:
    """The result, and how often progress was told."""
    calls: list[None] = []
    result = network(pixels, core, lambda: calls.append(None))
    assert len(calls) == network.parts(*pixels.shape[:2], core)
    return result, len(calls)


@pytest.fixture(scope="module")
def nearest(tmp_path_factory: pytest.TempPathFactory) -> NcnnNetwork:
    path = tmp_path_factory.mktemp("nearest") / "x3"
    tiny.write_nearest(path, 3)
    return NcnnNetwork(path, tiny.FAMILY, Network("x3", 3, 5, 100), None)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([8, 12, 512]))
def test_every_pixel_comes_out_at_its_place_in_its_colour(
    nearest: NcnnNetwork, height: int, width: int, core: int
) -> None:
    for kind in (np.uint8, np.uint16):
        pixels = noise(height, width, kind)
        result, _ = run(nearest, pixels, core)
        assert result.dtype == kind and (result == pixels.repeat(3, 0).repeat(3, 1)).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (10_000, 1), (1, 10_000)])
def test_extreme_sizes_go_through(nearest: NcnnNetwork, size: tuple[int, int]) -> None:
    pixels = noise(*size)
    assert (run(nearest, pixels, 256)[0] == pixels.repeat(3, 0).repeat(3, 1)).all()


@pytest.mark.parametrize("padding", ["reflect", "edge"])
@pytest.mark.parametrize("core", [8, 512])
def test_a_network_that_crops_sees_beyond_the_border_as_its_family_does(
    tmp_path: Path, padding: str, core: int
) -> None:
    tiny.write_mean(tmp_path / "mean")
    family = replace(tiny.FAMILY, padding=padding)
    network = NcnnNetwork(tmp_path / "mean", family, Network("mean", 1, 1, 100), None)
    pixels = noise(21, 14)
    around = np.pad(pixels.astype(float), ((1, 1), (1, 1), (0, 0)), mode=padding)
    wanted = sum(around[y : y + 21, x : x + 14] for y in range(3) for x in range(3)) / 9
    result, _ = run(network, pixels, core)
    assert np.abs(result - wanted).max() <= 0.501


def test_means_are_those_of_all_tiles_together(tmp_path: Path) -> None:
    tiny.write_pooled(tmp_path / "pooled")
    halves = np.zeros((64, 64, 3), np.uint8)
    halves[:, 32:] = 100, 60, 20  # what tiles would judge apart
    network = Network("pooled", 1, 4, 100)

    def result(family: Family, core: int) -> tuple[np.ndarray, int]:
        return run(NcnnNetwork(tmp_path / "pooled", family, network, None), halves, core)

    family = replace(tiny.FAMILY, pooled=tiny.POOLED)
    whole, once = result(family, 64)
    tiled, often = result(family, 32)
    apart, _ = result(tiny.FAMILY, 32)
    assert (once, often) == (1, 8)  # four tiles for the means, then four for the result
    assert (whole[0, 0] == (50, 30, 10)).all()
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    assert np.abs(apart.astype(int) - whole).max() > 30


def test_a_network_may_give_what_is_to_be_added_to_its_input(tmp_path: Path) -> None:
    tiny.write_nearest(tmp_path / "x2", 2)
    described = Network("x2", 2, 4, 100, adds_input=True)
    network = NcnnNetwork(tmp_path / "x2", tiny.FAMILY, described, None)
    pixels = noise(10, 13)
    wanted = np.minimum(2 * pixels.astype(int), 255).repeat(2, 0).repeat(2, 1)
    assert (run(network, pixels, 8)[0] == wanted).all()


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    tiny.write_mean(tmp_path / "mean", weight=np.nan)
    network = NcnnNetwork(tmp_path / "mean", tiny.FAMILY, Network("mean", 1, 1, 100), None)
    with pytest.raises(ArithmeticError, match="not finite"):
        run(network, noise(8, 8))


@pytest.mark.parametrize("suffix", [".param", ".bin"])
def test_files_that_are_missing_or_damaged_are_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "mean"
    for content in (None, b"", b"7767517\n"):
        tiny.write_mean(path)
        file = path.with_name(f"mean{suffix}")
        file.unlink() if content is None else file.write_bytes(content)
        with pytest.raises(CheckpointError, match=rf"mean\{suffix}: cannot be read.*install ncnn"):
            NcnnNetwork(path, tiny.FAMILY, Network("mean", 1, 1, 100), None)
