"""The schemas of a language model's replies. Every key is required, since services demand that."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["fact", "inference", "advice"]
"""What a sentence does with its sources: state them, draw a conclusion from them, or recommend
something because of them."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(_Form):
    """One sentence in the model's own words."""

    text: str
    kind: Kind
    sources: list[str]
    """Keys of its sources, such as `F3` for a fact and `M1` for a measurement."""


class Step(Sentence):
    """One step on the way from the input to the output of a system."""

    stage: Literal["input", "model", "output"]


class Draft(_Form):
    """An answer as a model drafts it, in reading order."""

    task: str
    """What the person wants, restated."""
    answer: list[Sentence]
    steps: list[Step]
    details: list[Sentence]
    limits: list[str]
    """Keys of the limits that bear on the question; the answer quotes them from the registry."""


class Correction(Sentence):
    """A new sentence that replaces one that failed its check."""

    number: int
    """Number of the replaced sentence in the prompt."""


class Corrections(_Form):
    corrections: list[Correction]


class Judgement(_Form):
    """Whether a sentence follows from its sources."""

    number: int
    verdict: Literal["entailed", "partly", "contradicted"]
    missing: str
    """What the sources do not say, in a few words; empty if the sentence is entailed."""


class Judgements(_Form):
    judgements: list[Judgement]
