"""Loading the network of a weights file through spandrel.

Nothing in a file is ever run: `agent.systems.checkpoints` reads only tensors and passes them to
spandrel, which derives the size of a network from names and shapes. What it builds must therefore
stay within the size of the file's content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from agent.errors import CheckpointError, ConfigError
from agent.report.single_line import counted
from agent.systems.checkpoints import read_state
from agent.text import visible

INSTALL = "pip install 'groundglass[models]'"
#: Allowance for values that are not in the file, such as masks: a multiple, plus this many more.
_SHARE, _VALUES = 4, 2**24
#: Overhead of building a tensor, as a number of values.
_TENSOR = 4096
#: Channels of inputs and outputs: grey, RGB, RGB with alpha.
_CHANNELS = (1, 3, 4)
_OTHER_WORK = {
    "Inpainting": "fills in parts of a picture that a mask names",
    "FaceSR": "restores a single face, cut out and turned upright",
}


def spandrel() -> Any:
    """Import the package.

    Raises:
        ConfigError: if it is not installed.
    """
    from agent.systems.torchvision_ops import import_torchvision

    try:
        import_torchvision()  # which spandrel imports for two of its architectures
        import spandrel
    except ImportError as error:
        raise ConfigError(
            f"networks other than MIMO-UNet need spandrel, which is not installed; {INSTALL}"
        ) from error
    return spandrel


def load_network(path: Path) -> Any:
    """Return the network in a file as spandrel's `ImageModelDescriptor`, in float32 on the CPU.

    Raises:
        CheckpointError: if the file cannot be read, holds no network that spandrel knows, or one
            that does not map one picture to another.
        ConfigError: if spandrel is not installed.
    """
    model = build_network(read_state(path), path)
    name, architecture = visible(path.name), model.architecture.name
    if model.purpose in _OTHER_WORK:
        raise CheckpointError(
            f"{name}: this is a network of architecture {architecture}, which "
            f"{_OTHER_WORK[model.purpose]}; expected one that takes a whole picture"
        )
    channels_in, channels_out = model.input_channels, model.output_channels
    if channels_in != channels_out or channels_in not in _CHANNELS:
        raise CheckpointError(
            f"{name}: this is a network of architecture {architecture} that takes {channels_in} "
            f"channels and gives {channels_out}; expected 1, 3 or 4, as many out as in"
        )
    return model


def build_network(state: Mapping[str, Tensor], path: Path) -> Any:
    """Build the network of a state dict, whatever its purpose, as spandrel's descriptor.

    Args:
        state: tensors by name.
        path: origin of the tensors, for messages.

    Raises:
        CheckpointError: if spandrel knows no such network, or cannot build it.
        ConfigError: if spandrel is not installed.
    """
    package, name = spandrel(), visible(path.name)
    values = sum(tensor.numel() + _TENSOR for tensor in state.values())
    try:
        with _Budget(_SHARE * values + _VALUES):
            model = package.MAIN_REGISTRY.load(dict(state))
    except package.UnsupportedModelError:
        raise CheckpointError(
            f"{name}: spandrel {package.__version__} does not recognise this network; expected an "
            f"image-restoration model, got {counted(len(state), 'tensor')} such as "
            f"{visible(', '.join(sorted(state)[:3]))[:200]}"
        ) from None
    except Exception as error:  # an architecture that mistakes the names for its own may raise any
        detail = visible(" ".join(str(error).split()))[:200] or type(error).__name__
        raise CheckpointError(
            f"{name}: looks like an architecture that spandrel {package.__version__} knows but "
            f"does not fit it ({detail}); expected a complete, unmodified file"
        ) from None
    model.model.requires_grad_(False)
    return model.float().eval()


class _Budget(TorchFunctionMode):
    """Stops the construction of a network that outgrows its file.

    Args:
        values: maximum number of values to allocate in total.

    Raises:
        ValueError: before an allocation that exceeds it.
    """

    def __init__(self, values: int) -> None:
        super().__init__()
        self.remaining = values

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in (torch.empty, torch.zeros, torch.ones):
            size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
            self.remaining -= torch.Size(size or (kwargs or {}).get("size", ())).numel() + _TENSOR
            if self.remaining < 0:
                raise ValueError("it would be many times as large as its file")
        return func(*args, **(kwargs or {}))
