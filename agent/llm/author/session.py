"""The work of a language model on one question, step by step, with notes on its failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from agent.answer.inquiry import Inquiry
from agent.errors import ServiceError
from agent.llm import AskedTwice, LanguageModel, Refused, Unusable, Watch
from agent.llm.author import writing
from agent.llm.author.draft import Correction, Corrections, Draft, Judgement, Judgements
from agent.llm.author.faults import Fault, Kind
from agent.llm.author.judging import by_number, judging_prompt, unjudged
from agent.llm.author.material import (
    Material,
    language_of,
    lines_of,
    material_for,
    writing_prompt,
)
from agent.llm.author.review import Outcome, Passage, Review, passages_of
from agent.llm.author.understanding import (
    Understanding,
    faults_of,
    optional,
    understanding_prompt,
)
from agent.llm.prompts import Prompt
from agent.registry import Registry
from agent.types import Answer, Card, ModelUse, Question, Statement, Verification

T = TypeVar("T", bound=BaseModel)
OnStatement = Callable[[Statement | None], None]
"""Takes a statement; None withdraws all before it, since the model starts again."""

_MOST_SENTENCES = 40
_DOING = {
    "understand": "reading the question",
    "write": "writing",
    "judge": "checking sentences",
    "correct": "correcting sentences",
}


@dataclass
class AuthorSession:
    """A language model's work on one question."""

    llm: LanguageModel
    question: Question
    on_statement: OnStatement = lambda _: None
    """Called with every statement of the answer that passes its checks."""
    progress: Callable[[str], None] = lambda _: None
    notes: list[str] = field(default_factory=list)
    rejected: Counter[Kind] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    wrote: bool = False
    pictures_sent: int = 0
    failing: set[str] = field(default_factory=set)
    """Names of models whose service has failed; they are not called again."""

    def __post_init__(self) -> None:
        self._before = self.llm.spent()

    # --- understanding ------------------------------------------------------------------------

    def understand(
        self, cards: Sequence[Card], tools: Sequence[str], registry: Registry
    ) -> Understanding | None:
        """Have the model read the question; return None if it fails.

        Args:
            cards: the cards that it may choose from.
            tools: keys of the tools that may run on the pictures.
        """
        choice = optional(tools) if self.question.images else ()
        prompt = understanding_prompt(self.llm.prompts, self.question, cards, choice, registry)
        return self._ask(
            self.llm,
            "the question was read without it",
            prompt,
            Understanding,
            lambda reply: faults_of(reply, self.question, cards, choice),
        )

    # --- writing ------------------------------------------------------------------------------

    def write(
        self, offline: Answer, inquiry: Inquiry, check: Callable[[Answer], Verification]
    ) -> Answer:
        """Return the answer in the model's words, or `offline` if too little of it passes.

        Args:
            offline: the answer of the offline composer.
            check: the check that every finished answer has to pass.
        """
        if offline.status == "cannot_answer" or not any(s.claims for s in offline.statements):
            return offline
        material = material_for(self.question, inquiry, offline)
        prompt = writing_prompt(self.llm.prompts, material, self._pictures())
        has_judge = self.llm.judge is not None
        watch = None if has_judge else writing.Stream(material, self.on_statement)
        otherwise = "the answer was composed without it"
        draft = self._ask(self.llm, otherwise, prompt, Draft, _draft_faults, watch)
        if draft is None:
            return offline
        review = Review(
            material.context,
            (lambda passages: self._judge(passages, material)) if has_judge else None,
            lambda failed: self._correct(failed, material),
            (lambda p: self._show(p, material)) if has_judge else (lambda _: None),
            self.outcomes,
            self.rejected,
        )
        passages = review(passages_of(draft, material.by_key), material.by_key)
        answer = writing.answer_from(passages, draft.limits, material)
        if answer is None or not check(answer).passed:
            self.notes.append(
                f"too little of what {self.llm.client.name} wrote passed the checks; {otherwise}"
            )
            self.on_statement(None)
            return offline
        self.wrote = True
        return answer

    def _show(self, p: Passage, material: Material) -> None:
        if p.part in ("answer", "details"):
            self.on_statement(writing.statement_of(p, material))

    def _judge(self, passages: Sequence[Passage], material: Material) -> Mapping[int, Judgement]:
        """Get judgements in a fresh context, which contains only sentences and sources."""
        judge = self.llm.judge
        assert judge is not None
        prompt = judging_prompt(judge.prompts, passages, _sources_of(passages, material))
        otherwise = "its sentences were replaced by their sources"
        reply = self._ask(
            judge, otherwise, prompt, Judgements, lambda reply: unjudged(reply, passages)
        )
        return by_number(reply)

    def _correct(
        self, failed: Mapping[Passage, Sequence[Fault]], material: Material
    ) -> Mapping[int, Correction]:
        """Have failed sentences corrected, given what is wrong with each."""
        prompt = self.llm.prompts.render(
            "correct",
            language=language_of(material),
            sources=_sources_of(failed, material),
            sentences=[
                f"{p.line} Wrong: {'; '.join(fault.detail for fault in faults)}"
                for p, faults in failed.items()
            ],
        )
        reply = self._ask(self.llm, "they were replaced by their sources", prompt, Corrections)
        return {c.number: c for c in reply.corrections} if reply else {}

    def _pictures(self) -> tuple[bytes, ...]:
        """Return the attached pictures, if they may be sent and the model accepts them."""
        if not (self.llm.send_images and self.question.images):
            return ()
        if not self.llm.client.takes_images:
            self.notes.append(f"{self.llm.client.name} does not accept pictures; none was sent")
            return ()
        from agent.llm.author.pictures import for_model

        self.pictures_sent = len(self.question.images)
        return tuple(map(for_model, self.question.images))

    # --- asking and counting ------------------------------------------------------------------

    def record(self) -> ModelUse:
        """Return the record of what the model did for this question."""
        spent = self.llm.spent() - self._before
        judge = self.llm.judge
        return ModelUse(
            name=self.llm.client.name,
            wrote=self.wrote,
            judge=judge.client.name if judge else None,
            sentences={str(outcome): n for outcome, n in self.outcomes.items() if n},
            notes=tuple(self.notes),
            rejected={str(kind): number for kind, number in self.rejected.items()},
            pictures_sent=self.pictures_sent,
            prompts_sha256=self.llm.prompts.sha256,
            calls=spent.calls,
            cached=spent.cached,
            input_tokens=spent.input,
            output_tokens=spent.output,
            estimated=spent.estimated,
            cost_usd=None if spent.usd is None else round(spent.usd, 6),
            price=self.llm.price_source(),
        )

    def _ask(
        self,
        llm: LanguageModel,
        otherwise: str,
        prompt: Prompt,
        schema: type[T],
        faults: Callable[[T], Iterable[Fault]] = lambda _: (),
        watch: Watch | None = None,
    ) -> T | None:
        """Return the model's reply, or None; the notes then say why, and what was done instead."""
        name = llm.client.name
        if name in self.failing:
            return None
        self.progress(f"{name}: {_DOING[prompt.name]}")

        def problems(reply: T) -> list[str]:
            wrong = list(faults(reply))
            self.rejected.update(fault.kind for fault in wrong)
            return [fault.detail for fault in wrong]

        def on_unfit() -> None:
            self.rejected["reply of another form"] += 1

        try:
            return llm.structured_reply(prompt, schema, problems, watch, on_unfit)
        except (Refused, Unusable) as error:
            if isinstance(error, Refused):
                self.rejected["refusal"] += 1
            elif not isinstance(error, AskedTwice):
                self.rejected["reply cut off or too long"] += 1
            self.notes.append(f"{error}; {otherwise}")
        except ServiceError as error:  # do not wait for the same timeout twice
            self.notes.append(f"{error}; {otherwise}, and the model was not called again")
            self.failing.add(name)
        return None


def _draft_faults(draft: Draft) -> Iterable[Fault]:
    """Yield the faults of a draft as a whole."""
    count = len(draft.answer) + len(draft.steps) + len(draft.details)
    if count > _MOST_SENTENCES:
        detail = f"has {count} sentences; expected at most {_MOST_SENTENCES}"
        yield Fault("reply cut off or too long", detail)
    if not draft.answer:
        yield Fault("nothing said", "answer: expected at least one sentence")


def _sources_of(passages: Iterable[Passage], material: Material) -> list[str]:
    """Format the sources of some sentences for prompts."""
    keys = {source.key for p in passages for source in p.sources}
    return lines_of(
        [s for key, s in material.by_key.items() if key in keys], material.inquiry.registry
    )
