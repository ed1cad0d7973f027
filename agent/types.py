"""Data types: Question → ParsedQuestion → Match → RunResult with Evidence → Answer → Report.

All are frozen Pydantic models that reject unknown fields and round-trip through JSON. Cards, the
entries of the registry, are here too, since every step uses them.
"""

# No `from __future__ import annotations`: Pydantic would have to compile each one at import.

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from agent.errors import InputError
from agent.text import first_unsafe, format_list

MAX_QUESTION_CHARACTERS = 20_000

Intent = Literal[
    "define", "fact", "verify", "compare", "how_to", "explain", "look", "complain", "chat"
]
"""The kind of answer wanted: a definition, a property, whether something is true, which of several,
how to do it here, why or how it works, what the attached picture shows, what went wrong and what to
try; `chat` is small talk, which asks nothing."""
AbstentionReason = Literal["no_model", "ambiguous", "needs_image", "image_unusable"]
Section = Literal["answer", "task", "workflow", "complementary", "evidence", "limits"]
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


class FrozenModel(BaseModel):
    """Base class: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- the registry -----------------------------------------------------------------------------


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


# --- the question -----------------------------------------------------------------------------


class Turn(FrozenModel):
    """An earlier question of the conversation and the cards that its answer cited."""

    question: str
    cards: tuple[str, ...] = ()


#: Number of turns of a conversation that bear on a follow-up.
REMEMBERED_TURNS = 20


class Question(FrozenModel):
    """A person's question; this is the only place that validates it.

    Raises:
        pydantic.ValidationError: if the text is empty, too long or has control characters.
    """

    text: str
    images: tuple[Path, ...] = ()
    upscale: Annotated[int, Field(ge=1, le=8)] | None = None
    """Factor to enlarge attached pictures by; None to use the one named in the text."""
    turns: tuple[Turn, ...] = ()

    @field_validator("text")
    @classmethod
    def _readable(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the question is empty; expected a sentence")
        if len(text) > MAX_QUESTION_CHARACTERS:
            raise ValueError(
                f"the question has {len(text):,} characters; expected at most "
                f"{MAX_QUESTION_CHARACTERS:,}"
            )
        if (bad := first_unsafe(text)) is not None:
            raise ValueError(
                f"the question holds the control character U+{ord(text[bad]):04X} at position "
                f"{bad}; expected plain text, remove it"
            )
        return text.strip()


def question_from(text: str, **rest: Any) -> Question:
    """Return a `Question`, with validation errors as one line for the person.

    Raises:
        InputError: for a question that `Question` rejects.
    """
    try:
        return Question(text=text, **rest)
    except ValidationError as error:
        raise InputError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


Condition = Literal["scale", "subjects", "removes", "commercial"]
"""Conditions that a wish for a model may set."""


class Wish(FrozenModel):
    """The model that a person asks for."""

    scale: int | None = None
    """Enlargement factor; 1 to keep the size."""
    enlarges: bool = False
    """Whether it should enlarge, by any factor."""
    subjects: tuple[Subject, ...] = ()
    removes: tuple[Defect, ...] = ()
    declines: tuple[Subject | Defect, ...] = ()
    """Subjects that the pictures do not show, and defects that need no removal."""
    commercial: bool = False
    """Whether its results are for commercial use."""


class ParsedQuestion(FrozenModel):
    """The question as understood without a language model; shown to the user."""

    intent: Intent
    operation: str | None = None
    """Operation that was done or is wanted, a key of `agent.systems.catalogue.OPERATIONS`."""
    done: bool = False
    """Whether the person says that the operation was carried out, rather than wishing for it or
    asking about it."""
    factor: float | None = None
    """Enlargement factor named in the text."""
    subject: str | None = None
    """What the operation was applied to, in the person's words, such as `a web image`."""
    effects: tuple[str, ...] = ()
    """Tags of effects observed or wished for, such as `edges`, `text`, `blur`."""
    complaints: tuple[str, ...] = ()
    """Tags of those effects that went badly, such as `blur` if the result is blurred."""
    topics: tuple[str, ...] = ()
    """Tags of what the person wants to know about, such as `speed`, `loss`, `licence`."""
    models: tuple[str, ...] = ()
    """Names of models as written in the text."""
    papers: tuple[str, ...] = ()
    """Titles in quotation marks, DOIs and links, as written."""
    arxiv_ids: tuple[str, ...] = ()
    language: str = "en"
    needs_image: bool = False
    """Whether answering requires a look at a picture."""
    search_text: str = ""
    """The question for the search: English words without markup, code, links and misspellings,
    translated word by word from other languages. Empty if the same as the text."""
    parts: tuple[str, ...] = ()
    """The questions in it, in order, each able to stand alone; empty if it is a single one."""
    yes: Literal["well", "badly"] | None = None
    """What a yes would mean for a result: `well` (`is it sharp?`) or `badly` (`is it still
    blurred?`); None if it is no such question."""
    layman: bool = False
    """Whether the answer should be in plain words without figures, as for a child."""
    wish: Wish | None = None
    """The model wished for, if the question is which one to use."""


