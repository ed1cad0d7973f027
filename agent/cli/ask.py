"""The commands that answer: `ask`, `chat` and `brief`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.cli import asked_comparison, shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.report.formats import FORMATS, text_formats
from agent.text import visible

if TYPE_CHECKING:
    from agent.cli.log import Log, Session
    from agent.pipeline import Agent
    from agent.settings import Settings
    from agent.types import Question, Report, Statement


def add(group: Group) -> None:
    """Add `ask`, `chat` and `brief`."""
    _ask_options(group.add("ask", "answer a question, with or without pictures", ask))
    talk = group.add("chat", "ask and follow up at a prompt", chat)
    _chat_options(talk)
    write = group.add("brief", "write a brief for any assistant to answer from", brief)
    write.add_argument("question", nargs="+", help="the question for the assistant")


def _ask_options(ask: argparse.ArgumentParser) -> None:
    shared.picture_options(ask)
    add = ask.add_argument
    add("question", nargs="*", help="the question; - reads it from standard input")
    add(
        "--upscale", type=int, choices=range(1, 9), metavar="N",
        help="enlarge pictures by a factor of N first, 1 to 8; default: the factor in the question",
    )  # fmt: skip
    add(
        "--brief",
        type=shared.path,
        metavar="FILE",
        help="answer this brief, using only what it lists",
    )
    formats = [form.key for form in text_formats()]
    add("-f", "--format", choices=formats, default="markdown", help="what to print")
    add(
        "-o",
        "--output",
        type=shared.folder,
        metavar="FOLDER",
        help="save the report and its pictures here",
    )
    asked_comparison.add_options(ask)
    add("--agent", action="store_true", help="let the language model choose the experiments")
    shared.log_option(ask)
    shared.model_options(ask)
    add("--strict", action="store_true", help="exit with 1 if the answer is not verified")


def _chat_options(talk: argparse.ArgumentParser) -> None:
    shared.picture_options(talk)
    shared.model_options(talk)
    shared.log_option(talk)
    which = talk.add_mutually_exclusive_group()
    which.add_argument(
        *("-c", "--continue"),
        dest="resume",
        action="store_true",
        help="continue the last session",
    )
    which.add_argument(
        "--session", metavar="NAME", help="continue this session, or start one of that name"
    )


def ask(options: argparse.Namespace) -> int:
    if bool(options.question) == bool(options.brief):
        raise InputError("give either a question or --brief FILE; see groundglass ask --help")
    if options.compare:
        return asked_comparison.compare_for_question(options)
    if options.compared:
        raise InputError("--with names models for --compare; give both options or neither")
    if options.agent and options.brief:
        raise InputError("--agent does not work with --brief; leave one of them out")
    if options.output and options.output.exists() and not options.output.is_dir():
        raise InputError(f"{options.output} is a file; name a folder for the report")
    report = _answer(options)
    if options.output:
        from agent.report.folder import write

        write(report, options.output)
    _print_report(report, options.format, saved=bool(options.output))
    shared.keep(report, shared.settings(options))
    if options.output:
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    if not options.quiet and (command := asked_comparison.compare_command(report, options)):
        print(f"To measure models on it: {command}", file=sys.stderr)
    return 1 if options.strict and not report.verification.passed else 0


def _answer(options: argparse.Namespace) -> Report:
    """Answer; on a terminal, show sentences while a language model writes them."""
    from agent.pipeline import Agent

    text = " ".join(options.question)
    question = None
    if not options.brief:
        question = shared.question(text, tuple(options.image), options.upscale)
    agent, progress = Agent(shared.settings(options)), shared.progress(options)
    if agent.llm and options.format == "markdown" and sys.stdout.isatty():
        from rich.console import Console

        from agent.cli.streaming import Streaming

        with Streaming(Console(), progress) as stream:
            return _report(agent, question, options, stream.progress, stream.on_statement)
    try:
        return _report(agent, question, options, progress, lambda _: None)
    finally:
        progress("")  # erases the last line of progress


def _report(
    agent: Agent,
    question: Question | None,
    options: argparse.Namespace,
    progress: Callable[[str], None],
    on_statement: Callable[[Statement | None], None],
) -> Report:
    if question is None:
        images = tuple(options.image)
        return agent.ask_brief(options.brief, images, options.upscale, progress)
    if options.agent:
        from agent.llm.langchain import ask

        return ask(agent, question, progress, on_statement)
    return agent.ask(question, progress, on_statement=on_statement)


def _print_report(report: Report, form: str, saved: bool) -> None:
    if form == "markdown":
        shared.print_markdown(report, saved=saved)
    else:
        print_exact(FORMATS[form].text(report))


def chat(options: argparse.Namespace) -> int:
    from agent.cli.chat import chat
    from agent.pipeline import Agent

    settings = shared.settings(options)
    session, log = _session(options, settings)
    return chat(Agent(settings), session, log, tuple(options.image), shared.progress(options))


def _session(options: argparse.Namespace, settings: Settings) -> tuple[Session, Log | None]:
    """Return the chat session that was asked for, or a new one, and its log."""
    from agent.cli.log import Log, Session, new_session_name

    if settings.no_log:
        if options.resume or options.session:
            raise InputError("chat sessions need the history of answers; leave out --no-log")
        return Session(""), None
    log = Log(settings.data)
    if options.resume:
        return log.latest_session(), log
    return log.session(options.session or new_session_name()), log


def brief(options: argparse.Namespace) -> int:
    from agent.pipeline import Agent

    question = shared.question(" ".join(options.question))
    print_exact(Agent(shared.settings(options)).brief(question))
    return 0
