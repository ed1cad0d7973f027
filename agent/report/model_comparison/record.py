"""The record of a comparison of models, saved as `comparison.json`; runs resume from it."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from agent.types import Artefact, Evidence, FrozenModel, Provenance


class ChangedPlace(FrozenModel):
    """A place in a line of text that reads differently in a result and in its original picture."""

    before: str
    """The words read in the picture; empty if none."""
    after: str
    """The words read in the result; empty if none."""
    line: tuple[int, int, int, int]
    """Left, top, right and bottom of the line, in pixels of the result."""
    words: tuple[int, int]
    """Range of these words in the line in the picture: the first, and one past the last."""
    x: float
    """Horizontal centre of the place, in pixels of the result."""
    where: str
    """The ninth of the picture it is in, in words."""
    confidence: float
    """Probability of the least certain letter of the words in the result, in %."""
    doubtful: bool
    """Whether the confidence is low, or lower than in the picture."""

    def overlaps(self, other: "ChangedPlace") -> bool:
        """Check whether both share a word of one line; equal insertions share a gap."""
        first = max(self.words[0], other.words[0])
        last = min(self.words[1], other.words[1])
        return self.line == other.line and (first < last or self.words == other.words)


class ModelResult(FrozenModel):
    """The result of a model on a picture."""

    model: str
    """Key of the model, as `--with` takes it."""
    name: str
    card: str | None = None
    """Id of its card, in any registry."""
    status: Literal["ran", "skipped", "failed"]
    reason: str | None = None
    """Why the model was skipped or failed."""
    picture: Artefact | None = None
    """The result, if the model ran."""
    measurements: dict[str, Evidence] = Field(default_factory=dict)
    """Measurements by key, such as `edge-width-across`."""
    places: tuple[ChangedPlace, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know about how it was computed."""
    provenance: Provenance = Provenance()
    basis: str
    """Hash of everything the result depends on: results with an equal hash are reused."""


class CriterionVerdict(FrozenModel):
    """The best models by one criterion, on one picture."""

    criterion: str
    outcome: Literal["best", "no difference", "not compared"]
    """`no difference`: two or more leading models do not differ beyond doubt; `not compared`:
    measured on at most one model."""
    measured: tuple[str, ...]
    """Keys of the measurements that decide."""
    leaders: tuple[str, ...] = ()
    """Keys of the models that no other surpasses beyond doubt."""
    text: str
    """The verdict as a sentence."""


class ComparedPicture(FrozenModel):
    """A picture and the results of the models on it."""

    name: str
    stem: str
    """Prefix of the names of its files."""
    sha256: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    results: tuple[ModelResult, ...] = ()
    """Results in the order in which the models were named, bicubic interpolation first."""
    verdicts: tuple[CriterionVerdict, ...] = ()
    """One verdict per criterion asked about, in the order of the table of criteria."""
    figures: tuple[Artefact, ...] = ()
    """The models side by side: the most detailed part, and words they disagree on."""

    @property
    def ran(self) -> tuple[ModelResult, ...]:
        return tuple(result for result in self.results if result.status == "ran")


class ModelComparison(FrozenModel):
    """A comparison of models."""

    format: Literal["groundglass-comparison-1"] = "groundglass-comparison-1"
    question: str | None = None
    """The question that it answers, as asked; None without a question."""
    factor: int
    """Factor by which both sides of each picture are enlarged."""
    criterion: str | None = None
    """The criterion asked for; None for all."""
    models: tuple[str, ...]
    pictures: tuple[ComparedPicture, ...] = ()
    finished: bool = False
    """Whether every model was tried on every picture."""
    carried_over: tuple[ModelResult, ...] = ()
    """Results of an earlier comparison in the same folder, kept until this one is finished."""
    version: str

    def results(self) -> Iterator[ModelResult]:
        """Yield all results."""
        for picture in self.pictures:
            yield from picture.results
        yield from self.carried_over

    def artefacts(self) -> list[Artefact]:
        """Return all pictures that belong to the comparison."""
        figures = [figure for picture in self.pictures for figure in picture.figures]
        return figures + [result.picture for result in self.results() if result.picture]
