"""The nouns: Question → ParsedQuestion → Match → RunResult with Evidence → Answer → Report.

All are frozen Pydantic models that refuse unknown fields and round-trip through JSON. Cards, the
entries of the registry, are here too, since every step speaks of them.
"""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from agent.errors import InputError
from agent.text import first_unsafe

MAX_QUESTION_CHARACTERS = 20_000

Intent = Literal[
    "define", "fact", "verify", "compare", "how_to", "explain", "look", "complain", "chat"
]
"""What kind of answer is wanted: what something is, a property, whether something is so, which of
several, how to do it here, why or how it works, what is in the attached picture, what went wrong
and what to try; `chat` is small talk, which asks nothing."""
AbstentionReason = Literal["no_model", "ambiguous", "needs_image", "image_unusable"]
Section = Literal["answer", "task", "workflow", "complementary", "evidence", "limits"]
Subject = Literal[
    "any", "photo", "faces", "text", "anime", "cartoon", "manga", "pixel-art", "cgi",
    "game-textures", "game-screenshots", "video-frames", "ai-generated",
]  # fmt: skip
"""What a model's pictures show; `any` for a model that is made for no subject in particular."""
Defect = Literal[
    "blur", "noise", "compression", "jpeg", "dds", "dithering", "halftone", "halos", "banding",
    "aliasing",
]  # fmt: skip
"""What a model removes from pictures; `compression` is that of any kind, JPEG's included."""
#: What the keys of `Subject` and `Defect` are called in a sentence, where it is another word.
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


class Noun(BaseModel):
    """Base of all: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- the registry -----------------------------------------------------------------------------


class Claim(Noun):
    """One sentence about a system that can be cited, with where it is published."""

    id: str
    text: str
    source: str
    """Paper and section or table, or repository file."""
    tags: tuple[str, ...] = ()
    """Effects and topics it bears on, such as edges, text, blur, speed, loss, licence."""
    test: str | None = None
    """What it leads to expect of a picture: a test of a tool in `agent.systems.catalogue`."""
    mechanism: str | None = None
    """The part of the system it belongs to, such as `multi-output decoder`."""

    def __hash__(self) -> int:
        return hash(self.id)


class CardStep(Noun):
    """One step of a system's way from input to output, as its card tells it."""

    stage: Literal["input", "model", "output"]
    text: str
    claims: tuple[str, ...] = ()
    """Ids of the card's claims that explain this step."""


class Licence(Noun):
    name: str
    forbids: str | None = None
    """What it keeps a user from doing, in one sentence."""


class PublishedMeasure(Noun):
    """A figure that the literature reports; never one that this program measured."""

    quantity: str
    value: float
    dataset: str
    source: str
    unit: str = ""


class AnswerRow(Noun):
    """A row of the small table in a curated answer."""

    label: str
    """What the row is about, such as the name of a system."""
    text: str
    facts: tuple[str, ...]


