"""An agent of our own: a language model chooses which tools run on the pictures of a question.

It chooses experiments and nothing else. Which cards are cited, and what the answer says, is settled
by the steps around it; its own words go nowhere.
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
from agent.llm.langchain.structured import structured
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
"""Most replies of the model for one question."""
TOOL_CALLS = 16
"""Most tools that it may call for one question."""


class Experimenter:
    """Runs what a language model chooses; a `Runner` for one question."""

    def __init__(self, agent: Answering) -> None:
        """Take the model of the agent's settings.

        Raises:
            ConfigError: where they name none that can be given tools.
        """
        client = agent.llm.client if agent.llm else None
        if not isinstance(client, Remote):
            reason = f"the model {client.name} takes no tools" if client else "no model is named"
            raise ConfigError(
                f"an agent needs a language model that can call tools, and {reason}; name one with "
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
        if not question.images:  # then there is no experiment, and nothing to say of one
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
        """Let the model call tools until it ends, or a limit or an error ends it."""
        watch = _Watch(self._client, work, progress)
        middleware: list[Any] = [
            ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="end"),
            ToolCallLimitMiddleware(run_limit=TOOL_CALLS, exit_behavior="continue"),
            watch,
        ]
        tools = structured(work.operations())
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
        # A reply and its tools take a few steps of the graph; what ends it are the limits above.
        # Calls of one reply run one after the other, since one may need what another makes.
        config = {"recursion_limit": 20 * (MODEL_CALLS + 1), "max_concurrency": 1}
        try:
            agent: Any = create_agent(self._client.model, tools, middleware=middleware)
            agent.invoke({"messages": messages}, config)
        except ServiceError as error:
            return watch.transcript("failed", str(error))
        if watch.replies >= MODEL_CALLS and watch.wants_more:
            return watch.transcript("limit", f"it wanted more than {MODEL_CALLS} replies")
        return watch.transcript("finished")


class _Watch(AgentMiddleware[Any, Any, Any]):
    """Bounds every call of the model, and notes every call of a tool."""

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
    """The transcript without measurements that gave way to those of a later run."""
    calls = (
        call.model_copy(update={"evidence": tuple(id for id in call.evidence if id in ids)})
        for call in transcript.calls
    )
    return transcript.model_copy(update={"calls": tuple(calls)})


def _nothing_to_choose(request: Request, settings: Settings) -> str | None:
    if not request.matches:
        return "no system of the registry fits the question"
    return "running was switched off" if settings.evidence == "none" else None
