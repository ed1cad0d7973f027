"""Read this first: a question goes in, `ask` takes it through the steps, a `Report` comes out.

parse    what is asked                          agent/question/parse.py
match    which cards of the registry fit        agent/search/match.py
run      their tools on the attached pictures   agent/systems/run.py
answer   sentences from facts and evidence      agent/answer/compose.py
judge    explanations against the evidence      agent/answer/judge.py
verify   every sentence and link checked        agent/answer/verify.py

All of it works without a language model. Where one is named, a `Guide` (agent/llm/author/) asks
it at four places, and gives back what it got where the model fails; which cards are cited and
what is measured it cannot change.
"""

from __future__ import annotations

import copy
import hashlib
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from agent import registry as registries
from agent.answer.compose import complementary_cards, compose, main_cards
from agent.answer.judge import judge
from agent.answer.verify import verify
from agent.errors import InputError
from agent.llm.author import Guide, Said, Speaker
from agent.question.parse import parse
from agent.registry import Registry
from agent.registry.brief import read_brief, registry_for, write_brief
from agent.report.markdown import answer_markdown
from agent.search import Index
from agent.search.match import CLOSE, match
from agent.settings import Settings
from agent.systems.catalogue import LEVELS
from agent.systems.result_cache import Memory
from agent.systems.run import Runner, factor_of, run, tools_of
from agent.systems.workflow.draft import draft
from agent.types import (
    Abstention,
    Answer,
    Card,
    InputFile,
    Match,
    ModelUse,
    ParsedQuestion,
    Question,
    Report,
    RunResult,
    Verification,
    Workflow,
)

Progress = Callable[[str], None]

_log = logging.getLogger(__name__)

#: A question that speaks of what was answered before instead of naming it.
_POINTS_BACK = re.compile(
    r"\b(it|its|this|that|they|their|them|these|those|the (?:model|network|paper|system|method))\b",
    re.IGNORECASE,
)
_SHORT = 7  # words; "how fast?" and "which loss?" ask about what was answered before


