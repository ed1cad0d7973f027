"""One decision gives the words of a sentence and the mark of an explanation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.systems.catalogue import VERDICT_TESTS
from agent.systems.criterion import Criterion, worst
from agent.types import Evidence

NARROWER = Criterion(
    "ratio", 0.97, 1.03, ("narrower", "wider", "a little"), unchanged=(1.0, "no change")
)
KEPT = Criterion("kept", 40.0, 30.0, ("kept", "lost", "partly"), absent=("things", "nothing there"))


def item(
    key: str, value: float, interval: tuple[float, float] | None = None
) -> dict[str, Evidence]:
    evidence = Evidence(
        id=f"shot.{key}", quantity="q", value=value, unit="", measured_on="shot", method="m",
        interval=interval,
    )  # fmt: skip
    return {key: evidence}


@pytest.mark.parametrize(
    ("value", "interval", "outcome", "said"),
    [
        (0.5, (0.4, 0.6), "supported", "narrower"),
        (0.5, None, "supported", "narrower"),
        (0.5, (0.4, 1.2), "untested", "no change"),  # however far off the value itself is
        (1.5, (0.9, 2.0), "untested", "no change"),
        (1.0, (1.0, 1.0), "untested", "no change"),
        (0.98, (0.96, 0.99), "untested", "a little"),
        (1.2, (1.1, 1.3), "contradicted", "wider"),
    ],
)
def test_the_whole_interval_decides_on_outcome_and_words(
    value: float, interval: tuple[float, float] | None, outcome: str, said: str
) -> None:
    found = item("ratio", value, interval)
    finding = NARROWER.finding(found)
    assert finding == (outcome, said, (found["ratio"],))


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(45, "supported"), (40, "supported"), (35, "untested"), (30, "contradicted")],
)
def test_of_a_measure_where_more_is_better_a_rise_is_an_improvement(
    value: float, outcome: str
) -> None:
    finding = KEPT.finding(item("kept", value))
    assert finding is not None and finding.outcome == outcome


def test_what_was_not_measured_gives_no_finding_and_what_is_not_there_an_open_one() -> None:
    assert NARROWER.finding({}) is None
    assert KEPT.finding(item("things", 3)) is None
    nothing = KEPT.finding(item("things", 0))
    assert nothing is not None and nothing[:2] == ("untested", "nothing there")


def test_one_against_outweighs_the_open_and_these_those_for() -> None:
    good, open_, bad = (NARROWER.finding(item("ratio", value)) for value in (0.5, 1.0, 1.5))
    assert good and open_ and bad
    assert worst([good, open_, bad]) == bad and worst([good, open_]) == open_
    other = good._replace(evidence=tuple(item("other", 1).values()))
    both = worst([good, other, good])
    assert both and [i.id for i in both.evidence] == ["shot.ratio", "shot.other"]
    assert worst([]) is None


@pytest.mark.parametrize("name", VERDICT_TESTS)
@given(half=st.floats(0, 50))
def test_an_interval_around_no_change_is_called_none_whatever_the_tool(
    name: str, half: float
) -> None:
    for criterion in VERDICT_TESTS[name]:
        if criterion.unchanged:
            none, words = criterion.unchanged
            spans = item(criterion.key, none, (none - half, none + half))
            finding = criterion.finding(spans)
            assert finding is not None
            if finding.outcome == "untested":
                assert finding.phrase == words
