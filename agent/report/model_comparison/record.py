"""What a comparison of models holds; `comparison.json` is its JSON, and what a run resumes from."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from agent.types import Artefact, Evidence, Noun, Provenance


class ChangedPlace(Noun):
    """A place of a line of text that a result reads differently from the picture it was made of."""

    before: str
    """The words as they are read in the picture; empty where none are."""
    after: str
    """The same in the result."""
    line: tuple[int, int, int, int]
    """Left, top, right and bottom of the line, in pixels of the result."""
    words: tuple[int, int]
    """Which words of the line these are in the picture: the first, and the one after the last."""
    x: float
    """Middle of the place, in pixels of the result."""
    where: str
    """In which ninth of the picture it lies, in words."""
    confidence: float
    """Probability of the least sure letter of the words in the result, in %."""
    doubtful: bool
    """Whether that is low, or lower than that of the words in the picture."""

    def overlaps(self, other: "ChangedPlace") -> bool:
        """Whether both are about a word of one line; equal insertions are about one gap."""
        first = max(self.words[0], other.words[0])
        last = min(self.words[1], other.words[1])
        return self.line == other.line and (first < last or self.words == other.words)


class ModelResult(Noun):
    """What a model made of a picture."""

    model: str
    """Key by which `--with` takes it."""
    name: str
    card: str | None = None
    """Id of its card, in whatever registry holds it."""
    status: Literal["ran", "skipped", "failed"]
    reason: str | None = None
    """Why it was skipped or failed."""
    picture: Artefact | None = None
    """The result, where it ran."""
    measurements: dict[str, Evidence] = Field(default_factory=dict)
    """By key, such as `edge-width-across`."""
    places: tuple[ChangedPlace, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know of how it was computed."""
    provenance: Provenance = Provenance()
    basis: str
    """Hash of all that the result depends on: an equal one need not be computed again."""


class CriterionVerdict(Noun):
    """Which models are best by one criterion, on one picture."""

    criterion: str
    outcome: Literal["best", "no difference", "not compared"]
    """`no difference`: beyond doubt, between two models or more that no other surpasses; `not
    compared`: measured on one model, or on none."""
    measured: tuple[str, ...]
    """Keys of the measurements that decide."""
    leaders: tuple[str, ...] = ()
    """Keys of the models that no other surpasses beyond doubt."""
    text: str
    """It in a sentence."""


class ComparedPicture(Noun):
    """A picture and what the models made of it."""

    name: str
    stem: str
    """What names of files about it begin with."""
    sha256: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    results: tuple[ModelResult, ...] = ()
    """In the order in which the models were named, bicubic interpolation first."""
    verdicts: tuple[CriterionVerdict, ...] = ()
    """One for each criterion that was asked about, in the order of the table of criteria."""
    figures: tuple[Artefact, ...] = ()
    """The models side by side: the most detailed part, and words on which they disagree."""

    @property
    def ran(self) -> tuple[ModelResult, ...]:
        return tuple(result for result in self.results if result.status == "ran")


class ModelComparison(Noun):
    """All of it."""

    format: Literal["groundglass-comparison-1"] = "groundglass-comparison-1"
    question: str | None = None
    """What it answers, as it was asked; None where none was."""
    factor: int
    """Both sides of each picture grew by this."""
    criterion: str | None = None
    """The one that was asked for; None for all."""
    models: tuple[str, ...]
    pictures: tuple[ComparedPicture, ...] = ()
    finished: bool = False
    """Whether every model was tried on every picture."""
    carried_over: tuple[ModelResult, ...] = ()
    """Results of an earlier comparison in the same folder, until this one is finished."""
    version: str

    def results(self) -> Iterator[ModelResult]:
        """Every result that it holds."""
        for picture in self.pictures:
            yield from picture.results
        yield from self.carried_over

    def artefacts(self) -> list[Artefact]:
        """Every picture beside it."""
        figures = [figure for picture in self.pictures for figure in picture.figures]
        return figures + [result.picture for result in self.results() if result.picture]
