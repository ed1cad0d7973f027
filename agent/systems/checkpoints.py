"""Reading weights files without ever running code from them."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from agent.errors import CheckpointError

#: Keys under which training programs store the mapping, averaged weights first.
_WRAPPERS = (
    "model_state_dict", "state_dict", "params_ema", "params-ema", "params", "model", "net",
)  # fmt: skip
#: Tensors may share data, but no honest file expands to this many times its size on disk.
_MOST_SHARED = 4


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the flat name → tensor mapping inside a checkpoint file.

    Args:
        path: a `.safetensors` file, or one written by `torch.save`. The mapping may be bare, or
            under the only key or one such as `model` or `params_ema`; a prefix `module.` of
            names is removed.

    Returns:
        Tensors in memory that together take little more space than the file.

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
            _refuse_archives_of_others(path)
            content = _load_tensors_only(path)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: refused, it is damaged or holds more than tensors. A pickle can run any "
            "program, so only tensors are ever unpickled; ask for a .safetensors file"
        ) from error
    except CheckpointError:
        raise
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({_first_line(error)})") from error
    except Exception as error:
        # The key of a KeyError is a byte that pickle does not know, which says nothing to a person.
        detail = "" if isinstance(error, KeyError) else f" ({_first_line(error)})"
        raise CheckpointError(
            f"{path}: not a PyTorch checkpoint or .safetensors file{detail}"
        ) from error
    state = _unwrapped(content)
    if state is None:
        raise CheckpointError(
            f"{path}: expected a mapping of names to tensors, bare or under a key such as 'model'"
        )
    _refuse_inflated(path, state)
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def _unwrapped(content: object) -> dict[str, Tensor] | None:
    """Return the mapping of names to tensors; None if there is none."""
    if isinstance(content, dict):
        inner = (content[key] for key in _WRAPPERS if isinstance(content.get(key), dict))
        content = next(inner, content)
    if isinstance(content, dict) and len(content) == 1:
        (only,) = content.values()
        content = only if isinstance(only, dict) else content
    if (
        isinstance(content, dict)
        and content
        and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items())
    ):
        return content
    return None


def _refuse_archives_of_others(path: Path) -> None:
    """Refuse an archive that PyTorch did not write or that holds a program."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):  # `torch.load` reports what is wrong
        return
    if any("/code/" in part.filename for part in parts):
        raise CheckpointError(
            f"{path}: refused, it holds a program (TorchScript), which is never run; ask for the "
            "weights alone, as a .safetensors file"
        )
    whole = sum(part.file_size for part in parts)
    if whole > path.stat().st_size or any(part.compress_type for part in parts):
        raise CheckpointError(
            f"{path}: refused, it would unpack to {whole:,} bytes; expected an archive that is not "
            "compressed, as torch.save writes it"
        )


def _refuse_inflated(path: Path, state: Mapping[str, Tensor]) -> None:
    """Refuse tensors that claim more data than the file holds."""
    for name, tensor in state.items():
        whole = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if not whole or tensor.nbytes > tensor.untyped_storage().nbytes():
            raise CheckpointError(
                f"{path}: refused, the file does not hold all of the tensor {name[:80]!r}; "
                "expected plain tensors"
            )
    if sum(tensor.nbytes for tensor in state.values()) > _MOST_SHARED * path.stat().st_size:
        raise CheckpointError(
            f"{path}: refused, its tensors share their data so often that they would take many "
            "times the file; expected tensors with data of their own"
        )


def _load_tensors_only(path: Path) -> object:
    # The authors' training checkpoints include a scheduler, hence a Counter: data, not code.
    from collections import Counter

    with warnings.catch_warnings(), torch.serialization.safe_globals([Counter]):
        warnings.simplefilter("ignore")  # about other pickle protocols
        return torch.load(path, map_location="cpu", weights_only=True)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
