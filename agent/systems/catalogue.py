"""All tools, in the order in which they run; a new one takes one line here.

A card of the registry names a tool by its key; which code a key stands for is defined by its spec,
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
"""Specs by key; restorers come first, since the others compare the pictures that they make."""

OPERATIONS: Mapping[str, Operation] = {op.key: op for s in TOOLS.values() for op in s.operations}
"""Operations that people ask for, by key."""

VERDICT_TESTS: Mapping[str, tuple[Criterion, ...]] = {
    n: t for s in TOOLS.values() for n, t in s.tests.items()
}
"""Tests that a claim may name, by name."""

RESTORERS = tuple(key for key, spec in TOOLS.items() if spec.restores)
"""Keys of the tools that make the versions of a picture that others compare."""

_LEVELS: Mapping[Level, tuple[Level, ...]] = {
    "none": (), "core": ("core",), "full": ("core", "full")
}  # fmt: skip


def spec_of(key: str) -> ToolSpec:
    """Return the spec of a tool.

    Raises:
        ConfigError: where there is no such key.
    """
    if key not in TOOLS:
        raise ConfigError(
            f"there is no tool {key!r}; expected one of {', '.join(map(repr, sorted(TOOLS)))}"
        )
    return TOOLS[key]


def in_place_of(key: str, settings: Settings) -> ToolSpec:
    """Return the spec of the tool that runs if a card names `key`; settings may put another first.

    Raises:
        ConfigError: where there is no such key.
    """
    others = (spec for spec in TOOLS.values() if spec.stands_in_for == key)
    return next((spec for spec in others if spec.is_meant_by(settings)), spec_of(key))


def tools_at(level: Level) -> tuple[str, ...]:
    """Return the keys of the tools that run at a level of evidence."""
    return tuple(key for key, spec in TOOLS.items() if spec.level in _LEVELS[level])


def tools_for(key: str | None) -> tuple[str, ...]:
    """Return the keys of the tool that a card names and of those that examine it."""
    return () if key is None else (key, *(k for k, spec in TOOLS.items() if spec.part_of == key))
