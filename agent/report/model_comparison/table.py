"""The headings, sentences and cells of a comparison, in plain text for every format."""

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
#: Largest number of places listed per model; `comparison.json` has them all.
MOST_PLACES = 12
#: Units of counts.
_COUNT_UNITS = ("lines", "places")
_LIMITS = (
    "There is no overall score: whether narrower edges are worth some changed letters depends on "
    "what the picture is for.",
    "“No difference beyond doubt” means that the intervals overlap, or that the values differ too "
    "little to matter. An interval shows how much a value would vary with other parts of the same "
    "picture; it says nothing about other pictures.",
    "Letters that read as in the picture have not changed, but need not be right. If the picture "
    "itself is hardly legible, this says nothing.",
    "Narrow edges do not prove that a result is true: a model can draw sharply what was never "
    "there.",
    "Time and memory were measured once, with whatever else was running on the machine.",
)


class Cell(NamedTuple):
    """The value of one model."""

    value: str
    interval: str
    leads: bool
    """Whether no other model is better beyond doubt."""


class Row(NamedTuple):
    """One measurement on all models; None where it is missing."""

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
    """Return the column headings: the models that ran."""
    return [plain(result.name) for result in picture.ran]


def rows(picture: ComparedPicture) -> Iterator[Row]:
    """Yield the rows of a picture's table, with one column per model that ran."""
    leaders = {(key, model) for v in picture.verdicts for key in v.measured for model in v.leaders}
    keys = dict.fromkeys(key for result in picture.ran for key in result.measurements)
    for key in keys:
        items = [result.measurements.get(key) for result in picture.ran]
        first = next(item for item in items if item)
        is_count = first.unit in _COUNT_UNITS  # the quantity says what is counted
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
    """Sum up the verdicts over several pictures, one line per criterion."""
    if len(comparison.pictures) < 2:
        return
    names_by_key = {r.model: r.name for picture in comparison.pictures for r in picture.results}
    for verdict_group in zip(*(picture.verdicts for picture in comparison.pictures), strict=False):
        yield _over(verdict_group, names_by_key)


def _over(verdict_group: Iterable[CriterionVerdict], names_by_key: dict[str, str]) -> str:
    verdicts = list(verdict_group)
    criterion = verdicts[0].criterion
    alone = [v.leaders[0] for v in verdicts if v.outcome == "best"]
    counts = {model: alone.count(model) for model in dict.fromkeys(alone)}
    parts = [f"{names_by_key[model]} on {number}" for model, number in counts.items()]
    if open_ := sum(v.outcome == "no difference" for v in verdicts):
        parts.append(f"no difference beyond doubt on {open_}")
    if missing := sum(v.outcome == "not compared" for v in verdicts):
        parts.append(f"not comparable on {missing}")
    return plain(f"{capital(criterion)}, on {len(verdicts)} pictures: {', '.join(parts)}.")


def not_run(picture: ComparedPicture) -> Iterator[str]:
    for result in picture.results:
        if result.status != "ran":
            what = "was skipped" if result.status == "skipped" else "failed"
            yield plain(f"{result.name} {what}: {result.reason}")


def places(result: ModelResult) -> Iterator[str]:
    """List the words that read differently in a result, doubtful ones first."""
    places = sorted(result.places, key=lambda place: not place.doubtful)
    for place in places[:MOST_PLACES]:
        before, after = (f"“{plain(text)}”" if text else "nothing" for text in
                         (place.before, place.after))  # fmt: skip
        doubt = ", doubtful" if place.doubtful else ""
        yield f"{before} → {after}, {place.where}{doubt}"
    if len(places) > MOST_PLACES:
        yield f"{len(places) - MOST_PLACES:,} more in comparison.json"


def notes(picture: ComparedPicture) -> Iterator[str]:
    """List what a person should know about the picture, and about how each model ran."""
    yield from (plain(f"{picture.name}: {note}") for note in picture.notes)
    for result in picture.ran:
        yield from (plain(f"{result.name}: {note}") for note in result.notes)


def methods(comparison: ModelComparison) -> Iterator[str]:
    """List each quantity with its method, once."""
    by_quantity: dict[str, str] = {}
    for result in comparison.results():
        for item in result.measurements.values():
            by_quantity.setdefault(plain(item.quantity), plain(item.method))
    return (f"{capital(quantity)}: {method}." for quantity, method in by_quantity.items())


def licences(comparison: ModelComparison) -> Iterator[str]:
    """List the licences of what ran, each once."""
    lines = (line for result in comparison.results() for line in result.provenance.licences)
    return iter(dict.fromkeys(map(plain, lines)))


def limits() -> tuple[str, ...]:
    return _LIMITS


def footer(comparison: ModelComparison) -> str:
    return f"Groundglass {comparison.version}. All figures were measured here, on this picture."
