"""The cost of a language model: tokens, money, and caps on both."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from agent.errors import ConfigError, ServiceError

#: Largest number of tokens in a reply, whatever the caps: no answer needs more.
MOST_OUTPUT = 8_000
_LEAST_OUTPUT = 200
#: Characters per token, if a server does not count: a low value, so that the estimate is rather
#: too high.
_CHARACTERS = 3


class Spent(ServiceError):
    """A cap on tokens or money is reached; the model was not called."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float
    source: str
    """Origin and date of the price."""

    @classmethod
    def parse(cls, text: str) -> Price:
        """Parse `IN/OUT`, as `--price` takes it.

        Raises:
            ConfigError: for anything but two non-negative numbers.
        """
        try:
            first, second = map(float, text.split("/"))
        except ValueError:
            first = second = -1.0
        if not (0 <= first < float("inf") and 0 <= second < float("inf")):
            raise ConfigError(
                f"the price {text!r} is malformed; expected US dollars per million tokens in and "
                "out, such as 0.4/1.6"
            )
        return cls(first, second, "set with --price")


_LIST_PRICE = "list price of 2026-05-07, without discounts"
#: List prices by model; all other models have no known price.
PRICES = {
    "openai:gpt-4.1": Price(2.00, 8.00, _LIST_PRICE),
    "openai:gpt-4.1-mini": Price(0.40, 1.60, _LIST_PRICE),
    "openai:gpt-4.1-nano": Price(0.10, 0.40, _LIST_PRICE),
    "openai:gpt-4o-mini": Price(0.15, 0.60, _LIST_PRICE),
}


@dataclass(frozen=True)
class Spending:
    """The number and cost of calls to models."""

    calls: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    estimated: bool = False
    usd: float | None = 0.0
    """None if a price is unknown."""

    def __add__(self, other: Spending) -> Spending:
        return self._with(other, 1)

    def __sub__(self, other: Spending) -> Spending:
        return self._with(other, -1)

    def _with(self, other: Spending, sign: int) -> Spending:
        is_priced = self.usd is not None and other.usd is not None
        return Spending(
            self.calls + sign * other.calls,
            self.cached + sign * other.cached,
            self.input + sign * other.input,
            self.output + sign * other.output,
            self.estimated or other.estimated,
            (self.usd or 0.0) + sign * (other.usd or 0.0) if is_priced else None,
        )


@dataclass
class Meter:
    """Counts spending and enforces caps; thread-safe."""

    price: Price | None = None
    max_tokens: int | None = None
    max_usd: float | None = None
    calls: int = 0
    cached: int = 0
    """Number of replies from the cache, which cost nothing."""
    input: int = 0
    output: int = 0
    estimated: bool = False
    """Whether some tokens were estimated from characters, since a server did not count."""
    beside: Meter | None = field(default=None, repr=False, compare=False)
    """The meter of another model whose spending counts towards the same caps."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.max_usd is not None and self.price is None:
            raise ConfigError(
                "--max-usd cannot be enforced: the price of this model is unknown; set --price "
                "IN/OUT, in US dollars per million tokens, or use --max-tokens"
            )

    @property
    def tokens(self) -> int:
        return self.input + self.output

    @property
    def usd(self) -> float | None:
        """US dollars spent; None if the price is unknown."""
        if self.price is None:
            return None
        return (self.input * self.price.input + self.output * self.price.output) / 1e6

    @property
    def spending(self) -> Spending:
        return Spending(self.calls, self.cached, self.input, self.output, self.estimated, self.usd)

    def room(self, text: str) -> int:
        """Return the number of tokens that a reply to `text` may have.

        Raises:
            Spent: if the caps leave too little for an answer.
        """
        tokens = estimate(text)
        room = float(MOST_OUTPUT)
        both = self.spending + (self.beside.spending if self.beside else Spending())
        spent = both.input + both.output
        if self.max_tokens is not None:
            room = min(room, self.max_tokens - spent - tokens)
        if self.max_usd is not None and self.price is not None and both.usd is not None:
            money = self.max_usd * 1e6 - both.usd * 1e6 - tokens * self.price.input
            room = min(
                room,
                money / self.price.output if self.price.output else money * MOST_OUTPUT,
            )
        if room < _LEAST_OUTPUT:
            cap = f"--max-usd {self.max_usd:g}" if self.max_usd is not None else ""
            cap = " and ".join(
                filter(None, (f"--max-tokens {self.max_tokens}" if self.max_tokens else "", cap))
            )
            raise Spent(
                f"the cap is reached ({cap}; {spent:,} tokens spent), so the model was not called; "
                "raise the cap to continue"
            )
        return int(room)

    def add(self, text: str, reply: str, tokens: tuple[int, int] | None) -> None:
        """Record one call, with the tokens in and out as the server counted them.

        A count of zero means that the server did not count.
        """
        if tokens and (tokens[0] <= 0 or (reply and tokens[1] <= 0)):
            tokens = None
        with self._lock:
            self.calls += 1
            self.estimated |= tokens is None
            into, out = tokens or (estimate(text), estimate(reply))
            self.input += into
            self.output += out


def estimate(text: str) -> int:
    """Estimate the tokens of a text, rather too high."""
    return len(text) // _CHARACTERS + 1
