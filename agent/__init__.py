"""Groundglass: asks why an image model did what it did, and answers from vetted sources.

>>> from agent import Agent, Question
>>> report = Agent().ask(Question(text="Which loss does MIMO-UNet+ use?"))
>>> from agent import restore
>>> restore("map.png", scale=3).save("map-3x.png")

Names are loaded on first use, so that importing the package costs nothing. It switches off the
telemetry of the libraries that the package uses; see `agent.telemetry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.telemetry import switch_off

if TYPE_CHECKING:
    from agent.pipeline import Agent
    from agent.settings import Settings
    from agent.systems.restoration.api import restore
    from agent.types import Question, Report

__all__ = ["Agent", "Question", "Report", "Settings", "restore"]

_HOMES = {
    "Agent": "agent.pipeline",
    "Question": "agent.types",
    "Report": "agent.types",
    "Settings": "agent.settings",
    "restore": "agent.systems.restoration.api",
}

switch_off()


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