# --- matching ---------------------------------------------------------------------------------


class Match(FrozenModel):
    card: str
    score: float
    """Confidence in [0, 1] that this card is what the question is about."""
    margin: float
    """Difference to the score of the next card; 0 for the last."""
    reasons: tuple[str, ...]
    """Fields, words and properties of the attached picture that counted."""


PROGRAM = "groundglass"
"""Id of the card of this program, which no card of a registry may have."""
SPANNING = "*"
"""Holder of the curated answers that span cards; no card may have this id."""


class CuratedMatch(FrozenModel):
    """A curated answer and its nearness to the question."""

    answer: CuratedAnswer
    """With fully qualified fact ids, `card/name`."""
    holder: str
    """Id of the card that holds it, or `SPANNING`."""
    score: float
    """Nearness of its questions and of the answer itself, about [-1, 1]."""

    def __hash__(self) -> int:
        return hash((self.holder, self.answer.ask))


class Abstention(FrozenModel):
    """Why no model is offered, and the nearest ones."""

    reason: AbstentionReason
    explanation: str
    """Explanation for the reader, in plain words."""
    nearest: tuple[str, ...] = ()
    detail: str = ""
    """Technical reason with scores, for debugging."""


# --- running ----------------------------------------------------------------------------------


class Evidence(FrozenModel):
    """A number measured on the user's picture; an answer may state no others about it."""

    id: str
    quantity: str
    value: float
    unit: str
    measured_on: str
    """File name of the picture and its version: input, enlarged, restored."""
    method: str
    """How it was measured, in a few words, with the formula's name."""
    interval: tuple[float, float] | None = None
    """95 % interval of the value over other parts of the same picture."""
    text: str | None = None
    """Text read in the picture that the number is about, safe to quote and without addresses. It
    supports nothing: a number in it was not measured."""

    def format(self) -> str:
        """Format the value with its unit, as an answer prints it."""
        text = f"{self.value:.4g}" if abs(self.value) < 10_000 else f"{self.value:,.0f}"
        return f"{text} {self.unit}".strip() if self.unit != "%" else f"{text} %"


class Artefact(FrozenModel):
    """A picture made by a run."""

    name: str
    """File name in the report folder."""
    caption: str
    sha256: str


class Provenance(FrozenModel):
    """Everything that must be the same to reproduce a run."""

    weights_sha256: str | None = None
    versions: dict[str, str] = {}
    device: str = "cpu"
    dtype: str = "float32"
    seconds: float = 0.0
    licences: tuple[str, ...] = ()
    """Licences of the method's code and of its weights, one line each."""


