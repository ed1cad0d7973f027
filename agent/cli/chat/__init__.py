"""The command `chat`: questions and follow-ups, from a prompt or from a pipe."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from agent.cli.chat.conversation import COMMANDS, Conversation
from agent.cli.chat.prompt import Prompt, piped_lines
from agent.files import standard_input
from agent.report.single_line import plain

if TYPE_CHECKING:
    from agent.cli.log import Log, Session
    from agent.pipeline import Agent

_GREETING = "Ask about an image model. /image FILE attaches a picture, /help shows the rest."


def chat(
    agent: Agent,
    session: Session,
    log: Log | None,
    images: Sequence[Path] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> int:
    """Chat until the input ends, and return the exit code.

    The conversation continues `session`, and every answer is saved in `log`, if there is one.

    On a terminal there is a prompt with line editing. Otherwise every line of standard input is a
    question or a command, and the answers are Markdown.
    """
    piped = standard_input()
    talk = Conversation(agent, Console(), Console(stderr=True), session, log, progress)
    for image in images:
        talk.attach(image)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        for line in piped_lines(piped):
            if not talk.take(line):
                break
        return 0
    talk.say(_GREETING)
    talk.greet()
    return converse(talk, Prompt(agent.settings.cache / "chat_history", complete))


def converse(talk: Conversation, prompt: Callable[[str], str]) -> int:
    """Read lines from a person: Ctrl-C drops the line or the answer, Ctrl-D ends the chat."""
    while True:
        try:
            if not talk.take(prompt(talk.label())):
                return 0
        except KeyboardInterrupt:
            talk.say("")
        except EOFError:
            talk.say("")
            return 0


def complete(line: str, word: str) -> list[str]:
    """Complete commands at the beginning of a line, and files after a command."""
    if line.startswith(("/image ", "/save ")):
        paths = sorted(glob.glob(glob.escape(os.path.expanduser(word)) + "*"))
        return [path + "/" * os.path.isdir(path) for path in paths if path == plain(path)]
    return [f"{name} " for name in COMMANDS if name.startswith(word)] if line == word else []
