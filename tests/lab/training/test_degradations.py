from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from agent.lab.training import degradations
from agent.lab.training.degradations import (
    RESAMPLING,
    blurred,
    defocus_kernel,
    enlarged,
    gaussian_kernel,
    jpeg,
    noisy,
    random_degradation,
    resized,
    shake_kernel,
)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)


def test_resizing_is_pillows() -> None:
    pixels = noise(12, 18)
    for name, method in RESAMPLING.items():
        wanted = np.asarray(Image.fromarray(pixels).resize((6, 4), method))
        assert (resized(pixels, 6, 4, name) == wanted).all()
    with pytest.raises(KeyError):
        resized(pixels, 6, 4, "magic")


def test_enlarging_reduces_first_and_keeps_the_size() -> None:
    pixels = noise(24, 36)
    small = resized(pixels, 12, 8, "bicubic")
    assert (enlarged(pixels, 3) == resized(small, 36, 24, "bicubic")).all()
    assert (enlarged(pixels, 3, quality=80) == resized(jpeg(small, 80), 36, 24, "bicubic")).all()
    with pytest.raises(ValueError, match="multiples of 3, got 25×36"):
        enlarged(noise(25, 36), 3)


@pytest.mark.parametrize(
    "kernel",
    [
        gaussian_kernel(0.7),
        gaussian_kernel(2.5),
        defocus_kernel(1.0),
        defocus_kernel(3.5),
        shake_kernel(np.random.default_rng(0), 4),
        shake_kernel(np.random.default_rng(1), 100),
    ],
)
def test_kernels_are_odd_positive_and_keep_brightness(kernel: np.ndarray) -> None:
    assert kernel.shape[0] == kernel.shape[1] and kernel.shape[0] % 2 == 1
    assert kernel.min() >= 0 and kernel.sum() == pytest.approx(1, abs=1e-5)
    flat = np.full((20, 22, 3), 77, np.uint8)
    assert (blurred(flat, kernel) == 77).all()


def test_kernels_by_hand() -> None:
    gauss = gaussian_kernel(1.0)
    assert gauss[3, 4] / gauss[3, 3] == pytest.approx(np.exp(-0.5))
    assert gauss[4, 4] / gauss[3, 3] == pytest.approx(np.exp(-1))
    disc = defocus_kernel(2.0)
    assert (disc == disc.T).all() and (disc == disc[::-1]).all()
    assert disc[3, 3] == pytest.approx(1 / (np.pi * 4), rel=0.05)  # 1 over the area
    assert disc[0].sum() == 0


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.floats(1, 60))
def test_a_shake_lies_in_the_middle_and_is_as_long_as_wished(seed: int, length: float) -> None:
    kernel = shake_kernel(np.random.default_rng(seed), length)
    for axis in (0, 1):
        weights = kernel.sum(axis)
        assert weights @ (np.arange(25) - 12) == pytest.approx(0, abs=1e-4)  # no shift
        (places,) = weights.nonzero()
        assert places.max() - places.min() <= min(length, 22) + 2


def test_blurring_equals_the_sum_written_out() -> None:
    pixels, kernel = noise(9, 11), shake_kernel(np.random.default_rng(2), 6, size=7)
    padded = np.pad(pixels.astype(float), ((3, 3), (3, 3), (0, 0)), mode="symmetric")
    wanted = np.zeros(pixels.shape)
    for dy in range(7):
        for dx in range(7):  # a convolution: the kernel is turned round
            wanted += kernel[6 - dy, 6 - dx] * padded[dy : dy + 9, dx : dx + 11]
    assert np.abs(blurred(pixels, kernel) - wanted).max() <= 0.5 + 1e-3


def test_noise_has_the_deviation_asked_for() -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    result = noisy(grey, 5, np.random.default_rng(0)).astype(float)
    assert result.std() == pytest.approx(5, rel=0.05)
    assert result.mean() == pytest.approx(128, abs=0.2)
    assert (noisy(grey, 0, np.random.default_rng(0)) == grey).all()


def test_a_seed_fixes_a_sample_and_nothing_given_is_written_to() -> None:
    pixels = noise(24, 24)
    pixels.setflags(write=False)
    results = [random_degradation(pixels, np.random.default_rng(seed)) for seed in range(40)]
    again = [random_degradation(pixels, np.random.default_rng(seed)) for seed in range(40)]
    assert all((a == b).all() for a, b in zip(results, again, strict=True))
    assert len({result.tobytes() for result in results}) > 30
    assert all(r.dtype == np.uint8 and r.shape == (24, 24, 3) for r in results)


def test_the_mixture_is_the_one_described(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: Counter[str] = Counter()

    def counted(name: str) -> object:
        def count(picture: np.ndarray, *_: object) -> np.ndarray:
            drawn[name] += 1
            return picture

        return count

    for name in ("enlarged", "blurred", "noisy"):
        monkeypatch.setattr(degradations, name, counted(name))
    rng, pixels = np.random.default_rng(0), noise(12, 12)
    for _ in range(1000):
        random_degradation(pixels, rng)
    assert drawn["enlarged"] == pytest.approx(360, abs=50)
    assert drawn["blurred"] == pytest.approx(580, abs=50)
    assert drawn["noisy"] == pytest.approx(0.2 * drawn["blurred"], abs=30)
