"""Live display of a language model's checked sentences, until the whole answer is ready."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.report.single_line import plain

if TYPE_CHECKING:
    from agent.types import Statement

_WIDEST = 100


class Streaming:
    """Shows statements while the answer is being written, and erases them before it is printed.

    Does nothing if the console is not a terminal. Suppresses progress once the first sentence is
    shown, since both would write to the same place.
    """

    def __init__(self, console: Console, progress: Callable[[str], None] = lambda _: None) -> None:
        self._console = console
        self._progress = progress
        self._live: Live | None = None
        self._sentences: list[str] = []

    def __enter__(self) -> Streaming:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()
        self._progress("")  # erases the last line of progress

    def progress(self, line: str) -> None:
        if not self._live:
            self._progress(line)

    def on_statement(self, statement: Statement | None) -> None:
        """Show one more sentence; None withdraws all of them."""
        if statement is None:
            self._sentences.clear()
        else:
            self._sentences.append(plain(statement.text))
        if self._live is None:
            if statement is None or not self._console.is_terminal:
                return
            self._progress("")
            self._live = Live(console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(self._latest(), refresh=True)

    def _latest(self) -> Text:
        """Return the latest sentences, as many as fit the terminal."""
        width = min(self._console.width, _WIDEST)
        lines = Text("\n".join(self._sentences), "dim").wrap(self._console, width)
        return Text("\n").join(lines[-max(1, self._console.height - 2) :])
