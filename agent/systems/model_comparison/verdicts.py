"""Verdicts on which of several models is best by a criterion, or that there is no telling.

One model surpasses another if its whole interval lies on the better side of the other's and the
values differ by enough to matter. The leaders are those that the best one does not surpass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from agent.report.model_comparison.record import CriterionVerdict, ModelResult
from agent.report.single_line import capital
from agent.systems.model_comparison.criteria import ComparisonCriterion
from agent.text import format_list
from agent.types import Evidence


class Standing(NamedTuple):
    """The value of a model by one criterion."""

    model: str
    value: float
    interval: tuple[float, float] | None
    """None if one cannot be stated."""


def leaders(standings: Sequence[Standing], criterion: ComparisonCriterion) -> tuple[str, ...]:
    """Return the model with the best value, then those that it does not surpass, in order.

    Args:
        standings: at least one, of different models.
    """
    best = _by_value(standings, criterion)[0]
    rest = (other for other in standings if other is not best)
    return (best.model, *(o.model for o in rest if not _surpasses(best, o, criterion)))


def _surpasses(best: Standing, other: Standing, criterion: ComparisonCriterion) -> bool:
    if not criterion.matters(best.value, other.value):
        return False
    if criterion.once:
        return True
    if best.interval is None or other.interval is None:
        return False
    if criterion.more_is_better:
        return best.interval[0] > other.interval[1]
    return best.interval[1] < other.interval[0]


def _by_value(standings: Sequence[Standing], criterion: ComparisonCriterion) -> list[Standing]:
    """Sort by value, best first; ties keep their order."""
    return sorted(standings, key=lambda s: s.value, reverse=criterion.more_is_better)


# --- in words -------------------------------------------------------------------------------------


def verdicts(
    results: Sequence[ModelResult],
    criteria: Iterable[ComparisonCriterion],
    unmeasured: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[CriterionVerdict]:
    """Yield one verdict per criterion.

    Args:
        unmeasured: by key of a criterion, why it could not be measured on this picture, if more is
            known than the general reason.
    """
    for criterion in criteria:
        decisive = {
            result.model: item
            for result in results
            if result.model not in criterion.left_out
            and (item := _decisive(result.measurements, criterion))
        }
        names = {result.model: result.name for result in results}
        if results and not decisive:
            yield _not_compared(criterion, unmeasured.get(criterion.key, criterion.unmeasured))
        else:
            yield _verdict(decisive, names, criterion)


def _decisive(
    measurements: Mapping[str, Evidence], criterion: ComparisonCriterion
) -> Evidence | None:
    """Return the decisive measurement of a model: the worst of several."""
    items = [measurements[key] for key in criterion.keys if key in measurements]
    pick = min if criterion.more_is_better else max
    return pick(items, key=lambda item: item.value) if items else None


def _verdict(
    decisive: Mapping[str, Evidence], names: Mapping[str, str], criterion: ComparisonCriterion
) -> CriterionVerdict:
    title = capital(criterion.title)

    def label(model: str) -> str:
        return f"{names[model]} ({decisive[model].format()})"

    if len(decisive) < 2:
        against = ", ".join(sorted(criterion.left_out))
        why = f"it is measured against {against}" if against else ""
        return _not_compared(criterion, why, *map(label, decisive))
    standings = [Standing(m, item.value, item.interval) for m, item in decisive.items()]
    ahead = leaders(standings, criterion)
    ranked = [standing.model for standing in _by_value(standings, criterion)]
    first = [model for model in ranked if model in ahead]
    behind = [model for model in ranked if model not in ahead]
    if len(first) == 1:
        text = f"{label(first[0])}, before {label(behind[0])}"
    else:
        text = f"no difference beyond doubt between {format_list([label(m) for m in first])}"
        text += f"; {label(behind[0])} comes after them" if behind else ""
    return CriterionVerdict(
        criterion=criterion.key,
        outcome="best" if len(first) == 1 else "no difference",
        measured=criterion.keys,
        leaders=tuple(first),
        text=f"{title}: {text}.",
    )


def _not_compared(criterion: ComparisonCriterion, why: str, *models: str) -> CriterionVerdict:
    """Return a verdict for a criterion measured on at most one model, with the reason."""
    detail = "".join(f" but on {one}" for one in models) + (f"; {why}" if why else "")
    return CriterionVerdict(
        criterion=criterion.key,
        outcome="not compared",
        measured=criterion.keys,
        text=f"{capital(criterion.title)}: not measured{detail}.",
    )
