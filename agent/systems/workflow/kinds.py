"""What a node of a workflow can be: a closed table, so that a document names no code.

Every tool of the catalogue is a kind of its own under its key. A restorer only restores here:
`enlarge` and `measure` are nodes of their own, so that each can be moved or left out. Networks that
may enlarge themselves take the factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.settings import Precision
from agent.systems.catalogue import TOOLS
from agent.systems.spec import Port, ToolSpec


class Parameters(BaseModel):
    """Base of what can be set on a node; nothing by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnlargeParameters(Parameters):
    factor: Annotated[int, Field(ge=1, le=8)] = 2
    """Both sides grow by this, by bicubic interpolation."""


class RestoreParameters(Parameters):
    weights: str | None = None
    """Checkpoint of the network, from the folder of the document; null for the checkpoint that
    the settings name."""
    precision: Precision | None = None
    """Type of the network's arithmetic; null for that of the settings."""
    ensemble: bool | None = None
    """Whether four rotations are averaged; null for what the settings say."""


class EnlargeAndRestoreParameters(RestoreParameters):
    factor: Annotated[int, Field(ge=1, le=8)] = 1
    """Both sides grow by this; the network is given the picture as it was."""


@dataclass(frozen=True)
class Kind:
    """A row of the table."""

    stage: Literal["input", "model", "output"]
    says: str
    takes: tuple[Port, ...] = ()
    gives: tuple[Port, ...] = ()
    parameters: type[Parameters] = Parameters


_PICTURE = Port("picture", "picture")
_EVIDENCE = Port("evidence", "evidence")
_FIGURES = Port("figures", "figure")

_OWN: Mapping[str, Kind] = {
    "input": Kind("input", "a picture that is given with --image", gives=(_PICTURE,)),
    "enlarge": Kind(
        "input", "enlarge a picture by bicubic interpolation",
        takes=(_PICTURE,), gives=(_PICTURE,), parameters=EnlargeParameters,
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
    return {**_OWN, **{key: _kind_of(spec) for key, spec in TOOLS.items()}}


def _kind_of(spec: ToolSpec) -> Kind:
    if spec.enlarges:
        says = f"enlarge a picture and restore it with {spec.network}"
        return Kind("model", says, (_PICTURE,), (_PICTURE,), EnlargeAndRestoreParameters)
    if spec.restores:
        says = f"restore a picture with {spec.network}, which keeps its size"
        return Kind("model", says, (_PICTURE,), (_PICTURE,), RestoreParameters)
    says = f"run the tool {spec.key} on a picture, or on it before and after restoration"
    return Kind("model", says, spec.takes, spec.gives)
