from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agent.errors import ConfigError
from agent.imaging.picture import Picture, Pixels
from agent.imaging.resampling import enlarged, resized
from agent.measures.fidelity import luma
from agent.settings import Settings
from agent.systems.model_files.restorer import ModelFileRestorer, open_model_file
from agent.systems.spec import NotApplicable
from agent.types import Card, Licence

pytestmark = pytest.mark.usefixtures("one_thread")

Compact = Callable[..., Path]
CARD = Card(
    id="sharp", name="UltraSharp", task="enlarging", summary="It enlarges.",
    links={"page": "https://a.example/p"}, licence=Licence(name="CC BY-NC-SA 4.0"),
)  # fmt: skip


def noise(height: int, width: int, dtype: type[np.unsignedinteger[Any]] = np.uint8) -> Pixels:
    values = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (height, width, 3), dtype)
    return values  # type: ignore[return-value]


def shot(pixels: Pixels, **others: Any) -> Picture:
    return Picture("shot.png", pixels, **others)


def repeated(pixels: Pixels, times: int) -> Pixels:
    return pixels.repeat(times, 0).repeat(times, 1)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_it_is_given_the_picture_itself_and_gives_it_at_its_scale(
    compact: Compact, scale: int, dtype: Any
) -> None:
    restorer = ModelFileRestorer(compact(scale))
    assert (restorer.scale, restorer.architecture) == (scale, "RealESRGAN Compact")
    pixels = noise(9, 17, dtype)
    before, after = restorer.enlarge_and_restore(shot(pixels), scale)
    assert np.array_equal(after.pixels, repeated(pixels, scale))  # no shift, no other colour
    assert np.array_equal(before.pixels, enlarged(shot(pixels), scale).pixels)
    assert restorer.notes == () and restorer.arithmetic == ("float32",)


@pytest.mark.parametrize(
    ("scale", "factor", "told"),
    [
        (4, 3, "reduced to 3 times"),
        (4, 1, "reduced to the size of the picture"),
        (2, 8, "enlarged to 8 times"),
    ],
)
def test_what_it_gives_is_brought_to_the_factor_and_that_is_told(
    compact: Compact, scale: int, factor: int, told: str
) -> None:
    restorer = ModelFileRestorer(compact(scale))
    pixels = noise(9, 17)
    _, after = restorer.enlarge_and_restore(shot(pixels), factor)
    wanted = resized(repeated(pixels, scale), 17 * factor, 9 * factor)
    assert np.array_equal(after.pixels, wanted)
    (note,) = restorer.notes
    assert note.startswith(f"the network enlarges {scale} times, so its result was {told} by")


def test_one_that_does_not_enlarge_is_given_the_enlarged_picture(compact: Compact) -> None:
    restorer = ModelFileRestorer(compact(1))
    before, after = restorer.enlarge_and_restore(shot(noise(9, 17)), 3)
    assert np.array_equal(after.pixels, before.pixels) and restorer.notes == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (1, 300), (130, 2)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_it_takes_pictures_of_any_size(
    compact: Compact, size: tuple[int, int], channels: int
) -> None:
    restorer = ModelFileRestorer(compact(2, channels))
    pixels = repeated(noise(*size)[..., :1], 1).repeat(3, 2)
    _, after = restorer.enlarge_and_restore(shot(pixels, grey=True), 2)
    assert np.array_equal(after.pixels, repeated(pixels, 2)) and after.grey


def test_alpha_is_enlarged_and_not_restored(compact: Compact) -> None:
    restorer = ModelFileRestorer(compact(2))
    pixels = noise(6, 6)
    alpha = np.where(np.arange(6) < 3, 0, 255).astype(np.uint8)[None].repeat(6, 0)
    _, after = restorer.enlarge_and_restore(shot(pixels, alpha=alpha), 2)
    assert after.alpha is not None
    assert np.array_equal(after.alpha, resized(alpha, 12, 12))
    assert np.array_equal(after.pixels[:, 6:], repeated(pixels[:, 3:], 2))
    assert not np.array_equal(after.pixels[:, :4], repeated(pixels[:, :2], 2))  # nobody saw those


