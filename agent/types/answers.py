"""Answers and reports."""

# No `from __future__ import annotations`: Pydantic would have to compile each one at import.

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from agent.types.base import FrozenModel
from agent.types.cards import Card
from agent.types.questions import Abstention, Match, ParsedQuestion, Question, Turn
from agent.types.runs import Evidence, RunResult, Workflow

Section = Literal["answer", "task", "workflow", "complementary", "evidence", "limits"]


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
