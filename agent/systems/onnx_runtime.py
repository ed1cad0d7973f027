"""The only place that imports onnxruntime, which sends usage telemetry unless it is disabled."""

from __future__ import annotations

from typing import Any


def import_onnxruntime() -> Any:
    """Import onnxruntime and disable its telemetry; call before importing any library that uses it.

    The explicit call is needed on Windows, where no variable is read, and if a program imported
    onnxruntime before `agent`.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
