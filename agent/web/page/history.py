"""The questions of each browser, so that people find their answers and can follow up."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

_MOST_BROWSERS, _MOST_EXCHANGES = 1_000, 50


@dataclass(frozen=True)
class Exchange:
    """A line of a conversation, and the answer to it."""

    line: str
    answer: str
    """The address of the answer."""
    about: str
    """The address of the last report, for follow-ups: of this answer, or of an earlier one."""


class Histories:
    """The exchanges of each browser, by the random id in its cookie.

    The browser that has been idle longest is forgotten first.
    """

    def __init__(self) -> None:
        self._exchanges: OrderedDict[str, list[Exchange]] = OrderedDict()

    def browser(self, cookie: str | None) -> str:
        """Return the browser of a cookie, or a new one if the cookie is unknown."""
        return cookie if cookie and cookie in self._exchanges else secrets.token_urlsafe(16)

    def of(self, browser: str | None) -> tuple[Exchange, ...]:
        """Return the exchanges of a browser, latest first."""
        return tuple(reversed(self._exchanges.get(browser or "", ())))

    def begin(self, browser: str) -> None:
        """Start the history of a browser."""
        self._exchanges.setdefault(browser, [])
        self._exchanges.move_to_end(browser)
        while len(self._exchanges) > _MOST_BROWSERS:
            self._exchanges.popitem(last=False)

    def clear(self, browser: str | None) -> None:
        """Forget a browser and its exchanges."""
        self._exchanges.pop(browser or "", None)

    def add(self, browser: str, exchange: Exchange) -> None:
        """Remember an exchange, if the browser is still known."""
        if (past := self._exchanges.get(browser)) is not None:
            past[:] = [each for each in past if each.answer != exchange.answer]
            past.append(exchange)
            del past[:-_MOST_EXCHANGES]
