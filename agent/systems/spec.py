"""`ToolSpec`: everything that the program knows of a tool, in one record that imports no library.

Each package of a system holds the specs of its tools; `agent.systems.catalogue` lists them. The
rest of the program asks the catalogue and names no tool.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

from agent.settings import Level, Settings
from agent.systems.criterion import Criterion, Findings, Outcome
from agent.types import Artefact, Card, Evidence, Provenance, RunResult

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

PortType = Literal["picture", "figure", "evidence"]
"""A picture that can be worked on, one that is only to be looked at, or measurements."""
Progress = Callable[[str], None]
"""Takes a line of text that says how far a tool is."""
Figure = tuple[Artefact, bytes]
"""A picture that a tool made for the report, and its PNG bytes."""


class Reply(NamedTuple):
    """Words that a sentence begins with where a yes or a no was asked for."""

    outcome: Outcome
    """Of the finding that the sentence tells."""
    hoped: str = ""
    """To who hopes: `did it get sharper?`; empty where neither yes nor no would be true."""
    feared: str = ""
    """To who fears: `is it still blurred?`."""


class Sentence(NamedTuple):
    """What is said of measurements."""

    text: str
    evidence: Sequence[Evidence]
    """What it rests on."""
    names_system: bool = False
    """Whether it speaks of the system whose tool ran, which is then cited."""
    reply: Reply | None = None
    """How it begins as the answer to a question for a yes or a no; None where it answers none."""


Wording = Callable[[RunResult, Findings], Iterator[Sentence]]
Clause = Callable[[Findings], Sentence | None]
"""The decisive figures in a clause that a sentence can go on with; None where there are none."""


# --- what a tool does -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One picture for one tool."""

    card: str
    """Id of the card whose tool it is."""
    picture: Picture
    stem: str
    """What names of artefacts and ids of evidence begin with; unique within a question."""
    factor: int = 1
    """Enlarge both sides by this before the tool looks at the picture, in [1, 8]."""
    versions: Mapping[str, Picture] = field(default_factory=dict)
    """What a restorer made of this picture: `enlarged`, or `input` for a factor of 1, and
    `restored`, all of one size. Empty where none ran."""
    file_card: Card | None = None
    """The card of the network in the file of weights, where the registry knows that file."""


@dataclass(frozen=True)
class ToolOutput:
    """What a tool measured and drew; `agent.systems.run.run_tool` makes a `RunResult` of it."""

    evidence: Iterable[Evidence]
    figures: Iterable[Figure] = ()
    provenance: Provenance = field(default_factory=Provenance)
    """Weights, device, dtype and licences; versions and seconds are filled in."""


class NotApplicable(Exception):
    """A tool cannot take this picture on this machine; the message says why, and what to do."""


class Restorer(Protocol):
    """A network that restores pictures, loaded onto a device; what opens it names its weights."""

    @property
    def name(self) -> str:
        """What captions, licences and notes call it, such as `MIMO-UNet+`."""

    @property
    def sha256(self) -> str | None:
        """Of the file of its weights; None where it has none."""

    @property
    def device(self) -> object:
        """Prints as PyTorch names it, such as `cpu`."""

    @property
    def arithmetic(self) -> tuple[str, ...]:
        """Types that the last call computed in, such as `float32`."""

    @property
    def scale(self) -> int:
        """By how much the network enlarges itself; 1 where it is given the enlarged picture."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the last call computed."""

    @property
    def licences(self) -> tuple[str, ...]:
        """What runs and under which licence, one line each: the method's code, then its weights."""

    def enlarge_and_restore(
        self, picture: Picture, factor: int, progress: Callable[[int, int], None]
    ) -> tuple[Picture, Picture]:
        """The picture enlarged by the bicubic filter, and that restored; both of one size.

        Args:
            factor: both sides grow by this, in [1, 8].
            progress: called with the number of parts done and their total.

        Raises:
            ArithmeticError: when the network's output is not finite.
            MemoryError: when the picture does not fit into memory.
        """


class Tool(Protocol):
    """Looks at one picture.

    Raises:
        NotApplicable: for a picture that it cannot take, which counts as skipped.
        Exception: for whatever goes wrong, which counts as failed.
    """

    def __call__(self, job: Job, settings: Settings, progress: Progress) -> ToolOutput: ...


