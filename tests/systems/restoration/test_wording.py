"""The sentences about measurements follow the numbers, whichever way they point."""

from __future__ import annotations

from typing import Any

import pytest

from agent.answer.evidence import statements
from agent.answer.verdicts import verdict_on
from agent.types import Claim, Evidence, RunResult, Statement

Interval = tuple[float, float]


def run(
    status: str = "ran", intervals: dict[str, Interval] | None = None, **values: float
) -> RunResult:
    evidence = tuple(
        Evidence(
            id=f"shot.{key.replace('_', '-')}", quantity=key, value=value, unit="px",
            measured_on="shot.png", method="m", interval=(intervals or {}).get(key),
        )
        for key, value in values.items()
    )  # fmt: skip
    fields: dict[str, Any] = {"status": status, "evidence": evidence}
    return RunResult(card="net", tool="restore", image="shot.png", **fields)


def edges(before: float, after: float, direction: str = "", **more: float) -> dict[str, float]:
    end = f"_{direction}" if direction else ""
    named = {"edge_width_input": before, "edge_width_restored": after, "edges": 50,
             "edge_width_ratio": after / before}  # fmt: skip
    return {key + end: value for key, value in named.items()} | more


def texts(*runs: RunResult) -> list[str]:
    return [s.text for s in statements(runs)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (3.0, 1.5, "The median 10–90 % width of strong edges went from 3 px to 1.5 px: edges came "
                   "out narrower."),
        (3.0, 4.0, "shot.png came out more blurred than it was: the median width of its edges went "
                   "from 3 px to 4 px. Try"),
        (3.0, 3.0, "shot.png is as blurred as it was: the median width of its edges stayed at "
                   "3 px. Try"),
        (1.0, 1.0, "stayed at 1 px: no change of width is beyond doubt."),
    ],
)  # fmt: skip
def test_what_became_of_the_edges_follows_their_widths(
    before: float, after: float, said: str
) -> None:
    assert said in texts(run(**edges(before, after)))[0]


def test_a_picture_that_was_not_recovered_is_told_so_first_with_what_to_try() -> None:
    still = edges(3.0, 3.0, factor=3, input_width=4, input_height=4, output_width=9,
                  output_height=9)  # fmt: skip
    still = {k.replace("input", "enlarged") if "edge" in k else k: v for k, v in still.items()}
    first = texts(run(**still))[0]
    assert "as blurred as it was" in first and "Try a smaller factor" in first
    assert "smaller factor" not in texts(run(**edges(3.0, 3.0, factor=1)))[0]
    assert not any("Try" in text for text in texts(run(**edges(3.0, 1.5))))
    assert not any("Try" in text for text in texts(run(**edges(1.0, 1.0))))  # it was sharp


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (11.2, 10.5, "came out sharper, but is still blurred:"),
        (3.0, 2.2, None),
        (1.86, 1.85, None),
    ],
)
def test_a_plainly_blurred_result_is_not_recovered_and_a_hardly_blurred_picture_not_lost(
    before: float, after: float, said: str | None
) -> None:
    first = texts(run(**edges(before, after)))[0]
    assert ("Try" in first) == (said is not None) and (said or "") in first
    assert "as blurred as it was" not in first


def test_blur_that_remains_in_one_direction_is_told_with_it() -> None:
    half = edges(9.0, 6.0, "across") | edges(3.0, 1.0, "down")
    assert "came out sharper, but is still blurred from left to right:" in texts(run(**half))[0]


def test_a_ratio_whose_interval_spans_one_is_no_recovery_in_sentence_and_mark() -> None:
    measured = run(intervals={"edge_width_ratio": (0.6, 1.1)}, **edges(3.0, 2.4))
    assert "is as blurred as it was" in texts(measured)[0]
    claim = Claim(id="c", text="t", source="s", test="edges-narrow")
    statement = Statement(section="workflow", text="t", claims=("net/c",))
    verdict = verdict_on(statement, {"net/c": claim}, measured.evidence)
    assert verdict is not None and verdict.outcome == "untested"


