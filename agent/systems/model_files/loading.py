"""A file of weights → the network that it belongs to, through spandrel.

Nothing in a file is ever run: `agent.systems.checkpoints` reads tensors alone, and spandrel is
given these. It reads the size of a network from names and shapes, so what it builds is held to the
size of what the file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from agent.errors import CheckpointError, ConfigError
from agent.systems.checkpoints import read_state
from agent.text import visible

INSTALL = "pip install 'groundglass[models]'"
#: What a network may hold beside the values of its file, such as masks: a share, and so many more.
_SHARE, _VALUES = 4, 2**24
#: What building a tensor costs beside its values, as so many of them.
_TENSOR = 4096
#: Images that go in and come out: grey, RGB, RGB with alpha.
_CHANNELS = (1, 3, 4)
_OTHER_WORK = {
    "Inpainting": "fills in parts of a picture that a mask names",
    "FaceSR": "restores a single face, cut out and turned upright",
}


def spandrel() -> Any:
    """The package.

    Raises:
        ConfigError: where it is not installed.
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
    """The network in a file as spandrel's `ImageModelDescriptor`, in float32 on the CPU.

    Raises:
        CheckpointError: when the file cannot be read, or holds no network of an architecture that
            spandrel knows, or one that does not take one picture and give one.
        ConfigError: where spandrel is not installed.
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
    """The network that a state dict belongs to, whatever it is for, as spandrel's descriptor.

    Args:
        state: by name.
        path: where it comes from, for messages.

    Raises:
        CheckpointError: when spandrel knows no such network, or cannot build it.
        ConfigError: where spandrel is not installed.
    """
    package, name = spandrel(), visible(path.name)
    values = sum(tensor.numel() + _TENSOR for tensor in state.values())
    try:
        with _Budget(_SHARE * values + _VALUES):
            model = package.MAIN_REGISTRY.load(dict(state))
    except package.UnsupportedModelError:
        raise CheckpointError(
            f"{name}: holds no network of an architecture that spandrel {package.__version__} "
            f"knows; expected one that restores pictures, got {len(state):,} tensors such as "
            f"{visible(', '.join(sorted(state)[:3]))[:200]}"
        ) from None
    except Exception as error:  # an architecture that takes the names for its own raises anything
        detail = visible(" ".join(str(error).split()))[:200] or type(error).__name__
        raise CheckpointError(
            f"{name}: looks like an architecture that spandrel {package.__version__} knows, and "
            f"does not fit it ({detail}); expected a whole, unaltered file"
        ) from None
    model.model.requires_grad_(False)
    return model.float().eval()


class _Budget(TorchFunctionMode):
    """Ends the building of a network that grows beyond what its file can fill.

    Args:
        values: that may be set aside together.

    Raises:
        ValueError: from what sets more aside, before it does.
    """

    def __init__(self, values: int) -> None:
        super().__init__()
        self.left = values

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in (torch.empty, torch.zeros, torch.ones):
            size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
            self.left -= torch.Size(size or (kwargs or {}).get("size", ())).numel() + _TENSOR
            if self.left < 0:
                raise ValueError("it would be many times as large as its file")
        return func(*args, **(kwargs or {}))
