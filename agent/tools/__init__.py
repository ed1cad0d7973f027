"""Tools: a picture in, evidence and pictures out. Named by string, loaded on first use.

A card of the registry names a tool by a key of `TOOLS`; what code a key stands for is settled
here, so that data cannot name code, and no library of a tool is imported before the tool runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from agent.errors import ConfigError
from agent.settings import Settings
from agent.types import RunResult

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

TOOLS = {"restore": "agent.tools.restore:restore"}

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
