"""Import of torchvision where its compiled operators do not match the installed PyTorch.

timm, transformers and spandrel import torchvision for its Python code. On Linux the package index
serves only its CUDA build, whose import fails with a CPU build of PyTorch, because its Python code
describes operators that its library did not register. Declaring the two operators that it looks up
is enough; they have no implementation and raise when called.
"""

from __future__ import annotations

from typing import Any

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[Any] = []  # a library that is freed unregisters its operators


def import_torchvision() -> None:
    """Import torchvision, first declaring its operators if its own library cannot be loaded.

    Raises:
        ImportError: if torchvision is not installed.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error) or _declared:
            raise
        import torch

        library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            library.define(name + _SCHEMA)
        _declared.append(library)
        import torchvision  # noqa: F401
