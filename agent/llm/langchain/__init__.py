"""LangChain: this program's tools for any agent, and an agent of its own.

    from agent import Agent
    agent = langchain.agents.create_agent(model, Agent().tools(images=["shot.png"]))

workbench     what an agent can do, without LangChain; `structured` makes tools of it
experimenter  the agent that chooses experiments; `transcript` records its calls
answering     the interface of `agent.Agent` that the tools need

The tools return ids of cards, facts and measurements. This program writes and checks the answer,
whoever chose the experiments. LangChain is loaded on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from agent.llm.author import OnStatement
    from agent.llm.langchain.answering import Answering
    from agent.types import Question, Report


def tools(agent: Answering, images: Iterable[str | PathLike[str]] = ()) -> list[StructuredTool]:
    """Return tools that search the registry, read a card and write the answer.

    With pictures, further tools inspect, restore, read and compare them.

    Each tool returns JSON. No tool opens a file other than `images`, writes a file, or uses the
    network, unless `agent` has a language model that words the answer.

    Args:
        agent: provides registry, settings and result cache.
        images: the pictures of the conversation.

    Raises:
        InputError: if a picture cannot be read.
    """
    from agent.llm.langchain.structured import langchain_tools
    from agent.llm.langchain.workbench import Workbench

    return langchain_tools(Workbench.of(agent, tuple(map(Path, images))).operations())


def can_act(agent: Answering) -> bool:
    """Check whether the settings name a language model that can use tools."""
    if agent.llm is None:
        return False
    from agent.llm.remote import Remote

    return isinstance(agent.llm.client, Remote)


def ask(
    agent: Answering,
    question: Question,
    progress: Callable[[str], None] = lambda _: None,
    on_statement: OnStatement = lambda _: None,
) -> Report:
    """Answer a question as an agent: the language model of `agent` chooses the experiments.

    The tools that every answer needs run whatever it chooses, and the answer comes from the same
    composer and check. If the model fails, the answer is as without an agent, as the report says.

    Args:
        on_statement: see `agent.pipeline.Callbacks`.

    Raises:
        ConfigError: if the settings name no model that can use tools.
        InputError: if an attached picture cannot be read.
    """
    from agent.llm.langchain.experimenter import Experimenter

    experimenter = Experimenter(agent)
    report = agent.ask(question, progress, experimenter, on_statement)
    return report.model_copy(update={"transcript": experimenter.transcript})
