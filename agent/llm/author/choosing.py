"""What a language model may choose: the experiments that no answer rests on.

It names tools that it was given. What every answer rests on runs whatever it chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.llm.author.faults import Fault
from agent.llm.prompts import Prompt, Prompts
from agent.systems.catalogue import TOOLS, tools_at
from agent.types import Question


class Plan(BaseModel):
    """Names of the tools to run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tools: list[str]


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
