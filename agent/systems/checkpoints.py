"""Reading files of weights without ever running what is in them."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import torch
from torch import Tensor

from agent.errors import CheckpointError


def read_state(path: Path) -> dict[str, Tensor]:
    """The flat name → tensor mapping inside a checkpoint file.

    Args:
        path: a `.safetensors` file, or one written by `torch.save`. The mapping may be bare or
            under the key `model`; a prefix `module.` of names is taken away.

    Raises:
        CheckpointError: when the file cannot be read or holds anything but named tensors.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; expected weights of a network")
    content: object
    try:
        if path.suffix.lower() == ".safetensors":
            from safetensors.torch import load_file

            content = load_file(path)
        else:
            content = _load_tensors_only(path)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: refused, it is damaged or holds more than tensors. A pickle can run any "
            "program, so only tensors are ever unpickled; ask for a .safetensors file"
        ) from error
    except Exception as error:
        raise CheckpointError(f"{path}: cannot be read ({_first_line(error)})") from error
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    if not isinstance(content, dict) or not all(
        isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items()
    ):
        raise CheckpointError(f"{path}: expected a mapping of names to tensors, bare or in 'model'")
    return {name.removeprefix("module."): tensor for name, tensor in content.items()}


def _load_tensors_only(path: Path) -> object:
    # Resume files of the authors' training carry a scheduler, hence a Counter: data, not code.
    from collections import Counter

    with warnings.catch_warnings(), torch.serialization.safe_globals([Counter]):
        warnings.simplefilter("ignore")  # on pickle protocols other than its own
        return torch.load(path, map_location="cpu", weights_only=True)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
