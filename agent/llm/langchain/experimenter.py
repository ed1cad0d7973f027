"""The program's own agent: a language model chooses which tools run on the pictures of a question.

It chooses experiments and nothing else. The steps around it decide which cards are cited and what
the answer says; its own words are discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ToolCallLimitMiddleware,
)
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent.errors import ConfigError, ServiceError
from agent.llm.langchain.structured import langchain_tools
from agent.llm.langchain.transcript import call_of, unreadable
from agent.llm.langchain.workbench import Workbench
from agent.llm.prompts import Prompts
from agent.llm.remote import Remote
from agent.systems.run import Bench, Request, Runs, run_level
from agent.types import Question, ToolCall, Transcript

if TYPE_CHECKING:
    from agent.llm.langchain.answering import Answering
    from agent.settings import Level, Settings
    from agent.systems.result_cache import ResultCache

MODEL_CALLS = 8
"""Largest number of replies of the model per question."""
TOOL_CALLS = 16
"""Largest number of tool calls per question."""


class Experimenter:
    """A `Runner` for one question that runs the tools a language model chooses."""

    def __init__(self, agent: Answering) -> None:
        """Take the model from the agent's settings.

        Raises:
            ConfigError: if they name no model that can use tools.
        """
        client = agent.llm.client if agent.llm else None
        if not isinstance(client, Remote):
            reason = f"the model {client.name} cannot" if client else "none is set"
            raise ConfigError(
                f"an agent needs a language model that can call tools, but {reason}; name one with "
                "--model PROVIDER:NAME, or leave --agent out"
            )
        self._client = client
        self._sources = agent.sources
        self._prompts = Prompts(agent.settings.prompts)
        self.transcript: Transcript | None = None

    def __call__(
        self,
        request: Request,
        settings: Settings,
        result_cache: ResultCache | None,
        progress: Callable[[str], None],
        /,
    ) -> Runs:
        question, factor = request.question, request.factor
        if not question.images:  # no experiments, and nothing to report about them
            return (), {}
        bench = Bench(question.images, settings, progress, result_cache, factor, request.cards)
        if why := _nothing_to_choose(request, settings):
            self.transcript = Transcript(
                model=self._client.name, ended="nothing to choose", reason=why
            )
        else:
            sources = self._sources(question)
            work = Workbench(sources.registry, sources.index, bench, factor, request.matches)
            self.transcript = self._run_agent(question, work, progress)
        chose = self.transcript.ended in ("finished", "limit")
        level: Level = "core" if chose else settings.evidence
        run_level(bench, level, request)
        ids = {item.id for result in bench.results for item in result.evidence}
        self.transcript = _resting_on(self.transcript, ids)
        return bench.results, bench.files

    def _run_agent(
        self, question: Question, work: Workbench, progress: Callable[[str], None]
    ) -> Transcript:
        """Let the model call tools until it stops, or a limit or an error stops it."""
        watch = _Watch(self._client, work, progress)
        middleware: list[Any] = [
            ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="end"),
            ToolCallLimitMiddleware(run_limit=TOOL_CALLS, exit_behavior="continue"),
            watch,
        ]
        tools = langchain_tools(work.operations())
        prompt = self._prompts.render(
            "agent",
            question=question.text,
            pictures=list(work.bench.pictures),
            cards=[
                f"{card.id}: {card.name}, {card.task}"
                for card in (work.registry[match.card] for match in work.matches or ())
            ],
        )
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        # A reply and its tools take a few steps of the graph; the limits above end it first.
        # Calls of one reply run in sequence, since one may need the result of another.
        config = {"recursion_limit": 20 * (MODEL_CALLS + 1), "max_concurrency": 1}
        try:
            agent: Any = create_agent(self._client.model, tools, middleware=middleware)
            agent.invoke({"messages": messages}, config)
        except ServiceError as error:
            return watch.transcript("failed", str(error))
        if watch.replies >= MODEL_CALLS and watch.wants_more:
            return watch.transcript("limit", f"it asked for more than {MODEL_CALLS} replies")
        return watch.transcript("finished")


class _Watch(AgentMiddleware[Any, Any, Any]):
    """Limits every call of the model, and records every tool call."""

    def __init__(self, client: Remote, work: Workbench, progress: Callable[[str], None]) -> None:
        super().__init__()
        self.tools = []
        self.replies = 0
        self.wants_more = False
        self._client = client
        self._work = work
        self._progress = progress
        self._calls: list[ToolCall] = []

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        prompt_text = "\n".join(message.text for message in request.messages)

        def attempt(limit: Any) -> Any:
            response = handler(request.override(model_settings={**request.model_settings, **limit}))
            reply = response.result[-1]
            usage = getattr(reply, "usage_metadata", None)
            tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else None
            self._client.meter.add(prompt_text, reply.text, tokens)
            return response

        response = self._client.call(prompt_text, attempt)
        self.replies += 1
        reply = response.result[-1]
        self.wants_more = isinstance(reply, AIMessage) and bool(reply.tool_calls)
        if isinstance(reply, AIMessage):
            self._calls += [unreadable(call, self._work) for call in reply.invalid_tool_calls]
        return response

    def wrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        message = handler(request)
        call = call_of(request.tool_call, message, self._work)
        self._calls.append(call)
        self._progress(f"the agent called {call.tool}: {call.result}")
        if isinstance(message, ToolMessage) and call.tool == "write_answer":
            self.wants_more = False
        return message

    def transcript(self, ended: Any, reason: str | None = None) -> Transcript:
        return Transcript(
            model=self._client.name, calls=tuple(self._calls), ended=ended, reason=reason
        )


def _resting_on(transcript: Transcript, ids: Container[str]) -> Transcript:
    """Return the transcript without measurements that a later run replaced."""
    calls = (
        call.model_copy(update={"evidence": tuple(id for id in call.evidence if id in ids)})
        for call in transcript.calls
    )
    return transcript.model_copy(update={"calls": tuple(calls)})


def _nothing_to_choose(request: Request, settings: Settings) -> str | None:
    if not request.matches:
        return "no system of the registry matches the question"
    return "running was switched off" if settings.evidence == "none" else None