@pytest.mark.parametrize("scale", [1, 2])
def test_a_grey_network_leaves_colours_to_the_bicubic_filter(compact: Compact, scale: int) -> None:
    restorer = ModelFileRestorer(compact(scale, channels=1))
    # Far from black and white, so that nothing has to be limited.
    pixels = (noise(20, 30) // 4 + 96).astype(np.uint8)
    _, after = restorer.enlarge_and_restore(shot(pixels), scale)
    bright = repeated(luma(pixels)[..., None], scale)[..., 0]
    assert np.abs(luma(after.pixels) - bright).max() <= 1.01  # rounded twice
    colours = resized(pixels, 30 * scale, 20 * scale).astype(int)
    made = after.pixels.astype(int)
    for channel in (1, 2):
        differences = [p[..., channel] - p[..., 0] for p in (made, colours)]
        assert np.abs(differences[0] - differences[1]).max() <= 1
    assert restorer.notes == (
        "the network takes only grey pictures, so the colours were not restored",
    )


def test_tiles_give_what_the_whole_picture_gives(compact: Compact) -> None:
    whole = ModelFileRestorer(compact(2, random=True), tile="exact")
    tiled = ModelFileRestorer(compact(2, random=True), tile=128)
    pixels, calls = noise(150, 300), []
    wanted = whole(pixels)
    assert np.abs(tiled(pixels, lambda *call: calls.append(call)).astype(int) - wanted).max() <= 1
    assert calls == [(i, 6) for i in range(1, 7)]


def test_smaller_tiles_are_taken_where_memory_is_short(
    compact: Compact, monkeypatch: pytest.MonkeyPatch
) -> None:
    restorer = ModelFileRestorer(compact(2))
    pixels, calls = noise(200, 200), []
    monkeypatch.setattr("agent.systems.model_files.restorer.available_memory", lambda: 1)
    made = restorer(pixels, lambda *call: calls.append(call))
    assert np.array_equal(made, repeated(pixels, 2)) and len(calls) == 16


def test_a_network_that_wants_the_whole_picture_gets_it_where_it_fits(
    architectures: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spandrel.architectures.SwinIR import SwinIR

    torch.manual_seed(0)
    net = SwinIR(
        upscale=2, depths=[1], num_heads=[1], embed_dim=4, window_size=8, img_size=16,
        mlp_ratio=1, upsampler="pixelshuffledirect",
    )  # fmt: skip
    torch.save(net.state_dict(), tmp_path / "swin.pth")
    restorer = ModelFileRestorer(tmp_path / "swin.pth", tile=128)
    calls: list[Any] = []
    assert restorer(noise(17, 140), lambda *c: calls.append(c)).shape == (34, 280, 3)
    assert calls == [(1, 1)] and restorer.notes == ()
    monkeypatch.setattr("agent.systems.model_files.restorer.available_memory", lambda: 1)
    restorer(noise(17, 140))
    assert restorer.notes == (
        "the picture does not fit into memory as a whole, so it was processed in tiles",
    )


def test_the_ensemble_averages_four_rotations(compact: Compact) -> None:
    path = compact(2, random=True)
    plain, both = (ModelFileRestorer(path, ensemble=ensemble) for ensemble in (False, True))
    pixels = noise(20, 20)
    turned = [np.rot90(plain(np.rot90(pixels, k).copy()), -k).astype(float) for k in range(4)]
    assert np.abs(both(pixels) - np.mean(turned, 0)).max() <= 1


def test_weights_that_give_no_numbers_are_refused(compact: Compact, tmp_path: Path) -> None:
    state = torch.load(compact(2), weights_only=True)["params"]
    torch.save({name: tensor * torch.nan for name, tensor in state.items()}, tmp_path / "nan.pth")
    with pytest.raises(ArithmeticError, match="not finite"):
        ModelFileRestorer(tmp_path / "nan.pth")(noise(8, 8))


def test_a_precision_that_it_cannot_have_is_refused(compact: Compact) -> None:
    for precision in ("int8", "fp16"):
        with pytest.raises(ConfigError, match=f"{precision} cannot be used.*expected fp32 or bf16"):
            ModelFileRestorer(compact(2), precision=precision)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="the device 'moon' cannot be used"):
        ModelFileRestorer(compact(2), "moon")
    half = ModelFileRestorer(compact(2), precision="bf16")
    pixels = noise(12, 12)
    assert np.abs(half(pixels).astype(int) - repeated(pixels, 2)).max() <= 2
    assert half.arithmetic == ("bfloat16",)


def test_it_has_the_name_and_the_licence_that_are_known(compact: Compact) -> None:
    restorer = ModelFileRestorer(compact(4, name="a\x1bb.pth"))
    assert restorer.name == "a network of architecture RealESRGAN Compact, not in the registry"
    assert restorer.licences[1] == "weights in a\\x1bb.pth: licence not known"
    known = restorer.known_as(CARD)
    assert known.name == "UltraSharp"
    assert known.licences[1] == "weights of UltraSharp: CC BY-NC-SA 4.0"
    assert restorer.known_as(None) is restorer and "UltraSharp" not in restorer.name
    bare = restorer.known_as(CARD.model_copy(update={"licence": None}))
    assert bare.licences[1] == "weights of UltraSharp: licence not known"


def test_a_file_whose_name_is_an_address_is_not_named(compact: Compact) -> None:
    restorer = ModelFileRestorer(compact(4, name="www.example.org.pth"))
    assert "example" not in " ".join((restorer.file, restorer.name, *restorer.licences))


def test_a_file_is_loaded_once_as_long_as_it_stays_as_it_is(compact: Compact) -> None:
    settings = Settings(weights=compact(4))
    first = open_model_file(settings)
    assert open_model_file(settings) is first
    compact(2)
    assert open_model_file(settings).scale == 2
    with pytest.raises(NotApplicable, match=r"none\.pth: no such file"):
        open_model_file(replace(settings, weights=Path("none.pth")))
