from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from agent.errors import CheckpointError, ConfigError
from agent.imaging.picture import Picture
from agent.imaging.tiling import padded
from agent.measures.fidelity import luma
from agent.settings import Settings
from agent.systems.restoration import quantization as eight_bit
from agent.systems.restoration.network import MIMOUNet
from agent.systems.restoration.restorer import CORE, MimoUnetRestorer, affordable, exact_halo

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def restorer(weights: Path) -> MimoUnetRestorer:
    return MimoUnetRestorer(weights, precision="fp32")


def noise(height: int, width: int, dtype: type = np.uint8) -> np.ndarray:
    top = np.iinfo(dtype).max + 1
    return np.random.default_rng(0).integers(0, top, (height, width, 3), dtype)


@pytest.mark.parametrize(("blocks", "name"), [(8, "MIMO-UNet"), (20, "MIMO-UNet+")])
def test_it_is_called_what_its_weights_are(tmp_path: Path, blocks: int, name: str) -> None:
    save_file(MIMOUNet(blocks).state_dict(), tmp_path / "w.safetensors")
    restorer = MimoUnetRestorer(tmp_path / "w.safetensors")
    assert restorer.name == name
    assert restorer.licences == (
        f"{name} built from the paper: Apache-2.0",
        "weights that the user named: their owner's terms",
    )


class Fixed(nn.Module):
    """Stands in for the network: its output is its input times a factor, plus a term."""

    def __init__(self, factor: float, term: float = 0.0) -> None:
        super().__init__()
        self.factor, self.term = factor, term
        self.dtypes: list[torch.dtype] = []

    def full(self, x: Tensor) -> Tensor:
        on = torch.is_autocast_enabled("cpu")
        self.dtypes.append(torch.get_autocast_dtype("cpu") if on else torch.float32)
        return x * self.factor + self.term


def test_equals_the_network_applied_by_hand(restorer: MimoUnetRestorer) -> None:
    pixels = noise(24, 36)
    x = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
    with torch.no_grad():
        full = restorer.net(x)[2][0].permute(1, 2, 0).clamp(0, 1).numpy()
    assert (restorer(pixels) == np.floor(full * 255 + 0.5)).all()


@pytest.mark.parametrize("size", [(17, 16), (16, 19), (18, 21), (1, 1), (2, 5)])
def test_any_size_comes_back_as_if_padded_by_hand(
    restorer: MimoUnetRestorer, size: tuple[int, int]
) -> None:
    pixels = noise(*size)
    result = restorer(pixels)
    assert result.shape == pixels.shape
    assert (result == restorer(padded(pixels, 4))[: size[0], : size[1]]).all()


def test_values_are_limited_and_rounded_half_up(restorer: MimoUnetRestorer) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    for term, wanted in ((0.4999 / 255, 0), (0.5001 / 255, 1), (2.0, 255), (-1.0, 0)):
        restorer.fast = Fixed(1, term)
        assert (restorer(pixels) == wanted).all()


def test_sixteen_bits_stay_sixteen_bits(restorer: MimoUnetRestorer) -> None:
    restorer.fast = Fixed(1)
    pixels = noise(8, 8, np.uint16)
    assert restorer(pixels).dtype == np.uint16
    assert (restorer(pixels) == pixels).all()


def test_tiles_with_a_halo_beyond_the_reach_equal_the_whole(
    weights: Path, restorer: MimoUnetRestorer
) -> None:
    pixels = noise(24, 236, np.uint16)
    # The exact reach of one block is 45.
    tiled = MimoUnetRestorer(weights, core=76, halo=48, precision="fp32")
    difference = tiled(pixels).astype(int) - restorer(pixels)
    assert np.abs(difference).max() <= 1  # 1e-5 of the range is 0.66
    short = MimoUnetRestorer(weights, core=76, halo=0, precision="fp32")
    assert np.abs(short(pixels).astype(int) - restorer(pixels)).max() > 100


def test_progress_counts_tiles(weights: Path) -> None:
    calls: list[tuple[int, int]] = []
    MimoUnetRestorer(weights, core=16, halo=4)(noise(20, 33), lambda *call: calls.append(call))
    assert calls == [(i, 6) for i in range(1, 7)]


def test_what_is_given_is_not_written_to(restorer: MimoUnetRestorer) -> None:
    pixels = noise(16, 16)
    pixels.setflags(write=False)
    before = pixels.copy()
    result = restorer(pixels)
    assert (pixels == before).all() and not np.shares_memory(result, pixels)


def test_a_result_that_is_not_finite_is_computed_again_then_given_up(weights: Path) -> None:
    restorer = MimoUnetRestorer(weights, precision="bf16")
    restorer.net = restorer.fast = fixed = Fixed(float("nan"))
    with pytest.raises(ArithmeticError, match="not finite"):
        restorer(noise(8, 8))
    assert fixed.dtypes == [torch.bfloat16, torch.float32]


