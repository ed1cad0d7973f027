"""The training loop: multi-scale L1 and frequency loss, EMA, warm-up, resumable to the step.

Loss of Cho et al. 2021, eq. 8–10: over three scales, the mean absolute error plus 0.1 × the mean
absolute error between unnormalised 2-D Fourier transforms, with real and imaginary parts as
separate numbers; optionally plus a recognition loss (`RecognitionLoss`).

Optimisers: Muon (Jordan et al. 2024) for the 3×3 convolutions, which hold nearly all parameters,
each as a matrix with one row per output channel; Adam for the rest.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Subset

from agent.errors import CheckpointError
from agent.lab.training.data import PatchBatches, Stage
from agent.lab.training.recognition import RecognitionLoss
from agent.systems.restoration.network import MIMOUNet
from agent.systems.restoration.precision import computing_in, fastest_type

FREQUENCY_WEIGHT = 0.1


@dataclass(frozen=True)
class Recipe:
    """Parameters of a run; runs with the same recipe see the same patches in the same order."""

    stages: tuple[Stage, ...]
    blocks: int = 20
    learning_rate: float = 3e-4
    warmup: int = 200
    #: The rate is constant, then falls linearly to zero over the last `cooldown` steps, so that a
    #: run can be extended by resuming it with more steps.
    cooldown: int = 500
    ema: float = 0.998
    seed: int = 0
    text_share: float = 0.45
    #: Weight of the recognition loss; 0 leaves it out and needs no recogniser.
    recognition: float = 0.0

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def rate(self, step: int) -> float:
        """Return the learning rate at `step`, counted from 0."""
        rise = (step + 1) / self.warmup
        fall = (self.steps - step) / max(1, self.cooldown)
        return self.learning_rate * min(1.0, rise, fall)


def loss_of(outputs: list[Tensor], sharp: Tensor) -> Tensor:
    """Return the scalar loss of `[quarter, half, full]` against the sharp batch `(B, 3, H, W)`."""
    total = sharp.new_zeros(())
    for output in outputs:
        target = sharp
        if output.shape[-2:] != sharp.shape[-2:]:
            target = functional.interpolate(
                sharp, size=output.shape[-2:], mode="bilinear", align_corners=False
            )
        output = output.float()
        spectrum = torch.view_as_real(torch.fft.fft2(output))
        target_spectrum = torch.view_as_real(torch.fft.fft2(target))
        total = total + functional.l1_loss(output, target)
        total = total + FREQUENCY_WEIGHT * functional.l1_loss(spectrum, target_spectrum)
    return total


def _beside(
    recognition: nn.Module, weight: float, loss: Tensor, output: Tensor, sharp: Tensor
) -> Tensor:
    """Return a zero term with the gradient of `weight` × recognition, at most that of `loss`.

    The recogniser's gradient is a hundred times larger on a letter that it is about to misread;
    unbounded, one such line would outweigh the pixel loss for many steps.
    """
    (pixels,) = torch.autograd.grad(loss, output, retain_graph=True)
    leaf = output.detach().float().requires_grad_()
    missed: Tensor = recognition(leaf, sharp)
    if not missed.requires_grad:
        return missed
    (letters,) = torch.autograd.grad(weight * missed, leaf)
    letters = letters * (pixels.norm() / letters.norm().clamp_min(1e-12)).clamp_max(1)
    term: Tensor = ((output - output.detach()) * letters).sum()
    return term


def new_network(blocks: int, start_from: MIMOUNet | None = None) -> MIMOUNet:
    """Create a network that starts as the identity, or as a shallower network.

    The last convolution of each new residual block and of each output is zero: a new block passes
    its input on and learns from there, so depth can be added to a trained network.
    """
    net = MIMOUNet(blocks)
    for stage in (*net.Encoder, *net.Decoder):
        for block in stage.layers:
            _zero(block.main[1].main[0])
    for head in (*net.ConvsOut, net.feat_extract[5]):
        _zero(head.main[0])
    if start_from is not None:
        net.load_state_dict({**net.state_dict(), **start_from.state_dict()})
    return net


def _zero(layer: nn.Module) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    *,
    start_from: MIMOUNet | None = None,
    device: str = "cpu",
    save_seconds: float = 180.0,
    report: Callable[[str], None] = print,
) -> Path:
    """Train and return the path of the averaged weights, `out/weights.safetensors` (float16).

    `out/resume.pt` is replaced every `save_seconds`; if it exists, training continues exactly from
    its step. `out/log.csv` gets a line every 20 steps.

    Raises:
        InputError: if `data` holds no usable pictures.
        CheckpointError: if `out/resume.pt` belongs to a network of another depth.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    run = _Run(new_network(recipe.blocks, start_from), recipe, device)
    first = run.resume(out / "resume.pt")
    dataset = PatchBatches(data, recipe.stages, seed=recipe.seed, text_share=recipe.text_share)
    loader = DataLoader(
        Subset(dataset, range(first, recipe.steps)),
        batch_size=None,
        num_workers=1,
        prefetch_factor=4,
    )
    saved = began = time.monotonic()
    losses: list[float] = []
    for step, (degraded, sharp) in enumerate(loader, start=first):
        losses.append(run.update(step, degraded, sharp))
        done = step + 1
        if done % 20 == 0:
            rate = (done - first) / (time.monotonic() - began)
            loss = sum(losses) / len(losses)
            _log(out / "log.csv", done, loss, rate)
            report(f"step {done}/{recipe.steps}  loss {loss:.4f}  {rate:.2f}/s")
            losses.clear()
        if done == recipe.steps or time.monotonic() - saved > save_seconds:
            run.save(out, done)
            saved = time.monotonic()
    return out / "weights.safetensors"


