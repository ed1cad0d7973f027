"""Tools: a picture in, evidence and pictures out. Named by string, loaded on first use.

A card of the registry names a tool by a key of `TOOLS`; what code a key stands for is settled
here, so that data cannot name code, and no library of a tool is imported before the tool runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from agent.errors import ConfigError
from agent.settings import Level, Settings
from agent.types import RunResult

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

TOOLS = {
    "read_text": "agent.systems.text.tool:read_text",
    "compare_representations": "agent.systems.rsa.tool:compare",
    "restore": "agent.systems.restoration.tool:restore",
    "sharpen_features": "agent.systems.features.tool:sharpen_features",
    "silence": "agent.systems.restoration.ablation:silence",
}

#: Tools by level of evidence, in the order in which they run: what `restore` makes of a picture is
#: what the others compare. A level may name a tool that this version does not have.
LEVELS: Mapping[Level, tuple[str, ...]] = {
    "none": (),
    "core": ("restore", "read_text"),
    "full": ("restore", "read_text", "silence", "sharpen_features", "compare_representations"),
}
#: Tools that look into what another one runs, so no card has to name them.
INSIDE: Mapping[str, tuple[str, ...]] = {"restore": ("silence",)}

#: Takes a line of text that says how far a tool is.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One picture for one tool."""

    card: str
    """Id of the card whose tool it is."""
    picture: Picture
    stem: str
    """What names of artefacts and ids of evidence begin with; unique within a question."""
    factor: int = 1
    """Enlarge both sides by this before the tool looks at the picture, in [1, 8]."""
    versions: Mapping[str, Picture] = field(default_factory=dict)
    """What the tool `restore` made of this picture: `enlarged`, or `input` for a factor of 1, and
    `restored`, all of one size. Empty where it did not run."""


class Tool(Protocol):
    """Looks at one picture.

    Returns what it did, and PNG bytes by artefact name. A picture that it cannot take gives a
    `skipped` result with the reason. Raises whatever goes wrong; the caller makes that a `failed`
    result.
    """

    def __call__(
        self, job: Job, settings: Settings, progress: Progress
    ) -> tuple[RunResult, dict[str, bytes]]: ...


def load(key: str) -> Tool:
    """The tool that `key` stands for; ConfigError where there is no such key."""
    if key not in TOOLS:
        raise ConfigError(
            f"there is no tool {key!r}; expected one of {', '.join(map(repr, sorted(TOOLS)))}"
        )
    module, name = TOOLS[key].split(":")
    return cast(Tool, getattr(import_module(module), name))
