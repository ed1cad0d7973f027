"""The sources of a language model's sentences, under the short keys of its prompt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A fact of the registry, or a measurement on the person's picture."""

    key: str
    """Key such as `F3` or `M1`."""
    text: str
    """A sentence with its numbers, as the offline composer would write it."""
    claims: tuple[str, ...] = ()
    """Id of the fact, `card/name`."""
    evidence: tuple[str, ...] = ()
    """Ids of the measurements; empty for a fact."""
    names: tuple[str, ...] = ()
    """Name, aliases and title of the system that the fact is about."""

    @property
    def is_measured(self) -> bool:
        return bool(self.evidence)

    @property
    def card(self) -> str:
        """Id of the card of a fact; empty for a measurement without a card."""
        return self.claims[0].partition("/")[0] if self.claims else ""


@dataclass(frozen=True)
class Context:
    """What a sentence may draw on beside its sources."""

    question: str
    """The question and the earlier ones of the conversation."""
    language: str
    """Code of the answer's language, such as `de`."""
    names: tuple[str, ...] = ()
    """Names of all systems that may be cited."""
