"""What a node of a workflow can be: a closed table, so that a document names no code.

Every tool of the catalogue but `restore` is a kind of its own under its key; `restore` is taken
apart into `enlarge`, `restore` and `measure`, so that each can be moved or left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.settings import Precision
from agent.systems.catalogue import TOOLS

PortType = Literal["picture", "figure", "evidence"]
"""A picture that can be worked on, one that is only to be looked at, or measurements."""


@dataclass(frozen=True)
class Port:
    """Where an edge may end or begin."""

    name: str
    type: PortType
    required: bool = True
    """Whether an edge has to end here."""
    many: bool = False
    """Whether several edges may end here."""


class Parameters(BaseModel):
    """Base of what can be set on a node; nothing by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnlargeParameters(Parameters):
    factor: Annotated[int, Field(ge=1, le=8)] = 2
    """Both sides grow by this, by bicubic interpolation."""


class RestoreParameters(Parameters):
    weights: str | None = None
    """Checkpoint of MIMO-UNet or MIMO-UNet+, from the folder of the document; null for the
    checkpoint that the settings name."""
    precision: Precision | None = None
    """Type of the network's arithmetic; null for that of the settings."""
    ensemble: bool | None = None
    """Whether four rotations are averaged; null for what the settings say."""


@dataclass(frozen=True)
class Kind:
    """A row of the table."""

    stage: Literal["input", "model", "output"]
    says: str
    takes: tuple[Port, ...] = ()
    gives: tuple[Port, ...] = ()
    parameters: type[Parameters] = Parameters


_PICTURE = Port("picture", "picture")
_BEFORE = Port("before", "picture", required=False)
_AFTER = Port("after", "picture", required=False)
_EVIDENCE = Port("evidence", "evidence")
_FIGURES = Port("figures", "figure")

_OWN: Mapping[str, Kind] = {
    "input": Kind("input", "a picture that is given with --image", gives=(_PICTURE,)),
    "enlarge": Kind(
        "input", "enlarge a picture by bicubic interpolation",
        takes=(_PICTURE,), gives=(_PICTURE,), parameters=EnlargeParameters,
    ),
    "restore": Kind(
        "model", "restore a picture with MIMO-UNet+, which keeps its size",
        takes=(_PICTURE,), gives=(_PICTURE,), parameters=RestoreParameters,
    ),
    "measure": Kind(
        "model", "measure edges and change between two pictures of one size, and show them",
        takes=(
            Port("before", "picture"), Port("after", "picture"),
            Port("original", "picture", required=False),
        ),
        gives=(_EVIDENCE, _FIGURES),
    ),
    "output": Kind(
        "output", "save what arrives",
        takes=(
            Port("pictures", "picture", required=False, many=True),
            Port("figures", "figure", required=False, many=True),
            Port("evidence", "evidence", required=False, many=True),
        ),
    ),
}  # fmt: skip


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name; own ones, then the tools."""
    tools = {
        key: Kind(
            "model",
            f"run the tool {key} on a picture, or on it before and after restoration",
            takes=(_PICTURE, _BEFORE, _AFTER),
            gives=(_EVIDENCE, _FIGURES),
        )
        for key in TOOLS
        if key not in _OWN
    }
    return {**_OWN, **tools}
