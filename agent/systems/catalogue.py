"""Every tool of this version, in the order in which they run; a new one is a line here.

A card of the registry names a tool by its key; what code a key stands for is settled by the spec,
so that data cannot name code.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.errors import ConfigError
from agent.settings import Level, Settings
from agent.systems.condition.spec import CONDITION
from agent.systems.criterion import Criterion
from agent.systems.features.spec import SHARPEN_FEATURES
from agent.systems.model_files.spec import MODEL_FILE
from agent.systems.restoration.spec import ABLATION, RESTORE
from agent.systems.rsa.spec import COMPARE_REPRESENTATIONS
from agent.systems.spec import Operation, ToolSpec
from agent.systems.text.spec import READ_TEXT
from agent.systems.upscaling.spec import UPSCALING

TOOLS: Mapping[str, ToolSpec] = {
    spec.key: spec
    for spec in (RESTORE, MODEL_FILE, *UPSCALING, READ_TEXT, ABLATION, SHARPEN_FEATURES,
                 COMPARE_REPRESENTATIONS, CONDITION)
}  # fmt: skip
"""By key; restorers come first, since the others compare the pictures that they make."""

OPERATIONS: Mapping[str, Operation] = {op.key: op for s in TOOLS.values() for op in s.operations}
"""What people ask for that a tool does, by key."""

VERDICT_TESTS: Mapping[str, tuple[Criterion, ...]] = {
    n: t for s in TOOLS.values() for n, t in s.tests.items()
}
"""What a claim may name as its `test`, by name."""

RESTORERS = tuple(key for key, spec in TOOLS.items() if spec.restores)
"""Keys of the tools that make versions of a picture for the others to compare."""

_LEVELS: Mapping[Level, tuple[Level, ...]] = {
    "none": (), "core": ("core",), "full": ("core", "full")
}  # fmt: skip


def tool(key: str) -> ToolSpec:
    """The spec of a tool.

    Raises:
        ConfigError: where there is no such key.
    """
    if key not in TOOLS:
        raise ConfigError(
            f"there is no tool {key!r}; expected one of {', '.join(map(repr, sorted(TOOLS)))}"
        )
    return TOOLS[key]


def in_place_of(key: str, settings: Settings) -> ToolSpec:
    """The spec of the tool that runs where a card names `key`: another where the settings ask so.

    Raises:
        ConfigError: where there is no such key.
    """
    others = (spec for spec in TOOLS.values() if spec.stands_in_for == key)
    return next((spec for spec in others if spec.is_meant_by(settings)), tool(key))


def tools_at(level: Level) -> tuple[str, ...]:
    """Keys of the tools that run at a level of evidence."""
    return tuple(key for key, spec in TOOLS.items() if spec.level in _LEVELS[level])


def tools_for(key: str | None) -> tuple[str, ...]:
    """The tool that a card names, and those that look into it."""
    return () if key is None else (key, *(k for k, spec in TOOLS.items() if spec.part_of == key))
