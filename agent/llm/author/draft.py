"""The forms that a language model fills in. Every key is required: services demand that."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["fact", "inference", "advice"]
"""What a sentence does with its sources: states them, draws a conclusion from them, or recommends
something because of them."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(_Form):
    """One sentence in the model's own words."""

    text: str
    kind: Kind
    sources: list[str]
    """Keys of what it rests on, such as `F3` for a fact and `M1` for a measurement."""


class Step(Sentence):
    """One step on the way from the input to the output of a system."""

    stage: Literal["input", "model", "output"]


class Draft(_Form):
    """An answer as a model drafts it, in the order in which it is to be read."""

    task: str
    """What the person wants, told back."""
    answer: list[Sentence]
    steps: list[Step]
    details: list[Sentence]
    limits: list[str]
    """Keys of the limits that bear on the question; they are told in the registry's words."""


class Correction(Sentence):
    """Another sentence in the place of one that did not pass."""

    number: int
    """Of the sentence that it replaces, as the prompt counts them."""


class Corrections(_Form):
    corrections: list[Correction]


class Judgement(_Form):
    """Whether what a sentence says follows from its sources."""

    number: int
    verdict: Literal["entailed", "partly", "contradicted"]
    missing: str
    """What the sources do not say, in a few words; empty where the sentence is entailed."""


class Judgements(_Form):
    judgements: list[Judgement]
