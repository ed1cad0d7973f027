"""A comparison as headings, sentences and cells: what every format shows, in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.report.model_comparison.record import (
    ComparedPicture,
    CriterionVerdict,
    ModelComparison,
    ModelResult,
)
from agent.report.single_line import capital, counted, plain
from agent.types import Evidence

VERDICTS = "Best by each criterion"
NOT_RUN = "Not run"
PLACES = "Words that read differently from the picture"
METHODS = "How it was measured"
LIMITS = "What this does not say"
#: Places that are told for each model, at most; the others are in `comparison.json`.
MOST_PLACES = 12
#: Units of what is counted.
_COUNTED = ("lines", "places")
_LIMITS = (
    "There is no overall score: how much a narrower edge is worth in changed letters depends on "
    "what the picture is for.",
    "“No difference beyond doubt” means that the intervals overlap or that the values differ by "
    "too little to matter. An interval tells how much a value would vary with other parts of the "
    "same picture; it says nothing about other pictures.",
    "That letters are read as in the picture tells that they stayed what they were, not that they "
    "are right. Where the picture itself can hardly be read, it tells nothing.",
    "Narrow edges are no proof of truth: a model can draw sharply what was never there.",
    "Time and memory were measured once, beside whatever else ran on the machine.",
)


class Cell(NamedTuple):
    """A value of a model."""

    value: str
    interval: str
    leads: bool
    """Whether no other model surpasses it beyond doubt."""


class Row(NamedTuple):
    """A measurement of all models; None where it could not be taken."""

    label: str
    cells: tuple[Cell | None, ...]


def title(comparison: ModelComparison) -> str:
    return plain(comparison.question) if comparison.question else _subject(comparison)


def _subject(comparison: ModelComparison) -> str:
    pictures = ", ".join(plain(picture.name) for picture in comparison.pictures)
    return f"{counted(len(comparison.models), 'model')} side by side on {pictures}"


def conditions(comparison: ModelComparison) -> str:
    factor = comparison.factor
    size = f"Both sides enlarged {factor} times." if factor > 1 else "At the size of the picture."
    return f"{_subject(comparison)}. {size}" if comparison.question else size


def names(picture: ComparedPicture) -> list[str]:
    """Heads of the columns: the models that ran."""
    return [plain(result.name) for result in picture.ran]


def rows(picture: ComparedPicture) -> Iterator[Row]:
    """The table of a picture, a column for each model that ran."""
    leaders = {(key, model) for v in picture.verdicts for key in v.measured for model in v.leaders}
    keys = dict.fromkeys(key for result in picture.ran for key in result.measurements)
    for key in keys:
        items = [result.measurements.get(key) for result in picture.ran]
        first = next(item for item in items if item)
        is_count = first.unit in _COUNTED  # the quantity says of what
        unit = f", {first.unit}" if first.unit and not is_count else ""
        cells = [
            Cell(_number(item.value), _interval(item), (key, result.model) in leaders)
            if item
            else None
            for item, result in zip(items, picture.ran, strict=True)
        ]
        yield Row(f"{capital(plain(first.quantity))}{unit}", tuple(cells))


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _interval(item: Evidence) -> str:
    return f"{_number(item.interval[0])} to {_number(item.interval[1])}" if item.interval else ""


def verdict_lines(picture: ComparedPicture) -> tuple[str, ...]:
    return tuple(plain(verdict.text) for verdict in picture.verdicts)


def over_pictures(comparison: ModelComparison) -> Iterator[str]:
    """What holds on every picture, where there are several: one line a criterion."""
    if len(comparison.pictures) < 2:
        return
    called = {r.model: r.name for picture in comparison.pictures for r in picture.results}
    for same in zip(*(picture.verdicts for picture in comparison.pictures), strict=False):
        yield _over(same, called)


def _over(same: Iterable[CriterionVerdict], called: dict[str, str]) -> str:
    verdicts = list(same)
    criterion = verdicts[0].criterion
    alone = [v.leaders[0] for v in verdicts if v.outcome == "best"]
    counts = {model: alone.count(model) for model in dict.fromkeys(alone)}
    parts = [f"{called[model]} on {number}" for model, number in counts.items()]
    if open_ := sum(v.outcome == "no difference" for v in verdicts):
        parts.append(f"no difference beyond doubt on {open_}")
    if missing := sum(v.outcome == "not compared" for v in verdicts):
        parts.append(f"not to be compared on {missing}")
    return plain(f"{capital(criterion)}, on {len(verdicts)} pictures: {', '.join(parts)}.")


def not_run(picture: ComparedPicture) -> Iterator[str]:
    for result in picture.results:
        if result.status != "ran":
            what = "was skipped" if result.status == "skipped" else "failed"
            yield plain(f"{result.name} {what}: {result.reason}")


def places(result: ModelResult) -> Iterator[str]:
    """The words that a result reads differently, doubtful ones first."""
    ordered = sorted(result.places, key=lambda place: not place.doubtful)
    for place in ordered[:MOST_PLACES]:
        before, after = (f"“{plain(text)}”" if text else "nothing" for text in
                         (place.before, place.after))  # fmt: skip
        doubt = ", doubtful" if place.doubtful else ""
        yield f"{before} → {after}, {place.where}{doubt}"
    if len(ordered) > MOST_PLACES:
        yield f"{len(ordered) - MOST_PLACES:,} more, in comparison.json"


def notes(picture: ComparedPicture) -> Iterator[str]:
    """What a person should know of the picture, and of how each model ran."""
    yield from (plain(f"{picture.name}: {note}") for note in picture.notes)
    for result in picture.ran:
        yield from (plain(f"{result.name}: {note}") for note in result.notes)


def methods(comparison: ModelComparison) -> Iterator[str]:
    """Each quantity with how it is measured, once."""
    by_quantity: dict[str, str] = {}
    for result in comparison.results():
        for item in result.measurements.values():
            by_quantity.setdefault(plain(item.quantity), plain(item.method))
    return (f"{capital(quantity)}: {method}." for quantity, method in by_quantity.items())


def licences(comparison: ModelComparison) -> Iterator[str]:
    """What ran under which licence, each once."""
    lines = (line for result in comparison.results() for line in result.provenance.licences)
    return iter(dict.fromkeys(map(plain, lines)))


def limits() -> tuple[str, ...]:
    return _LIMITS


def footer(comparison: ModelComparison) -> str:
    return f"Groundglass {comparison.version}. All figures were measured on this picture, here."
