"""Which model is best, and where nobody can tell: what has to hold of any figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report.model_comparison.record import ModelResult
from agent.systems.model_comparison.criteria import CRITERIA, ComparisonCriterion
from agent.systems.model_comparison.verdicts import Standing, leaders, verdicts
from agent.types import Evidence

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def standings(draw: st.DrawFn) -> list[Standing]:
    """Of up to eight models, some without an interval, in any order."""
    made = []
    for i in range(draw(st.integers(1, 8))):
        value = draw(VALUES)
        below, above = (draw(st.floats(0, 1e6)) for _ in range(2))
        interval = draw(st.sampled_from([None, (value - below, value + above)]))
        made.append(Standing(f"m{i}", value, interval))
    return draw(st.permutations(made))


CRITERION = st.sampled_from(list(CRITERIA.values()))


@given(standings(), CRITERION)
def test_the_best_value_leads_and_who_is_behind_is_worse_beyond_doubt(
    several: list[Standing], criterion: ComparisonCriterion
) -> None:
    ahead = leaders(several, criterion)
    assert len(set(ahead)) == len(ahead) >= 1
    sign = 1 if criterion.more_is_better else -1
    best = next(s for s in several if s.model == ahead[0])
    assert all(sign * s.value <= sign * best.value for s in several)
    for other in several:
        if other.model not in ahead:
            assert criterion.matters(best.value, other.value)
            if not criterion.once:
                assert best.interval and other.interval
                ends = sorted((best.interval, other.interval))
                assert ends[0][1] < ends[1][0], "their intervals do not touch"


@given(standings(), CRITERION)
def test_the_order_in_which_models_are_named_does_not_matter(
    several: list[Standing], criterion: ComparisonCriterion
) -> None:
    values = [s.value for s in several]
    if len(set(values)) == len(values):  # of equals the first leads
        turned = list(reversed(several))
        assert set(leaders(several, criterion)) == set(leaders(turned, criterion))
        assert leaders(several, criterion)[0] == leaders(turned, criterion)[0]


@given(standings(), CRITERION)
def test_a_model_that_is_worst_changes_nothing_for_the_others(
    several: list[Standing], criterion: ComparisonCriterion
) -> None:
    sign = 1 if criterion.more_is_better else -1
    value = -sign * 1e9
    worst = Standing("worst", value, (value, value))
    assert set(leaders([*several, worst], criterion)) - {"worst"} == set(
        leaders(several, criterion)
    )


@given(st.floats(0.1, 100), st.floats(0, 0.2))
def test_times_are_told_apart_by_their_share_alone(seconds: float, more: float) -> None:
    speed = CRITERIA["speed"]
    near = [Standing("a", seconds, None), Standing("b", seconds * (1 + more), None)]
    assert set(leaders(near, speed)) == {"a", "b"}
    assert leaders([near[0], Standing("b", seconds * 1.5, None)], speed) == ("a",)


# --- in words -------------------------------------------------------------------------------------


def result(model: str, **values: tuple[float, tuple[float, float] | None]) -> ModelResult:
    """A model with measurements; `_` in their names stands for `-`."""
    found = {
        key.replace("_", "-"): Evidence(
            id=f"x.{model}.{key}", quantity=key, value=value, unit="px", measured_on="x",
            method="", interval=interval,
        )
        for key, (value, interval) in values.items()
    }  # fmt: skip
    name = model.upper()
    return ModelResult(model=model, name=name, status="ran", measurements=found, basis=model)


EDGES = CRITERIA["edges"]


def test_a_clear_best_is_told_with_the_next() -> None:
    several = [
        result("a", edge_width_across=(2.0, (1.9, 2.1))),
        result("b", edge_width_across=(1.5, (1.4, 1.6))),
    ]
    (verdict,) = verdicts(several, [EDGES])
    assert verdict.outcome == "best" and verdict.leaders == ("b",)
    assert verdict.text == "Narrowest edges: B (1.5 px), before A (2 px)."


def test_overlapping_intervals_are_a_verdict_of_their_own() -> None:
    several = [
        result("a", edge_width_across=(1.7, (1.4, 2.1))),
        result("b", edge_width_across=(1.5, (1.4, 1.6))),
        result("c", edge_width_across=(5.0, (4.0, 6.0))),
    ]
    (verdict,) = verdicts(several, [EDGES])
    assert verdict.outcome == "no difference" and verdict.leaders == ("b", "a")
    assert "no difference beyond doubt between B (1.5 px) and A (1.7 px)" in verdict.text
    assert verdict.text.endswith("; C (5 px) comes after them.")


def test_the_wider_direction_decides_so_that_a_smear_shows() -> None:
    smeared = result("a", edge_width_across=(5.0, (4.9, 5.1)), edge_width_down=(1.0, (0.9, 1.1)))
    even = result("b", edge_width_across=(2.0, (1.9, 2.1)), edge_width_down=(2.0, (1.9, 2.1)))
    (verdict,) = verdicts([smeared, even], [EDGES])
    assert verdict.leaders == ("b",)


def test_bicubic_does_not_win_where_others_are_measured_against_it() -> None:
    several = [
        result("bicubic", flat_change=(0.0, (0.0, 0.0))),
        result("a", flat_change=(2.0, (1.9, 2.1))),
        result("b", flat_change=(5.0, (4.9, 5.1))),
    ]
    (verdict,) = verdicts(several, [CRITERIA["texture"]])
    assert verdict.leaders == ("a",) and "bicubic" not in verdict.text.casefold()


def test_a_model_that_is_measured_against_the_only_other_is_told_so() -> None:
    pair = [result("bicubic", flat_change=(0.0, None)), result("a", flat_change=(2.0, None))]
    (verdict,) = verdicts(pair, [CRITERIA["texture"]])
    assert verdict.outcome == "not compared"
    assert verdict.text.endswith("not measured but on A (2 px); it is measured against bicubic.")


def test_what_cannot_be_compared_is_no_victory() -> None:
    (nothing,) = verdicts([result("a"), result("b")], [EDGES])
    assert nothing.outcome == "not compared" and nothing.leaders == ()
    assert nothing.text.endswith(" straight edges.")
    (unread,) = verdicts([result("a")], [CRITERIA["text"]], {"text": "text was not read"})
    assert unread.text.endswith(": not measured; text was not read.")
    alone = [result("a", edge_width_across=(1.0, None)), result("b")]
    (one,) = verdicts(alone, [EDGES])
    assert one.outcome == "not compared" and one.text.endswith("not measured but on A (1 px).")


def test_without_intervals_nothing_is_beyond_doubt() -> None:
    several = [result(m, edge_width_across=(w, None)) for m, w in (("a", 1.0), ("b", 9.0))]
    (verdict,) = verdicts(several, [EDGES])
    assert verdict.outcome == "no difference" and set(verdict.leaders) == {"a", "b"}


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=list(CRITERIA))
def test_a_criterion_says_what_is_no_difference(criterion: ComparisonCriterion) -> None:
    assert criterion.least > 0 or criterion.least_share > 0
    assert not criterion.matters(3.0, 3.0) and criterion.matters(1.0, 1000.0)
