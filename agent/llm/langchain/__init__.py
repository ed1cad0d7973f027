"""Agents: this program's tools for any agent made with LangChain, and an agent of its own.

    from agent.llm.langchain import tools
    agent = langchain.agents.create_agent(model, tools(images=["shot.png"]))

The tools give ids of cards, facts and measurements; the answer is written and checked by this
program, whoever chose the experiments. LangChain is loaded on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from agent.pipeline import Agent
    from agent.types import Question, Report, Statement


def tools(
    images: Iterable[str | PathLike[str]] = (), agent: Agent | None = None
) -> list[StructuredTool]:
    """Tools to search the registry, look at a card and write the answer, and with pictures also to
    inspect, restore, read and compare them.

    Each returns JSON. No tool opens a file that is not among `images`, writes one, or calls the
    network, unless `agent` was set up with a language model that words the answer.

    Args:
        images: the pictures of the conversation.
        agent: whose registry, settings and memory are used; one with default settings otherwise.

    Raises:
        InputError: when a picture cannot be read.
    """
    from agent.llm.langchain.structured import structured
    from agent.llm.langchain.workbench import Workbench
    from agent.pipeline import Agent

    agent = agent or Agent()
    return structured(Workbench.of(agent, tuple(map(Path, images))).operations())


def can_act(agent: Agent) -> bool:
    """Whether the settings name a language model that can be given tools."""
    if agent.speaker is None:
        return False
    from agent.llm.remote import Remote

    return isinstance(agent.speaker.chat, Remote)


def ask(
    agent: Agent,
    question: Question,
    progress: Callable[[str], None] = lambda _: None,
    said: Callable[[Statement | None], None] = lambda _: None,
) -> Report:
    """Answer a question as an agent: the language model of `agent` chooses the experiments.

    What every answer rests on runs whatever it chooses, and the answer comes from the same composer
    and check; where the model fails, all of it is as without an agent, and the report says so.

    Args:
        said: see `agent.pipeline.ask`.

    Raises:
        ConfigError: where the settings name no model that can be given tools.
        InputError: when an attached picture cannot be read.
    """
    from agent.llm.langchain.experimenter import Experimenter

    experimenter = Experimenter(agent)
    report = agent.ask(question, progress, experimenter, said)
    return report.model_copy(update={"transcript": experimenter.transcript})
