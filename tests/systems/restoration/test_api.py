from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from agent import restore
from agent.errors import ConfigError, InputError
from agent.settings import Settings
from agent.systems.restoration.network import MIMOUNet
from agent.systems.restoration.restorer import MimoUnetRestorer

pytestmark = pytest.mark.usefixtures("one_thread")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(40, 200, shape, np.uint8)


def test_path_image_and_array_give_the_same(weights: Path, tmp_path: Path) -> None:
    pixels = noise(18, 22, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    wanted = MimoUnetRestorer.fastest(Settings(weights=weights))(pixels)
    assert (restore(pixels, weights=weights) == wanted).all()
    for source in (tmp_path / "a.png", str(tmp_path / "a.png"), Image.fromarray(pixels)):
        image = restore(source, weights=weights)
        assert image.mode == "RGB" and (np.asarray(image) == wanted).all()


@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 1), (9, 13, 3), (9, 13, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, np.float64])
def test_arrays_come_back_in_their_own_form(weights: Path, shape, dtype) -> None:
    values = noise(*shape)
    array = {np.uint8: values, np.uint16: values.astype(np.uint16) * 257}.get(
        dtype, (values / 255).astype(dtype)
    )
    before = array.copy()
    result = restore(array, scale=2, weights=weights)
    assert result.dtype == dtype and result.shape == (18, 26, *shape[2:])
    assert (array == before).all()
    unit = result.astype(np.float64) / {np.uint8: 255, np.uint16: 65_535}.get(dtype, 1)
    reference = restore(values, scale=2, weights=weights) / 255
    assert np.abs(unit - reference).max() < 0.02
    if len(shape) > 2 and shape[2] == 4:
        opacity = np.asarray(Image.fromarray(values[..., 3]).resize((26, 18), Image.BICUBIC))
        assert np.abs(unit[..., 3] - opacity / 255).max() < 0.01


def test_grey_and_alpha_images_keep_their_kind_and_orientation_is_applied(weights: Path) -> None:
    for mode, wanted in (("1", "L"), ("L", "L"), ("LA", "LA"), ("P", "RGB"), ("RGBA", "RGBA")):
        assert restore(Image.new(mode, (8, 12), 1), weights=weights).mode == wanted
    image = Image.fromarray(noise(8, 12, 3))
    image.getexif()[0x0112] = 6
    assert restore(image, weights=weights).size == (8, 12)


def test_settings_are_taken_and_checked(weights: Path) -> None:
    pixels = noise(8, 8, 3)
    calls: list[tuple[int, int]] = []
    restore(noise(8, 300, 3), weights=weights, tile=128, progress=lambda *c: calls.append(c))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    both = restore(pixels, weights=weights, precision="fp32", ensemble=True)
    assert (both != restore(pixels, weights=weights, precision="fp32")).any()
    for faulty in ({"precision": "int4"}, {"tile": 3}, {"device": "abacus"}, {"weights": "/no"}):
        with pytest.raises(ConfigError):
            restore(pixels, **{"weights": weights, **faulty})


def test_a_misspelt_option_is_refused(weights: Path) -> None:
    with pytest.raises(TypeError, match="tyle"):
        restore(noise(8, 8, 3), weights=weights, tyle=128)


def test_a_changed_checkpoint_is_loaded_again(weights: Path, tmp_path: Path) -> None:
    import os

    path = tmp_path / "w.safetensors"
    pixels = noise(8, 8, 3)
    save_file({k: v * 0 for k, v in MIMOUNet(1).state_dict().items()}, path)
    assert (restore(pixels, weights=path) == pixels).all()
    path.write_bytes(weights.read_bytes())
    os.utime(path, ns=(1, 1))
    assert (restore(pixels, weights=path) != pixels).any()


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        (np.zeros((4,), np.uint8), ValueError, r"got \(4,\)"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, r"got \(4, 4, 2\)"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, r"got \(0, 4, 3\)"),
        (np.zeros((4, 4), np.int32), TypeError, "got int32"),
        (np.full((4, 4), 255.0), ValueError, r"in \[0, 1\]"),
        (np.full((4, 4), np.nan), ValueError, r"in \[0, 1\]"),
        (np.full((4, 4), -0.1), ValueError, r"in \[0, 1\]"),
        ([[1]], TypeError, "got list"),
        ("/nowhere.png", InputError, "no such file"),
        (Image.new("F", (4, 4)), InputError, "floating-point"),
    ],
)
def test_what_cannot_be_restored_is_refused(source, error, said, weights: Path) -> None:
    with pytest.raises(error, match=said):
        restore(source, weights=weights)


def test_a_scale_out_of_range_is_refused(weights: Path) -> None:
    for scale in (0, 9):
        with pytest.raises(ValueError, match="scale must be in"):
            restore(noise(4, 4), scale=scale, weights=weights)
