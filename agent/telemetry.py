"""Keep dependencies from reporting their use to their makers.

Importing `agent` calls `switch_off` before it imports anything else, so that the command, the
workers of a batch, Ray's actors and programs that use the package are all covered.
"""

from __future__ import annotations

import os
from typing import Any

#: What each library reads once, when it is loaded. Values of the user's are replaced: that an
#: offline answer stays offline is this program's promise. LangSmith is left alone, because it
#: traces nothing before the user's own variables ask for it.
SWITCHES = {
    "DO_NOT_TRACK": "1",  # the convention, for libraries that have no line here
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, which timm and transformers import
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime from 1.29, on Linux and macOS
    "RAY_USAGE_STATS_ENABLED": "0",
}


def switch_off() -> None:
    """Set the variables, for this process and those that it starts."""
    os.environ.update(SWITCHES)


def import_onnxruntime() -> Any:
    """Import onnxruntime and stop its events; call it before any library that imports it.

    The call stops the events on Windows, which reads no variable, and where a program imported
    onnxruntime before `agent`.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
