"""Makes torchvision importable where its compiled operators do not fit the PyTorch at hand.

timm, transformers and spandrel import torchvision for its Python code. On Linux the package index
serves only its CUDA build, and beside a CPU build of PyTorch that build fails at import, because
its Python code describes operators that its library did not register. Declaring the two operators
that it asks about is enough; they stay without code and raise where they are called.
"""

from __future__ import annotations

from typing import Any

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[Any] = []  # a library that is let go takes its operators with it


def import_torchvision() -> None:
    """Import torchvision, declaring its operators first where its own library cannot be loaded.

    Raises:
        ImportError: where torchvision is not installed.
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