# --- what the rest of the program knows of it -----------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """Something that people do to pictures with a tool, and how they speak of it."""

    key: str
    """Stands in `ParsedQuestion.operation`."""
    asked_with: str
    """English triggers, as `agent.question.words` reads them, that ask for it.

    At one word, the trigger of more words comes before those of other operations. Words of other
    languages stand in `agent/question/languages`.
    """
    done: str
    """Tells back that it was done: `You enlarged {subject}{factor}`."""
    hint: str
    """It in the words of the field, for the search."""
    task: str
    """It as the task of a system that is known from a brief alone."""


@dataclass(frozen=True)
class Port:
    """Where an edge of a workflow may end or begin."""

    name: str
    type: PortType
    required: bool = True
    """Whether an edge has to end here."""
    many: bool = False
    """Whether several edges may end here."""


_TAKES = (
    Port("picture", "picture"),
    Port("before", "picture", required=False),
    Port("after", "picture", required=False),
)
_GIVES = (Port("evidence", "evidence"), Port("figures", "figure"))


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """A tool: how it is loaded, asked for, run, worded and judged."""

    key: str
    """What a card names as its `tool`, and what stands in a `RunResult`."""
    entry: str
    """`module:function` of a `Tool`; loaded on first use, so that text-only answers load none."""
    title: str
    """What runs, in words that call it by no system that it is not."""
    purpose: str
    """What it does, for a language model that chooses experiments; a verb phrase."""
    level: Level
    """The lowest level of evidence at which it runs."""
    wording: Wording
    """Evidence to sentences."""
    operations: tuple[Operation, ...] = ()
    """What people ask for that it does; none where nobody asks for it by itself."""
    packages: tuple[str, ...] = ()
    """Distributions whose versions a result depends on."""
    needs_restored: bool = False
    """Whether it compares what a restorer made, and can do nothing before one ran; other tools look
    at that too, and do without."""
    for_choice: bool = False
    """Whether it looks at pictures before a model is chosen, where a question asks which one to
    use; it then runs for no card."""
    part_of: str | None = None
    """The tool that it looks into: it runs for every card of that tool."""
    network: str | None = None
    """What the network of a tool that restores is called, such as `MIMO-UNet+`."""
    restorer: str | None = None
    """`module:function` that opens that network, a `Restorer`, from the settings."""
    stands_in_for: str | None = None
    """The tool that it runs instead of, where `fits` says so."""
    fits: str | None = None
    """`module:function` that says whether it does, from the settings."""
    enlarges: bool = False
    """Whether that network may enlarge by itself, and so is given the picture as it is."""
    gist: Clause | None = None
    """What a question why or how is told of the picture."""
    about: Mapping[str, Wording] = field(default_factory=dict)
    """What answers a question about the picture, by the tag of what was asked about."""
    reads_out: Wording | None = None
    """What is written in the picture, where the tool can tell."""
    tests: Mapping[str, tuple[Criterion, ...]] = field(default_factory=dict)
    """What a claim may name as its `test`: of what could be measured, the worst decides."""
    limits: Sequence[str] = ()
    """What an answer has to add wherever it ran."""
    takes: tuple[Port, ...] = _TAKES
    gives: tuple[Port, ...] = _GIVES
    """Ports of its node in a workflow."""

    @property
    def restores(self) -> bool:
        """Whether it makes versions of the picture for other tools to compare."""
        return self.restorer is not None

    def is_meant_by(self, settings: Settings) -> bool:
        """Whether it runs in the place of another tool."""
        return self.fits is not None and bool(_load(self.fits)(settings))

    def load(self) -> Tool:
        """The tool itself, with the libraries that it needs."""
        tool: Any = _load(self.entry)
        return cast(Tool, partial(tool, self.open_restorer) if self.restores else tool)

    def open_restorer(self, settings: Settings) -> Restorer:
        """The network of a tool that restores, as `settings` name its weights and precision.

        Raises:
            NotApplicable: when there are no weights.
            CheckpointError: when there are weights that cannot be used.
            ConfigError: when there is no such device, or not this precision on it.
        """
        assert self.restorer is not None, f"{self.key} does not restore"
        return cast(Restorer, _load(self.restorer)(settings))

    def complete(self, provenance: Provenance, began: float) -> Provenance:
        """With the versions of its packages, and the seconds since `began` (monotonic clock)."""
        return provenance.model_copy(
            update={
                "versions": {package: version(package) for package in self.packages},
                "seconds": round(time.monotonic() - began, 3),
            }
        )


def _load(path: str) -> Any:
    module, _, names = path.partition(":")
    return reduce(getattr, names.split("."), import_module(module))
