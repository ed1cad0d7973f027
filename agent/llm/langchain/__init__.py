"""Agents: this program's tools for any agent made with LangChain, and an agent of its own.

    from agent import Agent
    agent = langchain.agents.create_agent(model, Agent().tools(images=["shot.png"]))

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

    from agent.llm.author import OnStatement
    from agent.llm.langchain.answering import Answering
    from agent.types import Question, Report


def tools(agent: Answering, images: Iterable[str | PathLike[str]] = ()) -> list[StructuredTool]:
    """Tools to search the registry, look at a card and write the answer, and with pictures also to
    inspect, restore, read and compare them.

    Each returns JSON. No tool opens a file that is not among `images`, writes one, or calls the
    network, unless `agent` was set up with a language model that words the answer.

    Args:
        agent: whose registry, settings and result cache are used.
        images: the pictures of the conversation.

    Raises:
        InputError: when a picture cannot be read.
    """
    from agent.llm.langchain.structured import structured
    from agent.llm.langchain.workbench import Workbench

    return structured(Workbench.of(agent, tuple(map(Path, images))).operations())


def can_act(agent: Answering) -> bool:
    """Whether the settings name a language model that can be given tools."""
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

    What every answer rests on runs whatever it chooses, and the answer comes from the same composer
    and check; where the model fails, all of it is as without an agent, and the report says so.

    Args:
        on_statement: see `agent.pipeline.Callbacks`.

    Raises:
        ConfigError: where the settings name no model that can be given tools.
        InputError: when an attached picture cannot be read.
    """
    from agent.llm.langchain.experimenter import Experimenter

    experimenter = Experimenter(agent)
    report = agent.ask(question, progress, experimenter, on_statement)
    return report.model_copy(update={"transcript": experimenter.transcript})
