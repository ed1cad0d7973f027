from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from agent.errors import CheckpointError
from agent.lab.training.data import PatchBatches, Stage
from agent.lab.training.loop import Recipe, _beside, loss_of, new_network, train
from agent.systems.restoration.network import MIMOUNet, load_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    coarse = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)
    Image.fromarray(coarse.repeat(6, 0).repeat(6, 1)).save(folder / "a.png")
    return folder


def quiet(line: str) -> None: ...


def randoms(*shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(shape, generator=generator) for shape in shapes]


# --- the loss ---------------------------------------------------------------------------------


def test_loss_takes_real_and_imaginary_parts_as_numbers_of_their_own() -> None:
    full, sharp = randoms((2, 3, 16, 16), (2, 3, 16, 16))
    difference = np.fft.fft2(full.numpy()) - np.fft.fft2(sharp.numpy())
    parts = np.stack([difference.real, difference.imag])
    wanted = np.abs(full.numpy() - sharp.numpy()).mean() + 0.1 * np.abs(parts).mean()
    assert loss_of([full], sharp).item() == pytest.approx(wanted, rel=1e-4)
    modulus = np.abs(full.numpy() - sharp.numpy()).mean() + 0.1 * np.abs(difference).mean()
    assert wanted < modulus * 0.95  # the length of the complex difference is another loss


def test_loss_sums_over_the_scales_with_bilinear_targets() -> None:
    quarter, half, full, sharp = randoms((1, 3, 4, 4), (1, 3, 8, 8), (1, 3, 16, 16), (1, 3, 16, 16))
    # Halving bilinearly is the mean of 2 × 2; quartering is that of the inner 2 × 2 of 4 × 4.
    means = sharp.unflatten(3, (8, 2)).unflatten(2, (8, 2)).mean((3, 5))
    inner = sharp.unflatten(3, (4, 4)).unflatten(2, (4, 4))[..., 1:3, :, 1:3].mean((3, 5))
    wanted = loss_of([full], sharp) + loss_of([half], means) + loss_of([quarter], inner)
    assert loss_of([quarter, half, full], sharp).item() == pytest.approx(wanted.item(), rel=1e-5)
    assert loss_of([sharp], sharp).item() == 0


class Pull(nn.Module):
    """A loss of recognition whose gradient is the same everywhere."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, output: Tensor, _: Tensor) -> Tensor:
        return self.slope * output.sum()


@pytest.mark.parametrize(("slope", "bounded"), [(1e6, True), (1e-9, False)])
def test_recognition_never_outweighs_the_pixels(slope: float, bounded: bool) -> None:
    output, sharp = randoms((1, 3, 16, 16), (1, 3, 16, 16))
    output.requires_grad_()
    loss = loss_of([output], sharp)
    (pixels,) = torch.autograd.grad(loss, output, retain_graph=True)
    term = _beside(Pull(slope), 0.5, loss, output, sharp)
    (letters,) = torch.autograd.grad(term, output)
    assert term.item() == 0  # the loss that is logged stays that of the paper
    assert torch.equal(letters, letters.flatten()[0].expand_as(letters)) and letters.min() > 0
    assert letters.norm() <= pixels.norm() * 1.0001
    if bounded:
        assert letters.norm() == pytest.approx(pixels.norm().item(), rel=1e-4)
    else:
        torch.testing.assert_close(letters, torch.full_like(letters, 0.5 * slope))


# --- the start --------------------------------------------------------------------------------


def test_a_new_network_is_the_identity() -> None:
    (x,) = randoms((1, 3, 16, 16))
    with torch.no_grad():
        quarter, half, full = new_network(2).eval()(x)
    assert torch.equal(full, x) and torch.equal(half, x[..., ::2, ::2])
    assert torch.equal(quarter, x[..., ::4, ::4])


def test_depth_can_be_added_to_a_trained_network() -> None:
    torch.manual_seed(0)
    shallow = MIMOUNet(1).eval()
    deep = new_network(3, shallow).eval()
    (x,) = randoms((1, 3, 16, 16))
    with torch.no_grad():
        assert torch.equal(deep(x)[2], shallow(x)[2])
    assert deep.blocks == 3


def test_the_rate_rises_stays_and_falls() -> None:
    recipe = Recipe(
        stages=(Stage(600, 64, 8), Stage(400, 96, 4)), learning_rate=1.0, warmup=100, cooldown=200
    )
    assert [recipe.rate(s) for s in (0, 49, 99, 500, 800, 900, 999)] == pytest.approx(
        [0.01, 0.5, 1, 1, 1, 0.5, 0.005]
    )


# --- the run ----------------------------------------------------------------------------------

RECIPE = Recipe(stages=(Stage(4, 16, 1),), blocks=1, learning_rate=1e-3, warmup=1, cooldown=1)


def lasting(steps: int, recipe: Recipe = RECIPE, batch: int = 1) -> Recipe:
    return replace(recipe, stages=(Stage(steps, 16, batch),))


@pytest.mark.slow
def test_training_brings_the_output_nearer_to_the_sharp_picture(data: Path, tmp_path: Path) -> None:
    weights = train(data, tmp_path, lasting(20, batch=2), report=quiet)
    assert weights == tmp_path / "weights.safetensors"
    assert {tensor.dtype for tensor in load_file(weights).values()} == {torch.float16}
    net = load_checkpoint(weights)
    batch = PatchBatches(data, [Stage(1, 16, 16)], seed=9, text_share=0)[0]
    with torch.no_grad():
        before, after = (loss_of(n(batch[0]), batch[1]) for n in (new_network(1).eval(), net))
    assert after < before
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["20"]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.slow
def test_a_resumed_run_ends_where_an_unbroken_one_does(data: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, cooldown=0)
    whole = load_file(train(data, tmp_path / "whole", recipe, report=quiet))
    train(data, tmp_path / "parts", lasting(2, recipe), report=quiet)
    state = torch.load(tmp_path / "parts" / "resume.pt", weights_only=True)
    assert state["step"] == 2
    parts = load_file(train(data, tmp_path / "parts", recipe, report=quiet))
    for name, tensor in whole.items():
        assert torch.allclose(tensor.float(), parts[name].float(), atol=1e-4), name
    ended = torch.load(tmp_path / "parts" / "resume.pt", weights_only=True)
    assert ended["step"] == 4
    assert any(not torch.equal(ended["net"][k], ended["average"][k]) for k in ended["net"])


@pytest.mark.slow
def test_a_finished_run_has_nothing_left_to_do(data: Path, tmp_path: Path) -> None:
    first = load_file(train(data, tmp_path, RECIPE, report=quiet))
    again = load_file(train(data, tmp_path, RECIPE, report=quiet))
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.slow
def test_a_run_of_another_depth_is_not_resumed(data: Path, tmp_path: Path) -> None:
    train(data, tmp_path, lasting(1), report=quiet)
    with pytest.raises(CheckpointError, match="belongs to another network"):
        train(data, tmp_path, replace(RECIPE, blocks=2), report=quiet)


@pytest.mark.slow
def test_a_run_starts_from_given_weights(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    start = MIMOUNet(1)
    recipe = replace(lasting(1), learning_rate=0.0)
    trained = load_checkpoint(train(data, tmp_path, recipe, start_from=start, report=quiet))
    for ours, theirs in zip(trained.parameters(), start.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-3)
    assert isinstance(trained, nn.Module) and not trained.training