def ask(
    question: Question,
    registry: Registry,
    index: Index,
    settings: Settings,
    progress: Progress = lambda _: None,
    chosen: Sequence[Match] = (),
    memory: Memory | None = None,
    runner: Runner = run,
    brief: InputFile | None = None,
    speaker: Speaker | None = None,
    said: Said = lambda _: None,
) -> Report:
    """Answer one question.

    Args:
        registry: the only source that the answer may cite.
        index: over that registry.
        progress: called with a line of text where something takes long.
        chosen: matches to take instead of searching, best first: what a brief recommends.
        memory: what ran before and need not run again.
        runner: runs the tools; an agent may choose which.
        brief: where the question, and what may be cited, come from a brief.
        speaker: the language model, where one is named.
        said: is given every statement that the model writes, once it is checked; None withdraws
            those that were given, since the model begins again.

    Raises:
        InputError: when an attached picture cannot be read.
    """
    began = time.monotonic()
    guide = Guide(speaker, question, said, progress)

    asked = parse(question.text)
    found, abstention = _match(question, asked, registry, index, chosen)
    _log_match(asked, found)

    sized = _sized(question, asked)
    if runner is run and found:
        runner = partial(run, left_out=guide.plan(LEVELS[settings.evidence]))
    runs, pictures = runner(sized, asked, found, registry, settings, progress, memory)
    if found and (unusable := _unusable(asked, runs)):
        found, abstention = (), unusable

    relevance = _relevance(index, question.text)
    unknown = [name for name in asked.models if not index.named(name)]
    composed = compose(asked, found, abstention, runs, registry, relevance, unknown)
    report = Report(
        question=question,
        parsed=guide.understand(asked) if found else asked,
        matches=guide.order(found, registry, CLOSE),
        abstention=abstention,
        runs=runs,
        evidence=tuple(item for result in runs for item in result.evidence),
        answer=composed,
        verification=Verification(statements=0),
        inputs=tuple(_input(path) for path in question.images),
        brief=brief,
        workflow=_workflow(sized, asked, found, runs, registry, settings),
        registry_sha256=registry.sha256,
        settings_sha256=settings.sha256(),
        settings=settings.recorded(),
        retrieval=index.mode,
        version=_version(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=0.0,
        pictures=pictures,
    )

    def check(answer: Answer) -> Verification:
        text = answer_markdown(report.model_copy(update={"answer": answer}))
        return verify(answer, text, question, report.evidence, registry)

    written = guide.write(composed, report.parsed, runs, registry, relevance, check)
    answer = judge(written, report.evidence, registry)
    made = {"answer": answer, "verification": check(answer), **_used(guide.record())}
    report = report.model_copy(update=made | {"seconds": round(time.monotonic() - began, 3)})
    _log_end(report)
    return report


def _log_match(asked: ParsedQuestion, found: Sequence[Match]) -> None:
    if _log.isEnabledFor(logging.INFO):
        _log.info("understood: %s", asked.model_dump_json(exclude_defaults=True))
    for one in found:
        _log.info("matched: %s at %.2f (%s)", one.card, one.score, "; ".join(one.reasons))


def _log_end(report: Report) -> None:
    for result in report.runs:
        what = (result.tool or "nothing", result.image, result.status, result.reason or "")
        _log.info("run: %s on %s: %s %s", *what)
    if _log.isEnabledFor(logging.INFO):
        checked = report.verification.model_dump_json()
        _log.info("%s in %.2f s: %s", report.answer.status, report.seconds, checked)


def _relevance(index: Index, question: str) -> Callable[[Card], Mapping[str, float]]:
    """How relevant each fact of a card is to the question; worked out once a card."""
    ranked: dict[str, Mapping[str, float]] = {}

    def relevance(card: Card) -> Mapping[str, float]:
        if card.id not in ranked:
            ranked[card.id] = index.rank_facts(question, card)
        return ranked[card.id]

    return relevance


def _used(use: ModelUse | None) -> dict[str, object]:
    """What a report holds of a language model, where one was asked."""
    if use is None:
        return {}
    return {
        "model": use,
        "prompts_sha256": use.prompts_sha256,
        "tokens": use.input_tokens + use.output_tokens,
        "cost_usd": use.cost_usd or 0.0,
    }


@cache
def _version() -> str:
    return version("groundglass")


def _match(
    question: Question,
    parsed: ParsedQuestion,
    registry: Registry,
    index: Index,
    chosen: Sequence[Match],
) -> tuple[tuple[Match, ...], Abstention | None]:
    """Match in the light of the conversation: `and how fast is it?` is about the last answer."""
    if chosen:
        return tuple(chosen), None
    matches, abstention = match(question, parsed, registry, index)
    last = next((turn.cards for turn in reversed(question.turns) if turn.cards), ())
    if not last or index.named(question.text):
        return matches, abstention
    short = len(question.text.split()) <= _SHORT
    if matches and not short and not _POINTS_BACK.search(question.text):
        return matches, abstention
    known = [card for card in last if card in registry][:1]
    found = tuple(
        Match(card=card, score=1.0, margin=1.0, reasons=("the last answer was about it",))
        for card in known
    )
    return (found, None) if found else (matches, abstention)


def _workflow(
    question: Question,
    parsed: ParsedQuestion,
    matches: Sequence[Match],
    runs: Sequence[RunResult],
    registry: Registry,
    settings: Settings,
) -> Workflow | None:
    """What ran, as a document; where nothing ran, what would at the level of evidence."""
    if not matches:
        return None
    level = "core" if settings.evidence == "none" else settings.evidence
    fitting = [tool for _, tool in tools_of(matches, registry) if tool in LEVELS[level]]
    factors = [int(e.value) for run in runs for e in run.evidence if e.id.endswith(".factor")]
    factor = factors[0] if factors else factor_of(question, parsed)
    return draft(runs, fitting, factor, title=registry[matches[0].card].name)


def _sized(question: Question, parsed: ParsedQuestion) -> Question:
    """The question with the factor that an earlier turn named, where it names none itself."""
    if question.upscale or parsed.factor or not question.images:
        return question
    earlier = (parse(turn.question) for turn in reversed(question.turns))
    named = (p.factor for p in earlier if p.operation == "enlarge" and p.factor)
    factor = next((int(f) for f in named if f in range(1, 9)), None)
    return question.model_copy(update={"upscale": factor})


def _unusable(parsed: ParsedQuestion, runs: Sequence[RunResult]) -> Abstention | None:
    """Abstain where the answer lies in the picture and no tool could look at it."""
    if not parsed.needs_image or not runs or any(result.status == "ran" for result in runs):
        return None
    reasons = "; ".join(dict.fromkeys(f"{r.image}: {r.reason}" for r in runs))
    return Abstention(
        reason="image_unusable",
        explanation=f"the question is about the picture, which could not be used ({reasons})",
        nearest=tuple(dict.fromkeys(result.card for result in runs)),
    )


class Agent:
    """Holds a registry and its index, and answers questions.

    >>> from agent import Agent, Question
    >>> report = Agent().ask(Question(text="Which loss does MIMO-UNet+ use?"))
    >>> report.answer.references[0].card
    'mimo-unet-plus'
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Load the registry and open its index, building it the first time.

        Raises:
            RegistryError: with every problem of the registry.
            ConfigError: when the settings name a language model that cannot be set up.
        """
        self.settings = settings or Settings()
        self.registry = registries.load(self.settings.registry, self.settings.cache)
        self.index = Index.open(self.registry, self.settings.cache)
        self.speaker = Speaker.open(self.settings)
        self.memory = Memory()

    def ask(
        self,
        question: Question,
        progress: Progress = lambda _: None,
        runner: Runner = run,
        said: Said = lambda _: None,
    ) -> Report:
        """Answer `question`; see `agent.pipeline.ask`."""
        return ask(
            question,
            self.registry,
            self.index,
            self.settings,
            progress,
            memory=self.memory,
            runner=runner,
            speaker=self.speaker,
            said=said,
        )

    def with_model(self, model: str | None) -> Agent:
        """The same registry and memory with another language model, or with none.

        Raises:
            ConfigError: when that model cannot be set up.
        """
        other = copy.copy(self)
        other.settings = replace(self.settings, model=model)
        other.speaker = Speaker.open(other.settings)
        return other

    def brief(self, question: Question) -> str:
        """A brief, from the registry's match, that any assistant can answer the question from.

        Raises:
            InputError: when no card fits the question.
        """
        parsed = parse(question.text)
        matches, abstention = match(question, parsed, self.registry, self.index)
        if abstention or not matches:
            why = abstention.explanation if abstention else "no card fits"
            raise InputError(f"no brief can be written: {why}")
        mains = main_cards(parsed, matches, self.registry)
        others = complementary_cards(mains, matches, self.registry)
        return write_brief(question.text, mains, others)

    def ask_brief(
        self,
        brief: Path,
        images: Sequence[Path] = (),
        upscale: int | None = None,
        progress: Progress = lambda _: None,
    ) -> Report:
        """Answer the question of a brief from exactly the models and papers that it lists.

        Raises:
            InputError: for a brief that cannot be read, with the line.
        """
        document = read_brief(_read_text(brief), str(brief))
        registry = registry_for(document, self.registry)
        index = Index.open(registry, self.settings.cache)
        question = Question(text=document.question, images=tuple(images), upscale=upscale)
        recommended = list(registry)[: len(document.recommended)]
        chosen = [
            Match(card=card, score=1.0, margin=0.0, reasons=("recommended in the brief",))
            for card in recommended
        ]
        return ask(
            question,
            registry,
            index,
            self.settings,
            progress,
            chosen,
            brief=_input(brief),
            speaker=self.speaker,
        )


def _input(path: Path) -> InputFile:
    with path.open("rb") as file:
        return InputFile(path=path, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a text file") from error
