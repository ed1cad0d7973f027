"""`ToolSpec`: everything the program knows about a tool, in one record that imports no library.

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
from agent.systems.criterion import Criterion, EvidenceByKey, Outcome
from agent.types import Artefact, Card, Evidence, Provenance, RunResult

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

PortType = Literal["picture", "figure", "evidence"]
"""A picture to process, a figure that is only for viewing, or measurements."""
Progress = Callable[[str], None]
"""Called with a line of text on the progress of a tool."""
Figure = tuple[Artefact, bytes]
"""A figure for the report, and its PNG bytes."""


class Reply(NamedTuple):
    """Opening words of a sentence that answers a yes/no question."""

    outcome: Outcome
    """Outcome of the finding behind the sentence."""
    hoped: str = ""
    """Reply to a hope (`did it get sharper?`); empty if neither yes nor no would be true."""
    feared: str = ""
    """Reply to a fear (`is it still blurred?`)."""


class Sentence(NamedTuple):
    """A sentence about measurements."""

    text: str
    evidence: Sequence[Evidence]
    """The measurements that it rests on."""
    names_system: bool = False
    """Whether it mentions the system whose tool ran, which is then cited."""
    reply: Reply | None = None
    """Opening words as the answer to a yes/no question; None if it answers none."""


Wording = Callable[[RunResult, EvidenceByKey], Iterator[Sentence]]
Clause = Callable[[EvidenceByKey], Sentence | None]
"""Returns the decisive figures as a clause within a sentence; None if there are none."""


# --- a tool's work --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One picture for one tool."""

    card: str
    """Id of the card whose tool it is."""
    picture: Picture
    stem: str
    """Prefix of the names of artefacts and the ids of evidence; unique within a question."""
    factor: int = 1
    """Factor by which both sides are enlarged before the tool runs, in [1, 8]."""
    versions: Mapping[str, Picture] = field(default_factory=dict)
    """Versions by a restorer: `enlarged`, or `input` for a factor of 1, and `restored`, all of the
    same size. Empty if none ran."""
    file_card: Card | None = None
    """The card of the network in the weights file, if the registry lists that file."""


@dataclass(frozen=True)
class ToolOutput:
    """What a tool measured and drew; `agent.systems.run.run_tool` turns it into a `RunResult`."""

    evidence: Iterable[Evidence]
    figures: Iterable[Figure] = ()
    provenance: Provenance = field(default_factory=Provenance)
    """Weights, device, dtype and licences; versions and seconds are filled in."""


class NotApplicable(Exception):
    """A tool cannot process this picture on this machine; the message says why and what to do."""


class Restorer(Protocol):
    """A network that restores pictures, loaded onto a device."""

    @property
    def name(self) -> str:
        """Name in captions, licences and notes, such as `MIMO-UNet+`."""

    @property
    def sha256(self) -> str | None:
        """SHA-256 of its weights file; None if it has none."""

    @property
    def device(self) -> object:
        """Device, whose string is PyTorch's name for it, such as `cpu`."""

    @property
    def arithmetic(self) -> tuple[str, ...]:
        """Arithmetic of the last call, such as `float32`."""

    @property
    def scale(self) -> int:
        """Factor by which the network itself enlarges; 1 if it gets the enlarged picture."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know about how the last call computed."""

    @property
    def licences(self) -> tuple[str, ...]:
        """Licences of the method's code and of its weights, one line each."""

    def enlarge_and_restore(
        self, picture: Picture, factor: int, progress: Callable[[int, int], None]
    ) -> tuple[Picture, Picture]:
        """Return the picture enlarged by bicubic interpolation, and restored; same size.

        Args:
            factor: factor by which both sides grow, in [1, 8].
            progress: called with the number of parts done and their total.

        Raises:
            ArithmeticError: if the network's output is not finite.
            MemoryError: if the picture does not fit into memory.
        """


class Tool(Protocol):
    """A function that processes one picture.

    Raises:
        NotApplicable: for a picture that it cannot process, which counts as skipped.
        Exception: for anything that goes wrong, which counts as failed.
    """

    def __call__(self, job: Job, settings: Settings, progress: Progress) -> ToolOutput: ...