class CuratedAnswer(Noun):
    """A question that people ask, in the ways they put it, and its answer, written by hand."""

    ask: tuple[str, ...]
    answer: str
    """One to three sentences of plain prose, the direct answer first."""
    facts: tuple[str, ...]
    """What it rests on: fact ids, `card/name`; those of its own card by `name` alone."""
    rows: tuple[AnswerRow, ...] = ()
    listing: str | None = None
    """What the reader would copy, such as a command; shown as it is."""

    def within(self, card: str) -> "CuratedAnswer":
        """The same with its facts as ids that hold anywhere, `card/name`."""

        def full(facts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(fact if "/" in fact else f"{card}/{fact}" for fact in facts)

        rows = tuple(row.model_copy(update={"facts": full(row.facts)}) for row in self.rows)
        return self.model_copy(update={"facts": full(self.facts), "rows": rows})


class Card(Noun):
    """An entry of the registry: a system, what it claims, and where that can be read."""

    id: str
    name: str
    task: str
    summary: str
    links: dict[str, str]
    """Label, such as `paper` or `code`, to an https URL."""
    title: str | None = None
    """Title of the paper; the name stands in where there is none."""
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
    """Factors by which it enlarges; 1 where a picture keeps its size."""
    subjects: tuple[Subject, ...] = ()
    removes: tuple[Defect, ...] = ()
    architecture: str | None = None
    """Of its network, by the name that the field uses, such as `ESRGAN`."""
    sha256: tuple[str, ...] = ()
    """Of the files that its weights are published as."""
    commercial_use: bool | None = None
    """Whether the licence of the weights lets people use them commercially; None: not known."""
    based_on: tuple[str, ...] = ()
    """Models from whose weights its training began: ids of cards, or names of others."""
    measures: tuple[PublishedMeasure, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of cards that complement this one."""
    beside: dict[str, str] = {}
    """What this card adds to others: the id of a card to the claim of this one that says so."""
    tool: str | None = None
    """Key of the tool that can run it; the code knows which keys there are."""
    examples: tuple[str, ...] = ()
    """Questions that this card answers; part of what is searched."""
    questions: tuple[CuratedAnswer, ...] = ()
    """Questions with their answers; what they ask is part of what is searched."""

    def __hash__(self) -> int:
        return hash(self.id)

    def facts(self) -> Mapping[str, str]:
        """Everything of this card that an answer may state: fact id, `card/name`, to its text."""
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
"""Names of the facts that tell of a model what its card holds in keys instead of prose."""


def _model_facts(card: Card) -> Mapping[str, str]:
    """What a card tells of its model in keys instead of prose, each as a sentence."""
    name, sentences = card.name, {}
    if card.scale == (1,):
        sentences["scale"] = f"{name} keeps the size of a picture (1×)."
    elif card.scale:
        factors = _conjunction([f"{factor}×" for factor in card.scale], "or")
        sentences["scale"] = f"{name} enlarges a picture {factors}."
    if card.subjects:
        subjects = _conjunction([SUBJECT_NAMES.get(subject, subject) for subject in card.subjects])
        sentences["subjects"] = f"{name} is made for {subjects}."
    if card.removes:
        defects = _conjunction([DEFECT_NAMES.get(defect, defect) for defect in card.removes])
        sentences["removes"] = f"{name} removes {defects}."
    if card.architecture:
        sentences["architecture"] = f"The architecture of {name} is {card.architecture}."
    if card.sha256:
        sentences["sha256"] = f"{name} comes in files with the SHA-256 {_conjunction(card.sha256)}."
    if card.commercial_use is not None:
        verb = "allows" if card.commercial_use else "forbids"
        sentences["commercial-use"] = f"The licence of {name} {verb} commercial use."
    if card.based_on:
        sentences["based-on"] = (
            f"{name} was trained from the weights of {_conjunction(card.based_on)}."
        )
    return sentences


def _conjunction(items: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def _publication(card: Card) -> str:
    """By whom and where a system was published, as far as its card tells."""
    authors = _conjunction(card.authors)
    venue = card.venue or ""
    year = str(card.year or "")
    where = venue if year in venue else ", ".join(filter(None, (venue, year)))
    details = " ".join(filter(None, (authors and f"by {authors}", where and f"({where})")))
    return f"{card.name} was published {details}." if details else ""


# --- the question -----------------------------------------------------------------------------


class Turn(Noun):
    """An earlier question of the conversation and the cards that its answer cited."""

    question: str
    cards: tuple[str, ...] = ()


#: Of a conversation; what came before no longer bears on a follow-up.
REMEMBERED_TURNS = 20


class Question(Noun):
    """What a person asks, validated here and nowhere else.

    Raises:
        pydantic.ValidationError: for an empty or too long text, or control characters in it.
    """

    text: str
    images: tuple[Path, ...] = ()
    upscale: Annotated[int, Field(ge=1, le=8)] | None = None
    """Enlarge attached pictures by this factor; None takes the factor that the text names."""
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
    """A `Question` for a surface: what is wrong with it comes as a line for the person.

    Raises:
        InputError: for what `Question` refuses.
    """
    try:
        return Question(text=text, **rest)
    except ValidationError as error:
        raise InputError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


Condition = Literal["scale", "subjects", "removes", "commercial"]
"""What a wish for a model may demand."""


class Wish(Noun):
    """Which model a person asks for."""

    scale: int | None = None
    """Factor of enlargement; 1 where the picture is to keep its size."""
    enlarges: bool = False
    """Whether it is to enlarge by a factor that is not named."""
    subjects: tuple[Subject, ...] = ()
    removes: tuple[Defect, ...] = ()
    declines: tuple[Subject | Defect, ...] = ()
    """What the pictures do not show, or what need not be removed from them."""
    commercial: bool = False
    """Whether what it makes is to be used commercially."""


class ParsedQuestion(Noun):
    """What was understood, without a language model; shown to the user."""

    intent: Intent
    operation: str | None = None
    """What was done or is wanted: a key of `agent.systems.catalogue.OPERATIONS`."""
    done: bool = False
    """Whether the person says that the operation was carried out, rather than wishing it or asking
    about it."""
    factor: float | None = None
    """The factor of enlargement that the text names."""
    subject: str | None = None
    """What the operation was applied to, as the person put it, such as `a web image`."""
    effects: tuple[str, ...] = ()
    """Effects observed or wished, as tags, such as `edges`, `text`, `blur`."""
    complaints: tuple[str, ...] = ()
    """Those of the effects that went badly, such as `blur` where the result came out blurred."""
    topics: tuple[str, ...] = ()
    """What the person wants to know about, as tags, such as `speed`, `loss`, `licence`."""
    models: tuple[str, ...] = ()
    """Names of models as written in the text."""
    papers: tuple[str, ...] = ()
    """Titles in quotation marks, DOIs and links, as written."""
    arxiv_ids: tuple[str, ...] = ()
    language: str = "en"
    needs_image: bool = False
    """Whether the question is about a picture that must be looked at to answer it."""
    search_text: str = ""
    """The question as it is searched: English words without markup, code, links and misspellings;
    put into English word by word where it is in another language. Empty: as it was asked."""
    parts: tuple[str, ...] = ()
    """The questions in it, in order, each as a text that stands alone; empty where it is one."""
    yes: Literal["well", "badly"] | None = None
    """What a yes would say of a result: that it went well (`is it sharp?`), or badly (`is it still
    blurred?`); None where no such yes or no is asked for."""
    layman: bool = False
    """Whether the answer is to come in plain words without figures, as for a child."""
    wish: Wish | None = None
    """The model that is asked for, where the question is which to use."""


# --- matching ---------------------------------------------------------------------------------


class Match(Noun):
    card: str
    score: float
    """Confidence in [0, 1] that this card is what the question is about."""
    margin: float
    """Score less that of the next card; 0 for the last."""
    reasons: tuple[str, ...]
    """Which fields and words counted, and what about the attached picture did."""


PROGRAM = "groundglass"
"""Id of the card of this program, which no card of a registry can have."""
SPANNING = "*"
"""Holder of the curated answers that span cards, in the place of a card's id, which none can be."""


class CuratedMatch(Noun):
    """A curated answer, with how near what it answers is to the question."""

    answer: CuratedAnswer
    """Its facts are written `card/name`."""
    holder: str
    """Id of the card that holds it, or `SPANNING`."""
    score: float
    """Nearness of the questions that it answers, and of the answer itself, about [-1, 1]."""

    def __hash__(self) -> int:
        return hash((self.holder, self.answer.ask))


class Abstention(Noun):
    """Why no model is offered, and what comes nearest."""

    reason: AbstentionReason
    explanation: str
    """What the reader is told, in plain words."""
    nearest: tuple[str, ...] = ()
    detail: str = ""
    """What decided it, with scores, for whoever looks into it."""


# --- running ----------------------------------------------------------------------------------


class Evidence(Noun):
    """A number measured on the user's picture: the only ones an answer may state about it."""

    id: str
    quantity: str
    value: float
    unit: str
    measured_on: str
    """File name of the picture, and which version of it: input, enlarged, restored."""
    method: str
    """How it was measured, in a few words, with the formula's name."""
    interval: tuple[float, float] | None = None
    """What the value would be, 95 times of 100, for other parts of the same picture."""
    text: str | None = None
    """Words that were read in the picture, and that the number is about: data, safe to quote,
    without addresses. They support nothing: a number in them was not measured."""

    def shown(self) -> str:
        """The value as an answer prints it, with its unit."""
        text = f"{self.value:.4g}" if abs(self.value) < 10_000 else f"{self.value:,.0f}"
        return f"{text} {self.unit}".strip() if self.unit != "%" else f"{text} %"


class Artefact(Noun):
    """A picture that a run made."""

    name: str
    """File name inside the report folder."""
    caption: str
    sha256: str


class Provenance(Noun):
    """What has to be the same for a run to come out the same."""

    weights_sha256: str | None = None
    versions: dict[str, str] = {}
    device: str = "cpu"
    dtype: str = "float32"
    seconds: float = 0.0
    licences: tuple[str, ...] = ()
    """What ran and under which licence, one line each: the method's code, then its weights."""


class RunResult(Noun):
    """What a tool did with one picture; `ran` only when it really ran."""

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


class Node(Noun):
    """A step of a workflow; `agent.systems.workflow.document` holds what kinds there are."""

    id: str
    kind: str
    parameters: dict[str, JsonValue] = {}


class Edge(Noun):
    """Takes what one node gives to another; both ends are written `NODE.PORT`."""

    source: str
    target: str


class Workflow(Noun):
    """A document that `groundglass run` runs, and that may be edited."""

    format: Literal["groundglass-workflow-1"] = "groundglass-workflow-1"
    title: str = ""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


# --- the answer -------------------------------------------------------------------------------


class Verdict(Noun):
    """What the measurements on the attached pictures say about a sentence."""

    outcome: Literal["supported", "contradicted", "untested"]
    reason: str
    """In a few words, without numbers."""
    evidence: tuple[str, ...] = ()
    """What decided it; empty where nothing was measured that bears on it."""


class Statement(Noun):
    """One sentence of the answer with the ids of what supports it."""

    section: Section
    text: str
    claims: tuple[str, ...] = ()
    """Fact ids, `card/name`, of the registry."""
    evidence: tuple[str, ...] = ()
    row: str | None = None
    """Label of the row that the sentence fills, where it belongs to a table."""
    verdict: Verdict | None = None
    """Of an explanation, where something was measured on a picture."""


class WorkflowStep(Noun):
    stage: Literal["input", "model", "output"]
    card: str
    text: str
    claims: tuple[str, ...]


class Reference(Noun):
    """A card as it is cited."""

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
        """The one way to cite a card; `verify` refuses a reference that differs from it."""
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


class Answer(Noun):
    status: Literal["answered", "partly", "cannot_answer"]
    note: str = ""
    """What stands above the answer, in the language of the question, where that is not English."""
    task: str
    workflow: tuple[WorkflowStep, ...] = ()
    diagram: str = ""
    """The workflow as Mermaid source; empty where the question is not about how something works."""
    listing: str = ""
    """What the reader would copy, such as a command or a bibliography entry; shown as it is."""
    statements: tuple[Statement, ...] = ()
    references: tuple[Reference, ...] = ()
    limits: tuple[str, ...] = ()


class Verification(Noun):
    """What the check of the finished answer found; nothing that failed is dropped in silence."""

    statements: int
    unsupported: tuple[str, ...] = ()
    """Statements without a support that exists."""
    unsupported_numbers: tuple[str, ...] = ()
    foreign_references: tuple[str, ...] = ()
    """URLs, DOIs, arXiv ids and repositories in the text that the registry does not hold."""

    wrong_verdicts: tuple[str, ...] = ()
    """Statements whose verdict is not what the measurements say."""

    @property
    def passed(self) -> bool:
        problems = (self.unsupported, self.unsupported_numbers, self.foreign_references)
        return not (any(problems) or self.wrong_verdicts)


class ModelUse(Noun):
    """What a language model had to do with an answer."""

    name: str
    """`PROVIDER:NAME`."""
    wrote: bool
    """Whether the answer is in its words; the offline composer wrote it otherwise."""
    judge: str | None = None
    """Model that checked the meaning of its sentences; None where none was to."""
    sentences: dict[str, int] = {}
    """How many of its sentences a judge found supported (`judged`), passed the exact checks alone
    (`unjudged`), quote their source (`quoted`), were `replaced` by it, or `dropped`."""
    notes: tuple[str, ...] = ()
    """Where it did not serve, why, and what was done instead."""
    rejected: dict[str, int] = {}
    """How often its replies were turned down, by what was wrong; none of that is in the answer."""
    pictures_sent: int = 0
    prompts_sha256: str
    calls: int = 0
    cached: int = 0
    """Replies that were taken from the disk instead of asking again."""
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """Whether the service did not count tokens, so that they were reckoned from characters."""
    cost_usd: float | None = None
    """None where the price is not known."""
    price: str | None = None
    """Where the price is from."""


class InputFile(Noun):
    """A file that a question came with, and how to tell it from another of its name."""

    path: Path
    sha256: str


class ToolCall(Noun):
    """One call of a tool by a language model that chose the experiments.

    It holds nothing that the model wrote freely: names and arguments are those of tools, cards and
    pictures that exist, the result is told in words of this program.
    """

    tool: str
    arguments: dict[str, str | int] = {}
    outcome: Literal["done", "refused", "failed"]
    result: str
    evidence: tuple[str, ...] = ()
    """Ids of what it measured."""


class Transcript(Noun):
    """How a language model that acted as an agent chose the experiments."""

    model: str
    """`PROVIDER:NAME`."""
    calls: tuple[ToolCall, ...] = ()
    ended: Literal["finished", "limit", "failed", "nothing to choose"]
    reason: str | None = None
    """Why it ended so, where it did not finish by itself."""


class Report(Noun):  # `agent.report.report` has the one that answers come as
    """All of it: the log, the cache entry, the row of a batch, and what a replay starts from."""

    question: Question
    parsed: ParsedQuestion
    matches: tuple[Match, ...] = ()
    abstention: Abstention | None = None
    runs: tuple[RunResult, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answer: Answer
    verification: Verification
    inputs: tuple[InputFile, ...] = ()
    """The attached pictures in the order of the question."""
    brief: InputFile | None = None
    """The brief that was answered, where it was one."""
    workflow: Workflow | None = None
    """What ran on the pictures, or would run on one, to be run again; None where no tool fits."""
    registry_sha256: str
    settings_sha256: str
    settings: dict[str, JsonValue] = {}
    """What `settings_sha256` is the hash of, by name."""
    prompts_sha256: str | None = None
    """Hash of the prompts, where a language model was asked."""
    model: ModelUse | None = None
    """What a language model did; None where none was named."""
    transcript: Transcript | None = None
    """How an agent chose the experiments; None where none did."""
    retrieval: str
    """How cards were searched: `hybrid`, or `lexical` with the reason in words."""
    version: str
    created: str
    """Time of writing, ISO 8601, UTC; empty in a batch, which notes times beside the reports."""
    seconds: float
    """What the answer took; 0 in a batch, as are those of `Provenance`."""
    tokens: int = 0
    """Spent on a language model; none is used offline."""
    cost_usd: float = 0.0
    """Spent on it; 0 too where the price is not known, which `model` tells."""
    pictures: dict[str, bytes] = Field(default={}, exclude=True, repr=False)
    """Artefact name to PNG bytes; not part of the JSON, written beside it by `report.folder`."""

    @property
    def turn(self) -> Turn:
        """What a conversation remembers of it."""
        cited = tuple(reference.card for reference in self.answer.references)
        return Turn(question=self.question.text, cards=cited)
