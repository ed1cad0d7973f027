from __future__ import annotations

import math

import numpy as np
import pytest

from agent.measures.fidelity import luma, mean_change, psnr, ssim, studio_luma


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


def test_luma_weighs_colours_by_bt601() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)
    assert luma(colours)[0] == pytest.approx([76.245, 149.685, 29.07, 18.15], abs=1e-3)
    deep = colours.astype(np.uint16) * 257
    assert luma(deep, 65_535) == pytest.approx(luma(colours), abs=1e-3)
    with pytest.raises(ValueError, match=r"shape \(H, W, 3\)"):
        luma(colours[..., 0])


def test_studio_luma_runs_from_16_to_235() -> None:
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert studio_luma(ends)[0] == pytest.approx([16, 235], abs=1e-3)
    # The published formula: 16 + (65.481 R + 128.553 G + 24.966 B) / 255.
    colour = np.array([[[200, 100, 50]]], np.uint8)
    published = 16 + (65.481 * 200 + 128.553 * 100 + 24.966 * 50) / 255
    assert studio_luma(colour)[0, 0] == pytest.approx(published, abs=1e-3)


def test_psnr_by_hand() -> None:
    a, b = np.zeros((2, 2), np.uint8), np.array([[5, 0], [0, 0]], np.uint8)
    assert psnr(a, b) == pytest.approx(10 * math.log10(255**2 / 6.25))
    assert psnr(b, a) == psnr(a, b)  # unsigned values must not wrap around
    assert psnr(a / 1.0, a + 1.0, peak=1) == pytest.approx(0)
    assert psnr(a, a) == math.inf
    with pytest.raises(ValueError, match="one shape"):
        psnr(a, np.zeros((2, 3), np.uint8))


def test_mean_change_by_hand() -> None:
    a, b = np.array([[0, 10]], np.uint8), np.array([[4, 0]], np.uint8)
    assert mean_change(a, b) == 7
    assert mean_change(a, a) == 0


def test_ssim_of_flat_pictures_by_hand() -> None:
    # Without variance only the first factor remains: (2 ab + C1) / (a² + b² + C1).
    a, b, c1 = 100.0, 120.0, (0.01 * 255) ** 2
    wanted = (2 * a * b + c1) / (a * a + b * b + c1)
    assert ssim(np.full((15, 12), a), np.full((15, 12), b)) == pytest.approx(wanted)


def test_ssim_equals_its_formula_written_out() -> None:
    x, y = noise(11, 11).astype(float), noise(12, 11)[1:].astype(float)
    offsets = np.arange(-5, 6)
    line = np.exp(-(offsets**2) / 4.5)
    w = np.outer(line, line) / np.outer(line, line).sum()
    mx, my = (w * x).sum(), (w * y).sum()
    vx, vy = (w * (x - mx) ** 2).sum(), (w * (y - my) ** 2).sum()
    cov = (w * (x - mx) * (y - my)).sum()
    c1, c2 = 2.55**2, 7.65**2
    wanted = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    assert ssim(x, y) == pytest.approx(wanted)


def test_ssim_is_one_for_equal_pictures_and_symmetric() -> None:
    a, b = noise(20, 30), noise(21, 30)[1:]
    assert ssim(a, a) == pytest.approx(1)
    assert ssim(a, b) == pytest.approx(ssim(b, a))
    assert ssim(a, b) < 0.2 and ssim(a, 255 - a) < 0
    for wrong in (noise(10, 20), noise(20, 20, 3)):
        with pytest.raises(ValueError, match="at least 11"):
            ssim(wrong, wrong)


def test_nothing_given_is_written_to() -> None:
    a, b = noise(16, 16), noise(17, 16)[1:]
    before = a.copy(), b.copy()
    for measure in (psnr, ssim, mean_change):
        measure(a, b)
    assert (a == before[0]).all() and (b == before[1]).all()
