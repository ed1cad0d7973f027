"""The `Agent`: a registry with its index, a language model and a result cache, to ask questions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import registry as registries
from agent.answer.compose import complementary_cards
from agent.answer.inquiry import main_cards
from agent.errors import InputError
from agent.llm import LanguageModel
from agent.llm.prompts import Prompts
from agent.pipeline.answering import Callbacks, Tools, ask
from agent.pipeline.record import hashed
from agent.pipeline.sources import Sources
from agent.question.parse import parse
from agent.report.notebook_progress import shown
from agent.report.report import Report
from agent.search import Index
from agent.search.beside import Beside
from agent.search.match import match
from agent.settings import Settings
from agent.systems.result_cache import ResultCache
from agent.systems.run import Runner, run
from agent.types import (
    Match,
    Question,
)

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from agent.llm.author import OnStatement
    from agent.llm.checking import CheckedText

_BESIDE = 3
"""Maximum number of systems in a brief besides the recommended ones."""


class Agent:
    """A registry with its index that answers questions.

    >>> from agent import Agent, Question
    >>> report = Agent().ask(Question(text="Which loss does MIMO-UNet+ use?"))
    >>> report.answer.references[0].card
    'mimo-unet-plus'
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Load the registry and open its index, building it on first use.

        Raises:
            RegistryError: listing all problems of the registry.
            ConfigError: if the settings name a language model that cannot be set up.
        """
        self.settings = settings or Settings()
        self.registry = registries.load(self.settings.registry, self.settings.cache)
        self.index = Index.open(self.registry, self.settings.cache)
        self.llm = LanguageModel.open(self.settings)
        self.result_cache = ResultCache()
        self._beside = Beside(self.settings.cache) if self.settings.consulted else None

    def sources(self, question: Question) -> Sources:
        """Return what the answer to a question may cite: the registry in use; with the default one,
        for a question about a system of `upscalers`, that registry or both.
        """
        if self._beside is None:
            return Sources(self.registry, self.index)
        registry, index = self._beside.holding(question, self.registry, self.index)
        makers = self._beside.makers(question) if registry is not self.registry else {}
        return Sources(registry, index, makers=makers)

    def ask(
        self,
        question: Question,
        progress: Callable[[str], None] | None = None,
        runner: Runner = run,
        on_statement: OnStatement = lambda _: None,
    ) -> Report:
        """Answer `question`; see `agent.pipeline.ask`.

        Args:
            progress: called with lines of text; None shows a progress bar in a notebook, and
                nothing elsewhere.
        """
        tools = Tools(self.settings, self.result_cache, runner)
        with shown(progress) as tell:
            callbacks = Callbacks(tell, on_statement)
            return ask(question, self.sources(question), tools, self.llm, callbacks)

    def tools(self, images: Iterable[str | PathLike[str]] = ()) -> list[StructuredTool]:
        """Return tools for any LangChain agent; see `agent.llm.langchain.tools`."""
        from agent.llm.langchain import tools

        return tools(self, images)

    def with_settings(self, **changes: Any) -> Agent:
        """Return a copy with changed settings that shares the registry and the result cache.

        Raises:
            ConfigError: if the language model that they name cannot be set up.
        """
        other = copy.copy(self)
        other.settings = replace(self.settings, **changes)
        if "model" in changes:
            other.llm = LanguageModel.open(other.settings)
        return other

    def brief(self, question: Question) -> str:
        """Return a brief from which any assistant can answer the question.

        Raises:
            InputError: if no card fits the question.
        """
        parsed, sources = parse(question.text), self.sources(question)
        matches, abstention = match(question, parsed, sources.registry, sources.index)
        if abstention or not matches:
            why = abstention.explanation if abstention else "No card fits."
            raise InputError(f"no brief can be written. {why}")
        from agent.registry.brief import write_brief

        mains = main_cards(parsed, matches, sources.registry)
        others = complementary_cards(mains, matches, sources.registry)[:_BESIDE]
        return write_brief(question.text, mains, others, Prompts().render("brief").system)

    def check(self, text: str, question: str = "", report: Report | None = None) -> CheckedText:
        """Check a text by another assistant against the registry; see `agent.llm.checking`.

        Args:
            text: Markdown or plain text.
            question: question that the text answers, whose numbers and names it may repeat.
            report: report on runs that the text may describe.

        Raises:
            InputError: if the text is too long.
        """
        from agent.llm.checking import check_text  # not needed for answers

        return check_text(text, self.registry, self.index, question, report)

    def ask_brief(
        self,
        brief: Path,
        images: Sequence[Path] = (),
        upscale: int | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Report:
        """Answer the question of a brief from only the models and papers that it lists.

        Args:
            progress: as in `ask`.

        Raises:
            InputError: if the brief cannot be read; the message names the line.
        """
        from agent.registry.brief import read_brief_file, registry_for

        document = read_brief_file(brief)
        registry = registry_for(document, self.registry)
        index = Index.open(registry, self.settings.cache)
        question = Question(text=document.question, images=tuple(images), upscale=upscale)
        recommended = list(registry)[: len(document.recommended)]
        preset = [
            Match(card=card, score=1.0, margin=0.0, reasons=("recommended in the brief",))
            for card in recommended
        ]
        sources = Sources(registry, index, preset, hashed(brief))
        with shown(progress) as tell:
            return ask(question, sources, Tools(self.settings), self.llm, Callbacks(tell))
