"""One conversation: its turns, attached pictures and last answer, and the chat commands."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from agent.cli.log import Log, Session
from agent.cli.streaming import Streaming
from agent.cli.streams import print_exact
from agent.conversation import closer_look as looking
from agent.errors import GroundglassError, InputError
from agent.files import folder_of, path_of
from agent.report.formats import bibliographies
from agent.report.single_line import plain
from agent.types import REMEMBERED_TURNS

if TYPE_CHECKING:
    from agent.pipeline import Agent
    from agent.types import Question, Report

COMMANDS = {
    "/image": "FILE   attach a picture; alone: list those attached; /image clear: detach all",
    "/why": "why this system was matched, and what each sentence rests on",
    "/evidence": "what was measured, and how",
    "/references": f"[{'|'.join(bibliographies())}] what the last answer cites",
    "/model": "[NAME] show or set the language model; /model none: answer offline",
    "/models": "[TEXT] list the systems that answers may cite",
    "/save": "FOLDER save the last answer with its pictures",
    "/help": "show this",
    "/quit": "leave the chat, as Ctrl-D does",
}
_WORDS_TO_LEAVE = ("quit", "exit", "/exit")
_MOST_MODELS = 50


class Conversation:
    """The turns so far, the attached pictures, and the last answer."""

    def __init__(
        self,
        agent: Agent,
        out: Console,
        err: Console,
        session: Session,
        log: Log | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Continue `session`; answers go to `out` and into `log`, errors to `err`.

        Pictures of the session whose files no longer exist are reported and left out.
        """
        self._agent = agent
        self._progress = progress
        self._out = out
        self._err = err
        self._session = session.name
        self._log = log
        self._turns = list(session.turns)
        self._last = session.last
        self._images = [image for image in session.images if image.is_file()]
        for image in session.images:
            if image not in self._images:
                self._complain(f"{image}: this picture of the session no longer exists")

    def label(self) -> str:
        """Return the prompt: the attached pictures and `>`."""
        names = ", ".join(plain(image.name) for image in self._images)
        return f"[{names}] > " if names else "> "

    def greet(self) -> None:
        """Say which session continues, if one does."""
        if self._turns:
            last = plain(self._turns[-1].question)
            self.say(f"Continuing session {plain(self._session)}; your last question was: {last}")

    def say(self, text: str) -> None:
        self._out.print(Text(text), soft_wrap=True)

    def take(self, line: str) -> bool:
        """Answer a question or run a command; return False if the person wants to leave.

        Errors are printed in one line, and the conversation continues.
        """
        line = line.strip()
        word, _, rest = line.partition(" ")
        if word == "/quit" or line in _WORDS_TO_LEAVE:
            return False
        try:
            if line.startswith("/"):
                self._command(word, rest.strip())
            elif line:
                self._answer(line)
        except BrokenPipeError:
            raise  # the reader has gone
        except GroundglassError as error:
            self._complain(str(error))
        except KeyboardInterrupt:
            if not self._out.is_terminal:
                raise
            self._complain("interrupted; ask the next question")
        except OSError as error:
            self._complain(f"{error.filename or 'the system'}: {error.strerror or error}")
        except Exception as error:
            self._complain(f"this is a bug, please report it: {error!r}")
        return True

    def attach(self, image: Path) -> None:
        """Attach a picture to the questions that follow.

        Raises:
            InputError: if there is no such file.
        """
        if image.is_dir() or not image.exists():
            what = "this is a folder" if image.is_dir() else "there is no such file"
            raise InputError(f"{image}: {what}; name a picture")
        if image not in self._images:
            self._images.append(image)

    def _complain(self, message: str) -> None:
        self._err.print(Text(plain(message), "yellow"), soft_wrap=True)

    # --- questions ----------------------------------------------------------------------------

    def _answer(self, line: str) -> None:
        from agent.conversation import Past, reply_to_line

        past = Past(tuple(self._turns), self._last, tuple(self._images))
        reply = reply_to_line(self._agent, line, past, self._report_on)
        if reply.report:
            self._show(reply.report)
        self._print_lines(reply.lines)
        if turn := reply.turn:
            assert reply.report
            self._turns = [*self._turns, turn][-REMEMBERED_TURNS:]
            self._last = reply.report
            if self._log:
                self._log.keep(reply.report, self._session, self._images)

    def _report_on(self, question: Question) -> Report:
        """Answer, as an agent if the language model can use tools."""
        from agent.llm.langchain import ask, can_act

        with Streaming(self._out, self._progress) as stream:
            if can_act(self._agent):
                return ask(self._agent, question, stream.progress, stream.on_statement)
            return self._agent.ask(question, stream.progress, on_statement=stream.on_statement)

    def _show(self, report: Report) -> None:
        if self._out.is_terminal:
            from agent.report.terminal import print_report

            print_report(report, self._out)
            self.say("")
        else:
            from agent.report.markdown import to_markdown

            # The pictures are not saved, so Markdown cannot link to them.
            text = to_markdown(report.model_copy(update={"pictures": {}}))
            print_exact(f"{text}\n", self._out.file)

    # --- commands -----------------------------------------------------------------------------

    def _command(self, word: str, rest: str) -> None:
        commands = {
            "/image": self._image,
            "/why": lambda _: self._print_lines(self._why(self._last_report())),
            "/evidence": lambda _: self._print_lines(looking.evidence(self._last_report())),
            "/references": self._references,
            "/model": self._model,
            "/models": self._models,
            "/save": self._save,
            "/help": self._help,
        }
        if word in commands:
            commands[word](rest)
        elif files := _existing(f"{word} {rest}".strip()):
            self._image(" ".join(map(shlex.quote, map(str, files))))  # dropped onto the terminal
        else:
            near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise InputError(f"there is no command {word}; {hint}/help lists them all")

    def _image(self, rest: str) -> None:
        if rest == "clear":
            self._images.clear()
        elif rest:
            for path in _existing(rest) or [path_of(rest)]:
                self.attach(path)
        attached = ", ".join(plain(str(image)) for image in self._images)
        self.say(f"Attached: {attached}" if attached else "No picture is attached.")

    def _last_report(self) -> Report:
        if self._last is None:
            raise InputError("there is no answer yet; ask something first")
        return self._last

    def _why(self, last: Report) -> Iterable[str]:
        return looking.why(last, self._agent.sources(last.question).registry)

    def _print_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)

    def _references(self, rest: str) -> None:
        report, forms = self._last_report(), bibliographies()
        if rest in forms:
            text = forms[rest].text(report)
            if self._out.is_terminal:
                self.say(text)
            else:
                print_exact(text, self._out.file)
        elif rest:
            expected = ", ".join(forms)
            raise InputError(f"/references {rest}: expected {expected} or nothing after it")
        else:
            self._print_lines(looking.references(report))

    def _model(self, rest: str) -> None:
        if rest:
            self._agent = self._agent.with_settings(model=None if rest == "none" else rest)
        llm = self._agent.llm
        if llm is None:
            self.say("No language model is set: answers are composed offline.")
        elif llm.client.meter.calls:
            self.say(f"{plain(llm.client.name)}, {llm.client.meter.tokens:,} tokens so far")
        else:
            self.say(f"{plain(llm.client.name)}, not asked yet")

    def _models(self, rest: str) -> None:
        count = 0
        for card in self._agent.registry.cards():
            line = f"{plain(card.id)}  {plain(card.name)}: {plain(card.task)}"
            if rest.casefold() not in line.casefold():
                continue
            count += 1
            if count > _MOST_MODELS:
                self.say("… and more; /models TEXT lists those that contain the text")
                return
            self.say(line)
        if not count:
            self.say(f"No system contains {rest!r}." if rest else "The registry is empty.")

    def _save(self, rest: str) -> None:
        report = self._last_report()
        if not rest:
            raise InputError("give a folder: /save FOLDER")
        from agent.report.folder import write

        folder = (_existing(rest) or [folder_of(rest)])[0]
        write(report, folder)
        self.say(f"Saved in {plain(str(folder))}")

    def _help(self, _: str) -> None:
        for name, text in COMMANDS.items():
            self.say(f"{name:12}{text}")
        self.say(
            "Anything else is a question; “and how fast is it?”, “why?” or “shorter” "
            "are about the last answer."
        )


def _existing(text: str) -> list[Path]:
    """Return the files that a text names, whole or split as by a shell; [] if one is missing."""
    with suppress(InputError):
        if (path := path_of(text)).exists():
            return [path]
    try:
        paths = [path_of(word) for word in shlex.split(text)]
    except (InputError, ValueError):
        return []
    return paths if all(path.exists() for path in paths) else []
