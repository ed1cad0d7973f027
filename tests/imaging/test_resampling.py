from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from agent.imaging.picture import Picture
from agent.imaging.resampling import central_square, enlarged, reduced, resized


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, shape, np.uint8)


def test_enlarging_is_pillows_bicubic() -> None:
    pixels = noise(7, 9, 3)
    wanted = Image.fromarray(pixels).resize((27, 21), Image.Resampling.BICUBIC)
    result = enlarged(Picture("a", pixels), 3)
    assert (result.pixels == np.asarray(wanted)).all()
    assert (result.height, result.width) == (21, 27)


def test_sixteen_bits_are_resampled_as_finely() -> None:
    pixels = noise(7, 9, 3) // 4 + 96  # Pillow limits 8-bit values between its two passes
    fine = resized(pixels.astype(np.uint16) * 257, 27, 21)
    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - resized(pixels, 27, 21)).max() <= 1.5
    white = np.full((5, 5), 65_535, np.uint16)
    white[2, 2] = 0  # the filter overshoots beside it; values must not wrap around
    assert resized(white, 20, 20).max() == 65_535


def test_enlarging_then_reducing_comes_near_the_picture() -> None:
    ramp = np.repeat(np.linspace(0, 255, 20).astype(np.uint8)[None, :, None], 12, 0).repeat(3, 2)
    again = reduced(enlarged(Picture("a", ramp), 3).pixels, 3)
    assert np.abs(again.astype(int) - ramp).max() <= 2
    with pytest.raises(ValueError, match="multiples of 3, got 10×9"):
        reduced(noise(10, 9, 3), 3)
    with pytest.raises(ValueError, match="factor must be at least 1"):
        enlarged(Picture("a", ramp), 0)


def test_alpha_is_enlarged_alike_and_hidden_colours_do_not_bleed() -> None:
    pixels, alpha = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8)
    pixels[:, :4], alpha[:, :4] = (200, 30, 30), 255  # black hides under the transparent half
    result = enlarged(Picture("a", pixels, alpha), 3)
    assert (result.pixels == (200, 30, 30)).all()
    assert (result.alpha == resized(alpha, 24, 24)).all()


def test_visible_colours_are_untouched_by_the_filling() -> None:
    pixels, alpha = noise(13, 11, 3), noise(13, 11) * (noise(13, 11) > 200)
    result = enlarged(Picture("a", pixels, alpha), 1)
    assert (result.pixels[alpha > 0] == pixels[alpha > 0]).all()
    low, high = pixels[alpha > 0].min(), pixels[alpha > 0].max()
    assert low <= result.pixels.min() and result.pixels.max() <= high


@pytest.mark.parametrize("level", [0, 255])
def test_wholly_hidden_and_wholly_visible_pictures_stay(level: int) -> None:
    picture = Picture("a", noise(5, 6, 3), np.full((5, 6), level, np.uint8))
    assert (enlarged(picture, 1).pixels == picture.pixels).all()


def test_the_central_square_is_the_middle_at_the_size_asked_for() -> None:
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[:, 30:70] = 200  # exactly the middle square
    square = central_square(wide, 40)
    assert square.shape == (40, 40, 3)
    assert (square == 200).all()
    assert central_square(wide[:, :40], 7).shape == (7, 7, 3)
    assert central_square(wide.transpose(1, 0, 2), 20).shape == (20, 20, 3)
