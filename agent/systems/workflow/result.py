"""What running a workflow came to."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from pydantic import Field, JsonValue

from agent.types import Artefact, Evidence, InputFile, Noun, RunResult, Workflow


class NodeRun(Noun):
    """What a node of a workflow did."""

    node: str
    result: RunResult


class WorkflowResult(Noun):
    """What running a workflow came to."""

    workflow: Workflow
    inputs: tuple[InputFile, ...]
    runs: tuple[NodeRun, ...]
    """In the order in which they ran."""
    evidence: tuple[Evidence, ...]
    """What arrived at the outputs, as are the artefacts."""
    artefacts: tuple[Artefact, ...]
    settings: dict[str, JsonValue]
    version: str
    seconds: float
    pictures: dict[str, bytes] = Field(default={}, exclude=True, repr=False)
    """Artefact name to PNG bytes; saved beside the JSON."""

    @property
    def ran(self) -> bool:
        """Whether every node ran."""
        return all(run.result.status == "ran" for run in self.runs)
