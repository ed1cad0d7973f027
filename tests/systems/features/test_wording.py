from __future__ import annotations

import pytest

from agent.answer.evidence import statements
from agent.types import Evidence, RunResult


def said(interval: tuple[float, float] | None = None, **values: float) -> list[str]:
    evidence = tuple(
        Evidence(
            id=f"shot.features-{key.replace('_', '-')}", quantity="q", value=value,
            unit="%" if "error" in key or "change" in key else "px", measured_on="shot.png",
            method="m", interval=interval if key.endswith("ratio") else None,
        )
        for key, value in values.items()
    )  # fmt: skip
    run = RunResult(
        card="featsharp", tool="sharpen_features", image="shot.png", status="ran", evidence=evidence
    )
    found = list(statements([run]))
    known = {item.id for item in evidence}
    assert all(set(s.evidence) <= known and set(s.claims) <= {"featsharp/task"} for s in found)
    assert all(bool(s.claims) == ("FeatSharp" in s.text) for s in found)
    return [s.text for s in found]


def test_it_is_said_whose_method_and_whose_weights_ran() -> None:
    (text,) = said(factor=4, cells_before=196, cells_after=3136)
    assert "from 196 to 3,136 cells" in text and "4 times finer" in text
    assert "our implementation" in text and "the authors have released no weights" in text


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (40, 30, "agree better with other views"),
        (30, 40, "agree worse with other views"),
        (40, 40.5, "agree about as well"),
        (40, 40, "no change is beyond doubt"),
    ],
)
def test_agreement_with_other_views_is_worded_by_the_numbers(
    before: float, after: float, verdict: str
) -> None:
    ratio = after / before
    (text,) = said(view_error_before=before, view_error_after=after, view_error_ratio=ratio)
    went = f"went from {before:g} % to {after:g} %" if after != before else f"stayed at {before} %"
    assert went in text and verdict in text


@pytest.mark.parametrize(
    ("before", "after", "interval", "verdict"),
    [
        (20, 10, (0.4, 0.7), "came closer to those of the picture"),
        (20, 10, None, "came closer to those of the picture"),
        (10, 20, (1.5, 3), "moved away from those of the picture"),
        (20, 19.9, (0.99, 0.998), "moved only a little against those of the picture"),
        (20, 10, (0.3, 1.2), "no change of their distance is beyond doubt"),
        (10, 20, (0.9, 4), "no change of their distance is beyond doubt"),
    ],
)
def test_boundaries_came_closer_only_beyond_the_spread(
    before: float, after: float, interval: tuple[float, float] | None, verdict: str
) -> None:
    values = {"before": before, "after": after, "chance": 50, "ratio": after / before}
    (text,) = said(interval, **{f"distance_{key}": value for key, value in values.items()})
    assert text.endswith(f"{verdict}.")
    assert all(f"{value:g} px" in text for value in (before, after, 50))


def test_what_restoration_changed_for_the_encoder_is_said() -> None:
    (text,) = said(change_restored=7.5)
    assert "Restoring the picture" in text and "7.5 %" in text


def test_without_measurements_nothing_is_said() -> None:
    assert said(distance_before=20, distance_after=10) == []
