"""The log of answers: each question, its answer, and its chat session."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.cli.log.database import transaction
from agent.errors import InputError, LogError
from agent.llm.redaction import without_keys
from agent.report.markdown import answer_markdown
from agent.report.schema import to_json
from agent.text import first_unsafe, visible
from agent.types import REMEMBERED_TURNS, Report, Turn

_LONGEST_NAME = 100
_COLUMNS = "id, created, question, status, cards, session, tokens, cost_usd, seconds"


@dataclass(frozen=True)
class Entry:
    """A past answer, as a list shows it."""

    id: int
    created: str
    """ISO 8601, UTC."""
    question: str
    status: str
    cards: tuple[str, ...]
    """Ids of the cited cards, the main one first."""
    session: str | None
    """The chat session that the answer belongs to."""
    tokens: int
    cost_usd: float
    seconds: float


@dataclass(frozen=True)
class Session:
    """A conversation that can be continued."""

    name: str
    turns: tuple[Turn, ...] = ()
    """The latest questions with the cards that their answers cite, oldest first."""
    images: tuple[Path, ...] = ()
    """Pictures attached at the last answer; their files may no longer exist."""
    last: Report | None = None
    """The last answer without its pictures; None if this version cannot read it."""


@dataclass(frozen=True)
class SessionEntry:
    """A chat session, as a list shows it."""

    name: str
    updated: str
    answers: int
    images: tuple[str, ...]
    question: str
    """The first question."""


class Log:
    """The answers of the command line and the chat, in `logs.db` of a folder.

    Several programs may write at once. Every method raises LogError if the file is damaged, locked
    for too long or on a full disk; a caller that still has an answer to print catches it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "logs.db"

    # --- answers ------------------------------------------------------------------------------

    def keep(self, report: Report, session: str | None = None, images: Iterable[Path] = ()) -> int:
        """Save an answer without its pictures and with API keys redacted, and return its id.

        Args:
            session: the chat session that it belongs to.
            images: the pictures attached in that session.
        """
        cards = [reference.card for reference in report.answer.references]
        text = answer_markdown(report.model_copy(update={"pictures": {}}))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with transaction(self.path, write=True) as database:
            if session is not None:
                paths = json.dumps([str(image.absolute()) for image in images])
                database.execute(
                    "INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (name) "
                    "DO UPDATE SET updated = excluded.updated, images = excluded.images",
                    _storable(session, now, paths),
                )
            cursor = database.execute(
                "INSERT INTO answers (created, question, status, cards, session, tokens, cost_usd,"
                " seconds, answer, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _storable(
                    now, without_keys(report.question.text), report.answer.status,
                    json.dumps(cards), session, report.tokens, report.cost_usd, report.seconds,
                    without_keys(text), without_keys(to_json(report)),
                ),
            )  # fmt: skip
            return int(cursor.lastrowid or 0)

    def entries(self, most: int = 0, text: str = "", session: str | None = None) -> list[Entry]:
        """List the latest answers, newest last.

        Args:
            most: largest number of answers; 0 for all.
            text: words that must all occur in the question or the answer, in any case.
            session: restrict the list to this session.
        """
        where, values = ["1"], []
        for word in text.split():
            where.append("instr(casefold(question || char(10) || answer), ?)")
            values.append(word.casefold())
        if session is not None:
            where.append("session = ?")
            values.append(session)
        query = (
            f"SELECT {_COLUMNS} FROM answers WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"
        )
        with transaction(self.path) as database:
            rows = database.execute(query, (*_storable(*values), most or -1)).fetchall()
            return [_entry(row) for row in reversed(rows)]

    def report(self, number: int | None = None) -> str:
        """Return the report of an answer as JSON, by default of the latest.

        Raises:
            InputError: if there is no such answer.
        """
        query = "SELECT report FROM answers WHERE id = ?"
        if number is None:
            query = "SELECT report FROM answers ORDER BY id DESC LIMIT 1"
        with transaction(self.path) as database:
            row = database.execute(query, () if number is None else (number,)).fetchone()
        if row is None:
            which = "no answer" if number is None else f"no answer {number}"
            raise InputError(f"the history has {which}; “groundglass logs” lists its answers")
        return str(row[0])

    def clear(self) -> int:
        """Remove all answers and sessions; return the number of answers. Deletes a damaged log."""
        if not self.path.exists():
            return 0
        try:
            with transaction(self.path, write=True) as database:
                (count,) = database.execute("SELECT count(*) FROM answers").fetchone()
                database.execute("DELETE FROM answers")
                database.execute("DELETE FROM sessions")
                return int(count)
        except LogError as error:
            if type(error.__cause__) is not sqlite3.DatabaseError:
                raise  # locked, full or of a newer version, but not damaged
            self.path.unlink(missing_ok=True)
            return 0

    # --- sessions -----------------------------------------------------------------------------

    def session(self, name: str) -> Session:
        """Return a session by name; a new, empty one if there is none of that name.

        Raises:
            InputError: if the name is invalid.
        """
        if not name.strip() or len(name) > _LONGEST_NAME or first_unsafe(name) is not None:
            raise InputError(
                f"{visible(name[:_LONGEST_NAME])!r} is not a valid session name; expected 1 to "
                f"{_LONGEST_NAME} printable characters"
            )
        with transaction(self.path) as database:
            row = database.execute("SELECT images FROM sessions WHERE name = ?", (name,)).fetchone()
            answers = database.execute(
                "SELECT question, cards, report FROM answers WHERE session = ? "
                "ORDER BY id DESC LIMIT ?",
                (name, REMEMBERED_TURNS),
            ).fetchall()
            turns = tuple(
                Turn(question=question, cards=tuple(json.loads(cards)))
                for question, cards, _ in reversed(answers)
            )
            images = tuple(map(Path, json.loads(row[0]))) if row else ()
        last = None
        with suppress(ValidationError):  # written by another version
            last = Report.model_validate_json(answers[0][2]) if answers else None
        return Session(name=name, turns=turns, images=images, last=last)

    def latest_session(self) -> Session:
        """Return the session of the latest answer in a chat.

        Raises:
            InputError: if there is none.
        """
        with transaction(self.path) as database:
            row = database.execute(
                "SELECT session FROM answers WHERE session IS NOT NULL ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is None:
            raise InputError(
                "there is no session to continue yet; start one with “groundglass chat”"
            )
        return self.session(row[0])

    def sessions(self) -> list[SessionEntry]:
        """List all sessions, the most recently used last."""
        with transaction(self.path) as database:
            rows = database.execute(
                "SELECT name, updated, images, count(*), (SELECT question FROM answers "
                "WHERE session = name ORDER BY id LIMIT 1) FROM sessions JOIN answers "
                "ON session = name GROUP BY name ORDER BY max(answers.id)"
            ).fetchall()
            return [
                SessionEntry(name, updated, count, tuple(json.loads(images)), question)
                for name, updated, images, count, question in rows
            ]


def new_session_name() -> str:
    """Return a name for a new session, such as `2026-03-01-0930-7f3a`, in local time."""
    return f"{datetime.now():%Y-%m-%d-%H%M}-{secrets.token_hex(2)}"


def _entry(row: tuple[Any, ...]) -> Entry:
    number, created, question, status, cards, *rest = row
    return Entry(number, created, question, status, tuple(json.loads(cards)), *rest)


def _storable(*values: object) -> tuple[object, ...]:
    """Escape lone surrogates, which stand for undecodable bytes of file names and are not UTF-8."""
    return tuple(
        v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for v in values
    )
