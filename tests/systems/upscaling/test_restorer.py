from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ncnn", reason="pip install 'groundglass[upscalers]'")

from agent.files import sha256_of
from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged, resized
from agent.systems.upscaling import restorer as module
from agent.systems.upscaling.restorer import NcnnUpscaler

from . import tiny


def noise(height: int, width: int, kind: type = np.uint8) -> np.ndarray:
    high = int(np.iinfo(kind).max)
    return np.random.default_rng(0).integers(0, high + 1, (height, width, 3)).astype(kind)


@pytest.fixture
def by_two(tmp_path: Path) -> NcnnUpscaler:
    return NcnnUpscaler(tiny.repeating(tmp_path, 2), tmp_path, "cpu", "auto")


def repeated(pixels: np.ndarray, scale: int) -> np.ndarray:
    return pixels.repeat(scale, 0).repeat(scale, 1)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_result_beyond_the_factor_is_reduced_and_that_is_said(
    by_two: NcnnUpscaler, factor: int, kind: type
) -> None:
    picture = Picture("a.png", noise(9, 14, kind))
    before, after = by_two.enlarge_and_restore(picture, factor)
    scale = {1: 2, 2: 2, 3: 4, 4: 4, 7: 8}[factor]
    wanted = resized(repeated(picture.pixels, scale), 14 * factor, 9 * factor)
    assert (before.pixels == enlarged(picture, factor).pixels).all()
    assert (after.pixels == wanted).all() and after.pixels.dtype == kind
    (note,) = by_two.notes or ("",)
    assert {
        1: "enlarged 2 times by the network and reduced to its own size",
        2: "",
        3: "enlarged 2 × 2 times by the network and reduced to 3 times",
        4: "enlarged 2 × 2 times by the network",
        7: "enlarged 2 × 2 × 2 times by the network and reduced to 7 times",
    }[factor] == note
    assert by_two.scale == scale


def test_alpha_is_enlarged_beside_it_and_what_it_hides_is_filled(by_two: NcnnUpscaler) -> None:
    pixels, alpha = np.full((8, 8, 3), 200, np.uint8), np.full((8, 8), 255, np.uint8)
    pixels[:4], alpha[:4] = 0, 0
    before, after = by_two.enlarge_and_restore(Picture("a.png", pixels, alpha=alpha), 2)
    assert (after.pixels == 200).all()
    assert after.alpha is not None and (after.alpha == before.alpha).all()


def test_a_grey_picture_stays_grey(by_two: NcnnUpscaler) -> None:
    pixels = np.repeat(noise(5, 7)[..., :1], 3, axis=2)
    _, after = by_two.enlarge_and_restore(Picture("a.png", pixels, grey=True), 2)
    assert (after.pixels == repeated(pixels, 2)).all() and after.grey


def test_a_factor_of_its_own_has_its_own_weights(tmp_path: Path) -> None:
    restorer = NcnnUpscaler(tiny.repeating(tmp_path, 2, 3), tmp_path, "cpu", "auto")
    picture = Picture("a.png", noise(4, 4))
    for factor, files in ((3, ["x3"]), (2, ["x2"]), (6, ["x2", "x3"])):
        restorer.enlarge_and_restore(picture, factor)
        assert restorer.sha256 == sha256_of(tmp_path / f"{files[0]}.bin")
        method, *weights = restorer.licences
        assert method == "Tiny: a licence of its own"
        for line, file in zip(weights, files, strict=True):
            assert line.startswith(f"weights {file}.bin of Tiny, from ncnn ")
            assert line.endswith(f"; SHA-256 {sha256_of(tmp_path / f'{file}.bin')}")


def test_progress_grows_by_one_to_its_total_over_all_passes(tmp_path: Path) -> None:
    restorer = NcnnUpscaler(tiny.repeating(tmp_path, 2), tmp_path, "cpu", 128)
    calls: list[tuple[int, int]] = []
    picture = Picture("a.png", noise(130, 40))
    restorer.enlarge_and_restore(picture, 4, lambda *call: calls.append(call))
    assert calls == [(done, 5) for done in range(1, 6)]  # 2 tiles, then 3 of twice the height


def test_memory_bounds_the_tiles_and_they_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upscaler = tiny.repeating(tmp_path, 2)
    hungry = replace(upscaler, networks=(replace(upscaler.networks[0], bytes_per_pixel=1 << 18),))
    calls: list[tuple[int, int]] = []
    picture = Picture("a.png", noise(200, 200))
    restorer = NcnnUpscaler(hungry, tmp_path, "cpu", "auto")
    _, after = restorer.enlarge_and_restore(picture, 2, lambda *call: calls.append(call))
    side = int((module.TILE_MEMORY / (1 << 18)) ** 0.5) - 2 * 2
    assert len(calls) == (-(-200 // (side // 4 * 4))) ** 2 > 1
    assert (after.pixels == repeated(picture.pixels, 2)).all()
    monkeypatch.setattr(module, "available_memory", lambda: 10_000_000)
    with pytest.raises(MemoryError, match=r"10\.9 GB .* as a single tile"):
        NcnnUpscaler(hungry, tmp_path, "cpu", "exact").enlarge_and_restore(picture, 2)
    monkeypatch.setattr(module, "available_memory", lambda: 400_000)
    with pytest.raises(MemoryError, match="makes 400 × 400 pixels"):
        restorer.enlarge_and_restore(picture, 2)


def test_without_a_graphics_processor_it_computes_on_the_processor_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "vulkan_device", lambda: None)
    restorer = NcnnUpscaler(tiny.repeating(tmp_path, 2), tmp_path, "cuda", "auto")
    restorer.enlarge_and_restore(Picture("a.png", noise(4, 4)), 2)
    assert restorer.device == "cpu" and "on the processor" in restorer.notes[-1]
