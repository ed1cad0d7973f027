"""What the page, the endpoint and the assistants share: one agent, one queue, one private folder.

Nothing here decides what an answer says. A question becomes a job; the job has the agent answer it
and saves the report under a random address.
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
class Wanted:
    """The settings that a question may come with; None leaves those of the server."""

    evidence: Level | None = None
    offline: bool = False
    """Whether the server's language model, where it has one, is left out."""


class Service:
    """Answers questions in jobs. Close it, or use it as a context manager, to leave nothing behind.

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
        """Cancel what runs, wait for it, and remove the private folder."""
        self.jobs.close()
        self.workspace.close()

    def pictures(self, uploads: Sequence[Upload]) -> tuple[Path, ...]:
        """Store pictures that came with a request; `release` them once they are not needed.

        Raises:
            InputError: for too many, and for one that cannot be read.
        """
        return self.workspace.store(uploads, self.options.max_pictures)

    def release(self, pictures: Iterable[Path]) -> None:
        """Remove pictures that were stored; saved answers have copies of their own."""
        self.workspace.release(pictures)

    def ask(self, question: Question, wanted: Wanted = Wanted()) -> Job[SavedAnswer]:
        """Answer a question that stands alone; its answer is saved.

        Raises:
            Busy: when too many wait.
        """
        agent = self._agent(wanted)

        def work(job: Job[SavedAnswer]) -> SavedAnswer:
            return self.answers.save(question, _asked(agent, job, question))

        return self.jobs.start(work, pictures=_takes_turns(question.images, agent))

    def reply(self, line: str, past: Past, wanted: Wanted = Wanted()) -> Job[Reply]:
        """Reply to a line of a conversation, as the chat prompt does; nothing is saved.

        Raises:
            Busy: when too many wait.
        """
        return self._talk(line, past, wanted, lambda reply: reply)

    def follow_up(
        self, line: str, past: Past, about: str, wanted: Wanted = Wanted()
    ) -> Job[SavedAnswer]:
        """Reply to a line of a conversation, and save what it gets.

        Args:
            about: the address of the last answer of `past`; where that is all the line asks for,
                it is the answer once more.

        Raises:
            Busy: when too many wait.
        """

        def save(reply: Reply) -> SavedAnswer:
            if reply.report and reply.turn:
                # The report names the pictures; where they lie is known here.
                question = reply.report.question.model_copy(update={"images": past.images})
                return self.answers.save(question, reply.report)
            if reply.report and (again := self.answers.get(about)):
                return again
            said = question_from(line, images=past.images, turns=past.turns)
            return self.answers.save(said, reply.report or reply.lines)

        return self._talk(line, past, wanted, save)

    def _talk(self, line: str, past: Past, wanted: Wanted, made_of: Callable[[Reply], T]) -> Job[T]:
        agent = self._agent(wanted)

        def work(job: Job[T]) -> T:
            return made_of(reply_to_line(agent, line, past, partial(_asked, agent, job)))

        return self.jobs.start(work, pictures=_takes_turns(past.images, agent))

    def compare(self, order: Order) -> Job[SavedAnswer]:
        """Put models side by side on the pictures of `order`, and save the page that shows them.

        Raises:
            Busy: when too many wait.
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
        """Restore a picture, as `groundglass restore` does; its answer has the line that the
        command prints, and the result beside it.

        Args:
            factor: enlarge both sides by this first, in [1, 8].

        Raises:
            Busy: when too many wait.
        """
        from agent.web.restoring import restored

        def work(job: Job[SavedAnswer]) -> SavedAnswer:
            tell: Callable[[str], None] = partial(job.tell, "progress")
            with self.workspace.temporary() as folder:
                line, result = restored(picture, factor, folder, self.agent, tell)
                question = Question(text="Restore this picture.", images=(picture,), upscale=factor)
                return self.answers.save(question, [line], {result.name: result.read_bytes()})

        return self.jobs.start(work, pictures=True)

    def _agent(self, wanted: Wanted) -> Agent:
        """The agent with the settings that a question comes with."""
        agent = self.agent
        if wanted.evidence and wanted.evidence != agent.settings.evidence:
            agent = agent.with_settings(evidence=wanted.evidence)
        if wanted.offline and agent.llm:
            agent = agent.with_settings(model=None)
        return agent


def _takes_turns(images: Sequence[Path], agent: Agent) -> bool:
    """Whether answering takes long: it works on pictures, or asks a language model."""
    return bool(images) or agent.llm is not None


def _asked(agent: Agent, job: Job[Any], question: Question) -> Report:
    tell: Callable[[str], None] = partial(job.tell, "progress")
    on_statement: Callable[[Statement | None], None] = partial(job.tell, "statement")
    return without_paths(agent.ask(question, tell, on_statement=on_statement))
