"""A comparison, picture by picture and model by model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.files import sha256_of
from agent.imaging.picture import Picture
from agent.imaging.reading import MAX_SIDE, read, read_bytes
from agent.imaging.writing import write_png
from agent.report.model_comparison.record import ComparedPicture, ModelComparison, ModelResult
from agent.settings import Settings
from agent.systems.model_comparison import measures
from agent.systems.model_comparison.contenders import MIMO_UNET, Contender, select
from agent.systems.model_comparison.criteria import CRITERIA, criterion_of
from agent.systems.model_comparison.crops import sheets
from agent.systems.model_comparison.folder import ComparisonFolder
from agent.systems.model_comparison.measures import Measuring, as_evidence, cost
from agent.systems.model_comparison.separate import NotDone, Work, run_separately
from agent.systems.model_comparison.verdicts import verdicts
from agent.systems.run import stems
from agent.types import Artefact

_CAPTIONS = {
    "detail": "the most detailed part of {name}, in its own pixels and as each model has it",
    "words": "words of {name} that not all models leave alike, with how they are read",
}


class Progress(NamedTuple):
    """Progress of a comparison."""

    share: float
    """In [0, 1]; every model counts the same, however long it takes."""
    text: str


@dataclass(frozen=True)
class Order:
    """What is to be compared."""

    pictures: Sequence[Path]
    models: Sequence[str]
    """Keys of models; bicubic interpolation is added."""
    factor: int
    """Factor by which both sides grow, in [1, 8]."""
    settings: Settings
    criterion: str | None = None
    """A word for the criterion that decides; None for all criteria."""
    question: str | None = None
    """The question that the comparison answers; used as its title."""

    @property
    def title(self) -> str:
        """The question, or a general one."""
        return self.question or "Which model is best at what?"


def compare(
    order: Order,
    folder: ComparisonFolder,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ModelComparison:
    """Compare models, saving each result to the folder as soon as it is measured.

    A result from an earlier comparison in the folder is reused if picture, model, weights and
    settings are the same.

    Raises:
        InputError: for an unreadable picture or an unknown model or criterion.
        GroundglassError: if the disk cannot be written to.
    """
    return _Comparing(order, folder, progress).run()


@dataclass
class _Comparing:
    order: Order
    folder: ComparisonFolder
    progress: Callable[[Progress], None]
    finished: list[ComparedPicture] = field(default_factory=list)

    def run(self) -> ModelComparison:
        self.models = list(select(self.order.models))
        word = self.order.criterion
        self.criteria = [criterion_of(word)] if word else list(CRITERIA.values())
        names = [_checked(path, self.order) for path in self.order.pictures]
        self.folder.save(self._comparison())  # marks the folder as ours from now on
        for path, stem in zip(self.order.pictures, stems(names), strict=True):
            self._compare(path, stem)
        whole = self._comparison(finished=True)
        self.folder.finish(whole)
        return whole

    def _compare(self, path: Path, stem: str) -> None:
        """Have every model enlarge a picture, and draw them side by side."""
        picture = read(path).without_metadata()
        compared = ComparedPicture(
            name=picture.name,
            stem=stem,
            sha256=sha256_of(path),
            width=picture.width,
            height=picture.height,
            notes=picture.notes,
        )
        measuring = Measuring(picture, self.order.factor)
        why = {}
        if no_text := measuring.why_no_text:
            compared = compared.model_copy(update={"notes": (*picture.notes, no_text)})
            why = {"text": no_text}
        for model in self.models:
            basis = _basis(model, compared, self.order)
            result = self.folder.recall(basis)
            if result is None:
                result = self._result(model, path, compared, measuring, basis)
            results = (*compared.results, result)
            compared = compared.model_copy(update={"results": results})
            self.folder.save(self._comparison(compared))
        self._tell(compared, "side by side")
        images = sheets(picture, self.order.factor, compared.ran, self.folder.load)
        self.finished.append(
            compared.model_copy(
                update={
                    "verdicts": tuple(verdicts(compared.ran, self.criteria, why)),
                    "figures": tuple(self._draw(compared, images)),
                }
            )
        )

    def _result(
        self,
        model: Contender,
        path: Path,
        compared: ComparedPicture,
        measuring: Measuring,
        basis: str,
    ) -> ModelResult:
        """Run a model on a picture and measure the result."""
        result = ModelResult(
            model=model.key, name=model.name, card=model.card, status="failed", basis=basis
        )
        name = f"{compared.stem}-{model.key}.png"
        self._tell(compared, f"{model.name}: loading")

        def tell(done: int, total: int) -> None:
            self._tell(compared, f"{model.name}: {done} of {total} tiles", done / total)

        order = self.order
        target = self.folder.path / name
        done = run_separately(Work(model.key, path, order.factor, order.settings, target), tell)
        if isinstance(done, NotDone):
            return result.model_copy(update={"status": done.status, "reason": done.reason})
        self._tell(compared, f"{model.name}: measuring", 1.0)
        content = target.read_bytes()
        try:
            measurements, places = measuring.measure(read_bytes(content, name, name))
        except MemoryError:
            reason = "out of memory while measuring its result; crop the picture"
            return result.model_copy(update={"reason": reason})
        how = f"enlarged {order.factor} times" if order.factor > 1 else "at its own size"
        caption = f"{compared.name}, {how} by {model.name}"
        of, seconds = f"{compared.stem}.{model.key}", round(done.seconds, 3)
        return result.model_copy(
            update={
                "status": "ran",
                "picture": Artefact(name=name, caption=caption, sha256=sha256(content).hexdigest()),
                "measurements": {
                    item.key: as_evidence(item, of, compared.name)
                    for item in (*measurements, *cost(done))
                },
                "places": tuple(places),
                "notes": done.notes,
                "provenance": done.provenance.model_copy(update={"seconds": seconds}),
            }
        )

    def _draw(
        self, compared: ComparedPicture, images: Mapping[str, NDArray[np.uint8]]
    ) -> Iterator[Artefact]:
        for label, pixels in images.items():
            name = f"{compared.stem}-{label}.png"
            caption = _CAPTIONS[label].format(name=compared.name)
            yield self.folder.draw(name, caption, write_png(Picture(name, pixels)))

    def _comparison(
        self, current: ComparedPicture | None = None, *, finished: bool = False
    ) -> ModelComparison:
        """Return the comparison so far, with earlier results that are not part of it yet."""
        pictures = (*self.finished, *([current] if current else []))
        return ModelComparison(
            question=self.order.question,
            factor=self.order.factor,
            criterion=self.criteria[0].key if self.order.criterion else None,
            models=tuple(model.key for model in self.models),
            pictures=pictures,
            finished=finished,
            carried_over=() if finished else self.folder.others(pictures),
            version=version("groundglass"),
        )

    def _tell(self, compared: ComparedPicture, what: str, share: float = 0.0) -> None:
        done = len(self.finished) * len(self.models) + len(compared.results) + share
        total = len(self.order.pictures) * len(self.models)
        self.progress(Progress(min(1.0, done / total), f"{compared.name}, {what}"))


def _checked(path: Path, order: Order) -> str:
    """Return the name of a picture; raises if it is unreadable or too large when enlarged."""
    picture = read(path)
    width, height = picture.width * order.factor, picture.height * order.factor
    most = order.settings.max_pixels
    if width * height > most or max(width, height) > MAX_SIDE:
        has = f"enlarged {order.factor} times it would have" if order.factor > 1 else "has"
        less = "enlarge it less or " if order.factor > 1 else ""
        raise InputError(
            f"{picture.name}: {has} {width:,} × {height:,} pixels; expected at most {most:,} "
            f"pixels and {MAX_SIDE:,} a side, {less}crop it"
        )
    return picture.name


def _basis(model: Contender, compared: ComparedPicture, order: Order) -> str:
    """Return a hash of everything a result depends on."""
    settings = order.settings
    content = {
        "picture": [compared.sha256, compared.name, compared.stem],
        "model": model.key,
        "factor": order.factor,
        "settings": [settings.device, settings.precision, settings.tile, settings.ensemble],
        "weights": _weights(model, settings),
        "versions": {name: _version(name) for name in ("groundglass", *model.packages)},
        "measures": [measures.VERSION, _version("rapidocr")],
    }
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _weights(model: Contender, settings: Settings) -> str | None:
    """Return the hash of the weights that settings name; other models' are part of a package."""
    used = model.key == MIMO_UNET and settings.weights.is_file()
    return sha256_of(settings.weights) if used else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
