"""The form that a model fills in to word an answer. All keys are needed: services demand that."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.types import Section


class DraftStep(BaseModel):
    """One step of a workflow, in the model's words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    card: str
    stage: Literal["input", "model", "output"]
    text: str
    facts: list[str]


class DraftStatement(BaseModel):
    """One sentence, in the model's words, with what it rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    section: Section
    text: str
    facts: list[str]
    evidence: list[str]


class Draft(BaseModel):
    """What a model fills in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    workflow: list[DraftStep]
    statements: list[DraftStatement]
