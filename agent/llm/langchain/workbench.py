"""The operations that an agent can use, with typed arguments; results contain only known ids.

Independent of LangChain. Operations may be called from several threads; one runs at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from agent.answer.evidence import statements
from agent.errors import GroundglassError, InputError
from agent.report.markdown import to_markdown
from agent.search import Index
from agent.systems.catalogue import RESTORERS, TOOLS, in_place_of
from agent.systems.run import Bench, Request, Runs
from agent.systems.selection import owners, tools_of
from agent.systems.spec import ToolSpec
from agent.types import MAX_QUESTION_CHARACTERS, Match, Report, RunResult, question_from

if TYPE_CHECKING:
    from agent.llm.langchain.answering import Answering
    from agent.registry import Registry

_MOST_FOUND = 20


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchArguments(_Arguments):
    query: Annotated[str, Field(max_length=MAX_QUESTION_CHARACTERS, description="any text")]
    top: Annotated[int, Field(ge=1, le=_MOST_FOUND, description="how many cards")] = 5


class CardArguments(_Arguments):
    card: Annotated[str, Field(max_length=200, description="id of a card, as a search gives it")]


class AnswerArguments(_Arguments):
    question: Annotated[
        str, Field(max_length=MAX_QUESTION_CHARACTERS, description="the person's question")
    ]


class NoArguments(_Arguments):
    pass


@dataclass(frozen=True)
class Operation:
    """An operation that an agent can use."""

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[..., dict[str, Any]]
    """Returns JSON data; errors are returned as `{"error": …}`."""
    ends: bool = False
    """Whether it ends the work."""


@dataclass
class Workbench:
    """The registry, and the bench with the pictures of one conversation."""

    registry: Registry
    index: Index
    bench: Bench
    factor: int = 1
    """Default factor of enlargement."""
    matches: Sequence[Match] | None = None
    """Cards whose tools may run; None for the whole registry."""
    answered: Callable[[str], Report] | None = None
    """Answers a question from the results of the runs. If None, the answer is written elsewhere
    from a fixed set of cards, and the registry operations are not offered."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, agent: Answering, images: Sequence[Path]) -> Workbench:
        """Create a workbench with the whole registry that writes answers itself."""
        bench = Bench(images, agent.settings, cards=agent.registry)
        work = cls(agent.registry, agent.index, bench)

        def ran(request: Request, *_: Any) -> Runs:
            tools = tools_of(request.matches, request.cards)
            fitting = {in_place_of(tool, agent.settings).key for _, tool in tools}
            results = tuple(result for result in bench.results if result.tool in fitting)
            names = {item.name for result in results for item in result.artefacts}
            return results, {name: png for name, png in bench.files.items() if name in names}

        def answered(text: str) -> Report:
            question = question_from(text, images=tuple(images))
            return agent.ask(question, lambda _: None, ran, lambda _: None)

        work.answered = answered
        return work

    def operations(self) -> list[Operation]:
        """Return all operations; with pictures, those for which tools exist."""
        operations = self._registry_operations() if self.answered else []
        if self.bench.pictures:
            operations += self._picture_operations()
        return [*operations, self._writing()]

    # --- descriptions -------------------------------------------------------------------------

    def _registry_operations(self) -> list[Operation]:
        return [
            Operation(
                "search_registry",
                "Find cards of the registry: systems, what they do and why, with scores.",
                SearchArguments,
                self._with_errors(self._search),
            ),
            Operation(
                "look_at_card",
                "Read a card of the registry: its facts with their ids, its limits and its links.",
                CardArguments,
                self._with_errors(self._card),
            ),
        ]

    def _picture_operations(self) -> list[Operation]:
        names: Any = Literal[tuple(self.bench.pictures)]
        picture: Any = (names, Field(description="name of an attached picture"))
        factor: Any = (
            Annotated[int, Field(ge=1, le=8, description="enlarge both sides by this first")],
            self.factor,
        )
        look: Any = create_model("PictureArguments", __base__=_Arguments, picture=picture)
        run: Any = create_model(
            "ExperimentArguments", __base__=_Arguments, picture=picture, factor=factor
        )
        inspect = Operation(
            "inspect_picture",
            "Size, depth and transparency of an attached picture, without running anything.",
            look,
            self._with_errors(self._inspect),
        )
        return [
            inspect,
            *(
                Operation(key, self._purpose(spec), run, self._with_errors(self._experiment(key)))
                for key, spec in TOOLS.items()
                if spec.stands_in_for is None and key in self._owners
            ),
        ]

    def _purpose(self, spec: ToolSpec) -> str:
        """Say what a tool does, and what has to run before it."""
        restorers = " or ".join(key for key in RESTORERS if key in self._owners)
        if spec.restores or not restorers:
            return spec.purpose
        if spec.needs_restored:
            return f"{spec.purpose} Needs {restorers} to have run on the picture at this factor."
        return f"{spec.purpose} Run {restorers} first, so that it examines both versions."

    def _writing(self) -> Operation:
        if self.answered is None:
            return Operation(
                "write_answer",
                "End the experiments; the answer is written from their findings.",
                NoArguments,
                lambda: {"status": "the answer is written"},
                ends=True,
            )
        return Operation(
            "write_answer",
            "Write the checked answer to a question from the registry and the measurements. "
            "Give its text and references to the person unchanged.",
            AnswerArguments,
            self._with_errors(self._answer),
        )

    def _with_errors(self, run: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def run_with_errors(**arguments: Any) -> dict[str, Any]:
            try:
                with self._lock:
                    return run(**arguments)
            except GroundglassError as error:
                return {"error": str(error)}

        return run_with_errors

    # --- operations ---------------------------------------------------------------------------

    def _search(self, query: str, top: int = 5) -> dict[str, Any]:
        hits = self.index.search(query, top)
        cards = ((hit, self.registry[hit.card]) for hit in hits)
        return {
            "cards": [
                {"card": c.id, "name": c.name, "task": c.task, "score": round(hit.score, 3)}
                for hit, c in cards
            ]
        }

    def _card(self, card: str) -> dict[str, Any]:
        entry = self.registry[card]
        return {
            "card": entry.id,
            "name": entry.name,
            "task": entry.task,
            "facts": dict(entry.facts()),
            "limits": [f"{entry.id}/{limit.id}" for limit in entry.limits],
            "links": entry.links,
            "related": [other for other in entry.related if other in self.registry],
        }

    def _inspect(self, picture: str) -> dict[str, Any]:
        image = self.bench.pictures[picture]
        return {
            "picture": picture,
            "width": image.width,
            "height": image.height,
            "bits": 8 * image.pixels.dtype.itemsize,
            "transparent": image.alpha is not None,
            "notes": list(image.notes),
        }

    def _experiment(self, tool: str) -> Callable[..., dict[str, Any]]:
        def experiment(picture: str, factor: int | None = None) -> dict[str, Any]:
            card = self._owners.get(tool)
            if card is None:
                raise InputError(f"no card that matches the question can run {tool}")
            result = self.bench.run(card, tool, picture, factor or self.factor)
            return in_words(result)

        return experiment

    def _answer(self, question: str) -> dict[str, Any]:
        assert self.answered is not None
        report = self.answered(question)
        answer = report.answer
        return {
            "status": answer.status,
            "text": to_markdown(report.model_copy(update={"pictures": {}})),
            "statements": [
                {"text": s.text, "claims": s.claims, "evidence": s.evidence}
                for s in answer.statements
            ],
            "references": [reference.model_dump() for reference in answer.references],
            "checked": report.verification.passed,
        }

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The card for which each tool runs."""
        if self.matches is not None:
            pairs = tools_of(self.matches, self.registry)
        else:
            pairs = owners([card for card in self.registry.cards() if card.tool])
        return {tool: card for card, tool in pairs}


def in_words(result: RunResult) -> dict[str, Any]:
    """Describe a run for a model: its findings in sentences, with the ids of measurements."""
    if result.status != "ran":
        return {"card": result.card, "status": result.status, "reason": result.reason}
    return {
        "card": result.card,
        "status": result.status,
        "findings": [
            {"text": statement.text, "evidence": statement.evidence}
            for statement in statements([result])
        ],
    }
