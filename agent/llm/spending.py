"""What a language model costs: tokens, money, and the caps on both."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from agent.errors import ConfigError, ServiceError

#: Most tokens of one reply, whatever is left under the cap: no answer needs more.
MOST_OUTPUT = 8_000
_LEAST_OUTPUT = 200
#: Characters of a token, where a server does not count: fewer than texts have, so that the count
#: is rather too high.
_CHARACTERS = 3


class Spent(ServiceError):
    """A cap on tokens or money is reached; the model was not asked."""


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float
    source: str
    """Who says so, and of which day."""

    @classmethod
    def parse(cls, text: str) -> Price:
        """From `IN/OUT`, as `--price` takes it.

        Raises:
            ConfigError: for anything else than two numbers that are not negative.
        """
        try:
            first, second = map(float, text.split("/"))
        except ValueError:
            first = second = -1.0
        if not (0 <= first < float("inf") and 0 <= second < float("inf")):
            raise ConfigError(
                f"the price {text!r} cannot be read; expected US dollars for a million tokens in "
                "and out, such as 0.4/1.6"
            )
        return cls(first, second, "given with --price")


_LISTED = "list price of 2026-05-07, without discounts"
#: By name, without the provider; whatever is not here has no known price.
PRICES = {
    "openai:gpt-4.1": Price(2.00, 8.00, _LISTED),
    "openai:gpt-4.1-mini": Price(0.40, 1.60, _LISTED),
    "openai:gpt-4.1-nano": Price(0.10, 0.40, _LISTED),
    "openai:gpt-4o-mini": Price(0.15, 0.60, _LISTED),
}


@dataclass(frozen=True)
class Spending:
    """What models were asked and what that cost."""

    calls: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    estimated: bool = False
    usd: float | None = 0.0
    """None where a price is not known."""

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
    """Counts what is spent and says what may still be; safe to share between threads."""

    price: Price | None = None
    max_tokens: int | None = None
    max_usd: float | None = None
    calls: int = 0
    cached: int = 0
    """Replies that were taken from the disk and cost nothing."""
    input: int = 0
    output: int = 0
    estimated: bool = False
    """Whether a server did not count, so that tokens were reckoned from characters."""
    beside: Meter | None = field(default=None, repr=False, compare=False)
    """Of another model, whose spending counts towards the same caps."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.max_usd is not None and self.price is None:
            raise ConfigError(
                "--max-usd cannot be kept: the price of this model is not known; give it with "
                "--price IN/OUT, in US dollars for a million tokens, or use --max-tokens"
            )

    @property
    def tokens(self) -> int:
        return self.input + self.output

    @property
    def usd(self) -> float | None:
        """US dollars spent; None where the price is not known."""
        if self.price is None:
            return None
        return (self.input * self.price.input + self.output * self.price.output) / 1e6

    @property
    def spending(self) -> Spending:
        return Spending(self.calls, self.cached, self.input, self.output, self.estimated, self.usd)

    def room(self, text: str) -> int:
        """How many tokens a reply to `text` may have.

        Raises:
            Spent: when what is left under a cap is too little for an answer.
        """
        tokens = estimate(text)
        room = float(MOST_OUTPUT)
        both = self.spending + (self.beside.spending if self.beside else Spending())
        spent = both.input + both.output
        if self.max_tokens is not None:
            room = min(room, self.max_tokens - spent - tokens)
        if self.max_usd is not None and self.price is not None and both.usd is not None:
            left = self.max_usd * 1e6 - both.usd * 1e6 - tokens * self.price.input
            room = min(room, left / self.price.output if self.price.output else left * MOST_OUTPUT)
        if room < _LEAST_OUTPUT:
            cap = f"--max-usd {self.max_usd:g}" if self.max_usd is not None else ""
            cap = " and ".join(
                filter(None, (f"--max-tokens {self.max_tokens}" if self.max_tokens else "", cap))
            )
            raise Spent(
                f"the cap is reached ({cap}; {spent:,} tokens spent): the model was not "
                "asked; raise the cap to go on with it"
            )
        return int(room)

    def add(self, text: str, reply: str, tokens: tuple[int, int] | None) -> None:
        """Note one call, with the tokens in and out as the server counted them.

        No message goes without tokens: where a server says so, it did not count.
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
    """About how many tokens a text has, rather too many."""
    return len(text) // _CHARACTERS + 1
