"""What a sentence of a language model may rest on, under the short keys that its prompt uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A fact of the registry, or a measurement on the person's picture."""

    key: str
    """Such as `F3` or `M1`."""
    text: str
    """A sentence with its numbers, as the offline composer would tell it."""
    claims: tuple[str, ...] = ()
    """The fact's id, `card/name`."""
    evidence: tuple[str, ...] = ()
    """Ids of the measurements; empty for a fact."""
    names: tuple[str, ...] = ()
    """What the system that the fact is about is called: its name, aliases and title."""

    @property
    def is_measured(self) -> bool:
        return bool(self.evidence)

    @property
    def card(self) -> str:
        """Id of the card that a fact is of; empty for a measurement that is of none."""
        return self.claims[0].partition("/")[0] if self.claims else ""


@dataclass(frozen=True)
class Context:
    """What beside its sources a sentence may take its words from."""

    question: str
    """The question, with those before it in the conversation."""
    language: str
    """Code of the language that the answer is to be in, such as `de`."""
    names: tuple[str, ...] = ()
    """What all systems that may be cited are called."""
