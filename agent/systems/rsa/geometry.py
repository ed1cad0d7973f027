"""Dissimilarity matrices of pictures, from the layers of an encoder and from saliency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.measures.saliency import OF_THE_STUDY, saliency_map
from agent.measures.similarity import cosine_rdm

if TYPE_CHECKING:
    from torch import Tensor

    from agent.systems.encoders import Encoder

#: `(n, side, side, 3)`, RGB.
Stimuli = NDArray[np.uint8]
Values = NDArray[np.float64]

#: Maximum bytes of activations in memory.
MEMORY = 1_500_000_000
_BATCH = 8
_BYTES = 4  # of a float32


def layer_rdms(
    encoder: Encoder,
    stimuli: Stimuli,
    layers: Sequence[str],
    *,
    memory: int = MEMORY,
    progress: Callable[[str], None] = lambda _: None,
) -> Values:
    """Return the cosine RDM of the flattened activations of each layer.

    If the activations of all layers do not fit into `memory` together, the pictures pass the
    network several times.

    Args:
        stimuli: `(n, side, side, 3)`, side the encoder's `size`.
        layers: names from `Encoder.layers`.
        memory: maximum bytes of activations in memory.

    Returns:
        `(len(layers), n, n)` in the order of `layers`.

    Raises:
        InputError: if a single layer does not fit into `memory`, or holds values that are not
            finite.
    """
    rdms: dict[str, Values] = {}
    groups = list(_groups(encoder, layers, len(stimuli), memory))
    for number, group in enumerate(groups, 1):
        activations = {
            name: np.empty((len(stimuli), prod(encoder.layers[name])), np.float32) for name in group
        }
        for start in range(0, len(stimuli), _BATCH):
            progress(f"pass {number} of {len(groups)}: picture {start + 1} of {len(stimuli)}")
            batch = stimuli[start : start + _BATCH]
            for name, output in encoder.activations(_tensor(batch), group).items():
                activations[name][start : start + len(batch)] = output.reshape(
                    len(batch), -1
                ).numpy()
        for name in group:
            rdms[name] = _rdm(name, activations.pop(name))
    return np.stack([rdms[name] for name in layers])


def saliency_rdm(
    stimuli: Stimuli,
    *,
    weights: tuple[float, float, float] = OF_THE_STUDY,
    swap_red_blue: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Values:
    """Return the cosine RDM of the saliency maps of pictures, `(n, n)`.

    Args:
        stimuli: `(n, side, side, 3)`, side at least 32; maps are compared at half that side.
        weights: weights of intensity, colour and orientation; only their ratio matters.
        swap_red_blue: whether to swap red and blue, as the study's analysis does by mistake.
    """
    maps = []
    for i, pixels in enumerate(stimuli, 1):
        progress(f"saliency of picture {i} of {len(stimuli)}")
        maps.append(saliency(pixels, weights, swap_red_blue).ravel())
    return cosine_rdm(np.stack(maps))


def saliency(
    pixels: NDArray[np.uint8],
    weights: tuple[float, float, float] = OF_THE_STUDY,
    swap_red_blue: bool = False,
) -> NDArray[np.float32]:
    """Return the saliency map of `(H, W, 3)` RGB at every second row and column."""
    ordered = pixels[..., ::-1] if swap_red_blue else pixels
    return saliency_map(ordered.astype(np.float32) / 255, weights)[::2, ::2]


def _groups(
    encoder: Encoder, layers: Sequence[str], stimuli: int, memory: int
) -> Iterator[list[str]]:
    """Split the layers into groups that fit into memory together."""
    group: list[str] = []
    used = 0
    for name in layers:
        size = _BYTES * stimuli * prod(encoder.layers[name])
        if size > memory:
            raise InputError(
                f"the activations of {name} for {stimuli} pictures take {size / 1e9:.1f} GB, and "
                f"at most {memory / 1e9:.1f} GB fit; leave that layer out or use fewer "
                "pictures"
            )
        if used + size > memory:
            yield group
            group, used = [], 0
        group.append(name)
        used += size
    if group:
        yield group


def _rdm(name: str, vectors: NDArray[np.float32]) -> Values:
    if not np.isfinite(vectors).all():
        raise InputError(f"the layer {name} has values that are not finite; leave it out")
    return cosine_rdm(vectors)


def _tensor(batch: Stimuli) -> Tensor:
    import torch

    return torch.from_numpy(batch.astype(np.float32) / 255).permute(0, 3, 1, 2)
