"""What a language model may choose: the order of equal matches, and experiments of the full level.

It names keys that it was given. What every answer rests on runs whatever it chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.llm.author.faults import Fault
from agent.llm.prompts import Prompt, Prompts
from agent.registry import Registry
from agent.systems.catalogue import TOOLS, tools_at
from agent.types import Match, Question


class Order(BaseModel):
    """Ids of the candidates, the one that fits best first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cards: list[str]


class Plan(BaseModel):
    """Names of the tools to run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tools: list[str]


def ties(matches: Sequence[Match], close: float) -> list[Match]:
    """The matches at the top whose confidences are no order, since they differ by less."""
    return [m for m in matches if matches[0].score - m.score < close]


def order_prompt(
    prompts: Prompts, question: Question, candidates: Sequence[Match], registry: Registry
) -> Prompt:
    cards = [registry[match.card] for match in candidates]
    told = [{"id": c.id, "name": c.name, "task": c.task, "summary": c.summary} for c in cards]
    return prompts.render("order", question=question.text, candidates=told)


def order_faults(reply: Order, candidates: Sequence[Match]) -> list[Fault]:
    expected = sorted(match.card for match in candidates)
    if sorted(reply.cards) == expected:
        return []
    detail = f"cards: expected each of {', '.join(expected)} once and nothing else"
    return [Fault("unknown key or placeholder", detail)]


def ordered(matches: Sequence[Match], reply: Order) -> tuple[Match, ...]:
    """The matches with the equal ones in the order of the reply; scores stay with their cards."""
    by_card = {match.card: match for match in matches}
    first = [by_card[card] for card in reply.cards]
    return (*first, *(match for match in matches if match.card not in reply.cards))


def optional(tools: Iterable[str]) -> tuple[str, ...]:
    """Those of the tools that no answer rests on."""
    return tuple(tool for tool in tools if tool not in tools_at("core"))


def plan_prompt(prompts: Prompts, question: Question, tools: Sequence[str]) -> Prompt:
    told = [{"name": tool, "what": TOOLS[tool].purpose} for tool in tools]
    names = [path.name for path in question.images]
    return prompts.render("plan", question=question.text, pictures=names, tools=told)


def plan_faults(reply: Plan, tools: Sequence[str]) -> list[Fault]:
    if set(reply.tools) <= set(tools):
        return []
    return [Fault("unknown key or placeholder", f"tools: expected some of {', '.join(tools)}")]


def left_out(reply: Plan, tools: Sequence[str]) -> Mapping[str, str]:
    why = "the language model did not choose it for this question; --evidence full without a model"
    return {tool: f"{why} runs it" for tool in tools if tool not in reply.tools}
