"""The interface of `agent.Agent` that the tools of an agent need to answer a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.llm import LanguageModel
    from agent.llm.author import OnStatement
    from agent.registry import Registry
    from agent.search import Index
    from agent.settings import Settings
    from agent.systems.run import Runner
    from agent.types import Question, Report


class Citable(Protocol):
    """Sources that the answer to a question may cite."""

    @property
    def registry(self) -> Registry: ...

    @property
    def index(self) -> Index: ...


class Answering(Protocol):
    """Something that answers questions, such as `agent.Agent`."""

    settings: Settings
    registry: Registry
    index: Index
    llm: LanguageModel | None

    def sources(self, question: Question, /) -> Citable: ...

    def ask(
        self,
        question: Question,
        progress: Callable[[str], None],
        runner: Runner,
        on_statement: OnStatement,
        /,
    ) -> Report: ...
