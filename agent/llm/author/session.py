"""A language model at one question: asks it step by step, and notes where it did not serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from agent.errors import ServiceError
from agent.llm import AskedTwice, LanguageModel, Refused, Unusable, Watch
from agent.llm.author import checks, choosing, writing
from agent.llm.author.draft import Draft
from agent.llm.author.faults import Fault, Kind
from agent.llm.author.material import material, prompt
from agent.llm.prompts import Prompt
from agent.registry import Registry
from agent.types import (
    Answer,
    Card,
    ModelUse,
    ParsedQuestion,
    Question,
    RunResult,
    Statement,
    Verification,
)

T = TypeVar("T", bound=BaseModel)
OnStatement = Callable[[Statement | None], None]
"""Takes a statement; None withdraws those before it, since the model begins again."""


_DOING = {
    "plan": "choosing experiments",
    "write": "writing",
}


@dataclass
class AuthorSession:
    """What the model does for one question. Without a model everything comes back as it went in."""

    llm: LanguageModel | None
    question: Question
    on_statement: OnStatement = lambda _: None
    """Is given every statement of the answer as it is written, once it has been checked."""
    progress: Callable[[str], None] = lambda _: None
    notes: list[str] = field(default_factory=list)
    rejected: Counter[Kind] = field(default_factory=Counter)
    wrote: bool = False
    pictures_sent: int = 0
    serving: bool = True
    """Whether the service of the model has answered so far."""

    def __post_init__(self) -> None:
        self._before = self._spent()

    def plan(self, tools: Iterable[str]) -> Mapping[str, str]:
        """Tools that the model leaves out, of those that may be, each with its reason in words."""
        optional = choosing.optional(tools)
        if self.llm is None or not self.question.images or not optional:
            return {}
        prompt = choosing.plan_prompt(self.llm.prompts, self.question, optional)
        reply = self._asked(
            "every tool of the level ran",
            prompt,
            choosing.Plan,
            lambda reply: choosing.plan_faults(reply, optional),
        )
        return choosing.left_out(reply, optional) if reply else {}

    def write(
        self,
        offline: Answer,
        parsed: ParsedQuestion,
        runs: Sequence[RunResult],
        registry: Registry,
        relevance: Callable[[Card], Mapping[str, float]],
        check: Callable[[Answer], Verification],
    ) -> Answer:
        """The answer in the model's words, or `offline` where those do not pass every check.

        Args:
            offline: the answer of the offline composer: it settles what is cited.
            check: the check that every finished answer has to pass.
        """
        if self.llm is None or not offline.references:
            return offline
        given = material(self.question, parsed, offline, runs, registry, relevance)
        asked = prompt(self.llm.prompts, given, self._pictures())

        def faults(draft: Draft) -> list[Fault]:
            return checks.faults(draft, given) or checks.failures(
                check(writing.answered(draft, given))
            )

        stream = writing.Stream(given, self.on_statement)
        draft = self._asked("the answer was composed without it", asked, Draft, faults, stream)
        if draft is None:
            return offline
        self.wrote = True
        return writing.answered(draft, given)

    def _pictures(self) -> tuple[bytes, ...]:
        """The attached pictures, where they are to be sent and the model takes any."""
        assert self.llm is not None
        if not (self.llm.send_images and self.question.images):
            return ()
        if not self.llm.client.takes_images:
            self.notes.append(f"{self.llm.client.name} takes no pictures; none was sent")
            return ()
        from agent.llm.author.pictures import for_model

        self.pictures_sent = len(self.question.images)
        return tuple(map(for_model, self.question.images))

    def record(self) -> ModelUse | None:
        """What the model did for this question, None without one."""
        if self.llm is None:
            return None
        meter, before = self.llm.client.meter, self._before
        return ModelUse(
            name=self.llm.client.name,
            wrote=self.wrote,
            notes=tuple(self.notes),
            rejected={str(kind): number for kind, number in self.rejected.items()},
            pictures_sent=self.pictures_sent,
            prompts_sha256=self.llm.prompts.sha256,
            calls=meter.calls - before.calls,
            cached=meter.cached - before.cached,
            input_tokens=meter.input - before.input,
            output_tokens=meter.output - before.output,
            estimated=meter.estimated,
            cost_usd=None if meter.usd is None else round(meter.usd - (before.usd or 0.0), 6),
            price=meter.price.source if meter.price else None,
        )

    def _spent(self) -> ModelSpending:
        if self.llm is None:
            return ModelSpending()
        meter = self.llm.client.meter
        return ModelSpending(meter.calls, meter.cached, meter.input, meter.output, meter.usd)

    def _asked(
        self,
        otherwise: str,
        prompt: Prompt,
        schema: type[T],
        faults: Callable[[T], Sequence[Fault]],
        watch: Watch | None = None,
    ) -> T | None:
        """The model's reply, or None, with the reason and what was done instead in the notes."""
        assert self.llm is not None
        if not self.serving:
            return None
        self.progress(f"{self.llm.client.name}: {_DOING[prompt.name]}")

        def problems(reply: T) -> list[str]:
            wrong = faults(reply)
            self.rejected.update(fault.kind for fault in wrong)
            return [fault.detail for fault in wrong]

        try:
            return self.llm.structured_reply(
                prompt,
                schema,
                problems,
                watch,
                on_unfit=lambda: self.rejected.update(["reply of another form"]),
            )
        except (Refused, Unusable) as error:
            if isinstance(error, Refused):
                self.rejected["refusal"] += 1
            elif not isinstance(error, AskedTwice):
                self.rejected["reply cut off or too long"] += 1
            self.notes.append(f"{error}; {otherwise}")
        except ServiceError as error:  # nobody waits for the same time-out twice
            self.notes.append(f"{error}; it was not asked again, and all was done without it")
            self.serving = False
        return None


@dataclass(frozen=True)
class ModelSpending:
    """What a model had cost before this question."""

    calls: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    usd: float | None = None
