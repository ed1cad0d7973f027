"""The service behind the page, `/v1` and `/mcp`: one agent, one queue, one private folder.

A question becomes a job, in which the agent answers it; the report is saved under a random address.
Nothing here decides what an answer says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from agent.conversation import Past, Reply, reply_to_line
from agent.pipeline import Agent
from agent.settings import Level, Settings
from agent.types import Question, Report, Statement, question_from
from agent.web.answers import SavedAnswer, SavedAnswers, without_paths
from agent.web.jobs import Job, Jobs
from agent.web.options import ServerOptions
from agent.web.workspace import Upload, Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from agent.systems.model_comparison.comparing import Order, Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Overrides:
    """The settings that a question may override; None leaves those of the server."""

    evidence: Level | None = None
    offline: bool = False
    """Whether to answer without the server's language model."""


class Service:
    """Answers questions in jobs. Close it, or use it as a context manager, to remove its files.

    Raises:
        RegistryError, ConfigError: as `Agent` does.
    """

    def __init__(self, settings: Settings, options: ServerOptions | None = None) -> None:
        self.settings = settings
        self.options = options or ServerOptions()
        self.agent = Agent(settings)
        self.jobs = Jobs(self.options.jobs, self.options.queue)
        self.workspace = Workspace()
        self.answers = SavedAnswers(self.workspace, self.options)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cancel the jobs, wait for them to end, and remove the private folder."""
        self.jobs.close()
        self.workspace.close()

    def pictures(self, uploads: Sequence[Upload]) -> tuple[Path, ...]:
        """Store the pictures of a request; `release` them once they are no longer needed.

        Raises:
            InputError: if there are too many, or one cannot be read.
        """
        return self.workspace.store(uploads, self.options.max_pictures)

    def release(self, pictures: Iterable[Path]) -> None:
        """Remove stored pictures; saved answers have their own copies."""
        self.workspace.release(pictures)

    def ask(self, question: Question, overrides: Overrides = Overrides()) -> Job[SavedAnswer]:
        """Answer a question that stands alone, and save the answer.

        Raises:
            Busy: if too many jobs wait.
        """
        agent = self._agent(overrides)

        def work(job: Job[SavedAnswer]) -> SavedAnswer:
            return self.answers.save(question, _ask(agent, job, question))

        return self.jobs.start(work, pictures=_takes_turns(question.images, agent))

    def reply(self, line: str, past: Past, overrides: Overrides = Overrides()) -> Job[Reply]:
        """Reply to a line of a conversation, as the chat prompt does, and save nothing.

        Raises:
            Busy: if too many jobs wait.
        """
        return self._talk(line, past, overrides, lambda reply: reply)

    def follow_up(
        self, line: str, past: Past, about: str, overrides: Overrides = Overrides()
    ) -> Job[SavedAnswer]:
        """Reply to a line of a conversation, and save the reply.

        Args:
            about: the address of the last answer in `past`; returned again if the line asks for
                nothing else.

        Raises:
            Busy: if too many jobs wait.
        """

        def save(reply: Reply) -> SavedAnswer:
            if reply.report and reply.turn:
                # The report has only the names of the pictures; `past` has their paths.
                question = reply.report.question.model_copy(update={"images": past.images})
                return self.answers.save(question, reply.report)
            if reply.report and (again := self.answers.get(about)):
                return again
            question = question_from(line, images=past.images, turns=past.turns)
            return self.answers.save(question, reply.report or reply.lines)

        return self._talk(line, past, overrides, save)

    def _talk(
        self, line: str, past: Past, overrides: Overrides, convert: Callable[[Reply], T]
    ) -> Job[T]:
        agent = self._agent(overrides)

        def work(job: Job[T]) -> T:
            return convert(reply_to_line(agent, line, past, partial(_ask, agent, job)))

        return self.jobs.start(work, pictures=_takes_turns(past.images, agent))

    def compare(self, order: Order) -> Job[SavedAnswer]:
        """Compare models on the pictures of `order`, and save the pages that show the results.

        Raises:
            Busy: if too many jobs wait.
        """
        from agent.systems.model_comparison.comparing import compare
        from agent.systems.model_comparison.folder import ComparisonFolder
        from agent.systems.model_comparison.pages import save_pages

        def work(job: Job[SavedAnswer]) -> SavedAnswer:
            def tell(progress: Progress) -> None:
                job.tell("progress", f"{progress.share:.0%}: {progress.text}")

            def write(path: Path) -> None:
                folder = ComparisonFolder(path)
                save_pages(compare(order, folder, tell), order.pictures, folder)

            images = tuple(order.pictures)
            question = Question(text=order.title, images=images, upscale=order.factor)
            return self.answers.save_comparison(question, write)

        return self.jobs.start(work, pictures=True)

    def restore(self, picture: Path, factor: int = 1) -> Job[SavedAnswer]:
        """Restore a picture, as `groundglass restore` does, and save the line that the command
        prints with the result.

        Args:
            factor: factor in [1, 8] by which both sides are enlarged first.

        Raises:
            Busy: if too many jobs wait.
        """
        from agent.web.restoring import restore_picture

        def work(job: Job[SavedAnswer]) -> SavedAnswer:
            tell: Callable[[str], None] = partial(job.tell, "progress")
            with self.workspace.temporary() as folder:
                line, result = restore_picture(picture, factor, folder, self.agent, tell)
                question = Question(text="Restore this picture.", images=(picture,), upscale=factor)
                return self.answers.save(question, [line], {result.name: result.read_bytes()})

        return self.jobs.start(work, pictures=True)

    def _agent(self, overrides: Overrides) -> Agent:
        """Return the agent with the settings that a question overrides."""
        agent = self.agent
        if overrides.evidence and overrides.evidence != agent.settings.evidence:
            agent = agent.with_settings(evidence=overrides.evidence)
        if overrides.offline and agent.llm:
            agent = agent.with_settings(model=None)
        return agent


def _takes_turns(images: Sequence[Path], agent: Agent) -> bool:
    """Check whether answering takes long: with pictures, or with a language model."""
    return bool(images) or agent.llm is not None


def _ask(agent: Agent, job: Job[Any], question: Question) -> Report:
    tell: Callable[[str], None] = partial(job.tell, "progress")
    on_statement: Callable[[Statement | None], None] = partial(job.tell, "statement")
    return without_paths(agent.ask(question, tell, on_statement=on_statement))