class RunResult(FrozenModel):
    """The result of a tool on one picture; the status is `ran` only if it really ran."""

    card: str
    tool: str
    image: str
    """File name of the picture, without its folder."""
    status: Literal["ran", "skipped", "failed"]
    reason: str | None = None
    """Why it was skipped or failed."""
    evidence: tuple[Evidence, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    provenance: Provenance = Provenance()


# --- a workflow that can be run ---------------------------------------------------------------


class Node(FrozenModel):
    """A step of a workflow, of a kind in `agent.systems.workflow.document`."""

    id: str
    kind: str
    parameters: dict[str, JsonValue] = {}


class Edge(FrozenModel):
    """A connection between ports of two nodes, both written `NODE.PORT`."""

    source: str
    target: str


class Workflow(FrozenModel):
    """A document for `groundglass run`, which people may edit."""

    format: Literal["groundglass-workflow-1"] = "groundglass-workflow-1"
    title: str = ""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


# --- the answer -------------------------------------------------------------------------------


class Verdict(FrozenModel):
    """What the measurements on the attached pictures say about a sentence."""

    outcome: Literal["supported", "contradicted", "untested"]
    reason: str
    """A few words, without numbers."""
    evidence: tuple[str, ...] = ()
    """Ids of the decisive evidence; empty if no measurement bears on it."""


class Statement(FrozenModel):
    """One sentence of the answer with the ids of its supports."""

    section: Section
    text: str
    claims: tuple[str, ...] = ()
    """Ids `card/name` of facts in the registry."""
    evidence: tuple[str, ...] = ()
    row: str | None = None
    """Label of its row, if it is part of a table."""
    verdict: Verdict | None = None
    """Verdict on an explanation, if something was measured on a picture."""


class WorkflowStep(FrozenModel):
    stage: Literal["input", "model", "output"]
    card: str
    text: str
    claims: tuple[str, ...]


class Reference(FrozenModel):
    """The citation of a card."""

    card: str
    name: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    arxiv: str | None = None
    links: dict[str, str]

    def __hash__(self) -> int:
        return hash((self.card, self.title))

    @classmethod
    @lru_cache(maxsize=256)  # many answers cite one card
    def of(cls, card: Card) -> "Reference":
        """Return the citation of a card; `verify` rejects any other."""
        return cls(
            card=card.id,
            name=card.name,
            title=card.title or card.name,
            authors=card.authors,
            year=card.year,
            venue=card.venue,
            arxiv=card.arxiv,
            links=card.links,
        )


class Answer(FrozenModel):
    status: Literal["answered", "partly", "cannot_answer"]
    note: str = ""
    """Note above the answer in the language of the question, unless English."""
    task: str
    workflow: tuple[WorkflowStep, ...] = ()
    diagram: str = ""
    """The workflow as Mermaid source; empty if the question is not about how something works."""
    listing: str = ""
    """Text for the reader to copy, such as a command or a BibTeX entry; shown verbatim."""
    statements: tuple[Statement, ...] = ()
    references: tuple[Reference, ...] = ()
    limits: tuple[str, ...] = ()


class Verification(FrozenModel):
    """Result of checking the finished answer; nothing that failed is dropped silently."""

    statements: int
    unsupported: tuple[str, ...] = ()
    """Statements without an existing support."""
    unsupported_numbers: tuple[str, ...] = ()
    foreign_references: tuple[str, ...] = ()
    """URLs, DOIs, arXiv ids and repositories in the text that are not in the registry."""

    wrong_verdicts: tuple[str, ...] = ()
    """Statements whose verdict contradicts the measurements."""

    @property
    def passed(self) -> bool:
        problems = (self.unsupported, self.unsupported_numbers, self.foreign_references)
        return not (any(problems) or self.wrong_verdicts)


class ModelUse(FrozenModel):
    """A language model's part in an answer."""

    name: str
    """`PROVIDER:NAME`."""
    wrote: bool
    """Whether it wrote the answer; otherwise the offline composer did."""
    judge: str | None = None
    """Model that checked the meaning of its sentences; None if none did."""
    sentences: dict[str, int] = {}
    """Numbers of its sentences that a judge found supported (`judged`), that passed only the exact
    checks (`unjudged`), that quote their source (`quoted`), that the source `replaced`, or that
    were `dropped`."""
    notes: tuple[str, ...] = ()
    """Its failures, with reasons, and what was done instead."""
    rejected: dict[str, int] = {}
    """Number of rejected replies by fault; nothing in them is in the answer."""
    pictures_sent: int = 0
    prompts_sha256: str
    calls: int = 0
    cached: int = 0
    """Number of replies from the reply cache."""
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """Whether token counts are estimated from characters, since the service reported none."""
    cost_usd: float | None = None
    """None if the price is not known."""
    price: str | None = None
    """Source of the price."""


class InputFile(FrozenModel):
    """A file that came with a question, and its hash."""

    path: Path
    sha256: str


class ToolCall(FrozenModel):
    """One tool call by a language model that chose the experiments.

    It holds no free text of the model: names and arguments are those of existing tools, cards and
    pictures, and the result is in this program's words.
    """

    tool: str
    arguments: dict[str, str | int] = {}
    outcome: Literal["done", "refused", "failed"]
    result: str
    evidence: tuple[str, ...] = ()
    """Ids of the evidence that it produced."""


class Transcript(FrozenModel):
    """How a language model, acting as an agent, chose the experiments."""

    model: str
    """`PROVIDER:NAME`."""
    calls: tuple[ToolCall, ...] = ()
    ended: Literal["finished", "limit", "failed", "nothing to choose"]
    reason: str | None = None
    """Why it ended, if it did not finish by itself."""


class Report(FrozenModel):  # answers are of its subclass in `agent.report.report`
    """The full record of an answer: for the log, the cache, a row of a batch, and replays."""

    question: Question
    parsed: ParsedQuestion
    matches: tuple[Match, ...] = ()
    abstention: Abstention | None = None
    runs: tuple[RunResult, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answer: Answer
    verification: Verification
    inputs: tuple[InputFile, ...] = ()
    """Attached pictures, in the order of the question."""
    brief: InputFile | None = None
    """The brief that was answered, if any."""
    workflow: Workflow | None = None
    """What ran on the pictures, or would run on one, as a workflow; None if no tool fits."""
    registry_sha256: str
    settings_sha256: str
    settings: dict[str, JsonValue] = {}
    """The settings that `settings_sha256` is the hash of."""
    prompts_sha256: str | None = None
    """Hash of the prompts, if a language model was used."""
    model: ModelUse | None = None
    """A language model's part; None without one."""
    transcript: Transcript | None = None
    """How an agent chose the experiments; None without one."""
    retrieval: str
    """Search mode: `hybrid`, or `lexical` with the reason in words."""
    version: str
    created: str
    """Creation time, ISO 8601, UTC; empty in a batch, which records times separately."""
    seconds: float
    """Time for the answer; 0 in a batch, like those of `Provenance`."""
    tokens: int = 0
    """Tokens spent on a language model; 0 offline."""
    cost_usd: float = 0.0
    """Cost of the language model; also 0 if the price is unknown, as `model` says."""
    pictures: dict[str, bytes] = Field(default={}, exclude=True, repr=False)
    """PNG bytes by artefact name; not in the JSON, but written beside it by `report.folder`."""

    @property
    def turn(self) -> Turn:
        """The turn that a conversation remembers."""
        cited = tuple(reference.card for reference in self.answer.references)
        return Turn(question=self.question.text, cards=cited)
