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

import copy
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import registry as registries
from agent.answer.compose import complementary_cards, compose
from agent.answer.direct import curated_answer
from agent.answer.inquiry import Inquiry, Part, main_cards
from agent.answer.judge import judge
from agent.answer.verdicts import restorers_of
from agent.answer.verify import verify_in
from agent.errors import InputError
from agent.files import sha256_of
from agent.llm import LanguageModel
from agent.llm.prompts import Prompts
from agent.question.parse import parse
from agent.question.wish import on_terms_of
from agent.registry import Registry
from agent.report.notebook_progress import shown
from agent.report.report import Report
from agent.search import Index
from agent.search.abstaining import abstain_unseen
from agent.search.beside import Beside
from agent.search.conversation import factor_of_conversation, match_in_conversation
from agent.search.match import curated_answers, match, names_in, speaks_of_all
from agent.search.ranking import rank
from agent.search.recommending import recommend
from agent.settings import Level, Settings
from agent.systems.catalogue import tools_at
from agent.systems.condition.traits import Trait, traits_of
from agent.systems.result_cache import ResultCache
from agent.systems.run import Request, Runner, Runs, look, run
from agent.systems.workflow.draft import draft_of
from agent.types import (
    PROGRAM,
    Abstention,
    Card,
    InputFile,
    Match,
    ParsedQuestion,
    Question,
    Turn,
    Verification,
)

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from agent.llm.author import AuthorSession, OnStatement, Understanding
    from agent.llm.checking import CheckedText

_log = logging.getLogger(__name__)
_OFFERED = 8
"""Number of cards that a language model may choose from."""
#: Maximum number of systems in a brief besides the recommended ones.
_BESIDE = 3
#: Maximum file size of a brief in any encoding; `read_brief` limits its text.
_MOST_BRIEF_BYTES = 4_000_004


@dataclass(frozen=True)
class Sources:
    """What an answer may cite, and the index to search it."""

    registry: Registry
    """The only source that an answer may cite."""
    index: Index
    """Index of that registry."""
    preset: Sequence[Match] = ()
    """Matches to use instead of searching, best first: the recommendations of a brief."""
    brief: InputFile | None = None
    """The brief that the question and everything citable come from, if any."""
    makers: Mapping[str, str] = field(default_factory=dict)
    """Ids of cards named in the metadata of attached pictures, with the picture."""
    traits: Sequence[Trait] = ()
    """Traits measured on attached pictures before a model is chosen."""

    @property
    def several(self) -> bool:
        """Whether the cards come from several registries."""
        return isinstance(self.registry.path, tuple)

    def match(
        self, question: Question, parsed: ParsedQuestion, choice: Sequence[str] | None = None
    ) -> tuple[tuple[Match, ...], Abstention | None]:
        """Return the matching cards, best first, or why there are none.

        Args:
            choice: cards chosen by a language model, if one was asked.
        """
        if self.preset:
            return tuple(self.preset), None
        matches, abstention = match_in_conversation(
            question, parsed, self.registry, self.index, choice
        )
        about_it = parsed.needs_image or parsed.done or bool(matches)
        if self.makers and about_it and not names_in(question.text, self.index):
            return tuple(_in_metadata(*item) for item in self.makers.items()), None
        return matches, abstention

    def offered(self, question: Question, parsed: ParsedQuestion) -> list[Card]:
        """Return the cards that a language model may choose from: those of the last answer, then
        the nearest."""
        if self.preset:
            return [self.registry[match.card] for match in self.preset]
        last = (card for turn in question.turns[-1:] for card in turn.cards)
        near = (r.card.id for r in rank(question, parsed, self.registry, self.index, _OFFERED))
        few = len(self.registry) <= _OFFERED
        every = (card.id for card in self.registry.cards()) if few else ()
        ids = dict.fromkeys(id for id in (*last, *near, *every) if id in self.registry)
        return [self.registry[id] for id in ids if id != PROGRAM][:_OFFERED]

    def understood(self, question: Question, reading: Understanding) -> list[Part]:
        """Return the parts of a question as a language model reads them, with their matches."""
        alone = question.model_copy(update={"text": reading.question, "turns": ()})
        parsed = parse(alone.text)
        if parsed.parts:
            return self.parts(alone, parsed)
        return [self._part(alone, reading.understood(parsed), reading.cards)]

    def parts(self, question: Question, parsed: ParsedQuestion) -> list[Part]:
        """Return the parts of a question with their matches."""
        if parsed.intent == "chat":
            return []
        if not parsed.parts:
            return [self._part(question, parsed)]
        parts: list[Part] = []
        turns = list(question.turns)
        for text in parsed.parts:  # a part may be about the system of the one before
            single = question.model_copy(update={"text": text, "turns": tuple(turns)})
            parts.append(self._part(single, on_terms_of(parsed, parse(text))))
            cards = tuple(match.card for match in parts[-1].matches[:1])
            turns.append(Turn(question=text, cards=cards))
        return parts

    def _part(
        self, question: Question, parsed: ParsedQuestion, choice: Sequence[str] | None = None
    ) -> Part:
        models = () if self.preset else self._recommended(question, parsed)
        if models:
            return Part.recommending(question.text, parsed, models)
        matches, abstention = self.match(question, parsed, choice)
        cards = names_in(question.text, self.index)
        curated = curated_answers(question, parsed, matches, self.index)
        if self.several:
            curated = tuple(match for match in curated if speaks_of_all(match, cards))
        part = Part(
            text=question.text,
            parsed=parsed,
            matches=matches,
            curated=curated,
            cards_named=sorted(cards),
            unknown=[name for name in parsed.models if not self.index.named(name)],
            abstention=abstention,
        )
        return replace(part, abstention=None) if curated_answer(part) else part

    def _recommended(self, question: Question, parsed: ParsedQuestion) -> tuple[Match, ...]:
        return recommend(question, parsed, self.registry, self.index, self.traits)

    def relevance(self, text: str, card: Card) -> Mapping[str, float]:
        """Return the relevance of each fact of a card to a question, in [0, 1], by fact id."""
        return self.index.rank_facts(self.index.neutral(text, card.id), card)


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

    def look(self, question: Question, progress: Callable[[str], None]) -> Runs:
        """Measure the pictures of a question about which model to use on them."""
        return look(question.images, self.settings, self.result_cache, progress)


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
    look, sources = _looked(question, parsed, sources, tools, callbacks)
    reading = _reading(session, question, parsed, sources, level)
    parts = sources.understood(question, reading) if reading else sources.parts(question, parsed)
    parsed = reading.understood(parsed) if reading else parsed
    matches, abstention = _all_matches(parts)
    _log_matches(parsed, matches)

    # Other runners choose by themselves.
    left_out = reading.left_out(tools_at(level)) if reading and tools.runner is run else {}
    factor = factor_of_conversation(question, parsed)
    request = Request(question, factor, matches, registry, left_out)
    ran, pictures = tools.run(request, callbacks.on_progress)
    runs, pictures = (*look[0], *ran), look[1] | pictures
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
        **_origin(question, sources, tools.settings),
    )

    check = partial(verify_in, report, registry)
    draft = composed
    if session:
        draft = session.write(composed, inquiry, check)
    answer = judge(draft, report.evidence, registry, restorers_of(runs))
    finished = {"answer": answer, "verification": check(answer), **_model_use(session)}
    report = report.model_copy(update=finished | {"seconds": round(time.monotonic() - began, 3)})
    _log_report(report)
    return report


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
        sources = Sources(registry, index, preset, _hashed(brief))
        with shown(progress) as tell:
            return ask(question, sources, Tools(self.settings), self.llm, Callbacks(tell))