def test_directions_that_differ_are_told_apart() -> None:
    half = edges(6.0, 6.0, "across") | edges(3.0, 1.0, "down")
    first = texts(run(**half))[0]
    assert first.startswith(
        "shot.png came out sharper only from top to bottom: the median width of its edges stayed "
        "at 6 px from left to right and went from 3 px to 1 px from top to bottom. Try"
    )
    both = edges(6.0, 2.5, "across") | edges(3.0, 1.0, "down")
    assert texts(run(**both))[0].endswith("edges came out narrower in both directions.")
    sharp = edges(1.5, 1.5, "across") | edges(0.8, 0.8, "down")
    assert texts(run(**sharp))[0].endswith(
        "no change of width is beyond doubt in either direction."
    )
    worse = edges(6.0, 7.0, "across") | edges(3.0, 1.0, "down")
    assert "came out more blurred than it was from left to right:" in texts(run(**worse))[0]


@pytest.mark.parametrize(
    ("before", "after", "interval", "said"),
    [
        (10, 5, (-6, -4), "edges gained no halo"),
        (0, 0, (0, 0), "edges gained no halo"),
        (0, 12, (8, 14), "edges gained a halo"),
        (
            0,
            12,
            (-3, 14),
            "results vary too much across the picture to call this a change in halos",
        ),
        (0, 2, (1.5, 2.5), "edges may have gained a faint halo"),
    ],
)
def test_a_halo_is_told_of_only_where_one_grew(
    before: float, after: float, interval: Interval, said: str
) -> None:
    values = {"overshoot_input": before, "overshoot_restored": after}
    intervals = {"overshoot_change": interval}
    measured = run(intervals=intervals, overshoot_change=after - before, **values)
    went = f"went from {before} px to {after} px" if after != before else f"stayed at {before} px"
    assert texts(measured) == [f"Overshoot beside strong edges {went} of their step: {said}."]


@pytest.mark.parametrize(
    ("db", "said"),
    [(45, "down to fine detail"), (33, "small differences"), (20, "invented detail")],
)
def test_likeness_follows_the_consistency(db: float, said: str) -> None:
    assert said in texts(run(consistency=db))[0]


def test_change_is_said_to_be_on_edges_only_where_it_is() -> None:
    for share, said in (
        (80, "concentrated at edges."),
        (25, "only a little"),
        (21, "is spread over"),
    ):
        places = {"change_near_edges": share, "area_near_edges": 20}
        assert said in texts(run(change_concentration=share / 20, **places))[0]


def test_a_picture_left_as_it_was_is_said_to_be_and_its_change_has_no_place() -> None:
    places = {"change_near_edges": 80, "area_near_edges": 20, "change_concentration": 4}
    left, changed = (" ".join(texts(run(mean_change=c, **places))) for c in (0.49, 0.5))
    assert "0.49 px" in left and "almost as it was" in left and "concentrated" not in left
    assert "almost as it was" not in changed and "concentrated at edges" in changed


def test_a_picture_without_edges_is_not_called_sharp_or_blurred() -> None:
    assert texts(run(mean_change=3))[0] == (
        "Whether shot.png came out sharper cannot be told: it has too few strong edges that can be "
        "measured."
    )


@pytest.mark.parametrize("status", ["skipped", "failed"])
def test_nothing_is_said_of_what_did_not_run(status: str) -> None:
    assert texts(run(status, consistency=40)) == []


def test_what_could_not_be_measured_is_not_mentioned() -> None:
    assert texts(run(edge_width_enlarged=3.0)) == []


def test_every_sentence_names_the_measurements_it_rests_on_and_no_card() -> None:
    (said,) = statements([run(**edges(3.0, 2.0), overshoot_input=1)])
    keys = ("edge-width-input", "edge-width-restored", "edges", "edge-width-ratio")
    assert said.evidence == tuple(f"shot.{key}" for key in keys) and said.claims == ()