class _Run:
    """A network in training, with its optimiser and the moving average of its weights."""

    def __init__(self, net: MIMOUNet, recipe: Recipe, device: str) -> None:
        self._recipe, self._device = recipe, torch.device(device)
        # PyTorch's stubs lack this argument.
        self._net = net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._net.train()
        self._average = {name: tensor.detach().clone() for name, tensor in self._state().items()}
        self._optimiser = _Optimiser(self._net, recipe.learning_rate)
        self._dtype = fastest_type(self._device)
        self._recognition = RecognitionLoss().to(device) if recipe.recognition else None

    def _state(self) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self._net.state_dict()
        return state

    def update(self, step: int, degraded: Tensor, sharp: Tensor) -> float:
        """Take step `step`, counted from 0; return its loss without the recognition loss."""
        degraded = degraded.to(self._device, memory_format=torch.channels_last)
        with computing_in(self._dtype, self._device):
            outputs = self._net(degraded)
        sharp = sharp.to(self._device)
        loss = total = loss_of(outputs, sharp)
        if self._recognition is not None:
            weight = self._recipe.recognition
            total = loss + _beside(self._recognition, weight, loss, outputs[-1], sharp)
        self._net.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # as PyTorch declares it
        nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        self._optimiser.step(self._recipe.rate(step))
        done = step + 1
        keep = min(self._recipe.ema, done / (done + 9))
        with torch.no_grad():
            for name, tensor in self._state().items():
                self._average[name].lerp_(tensor, 1 - keep)
        return loss.item()

    def resume(self, path: Path) -> int:
        """Resume from the file if it exists; return the number of steps done.

        Raises:
            CheckpointError: if it belongs to a network of another depth.
        """
        if not path.exists():
            return 0
        state = torch.load(path, map_location="cpu", weights_only=True)
        try:
            self._net.load_state_dict(state["net"])
        except RuntimeError as error:
            raise CheckpointError(
                f"{path}: belongs to another network; give another --out, or the --blocks of that "
                "run"
            ) from error
        self._optimiser.load_state_dict(state["optimiser"])
        for name, tensor in state["average"].items():
            self._average[name].copy_(tensor)
        return int(state["step"])

    def save(self, out: Path, step: int) -> None:
        """Write both files under temporary names first, so that a kill leaves the old ones."""
        state = {
            "net": self._state(),
            "average": self._average,
            "optimiser": self._optimiser.state_dict(),
            "step": step,
        }
        torch.save(state, out / "resume.pt.part")
        (out / "resume.pt.part").replace(out / "resume.pt")
        half = {name: tensor.half().cpu().contiguous() for name, tensor in self._average.items()}
        save_file(half, out / "weights.safetensors.part")
        (out / "weights.safetensors.part").replace(out / "weights.safetensors")


class _Optimiser:
    """Muon for the matrices of a network in channels-last memory, Adam for all else."""

    def __init__(self, net: nn.Module, learning_rate: float) -> None:
        self.matrices: list[tuple[nn.Parameter, nn.Parameter]] = []
        rest = []
        for parameter in net.parameters():
            if parameter.ndim == 4 and parameter.shape[2] == 3 and min(parameter.shape[:2]) >= 32:
                self.matrices.append((parameter, nn.Parameter(_rows(parameter.data))))
            else:
                rest.append(parameter)
        self.parts: list[torch.optim.Optimizer] = [torch.optim.Adam(rest, learning_rate)]
        if self.matrices:
            muon = torch.optim.Muon(
                [matrix for _, matrix in self.matrices],
                learning_rate,
                weight_decay=0,
                # Scaled to Adam's step size, so that one rate serves both.
                adjust_lr_fn="match_rms_adamw",
            )
            self.parts.append(muon)

    def step(self, learning_rate: float) -> None:
        for parameter, matrix in self.matrices:
            assert parameter.grad is not None
            matrix.grad = _rows(parameter.grad)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = learning_rate
            part.step()

    def state_dict(self) -> list[dict[str, Any]]:
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        for part, saved in zip(self.parts, state, strict=True):
            part.load_state_dict(saved)


def _rows(weight: Tensor) -> Tensor:
    """View `(O, I, 3, 3)` in channels-last memory as `(O, 9 I)`."""
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)


def _log(path: Path, step: int, loss: float, steps_per_second: float) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "loss", "steps_per_second"])
        writer.writerow([step, f"{loss:.5f}", f"{steps_per_second:.3f}"])
