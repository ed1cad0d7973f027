"""Cards: the entries of the registry, and the facts that answers may cite from them."""

# No `from __future__ import annotations`: Pydantic would have to compile each one at import.

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from agent.text import format_list
from agent.types.base import FrozenModel

Subject = Literal[
    "any", "photo", "faces", "text", "anime", "cartoon", "manga", "pixel-art", "cgi",
    "game-textures", "game-screenshots", "video-frames", "ai-generated",
]  # fmt: skip
"""What a model's pictures show; `any` for a model without a particular subject."""
Defect = Literal[
    "blur", "noise", "compression", "jpeg", "dds", "dithering", "halftone", "halos", "banding",
    "aliasing",
]  # fmt: skip
"""What a model removes from pictures; `compression` covers any kind, including JPEG's."""
#: Wording of the keys of `Subject` and `Defect` in a sentence, where it differs.
SUBJECT_NAMES: Mapping[str, str] = {
    "any": "pictures of any kind", "photo": "photographs", "cartoon": "cartoons",
    "pixel-art": "pixel art", "cgi": "rendered pictures", "game-textures": "game textures",
    "game-screenshots": "screenshots of games", "video-frames": "frames of videos",
    "ai-generated": "pictures made by generative models",
}  # fmt: skip
DEFECT_NAMES: Mapping[str, str] = {
    "compression": "compression artefacts", "jpeg": "JPEG artefacts",
    "dds": "DDS compression artefacts", "halftone": "halftone dots",
}  # fmt: skip
PROGRAM = "groundglass"
"""Id of the card of this program, which no card of a registry may have."""
SPANNING = "*"
"""Holder of the curated answers that span cards; no card may have this id."""


class Claim(FrozenModel):
    """A citable sentence about a system, with its source."""

    id: str
    text: str
    source: str
    """Paper with section or table, or repository file."""
    tags: tuple[str, ...] = ()
    """Effects and topics that it is about, such as edges, text, blur, speed, loss, licence."""
    test: str | None = None
    """Name of a test in `agent.systems.catalogue` for what it predicts about a picture."""
    mechanism: str | None = None
    """Part of the system that it is about, such as `multi-output decoder`."""

    def __hash__(self) -> int:
        return hash(self.id)


class CardStep(FrozenModel):
    """One step from input to output in a system's card."""

    stage: Literal["input", "model", "output"]
    text: str
    claims: tuple[str, ...] = ()
    """Ids of the card's claims that explain this step."""


class Licence(FrozenModel):
    name: str
    forbids: str | None = None
    """What it forbids, in one sentence."""


class PublishedMeasure(FrozenModel):
    """A figure reported in the literature, never one measured by this program."""

    quantity: str
    value: float
    dataset: str
    source: str
    unit: str = ""


class AnswerRow(FrozenModel):
    """A row of the small table in a curated answer."""

    label: str
    """Subject of the row, such as the name of a system."""
    text: str
    facts: tuple[str, ...]