class Greedy(nn.Module):
    """Returns its input where that has at most so many pixels, and else asks for all memory."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.sizes: list[tuple[int, int]] = []

    def full(self, x: Tensor) -> Tensor:
        self.sizes.append((x.shape[2], x.shape[3]))
        if x.shape[2] * x.shape[3] > self.most:
            torch.empty(2**60, dtype=torch.uint8)
        return x


def test_lack_of_memory_has_its_own_error(restorer: MimoUnetRestorer) -> None:
    restorer.fast = greedy = Greedy(0)
    with pytest.raises(MemoryError, match="not enough memory"):
        restorer(noise(8, 300))
    assert greedy.sizes == [
        (8, 300),
        (8, 164),
        (8, 164),
    ]  # halved, then the least


def test_smaller_tiles_are_taken_when_memory_runs_out(restorer: MimoUnetRestorer) -> None:
    restorer.fast = greedy = Greedy(40 * 400)
    pixels = noise(40, 600)
    assert (restorer(pixels) == pixels).all()
    assert greedy.sizes == [(40, 600), (40, 364), (40, 364)]


def test_half_precision_comes_near_and_the_same_run_gives_the_same(weights: Path) -> None:
    exact, fast = (MimoUnetRestorer(weights, precision=precision) for precision in ("fp32", "bf16"))
    pixels = noise(32, 32)
    assert np.abs(exact(pixels).astype(int) - fast(pixels)).max() <= 6
    assert (fast(pixels) == fast(pixels)).all()


def test_tiles_fit_into_the_memory_that_is_left(
    restorer: MimoUnetRestorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert affordable(1024, 64, None) == 1024 == affordable(1024, 64, 1152**2 * 1000)
    assert affordable(1024, 64, 1152**2 * 1000 - 1) == 512
    assert affordable(1024, 580, 0) == 128 and affordable(40, 64, 0) == 40
    monkeypatch.setattr(
        "agent.systems.restoration.restorer.available_memory", lambda: 376**2 * 1000 - 1
    )
    restorer.fast = greedy = Greedy(10**6)
    restorer(noise(40, 500))
    assert max(width for _, width in greedy.sizes) == 252  # 248 would not have fitted, 128 does


def test_all_three_outputs_and_the_full_one_alone_agree(restorer: MimoUnetRestorer) -> None:
    x = torch.rand(1, 3, 16, 20)
    with torch.inference_mode():
        assert torch.equal(restorer.net(x)[2], restorer.net.full(x))


def test_the_ensemble_is_the_mean_over_four_rotations(
    weights: Path, restorer: MimoUnetRestorer
) -> None:
    pixels = noise(24, 16, np.uint16)
    both = MimoUnetRestorer(weights, precision="fp32", ensemble=True)
    turned = [np.rot90(restorer(np.rot90(pixels, k).copy()), -k) for k in range(4)]
    mean = np.mean([t.astype(float) for t in turned], axis=0)
    inside = (mean > 2000) & (mean < 63_000)  # where no single result was limited
    assert inside.any() and np.abs(both(pixels) - mean)[inside].max() <= 2
    square = noise(20, 20, np.uint16)
    quarter = np.rot90(square).copy()
    assert np.abs(np.rot90(both(square)).astype(int) - both(quarter)).max() <= 2
    assert np.abs(np.rot90(restorer(square)).astype(int) - restorer(quarter)).max() > 100


@pytest.mark.parametrize("size", [(24, 236), (24, 24)])
def test_exact_tiles_equal_the_whole_in_float32(weights: Path, size: tuple[int, int]) -> None:
    settings = Settings(weights=weights, precision="fp32", tile="exact")
    exact = MimoUnetRestorer.of(settings)
    assert (exact.core, exact.halo) == (CORE, 48)
    exact.core = 76
    whole = MimoUnetRestorer.of(replace(settings, tile="auto"))
    pixels = noise(*size, np.uint16)
    difference = exact(pixels).astype(int) - whole(pixels)
    assert np.abs(difference).max() <= 1  # 1e-5 of the range is 0.66


def test_the_exact_halo_is_the_networks_reach() -> None:
    assert (exact_halo(8), exact_halo(20)) == (244, 580)  # both measured once, pixel by pixel


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_precision_is_as_named(weights: Path, precision: str) -> None:
    restorer = MimoUnetRestorer(weights, precision=precision)
    restorer.fast = fixed = Fixed(1)
    restorer(noise(8, 8))
    assert fixed.dtypes == [{"bf16": torch.bfloat16, "fp16": torch.float16}[precision]]


def test_grey_pictures_come_back_grey_with_alpha_as_it_was(restorer: MimoUnetRestorer) -> None:
    pixels = np.repeat(noise(20, 24)[..., :1], 3, axis=2)
    alpha = noise(20, 24)[..., 1] | 1
    picture = Picture("a.png", pixels, alpha, grey=True)
    before, after = restorer.enlarge_and_restore(picture, 1)
    assert (before.pixels == pixels).all() and (after.alpha == alpha).all() and after.grey
    assert (after.pixels == after.pixels[..., :1]).all() and (after.pixels != pixels).any()
    colours = restorer(pixels)
    assert (colours != colours[..., :1]).any()
    assert np.abs(luma(colours) - after.pixels[..., 0]).max() <= 0.51


def test_weights_and_device_are_checked(weights: Path, tmp_path: Path) -> None:
    assert MimoUnetRestorer(weights).sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    with pytest.raises(CheckpointError, match="no such file"):
        MimoUnetRestorer(tmp_path / "none.safetensors")
    for device in ("abacus", "cuda:99"):
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            MimoUnetRestorer(weights, device)
        assert "\n" not in str(caught.value)


needs_eight_bit = pytest.mark.skipif(
    not eight_bit.available(), reason="the processor or PyTorch has no fast arithmetic in 8 bits"
)


@needs_eight_bit
def test_eight_bits_come_near_and_say_so(weights: Path, restorer: MimoUnetRestorer) -> None:
    fast = MimoUnetRestorer(weights, precision="int8")
    pixels = noise(64, 48)
    result, exact = fast(pixels), restorer(pixels)
    assert fast.arithmetic == ("int8",) and fast.notes == ()
    assert restorer.arithmetic == ("float32",)
    assert 0 < np.abs(result.astype(int) - exact).max() <= 8


@needs_eight_bit
@pytest.mark.parametrize("size", [(64, 48), (40, 2100)])
def test_eight_bits_that_change_the_result_are_not_taken(
    weights: Path, restorer: MimoUnetRestorer, size: tuple[int, int]
) -> None:
    fast = MimoUnetRestorer(weights, precision="int8")
    pixels = np.full((*size, 3), 128, np.uint8)
    pixels[8:32, -30:-6] = noise(24, 24)
    found, fast.fast = fast.fast, Changed(0.02 + (size[0] > 50))  # where there is detail alone
    assert (fast(pixels) == restorer(pixels)).all()
    assert fast.arithmetic == ("float32",) and "float32" in fast.notes[0]
    fast.fast = found
    fast(pixels)
    assert fast.arithmetic == ("int8",) and fast.notes == ()


class Changed(nn.Module):
    """Adds so much times the local contrast: a network that is wrong where there is detail."""

    def __init__(self, strength: float) -> None:
        super().__init__()
        self.strength = strength

    def full(self, x: Tensor) -> Tensor:
        return x + self.strength * (x - x.roll(1, 3)).abs() * 50


@needs_eight_bit
def test_eight_bits_that_are_not_finite_are_computed_again_and_named(weights: Path) -> None:
    fast = MimoUnetRestorer(weights, precision="int8")
    fast.fast = Fixed(float("nan"))
    exact = MimoUnetRestorer(weights, precision="fp32")
    assert (fast(noise(16, 16)) == exact(noise(16, 16))).all()
    assert fast.arithmetic == ("float32",)


@needs_eight_bit
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3e38])
def test_weights_of_no_use_are_refused_in_eight_bits_too(tmp_path: Path, value: float) -> None:
    state = MIMOUNet(1).state_dict()
    state["Encoder.0.layers.0.main.0.main.0.weight"][:] = value
    save_file(state, tmp_path / "broken.safetensors")
    with pytest.raises(ArithmeticError, match="not finite"):
        MimoUnetRestorer(tmp_path / "broken.safetensors", precision="int8")(noise(16, 16))


def test_a_tile_that_was_computed_again_is_told(weights: Path) -> None:
    half = MimoUnetRestorer(weights, precision="bf16", core=16, halo=0)
    half.net = half.fast = SpoiltOnce()
    half(noise(16, 32))
    assert half.arithmetic == ("float32", "bfloat16")
    half(noise(16, 32))
    assert half.arithmetic == ("bfloat16",)


class SpoiltOnce(nn.Module):
    """Its first result is not finite."""

    spoilt = False

    def full(self, x: Tensor) -> Tensor:
        result = x if self.spoilt else x * float("nan")
        self.spoilt = True
        return result


@pytest.mark.slow
def test_auto_is_exact_but_where_a_picture_is_all_that_is_wanted(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "agent.systems.restoration.restorer.fastest_type", lambda device: torch.float32
    )
    monkeypatch.setattr("agent.systems.restoration.quantization.available", lambda: True)
    settings = Settings(weights=weights)
    assert MimoUnetRestorer.of(settings).dtype == torch.float32
    assert MimoUnetRestorer.fastest(settings).dtype == torch.int8
    for exact in ({"precision": "fp32"}, {"tile": "exact"}):
        assert MimoUnetRestorer.fastest(replace(settings, **exact)).dtype == torch.float32
    monkeypatch.setattr("agent.systems.restoration.quantization.available", lambda: False)
    assert MimoUnetRestorer.fastest(settings).dtype == torch.float32


def test_eight_bits_are_refused_where_there_are_none(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.systems.restoration.quantization.available", lambda: False)
    with pytest.raises(ConfigError, match=r"int8.*AVX512-VNNI"):
        MimoUnetRestorer(weights, precision="int8")
