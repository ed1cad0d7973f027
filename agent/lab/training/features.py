"""Training of FeatSharp for one encoder, by multi-view consistency.

The encoder is frozen, so its features of all crops, tiles and views are computed once. Besides the
fused map, the map after the bilateral stage is trained with a separate copy of the loss, so that
the two can be compared.
"""

from __future__ import annotations

import csv
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from agent.errors import CheckpointError
from agent.lab.training.consistency import Objective
from agent.lab.training.feature_bank import Bank, crops
from agent.systems.features.featsharp import FeatSharp
from agent.systems.features.feature_maps import FeatureStage


@dataclass(frozen=True)
class FeatureRecipe:
    """Parameters that, with pictures and encoder, determine a run."""

    factor: int
    steps: int = 600
    batch: int = 4
    crops: int = 256
    """Number of crops in the bank."""
    views: int = 5
    """Views per crop, of which a step uses `views_a_step`."""
    views_a_step: int = 1
    learning_rate: float = 1e-3
    bilateral_rate: float = 1e-3
    scale_rate: float = 1e-2
    """Learning rate of the two layer scales, which start at one millionth."""
    uncertainty_rate: float = 1e-5
    warmup: int = 100
    seed: int = 0

    def scale(self, step: int) -> float:
        """Return the factor of the learning rates at `step`, counted from 0: cosine to zero."""
        rise = (step + 1) / min(self.warmup, self.steps)
        return min(1.0, rise) * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def train(
    data: Path,
    out: Path,
    recipe: FeatureRecipe,
    stage: FeatureStage,
    *,
    start_from: FeatSharp | None = None,
    save_seconds: float = 120.0,
    report: Callable[[str], None] = print,
) -> Path:
    """Train and return the path of the weights, `out/weights.safetensors` (float16).

    `out/resume.pt` is replaced every `save_seconds`; if it exists, training continues from it.
    `out/log.csv` gets a line every 20 steps.

    Args:
        stage: the frozen encoder up to the layer whose maps are sharpened.
        start_from: a network for the same encoder whose weights are copied where they fit.

    Raises:
        InputError: if `data` holds no usable pictures.
        CheckpointError: if `out/resume.pt` belongs to another network.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    bank = Bank.look(
        crops(data, recipe.crops, recipe.seed), stage, stage.encoder.size, recipe.factor,
        views=recipe.views, seed=recipe.seed, progress=_every(report, "encoded {} crops", 50),
    )  # fmt: skip
    net = _network(bank.features(), bank.grid, recipe.factor, start_from)
    objective = Objective(net.bias.shape[1], recipe.factor)
    optimiser = _optimiser(net, objective, recipe)
    first = _resume(out / "resume.pt", net, objective, optimiser)
    saved, sums = time.monotonic(), []
    for step in range(first, recipe.steps):
        sums.append(_update(net, objective, optimiser, bank, recipe, step))
        done = step + 1
        if done % 20 == 0:
            means = np.mean(sums, axis=0)
            _log(out / "log.csv", done, means)
            report("step {}/{}  loss {:.4f}  bilateral {:.4f}  fused {:.4f}".format(
                done, recipe.steps, *means
            ))  # fmt: skip
            sums.clear()
        if done == recipe.steps or time.monotonic() - saved > save_seconds:
            _save(out, net, objective, optimiser, done)
            saved = time.monotonic()
    return out / "weights.safetensors"


def _network(
    features: Tensor, grid: tuple[int, int], factor: int, start_from: FeatSharp | None
) -> FeatSharp:
    """Create a network for maps with this grid and features like these `(N, C)`."""
    net = FeatSharp(features.shape[1], factor, grid)
    net.normaliser.fit(features)
    if start_from is not None:
        _take_over(net, start_from)
    return net


def _update(
    net: FeatSharp,
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    bank: Bank,
    recipe: FeatureRecipe,
    step: int,
) -> list[float]:
    """Take step `step`, counted from 0; return the loss and the bilateral and fused errors."""
    for group in optimiser.param_groups:
        group["lr"] = group["initial"] * recipe.scale(step)
    rng = np.random.default_rng([recipe.seed, step, 3])
    torch.manual_seed(int(rng.integers(2**31)))  # for dropout, also after resuming
    loss, *errors = objective(net, bank.batch(rng, recipe.batch, recipe.views_a_step))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    clip = 1e-4 if step < 10 else 5.0
    nn.utils.clip_grad_norm_([p for g in optimiser.param_groups for p in g["params"]], clip)
    optimiser.step()
    return [float(loss.detach()), *map(float, errors)]


def _every(report: Callable[[str], None], text: str, count: int) -> Callable[[int], None]:
    return lambda done: report(text.format(done)) if done % count == 0 else None


def _take_over(net: FeatSharp, start: FeatSharp) -> None:
    """Copy the weights of `start` that fit; levels that it lacks start as its last one."""
    own, initial = net.state_dict(), start.state_dict()
    last = len(start.bilateral.levels) - 1
    for name in own:
        level = re.fullmatch(r"bilateral\.levels\.(\d+)\.(.+)", name)
        source = f"bilateral.levels.{min(int(level[1]), last)}.{level[2]}" if level else name
        if source in initial and initial[source].shape == own[name].shape:
            own[name] = initial[source]
    net.load_state_dict(own)


def _optimiser(
    net: FeatSharp, objective: Objective, recipe: FeatureRecipe
) -> torch.optim.Optimizer:
    bilateral, scales = list(net.bilateral.parameters()), list(net.fusion.scales.parameters())
    apart = {id(p) for p in (*bilateral, *scales)}
    rest = [p for p in net.parameters() if id(p) not in apart]
    groups = [
        ([*rest, *objective.reducers.parameters()], recipe.learning_rate),
        (bilateral, recipe.bilateral_rate),
        (scales, recipe.scale_rate),
        (list(objective.uncertainty.parameters()), recipe.uncertainty_rate),
    ]
    return torch.optim.NAdam(
        [{"params": params, "lr": rate, "initial": rate} for params, rate in groups]
    )


def _resume(
    path: Path, net: FeatSharp, objective: Objective, optimiser: torch.optim.Optimizer
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, map_location="cpu", weights_only=True)
    try:
        net.load_state_dict(state["net"])
        objective.load_state_dict(state["objective"])
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: belongs to another network; give another --output, or the options of that run"
        ) from error
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _save(
    out: Path, net: FeatSharp, objective: Objective, optimiser: torch.optim.Optimizer, step: int
) -> None:
    """Write both files under temporary names first, so that a kill leaves the old ones intact."""
    state = {
        "net": net.state_dict(), "objective": objective.state_dict(),
        "optimiser": optimiser.state_dict(), "step": step,
    }  # fmt: skip
    torch.save(state, out / "resume.pt.part")
    (out / "resume.pt.part").replace(out / "resume.pt")
    half = {name: tensor.half().contiguous() for name, tensor in net.state_dict().items()}
    save_file(half, out / "weights.safetensors.part")
    (out / "weights.safetensors.part").replace(out / "weights.safetensors")


def _log(path: Path, step: int, means: np.ndarray) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "loss", "bilateral_error", "fused_error"])
        writer.writerow([step, *(f"{value:.5f}" for value in means)])
