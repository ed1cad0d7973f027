"""Part 2 of an answer: the way from input to output, as detailed as the question needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.answer import wording
from agent.answer.shape import Shape
from agent.types import Card, Claim, ParsedQuestion, WorkflowStep


def workflow(
    card: Card, shape: Shape, parsed: ParsedQuestion, explanations: Sequence[Claim]
) -> list[WorkflowStep]:
    """Return the steps of a card.

    Args:
        explanations: claims of the card, each cited by the step that it explains.
    """
    if shape.workflow == "none":
        return []
    if shape.workflow == "line":
        return [_flow(card)]
    steps = [step for step in _steps(card) if not _only_enlarges(step, card, parsed)]
    if shape.workflow == "stages":
        return _stages(steps)
    return _explained(steps, card, explanations)


def _flow(card: Card) -> WorkflowStep:
    """Return the way from input to output on one line."""
    text, fact = (card.flow, "flow") if card.flow else (wording.plain_flow(card), "task")
    return WorkflowStep(stage="model", card=card.id, text=text, claims=(f"{card.id}/{fact}",))


def _steps(card: Card) -> list[WorkflowStep]:
    steps = card.workflow or wording.plain_workflow(card)
    own = [f"workflow-{i}" for i in range(1, len(steps) + 1)]
    if not card.workflow:
        own = list(wording.plain_workflow_facts(card))
    return [
        WorkflowStep(
            stage=step.stage,
            card=card.id,
            text=step.text,
            claims=(f"{card.id}/{fact}", *(f"{card.id}/{claim}" for claim in step.claims)),
        )
        for step, fact in zip(steps, own, strict=True)
    ]


def _only_enlarges(step: WorkflowStep, card: Card, parsed: ParsedQuestion) -> bool:
    """Check whether a step is only about enlarging although nothing was enlarged."""
    if parsed.operation == "enlarge" or parsed.factor:
        return False
    tags = {f"{card.id}/{claim.id}": claim.tags for claim in (*card.claims, *card.limits)}
    step_tags = [tags[id] for id in step.claims[1:] if id in tags]
    return bool(step_tags) and all("enlargement" in each for each in step_tags)


def _stages(steps: Sequence[WorkflowStep]) -> list[WorkflowStep]:
    """Return one step per stage: the first input, the first model, the last output step."""
    inputs = [step for step in steps if step.stage == "input"][:1]
    models = [step for step in steps if step.stage == "model"][:1]
    outputs = [step for step in steps if step.stage == "output"][-1:]
    return [
        step.model_copy(update={"claims": step.claims[:1]}) for step in (*inputs, *models, *outputs)
    ]


def _explained(
    steps: Sequence[WorkflowStep], card: Card, explanations: Sequence[Claim]
) -> list[WorkflowStep]:
    """Return the steps, each citing its own explanations only."""
    mechanisms = {f"{card.id}/{claim.id}": claim.mechanism for claim in card.claims}
    places: dict[int, list[str]] = {i: [] for i in range(len(steps))}
    for claim in explanations:
        places[_place(claim, steps, card, mechanisms)].append(f"{card.id}/{claim.id}")
    return [
        step.model_copy(update={"claims": (step.claims[0], *places[i])})
        for i, step in enumerate(steps)
    ]


def _place(
    claim: Claim, steps: Sequence[WorkflowStep], card: Card, mechanisms: Mapping[str, str | None]
) -> int:
    """Return the index of the step a claim explains: by id, by mechanism, else the first model."""
    claim_ids = [step.claims[1:] for step in steps]
    for i, ids in enumerate(claim_ids):
        if f"{card.id}/{claim.id}" in ids:
            return i
    for i, ids in enumerate(claim_ids):
        if claim.mechanism and claim.mechanism in {mechanisms.get(id) for id in ids}:
            return i
    return next((i for i, step in enumerate(steps) if step.stage == "model"), 0)
