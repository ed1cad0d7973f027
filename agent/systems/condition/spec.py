"""The tool `condition`."""

from __future__ import annotations

from agent.systems.condition import wording
from agent.systems.spec import ToolSpec

CONDITION = ToolSpec(
    key="condition",
    entry="agent.systems.condition.tool:look",
    title="Measuring the condition of the picture",
    purpose="Measure softness, JPEG blocks, noise and text in a picture, and whether it is drawn.",
    level="core",
    wording=wording.sentences,
    packages=("numpy", "pillow"),
    for_choice=True,
)
