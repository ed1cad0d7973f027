"""The one place that imports onnxruntime, which reports its use unless it is told not to."""

from __future__ import annotations

from typing import Any


def import_onnxruntime() -> Any:
    """Import onnxruntime and stop its events; call it before any library that imports it.

    The call stops the events on Windows, which reads no variable, and where a program imported
    onnxruntime before `agent`.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
