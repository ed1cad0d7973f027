"""What each browser asked, so that it finds its answers again and can follow up on them."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

_MOST_BROWSERS, _MOST_EXCHANGES = 1_000, 50


@dataclass(frozen=True)
class Exchange:
    """A line of a conversation, and what it got."""

    line: str
    answer: str
    """The address of the answer."""
    about: str
    """The address of the last report, which a follow-up may look at: this answer or one before."""


class Histories:
    """The exchanges of browsers by the random name that each bears in a cookie.

    A browser that asked nothing for the longest time is forgotten first.
    """

    def __init__(self) -> None:
        self._exchanges: OrderedDict[str, list[Exchange]] = OrderedDict()

    def browser(self, cookie: str | None) -> str:
        """The browser that a cookie names; a new one where it names none that is known."""
        return cookie if cookie and cookie in self._exchanges else secrets.token_urlsafe(16)

    def of(self, browser: str | None) -> tuple[Exchange, ...]:
        """What a browser asked, the latest first."""
        return tuple(reversed(self._exchanges.get(browser or "", ())))

    def begin(self, browser: str) -> None:
        """Know a browser from now on."""
        self._exchanges.setdefault(browser, [])
        self._exchanges.move_to_end(browser)
        while len(self._exchanges) > _MOST_BROWSERS:
            self._exchanges.popitem(last=False)

    def clear(self, browser: str | None) -> None:
        """Forget what a browser asked, and the browser."""
        self._exchanges.pop(browser or "", None)

    def add(self, browser: str, exchange: Exchange) -> None:
        """Remember an exchange, where the browser is still known."""
        if (past := self._exchanges.get(browser)) is not None:
            past[:] = [each for each in past if each.answer != exchange.answer]
            past.append(exchange)
            del past[:-_MOST_EXCHANGES]
