"""Groundglass explains why an image model did what it did, from vetted sources.

>>> from agent import Agent, Question
>>> report = Agent().ask(Question(text="Which loss does MIMO-UNet+ use?"))
>>> from agent import restore
>>> restore("map.png", scale=3).save("map-3x.png")

Names are loaded on first use, so that importing the package costs nothing. The import switches off
the telemetry of the libraries that the package uses, before any of them is loaded: in the command,
in the workers of a batch, in Ray's actors and in programs that use the package.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.pipeline import Agent
    from agent.report.report import Report
    from agent.settings import Settings
    from agent.systems.restoration.api import restore
    from agent.types import Question

__all__ = ["Agent", "Question", "Report", "Settings", "restore"]

_HOMES = {
    "Agent": "agent.pipeline",
    "Question": "agent.types",
    "Report": "agent.report.report",
    "Settings": "agent.settings",
    "restore": "agent.systems.restoration.api",
}

#: Environment variables that each library reads once, when it is loaded. They override the user's:
#: this program promises that an offline answer stays offline. LangSmith needs none, because it
#: traces nothing unless the user's own variables ask for it.
TELEMETRY_SWITCHES = {
    "DO_NOT_TRACK": "1",  # the convention, for libraries not listed here
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, which timm and transformers import
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime from 1.29, on Linux and macOS
    "RAY_USAGE_STATS_ENABLED": "0",
}
os.environ.update(TELEMETRY_SWITCHES)  # for this process and its children


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
