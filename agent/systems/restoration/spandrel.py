"""MIMO-UNet and MIMO-UNet+ for spandrel, the loader of restoration networks, which lacks them.

>>> from agent.systems.restoration.spandrel import install
>>> install()
>>> from spandrel import ModelLoader
>>> model = ModelLoader().load_from_file("mimo_unet_plus.safetensors")
"""

from __future__ import annotations

from torch import Tensor

from agent.systems.restoration.network import PLUS_BLOCKS, SIZE_MULTIPLE, MIMOUNet
from agent.systems.torchvision_ops import import_torchvision

import_torchvision()  # which spandrel needs

from spandrel import (  # noqa: E402
    MAIN_REGISTRY,
    Architecture,
    ArchSupport,
    ImageModelDescriptor,
    SizeRequirements,
    StateDict,
)
from spandrel.util import KeyCondition, get_seq_len  # noqa: E402


class MIMOUNetArchitecture(Architecture[MIMOUNet]):  # type: ignore[misc]
    """Recognition of state dicts by their names, which also tell the number of residual blocks."""

    def __init__(self) -> None:
        super().__init__(
            id="MIMO-UNet",
            detect=KeyCondition.has_all(
                "AFFs.0.conv.0.main.0.weight",
                "AFFs.1.conv.0.main.0.weight",
                "SCM1.main.0.main.0.weight",
                "SCM2.main.0.main.0.weight",
                "FAM1.merge.main.0.weight",
                "FAM2.merge.main.0.weight",
                "Encoder.0.layers.0.main.0.main.0.weight",
                "ConvsOut.0.main.0.weight",
            ),
        )

    def load(self, state_dict: StateDict) -> ImageModelDescriptor[MIMOUNet]:
        """Return a descriptor of the network, which pads to multiples of 4 and supports tiles.

        float16 is not declared, since its range was not tested on every kind of picture.
        """
        blocks = get_seq_len(state_dict, "Encoder.0.layers")
        return ImageModelDescriptor(
            MIMOUNet(blocks),
            state_dict,
            architecture=self,
            purpose="Restoration",
            tags=["MIMO-UNet+" if blocks >= PLUS_BLOCKS else "MIMO-UNet", f"{blocks} blocks"],
            supports_half=False,
            supports_bfloat16=True,
            scale=1,
            input_channels=3,
            output_channels=3,
            size_requirements=SizeRequirements(multiple_of=SIZE_MULTIPLE),
            call_fn=_full,
        )


def _full(net: MIMOUNet, image: Tensor) -> Tensor:
    return net.full(image)


def install() -> None:
    """Add the architecture to spandrel's main registry; repeated calls do nothing."""
    architecture = MIMOUNetArchitecture()
    if architecture.id not in {support.architecture.id for support in MAIN_REGISTRY}:
        MAIN_REGISTRY.add(ArchSupport.from_architecture(architecture))