# --- a tool's description -------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """Something that people do to pictures with a tool, and their words for it."""

    key: str
    """Value of `ParsedQuestion.operation`."""
    asked_with: str
    """English triggers for it, in the syntax of `agent.question.words`.

    Of triggers at the same word, the one with more words wins. Words of other languages are in
    `agent/question/languages`.
    """
    done: str
    """Template to restate that it was done: `You enlarged {subject}{factor}`."""
    hint: str
    """Its name in the field's terms, for the search."""
    task: str
    """Its name as the task of a system that is known only from a brief."""


@dataclass(frozen=True)
class Port:
    """An end point for edges of a workflow."""

    name: str
    type: PortType
    required: bool = True
    """Whether an edge must end here."""
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
    """Description of a tool: how it is loaded, requested, run, worded and judged."""

    key: str
    """Value of `tool` in cards and in `RunResult`."""
    entry: str
    """`module:function` of a `Tool`, loaded on first use, so that text-only answers load none."""
    title: str
    """Title for readers; it names a system only if that very system runs."""
    purpose: str
    """Verb phrase on what it does, for a language model that chooses experiments."""
    level: Level
    """The lowest level of evidence at which it runs."""
    wording: Wording
    """Turns evidence into sentences."""
    operations: tuple[Operation, ...] = ()
    """Operations that it performs; empty if nobody asks for it on its own."""
    packages: tuple[str, ...] = ()
    """Installed packages whose versions a result depends on."""
    needs_restored: bool = False
    """Whether it requires the versions made by a restorer; other tools use them if they exist."""
    for_choice: bool = False
    """Whether it measures pictures before a model is chosen, for questions about which one to use;
    it then runs for no card."""
    part_of: str | None = None
    """The tool that it examines: it runs for every card of that tool."""
    network: str | None = None
    """Name of the network of a restoring tool, such as `MIMO-UNet+`."""
    restorer: str | None = None
    """`module:function` that opens this network, a `Restorer`, from the settings."""
    stands_in_for: str | None = None
    """The tool that it replaces if `fits` says so."""
    fits: str | None = None
    """`module:function` that decides this from the settings."""
    enlarges: bool = False
    """Whether the network may enlarge by itself, and then gets the original picture."""
    gist: Clause | None = None
    """Clause about the picture in answers to why or how."""
    about: Mapping[str, Wording] = field(default_factory=dict)
    """Sentences that answer questions about the picture, by tag."""
    reads_out: Wording | None = None
    """Sentences on what is written in the picture, if the tool can read it."""
    tests: Mapping[str, tuple[Criterion, ...]] = field(default_factory=dict)
    """Criteria by the name that a claim gives as its `test`; the worst one measured decides."""
    limits: Sequence[str] = ()
    """Limits that an answer must state if the tool ran."""
    takes: tuple[Port, ...] = _TAKES
    gives: tuple[Port, ...] = _GIVES
    """Ports of its node in a workflow."""

    @property
    def restores(self) -> bool:
        """Whether it makes versions of the picture that other tools compare."""
        return self.restorer is not None

    def is_meant_by(self, settings: Settings) -> bool:
        """Check whether it replaces another tool under these settings."""
        return self.fits is not None and bool(_load(self.fits)(settings))

    def load(self) -> Tool:
        """Import and return the tool itself."""
        tool: Any = _load(self.entry)
        return cast(Tool, partial(tool, self.open_restorer) if self.restores else tool)

    def open_restorer(self, settings: Settings) -> Restorer:
        """Open the network of a restoring tool, with the weights and precision in `settings`.

        Raises:
            NotApplicable: if there are no weights.
            CheckpointError: if the weights cannot be used.
            ConfigError: if the device does not exist or lacks this precision.
        """
        assert self.restorer is not None, f"{self.key} does not restore"
        return cast(Restorer, _load(self.restorer)(settings))

    def complete(self, provenance: Provenance, began: float) -> Provenance:
        """Add the versions of its packages, and the seconds since `began` (monotonic clock)."""
        return provenance.model_copy(
            update={
                "versions": {package: version(package) for package in self.packages},
                "seconds": round(time.monotonic() - began, 3),
            }
        )


def _load(path: str) -> Any:
    module, _, names = path.partition(":")
    return reduce(getattr, names.split("."), import_module(module))