def _asks_which_model(question: Question, parsed: ParsedQuestion) -> bool:
    """Check whether a question, or a part of it, asks which model to use on attached pictures."""
    questions = (parsed, *map(parse, parsed.parts)) if question.images else ()
    return any(one.wish is not None for one in questions)


def _in_metadata(card: str, picture: str) -> Match:
    """Return the match for a card named in the metadata of a picture."""
    return Match(card=card, score=1.0, margin=0.0, reasons=(f"the metadata of {picture} name it",))


def _all_matches(parts: Sequence[Part]) -> tuple[tuple[Match, ...], Abstention | None]:
    """Return the matches of all parts, each card once, and the reason if all parts abstain."""
    by_card = {match.card: match for part in reversed(parts) for match in reversed(part.matches)}
    ordered = dict.fromkeys(match.card for part in parts for match in part.matches)
    abstentions = (part.abstention for part in parts if part.abstention)
    return tuple(by_card[card] for card in ordered), None if by_card else next(abstentions, None)


def _looked(
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
    runs, pictures = tools.look(question, callbacks.on_progress)
    traits = [trait for _, several in traits_of(runs) for trait in several]
    return (runs, pictures), replace(sources, traits=traits)


# --- further contents of a report -----------------------------------------------------------------


def _origin(question: Question, sources: Sources, settings: Settings) -> dict[str, Any]:
    """Return everything needed to reproduce the answer."""
    return {
        "inputs": tuple(_hashed(path) for path in question.images),
        "brief": sources.brief,
        "registry_sha256": sources.registry.sha256,
        "settings_sha256": settings.sha256(),
        "settings": settings.recorded(),
        "retrieval": sources.index.mode,
        "version": _version(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
    }


def _hashed(path: Path) -> InputFile:
    return InputFile(path=path, sha256=sha256_of(path))


@cache
def _version() -> str:
    return version("groundglass")


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


def _model_use(session: AuthorSession | None) -> dict[str, object]:
    """Return the language model's part and cost; empty without a model."""
    use = session.record() if session else None
    if use is None:
        return {}
    return {
        "model": use,
        "prompts_sha256": use.prompts_sha256,
        "tokens": use.input_tokens + use.output_tokens,
        "cost_usd": use.cost_usd or 0.0,
    }


def _log_matches(parsed: ParsedQuestion, matches: Sequence[Match]) -> None:
    if _log.isEnabledFor(logging.INFO):
        _log.info("understood: %s", parsed.model_dump_json(exclude_defaults=True))
    for one in matches:
        _log.info("matched: %s at %.2f (%s)", one.card, one.score, "; ".join(one.reasons))


def _log_report(report: Report) -> None:
    if report.abstention:
        _log.info("no system: %s", report.abstention.detail or report.abstention.reason)
    for result in report.runs:
        what = (result.tool or "nothing", result.image, result.status, result.reason or "")
        _log.info("run: %s on %s: %s %s", *what)
    if _log.isEnabledFor(logging.INFO):
        verification = report.verification.model_dump_json()
        _log.info("%s in %.2f s: %s", report.answer.status, report.seconds, verification)