class CuratedAnswer(FrozenModel):
    """A question in the wordings that people use, and its answer, written by hand."""

    ask: tuple[str, ...]
    answer: str
    """One to three sentences of plain prose, the direct answer first."""
    facts: tuple[str, ...]
    """Supporting facts: ids `card/name`, or only `name` for those of the same card."""
    rows: tuple[AnswerRow, ...] = ()
    listing: str | None = None
    """Text for the reader to copy, such as a command; shown verbatim."""

    def within(self, card: str) -> "CuratedAnswer":
        """Return a copy with fully qualified fact ids, `card/name`."""

        def full(facts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(fact if "/" in fact else f"{card}/{fact}" for fact in facts)

        rows = tuple(row.model_copy(update={"facts": full(row.facts)}) for row in self.rows)
        return self.model_copy(update={"facts": full(self.facts), "rows": rows})


class Card(FrozenModel):
    """An entry of the registry: a system, claims about it, and their sources."""

    id: str
    name: str
    task: str
    summary: str
    links: dict[str, str]
    """https URLs by label, such as `paper` or `code`."""
    title: str | None = None
    """Title of the paper; if None, the name is used."""
    aliases: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    arxiv: str | None = None
    inputs: str | None = None
    outputs: str | None = None
    flow: str | None = None
    """The way from input to output on one line, with arrows."""
    workflow: tuple[CardStep, ...] = ()
    claims: tuple[Claim, ...] = ()
    limits: tuple[Claim, ...] = ()
    licence: Licence | None = None
    weights: str | None = None
    scale: tuple[int, ...] = ()
    """Factors by which it enlarges; 1 if it keeps the size."""
    subjects: tuple[Subject, ...] = ()
    removes: tuple[Defect, ...] = ()
    architecture: str | None = None
    """Architecture of its network, by its common name, such as `ESRGAN`."""
    sha256: tuple[str, ...] = ()
    """SHA-256 hashes of its published weights files."""
    commercial_use: bool | None = None
    """Whether the licence of the weights allows commercial use; None if unknown."""
    based_on: tuple[str, ...] = ()
    """Models from whose weights it was trained: ids of cards, or names of others."""
    measures: tuple[PublishedMeasure, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of cards that complement this one."""
    beside: dict[str, str] = {}
    """What this card adds to others: ids of claims of this card, by id of the other card."""
    tool: str | None = None
    """Key of the tool that can run it, one of `agent.systems.catalogue`."""
    examples: tuple[str, ...] = ()
    """Questions that this card answers, included in the search."""
    questions: tuple[CuratedAnswer, ...] = ()
    """Questions with curated answers, included in the search."""

    def __hash__(self) -> int:
        return hash(self.id)

    def facts(self) -> Mapping[str, str]:
        """Return all facts of this card that an answer may state, by id `card/name`."""
        return _facts(self)


@lru_cache(maxsize=256)  # every answer about a card asks for them
def _facts(card: Card) -> Mapping[str, str]:
    facts = {"summary": card.summary, "task": card.task}
    facts |= {claim.id: claim.text for claim in (*card.claims, *card.limits)}
    facts |= {f"workflow-{i}": step.text for i, step in enumerate(card.workflow, 1)}
    facts |= _model_facts(card)
    for name, text in (
        ("inputs", card.inputs), ("outputs", card.outputs), ("flow", card.flow),
        ("weights", card.weights),
    ):  # fmt: skip
        if text:
            facts[name] = text
    if card.licence:
        facts["licence"] = ". ".join(filter(None, (card.licence.name, card.licence.forbids)))
    if publication := _publication(card):
        facts["publication"] = publication
    for i, m in enumerate(card.measures, 1):
        unit = f" {m.unit}" if m.unit else ""
        facts[f"measure-{i}"] = f"{m.quantity} {m.value:g}{unit} on {m.dataset} ({m.source})"
    return MappingProxyType({f"{card.id}/{name}": text for name, text in facts.items()})


MODEL_FACTS = frozenset(
    ("scale", "subjects", "removes", "architecture", "sha256", "commercial-use", "based-on")
)
"""Names of the facts about a model from fields of its card."""


def _model_facts(card: Card) -> Mapping[str, str]:
    """Return the fields of a card about its model, each as a sentence."""
    name, sentences = card.name, {}
    if card.scale == (1,):
        sentences["scale"] = f"{name} keeps the size of a picture (1×)."
    elif card.scale:
        factors = format_list([f"{factor}×" for factor in card.scale], "or")
        sentences["scale"] = f"{name} enlarges a picture {factors}."
    if card.subjects:
        subjects = format_list([SUBJECT_NAMES.get(subject, subject) for subject in card.subjects])
        sentences["subjects"] = f"{name} is made for {subjects}."
    if card.removes:
        defects = format_list([DEFECT_NAMES.get(defect, defect) for defect in card.removes])
        sentences["removes"] = f"{name} removes {defects}."
    if card.architecture:
        sentences["architecture"] = f"The architecture of {name} is {card.architecture}."
    if card.sha256:
        sentences["sha256"] = f"{name} comes in files with the SHA-256 {format_list(card.sha256)}."
    if card.commercial_use is not None:
        verb = "allows" if card.commercial_use else "forbids"
        sentences["commercial-use"] = f"The licence of {name} {verb} commercial use."
    if card.based_on:
        sentences["based-on"] = (
            f"{name} was trained from the weights of {format_list(card.based_on)}."
        )
    return sentences


def _publication(card: Card) -> str:
    """Return a sentence on who published a system where and when, as far as its card says."""
    authors = format_list(card.authors)
    venue = card.venue or ""
    year = str(card.year or "")
    where = venue if year in venue else ", ".join(filter(None, (venue, year)))
    details = " ".join(filter(None, (authors and f"by {authors}", where and f"({where})")))
    return f"{card.name} was published {details}." if details else ""
