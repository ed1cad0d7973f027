"""The sentences about measurements follow the numbers, whichever way they point."""

from __future__ import annotations

import pytest

from agent.answer.evidence import statements
from agent.types import Evidence, RunResult


def run(status: str = "ran", **values: float) -> RunResult:
    evidence = tuple(
        Evidence(
            id=f"shot.{key.replace('_', '-')}", quantity=key, value=value, unit="px",
            measured_on="shot.png", method="m",
        )
        for key, value in values.items()
    )  # fmt: skip
    return RunResult(card="net", tool="restore", image="shot.png", status=status, evidence=evidence)


def texts(*runs: RunResult) -> str:
    return " ".join(s.text for s in statements(runs))


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(2.0, "sharper"), (4.0, "softer, against"), (3.02, "as sharp as they were")],
)
def test_the_verdict_on_edges_follows_the_widths(after: float, verdict: str):
    said = texts(run(edge_width_enlarged=3.0, edge_width_restored=after, edges=50, consistency=40))
    assert verdict in said and "3 px" in said and f"{after:g} px" in said


@pytest.mark.parametrize(("db", "verdict"), [(45, "was kept"), (33, "most of"), (20, "departs")])
def test_the_verdict_on_structure_follows_the_consistency(db: float, verdict: str):
    assert verdict in texts(run(consistency=db))


def test_change_is_said_to_be_on_edges_only_where_it_is():
    assert "left flat areas" in texts(run(change_near_edges=80, area_near_edges=20))
    assert "spread over" in texts(run(change_near_edges=25, area_near_edges=20))


def test_a_picture_left_as_it_was_is_said_to_be_and_its_change_has_no_place():
    places = {"change_near_edges": 80, "area_near_edges": 20}
    left, changed = (texts(run(mean_change=change, **places)) for change in (0.49, 0.5))
    assert "0.49 grey levels" in left and "almost as it was" in left
    assert "left flat areas" not in left
    assert "almost as it was" not in changed and "left flat areas" in changed


@pytest.mark.parametrize("status", ["skipped", "failed"])
def test_nothing_is_said_of_what_did_not_run(status: str):
    assert list(statements([run(status, consistency=40)])) == []


def test_what_could_not_be_measured_is_not_mentioned():
    assert list(statements([run(edge_width_enlarged=3.0)])) == []


def test_every_sentence_names_the_measurements_it_rests_on():
    measured = run(edge_width_input=3.0, edge_width_restored=2.0, edges=50, overshoot_input=1)
    said = list(statements([measured]))
    assert [s.evidence for s in said] == [
        ("shot.edge-width-input", "shot.edge-width-restored", "shot.edges")
    ]
