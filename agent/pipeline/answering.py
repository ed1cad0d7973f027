"""Read this first: `ask` takes a question through all steps and returns a `Report`.

understand  what the question asks                 agent/question/parse.py
match       which cards of the registry fit        agent/search/match.py
run         their tools on the attached pictures   agent/systems/run.py
compose     sentences from facts and evidence      agent/answer/compose.py
judge       explanations against the evidence      agent/answer/judge.py
verify      every sentence and link checked        agent/answer/verify.py

All steps work without a language model. If the settings name one, an `AuthorSession` lets it read
the question before matching and rewrite the answer after composing (agent/llm/author/). If it
fails, the steps continue without it; whatever it writes, nothing outside the registry is cited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from agent.answer.compose import compose
from agent.answer.inquiry import Inquiry, Part
from agent.answer.judge import judge
from agent.answer.verdicts import restorers_of
from agent.answer.verify import verify_in
from agent.llm import LanguageModel
from agent.pipeline.record import log_matches, log_report, model_use, origin_of
from agent.pipeline.sources import Sources
from agent.question.parse import parse
from agent.report.report import Report
from agent.search.abstaining import abstain_unseen
from agent.search.conversation import factor_of_conversation
from agent.settings import Level, Settings
from agent.systems.catalogue import tools_at
from agent.systems.condition.traits import traits_of
from agent.systems.result_cache import ResultCache
from agent.systems.run import Request, Runner, Runs, inspect, run
from agent.systems.workflow.draft import draft_of
from agent.types import (
    Abstention,
    Match,
    ParsedQuestion,
    Question,
    Verification,
)

if TYPE_CHECKING:
    from agent.llm.author import AuthorSession, OnStatement, Understanding


@dataclass(frozen=True)
class Tools:
    """Running of tools on the pictures of a question."""

    settings: Settings
    result_cache: ResultCache | None = None
    """Cache of earlier results."""
    runner: Runner = run
    """Function that runs the tools; an agent may choose which."""

    def run(self, request: Request, progress: Callable[[str], None]) -> Runs:
        """Run the tools on the pictures; returns results and new pictures."""
        return self.runner(request, self.settings, self.result_cache, progress)

    def inspect(self, question: Question, progress: Callable[[str], None]) -> Runs:
        """Measure the pictures of a question about which model to use on them."""
        return inspect(question.images, self.settings, self.result_cache, progress)


@dataclass(frozen=True)
class Callbacks:
    """Callbacks for the progress of an answer."""

    on_progress: Callable[[str], None] = lambda _: None
    """Called with a line of text when something takes long."""
    on_statement: OnStatement = lambda _: None
    """Called with each checked statement that a language model writes; None withdraws all earlier
    ones, since the model starts again."""


def ask(
    question: Question,
    sources: Sources,
    tools: Tools,
    llm: LanguageModel | None = None,
    callbacks: Callbacks = Callbacks(),
) -> Report:
    """Answer one question.

    Raises:
        InputError: if an attached picture cannot be read.
    """
    began = time.monotonic()
    registry, level = sources.registry, tools.settings.evidence
    session = _session(llm, question, callbacks)
    parsed = parse(question.text)
    (inspections, views), sources = _inspected(question, parsed, sources, tools, callbacks)
    reading = _reading(session, question, parsed, sources, level)
    parts = sources.understood(question, reading) if reading else sources.parts(question, parsed)
    parsed = reading.understood(parsed) if reading else parsed
    matches, abstention = _all_matches(parts)
    log_matches(parsed, matches)

    # Other runners choose by themselves.
    left_out = reading.left_out(tools_at(level)) if reading and tools.runner is run else {}
    factor = factor_of_conversation(question, parsed)
    request = Request(question, factor, matches, registry, left_out)
    ran, pictures = tools.run(request, callbacks.on_progress)
    runs, pictures = (*inspections, *ran), views | pictures
    recommends = any(part.recommends for part in parts)
    if matches and not recommends and (unseen := abstain_unseen(parsed, runs)):
        matches, abstention = (), unseen
        parts = [Part(question.text, parsed, abstention=unseen)]

    relevance = cache(sources.relevance)  # used by several parts of the answer
    inquiry = Inquiry(question.text, parsed, parts, registry, relevance, runs)
    composed = compose(inquiry)
    report = Report(
        question=question,
        parsed=parsed,
        matches=matches,
        abstention=abstention,
        runs=runs,
        evidence=tuple(item for result in runs for item in result.evidence),
        answer=composed,
        verification=Verification(statements=0),
        workflow=draft_of(matches, registry, runs, level, factor),
        pictures=pictures,
        **origin_of(question, sources, tools.settings),
    )

    check = partial(verify_in, report, registry)
    draft = composed
    if session:
        draft = session.write(composed, inquiry, check)
    answer = judge(draft, report.evidence, registry, restorers_of(runs))
    finished = {"answer": answer, "verification": check(answer), **model_use(session)}
    report = report.model_copy(update=finished | {"seconds": round(time.monotonic() - began, 3)})
    log_report(report)
    return report


def _asks_which_model(question: Question, parsed: ParsedQuestion) -> bool:
    """Check whether a question, or a part of it, asks which model to use on attached pictures."""
    questions = (parsed, *map(parse, parsed.parts)) if question.images else ()
    return any(one.wish is not None for one in questions)


def _inspected(
    question: Question,
    parsed: ParsedQuestion,
    sources: Sources,
    tools: Tools,
    callbacks: Callbacks,
) -> tuple[Runs, Sources]:
    """Measure pictures before a model is chosen; return the runs and sources with the traits.

    No runs if the question asks for no model.
    """
    if sources.preset or not _asks_which_model(question, parsed):
        return ((), {}), sources
    runs, pictures = tools.inspect(question, callbacks.on_progress)
    traits = [trait for _, several in traits_of(runs) for trait in several]
    return (runs, pictures), replace(sources, traits=traits)


def _all_matches(parts: Sequence[Part]) -> tuple[tuple[Match, ...], Abstention | None]:
    """Return the matches of all parts, each card once, and the reason if all parts abstain."""
    by_card = {match.card: match for part in reversed(parts) for match in reversed(part.matches)}
    ordered = dict.fromkeys(match.card for part in parts for match in part.matches)
    abstentions = (part.abstention for part in parts if part.abstention)
    return tuple(by_card[card] for card in ordered), None if by_card else next(abstentions, None)


def _session(
    llm: LanguageModel | None, question: Question, callbacks: Callbacks
) -> AuthorSession | None:
    """Return the session of the language model for this question; None without a model."""
    if llm is None:
        return None
    from agent.llm.author import AuthorSession  # not needed for most answers

    return AuthorSession(llm, question, callbacks.on_statement, callbacks.on_progress)


def _reading(
    session: AuthorSession | None,
    question: Question,
    parsed: ParsedQuestion,
    sources: Sources,
    level: Level,
) -> Understanding | None:
    """Return how the language model understands the question; None without a model."""
    if session is None or parsed.intent == "chat":
        return None
    offered = sources.offered(question, parsed)
    return session.understand(offered, tools_at(level), sources.registry)
