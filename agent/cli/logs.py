"""The command `logs`: the history of answers and chat sessions in the data folder."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.cli.log import Entry, Log

_LIST_LENGTH = 20
_QUESTION_LENGTH = 72


def add(group: Group) -> None:
    """Add `logs`."""
    logs = group.add("logs", "list, show, search and clear the history of answers", _list)
    _list_options(logs, default=True)
    verbs = Group(logs, "VERB", required=False)
    _list_options(verbs.add("list", "list past answers, the latest at the end", _list))
    search = verbs.add("search", "list the answers that contain all of these words", _list)
    search.add_argument("text", nargs="+", help="words to find")
    _list_options(search)
    show = verbs.add("show", "print an answer again", _show)
    show.add_argument("id", nargs="?", type=int, help="as the list shows it; default: the latest")
    show.add_argument("--json", action="store_true", help="the whole report")
    sessions = verbs.add("sessions", "list the chat sessions", _sessions)
    sessions.add_argument("--json", action="store_true", help="print JSON")
    verbs.add("path", "print where the history of answers is stored", _path)
    clear = verbs.add("clear", "remove every past answer and session", _clear)
    clear.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _list_options(command: argparse.ArgumentParser, *, default: bool = False) -> None:
    """Add the options of a list; SUPPRESS keeps a verb from resetting options given before it."""
    count, session, as_json = (_LIST_LENGTH, None, False) if default else (argparse.SUPPRESS,) * 3
    add = command.add_argument
    add("-n", "--count", type=int, metavar="N", default=count, help="how many; 0 for all")
    add("--session", metavar="NAME", default=session, help="only those of this chat session")
    add("--json", action="store_true", default=as_json, help="print JSON")


def _log(options: argparse.Namespace) -> Log:
    from agent.cli.log import Log

    return Log(shared.settings(options).data)


def _list(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    if options.count < 0:
        raise InputError(f"-n {options.count}: expected a number of answers to list, 0 for all")
    words = " ".join(getattr(options, "text", []))
    entries = _log(options).entries(options.count, words, options.session)
    if options.json:
        print_exact(json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False))
        return 0
    for entry in entries:
        print(_line(entry))
    if not entries:
        print("No answer matches." if words else "The history has no answers.", file=sys.stderr)
    return 0


def _line(entry: Entry) -> str:
    question = " ".join(visible(entry.question).split())
    if len(question) > _QUESTION_LENGTH:
        question = f"{question[: _QUESTION_LENGTH - 1]}…"
    when = entry.created[:16].replace("T", " ")
    about = entry.cards[0] if entry.cards else entry.status
    return f"{entry.id:>5}  {when}  {visible(about):<18}  {question}"


def _show(options: argparse.Namespace) -> int:
    text = _log(options).report(options.id)
    if options.json:
        print_exact(text)
        return 0
    from pydantic import ValidationError

    from agent.types import Report

    try:
        report = Report.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            "another version of this program wrote this answer in a different format; print the "
            "raw report with --json"
        ) from error
    shared.print_markdown(report)
    return 0


def _sessions(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    sessions = _log(options).sessions()
    if options.json:
        print_exact(json.dumps([asdict(item) for item in sessions], indent=2, ensure_ascii=False))
        return 0
    for item in sessions:
        question = " ".join(visible(item.question).split())[:_QUESTION_LENGTH]
        when = item.updated[:16].replace("T", " ")
        print(f"{visible(item.name)}\t{when}\t{item.answers} answers\t{question}")
    if not sessions:
        print("The history has no sessions.", file=sys.stderr)
    return 0


def _path(options: argparse.Namespace) -> int:
    print(visible(str(_log(options).path)))
    return 0


def _clear(options: argparse.Namespace) -> int:
    log = _log(options)
    if not options.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise InputError("logs clear removes every past answer; confirm with --yes")
        print(f"Remove every answer and session in {visible(str(log.path))}? [y/N] ", end="")
        sys.stdout.flush()
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            print("Nothing removed.")
            return 0
    print(f"{log.clear()} answers removed")
    return 0
