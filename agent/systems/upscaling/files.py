"""Location of an upscaler's weights in its package, which is not imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from agent.systems.spec import NotApplicable
from agent.systems.upscaling.upscaler import Upscaler


def folder_of(upscaler: Upscaler) -> Path:
    """Return the folder that the paths of its networks are relative to.

    Raises:
        NotApplicable: if its package or ncnn is not installed.
    """
    modules = {name: find_spec(name.replace("-", "_")) for name in ("ncnn", upscaler.package)}
    missing = [name for name, module in modules.items() if module is None]
    if missing:
        raise NotApplicable(
            f"{upscaler.name} needs {' and '.join(missing)}; run "
            "pip install 'groundglass[upscalers]'"
        )
    module = modules[upscaler.package]
    assert module is not None and module.origin is not None
    return Path(module.origin).with_name("models")
