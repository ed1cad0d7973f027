"""A verdict follows from a threshold and the whole interval of one measurement."""

from __future__ import annotations

import pytest

from agent.answer.verdicts import verdict_on
from agent.systems.catalogue import VERDICT_TESTS
from agent.types import Claim, Evidence, Statement, Verdict


def item(key: str, value: float, low: float | None = None, high: float | None = None) -> Evidence:
    interval = None if low is None or high is None else (low, high)
    return Evidence(
        id=f"shot.v1.{key}", quantity="q", value=value, unit="", measured_on="shot", method="m",
        interval=interval,
    )  # fmt: skip


def judged(
    test: str | None, *evidence: Evidence, section: str = "workflow", claims: int = 1
) -> Verdict | None:
    cited = {f"net/c{i}": Claim(id=f"c{i}", text="t", source="s", test=test) for i in range(claims)}
    statement = Statement(section=section, text="t", claims=(*cited, "net/task"))
    return verdict_on(statement, cited, evidence)


@pytest.mark.parametrize(
    ("test", "evidence", "outcome"),
    [
        ("edges-narrow", ("edge-width-ratio", 0.6, 0.5, 0.7), "supported"),
        ("edges-narrow", ("edge-width-ratio", 0.9, 0.8, 1.0), "untested"),  # it may be chance
        ("edges-narrow", ("edge-width-ratio", 1.0, 0.99, 1.01), "untested"),
        ("edges-narrow", ("edge-width-ratio", 1.2, 1.1, 1.3), "contradicted"),
        ("edges-narrow", ("edge-width-ratio", 0.97), "supported"),
        ("structure-kept", ("low-frequency-agreement", 45, 41, 50), "supported"),
        ("structure-kept", ("low-frequency-agreement", 35, 33, 38), "untested"),
        ("structure-kept", ("low-frequency-agreement", 25, 20, 30), "contradicted"),
        ("text-kept", ("text-confidence-change", 0.5, -0.5, 2), "supported"),
        ("text-kept", ("text-confidence-change", -6, -9, -4), "contradicted"),
        ("no-halos", ("overshoot-change", -2, -3, -1), "supported"),
        ("no-halos", ("overshoot-change", 8, 5, 9), "contradicted"),
        ("fusion-sharpens", ("ablated-fusion-width-ratio", 1.3, 1.2, 1.4), "supported"),
        ("fusion-sharpens", ("ablated-attention-width-ratio", 1.3), "untested"),  # another part
    ],
)
def test_the_whole_interval_decides(test: str, evidence: tuple[str, float], outcome: str) -> None:
    verdict = judged(test, item(*evidence))
    assert verdict is not None and verdict.outcome == outcome
    measured = {criterion.key for criterion in VERDICT_TESTS[test]}
    assert bool(verdict.evidence) == (evidence[0] in measured)


@pytest.mark.parametrize("name", VERDICT_TESTS)
def test_every_test_can_come_out_either_way(name: str) -> None:
    test = VERDICT_TESTS[name][0]
    outcomes = [
        judged(name, item(test.key, value))
        for value in (test.supports, test.contradicts, (test.supports + test.contradicts) / 2)
    ]
    assert [v and v.outcome for v in outcomes] == ["supported", "contradicted", "untested"]
    assert len({v.reason for v in outcomes if v}) == 3


def test_a_doubtful_place_takes_the_support_from_text_however_sure_the_reader_is() -> None:
    surer = item("text-confidence-change", 9, 8, 10)
    assert (good := judged("text-kept", surer, item("text-doubtful", 0))) is not None
    assert good.outcome == "supported"
    doubtful = judged("text-kept", surer, item("text-doubtful", 1))
    assert doubtful == Verdict(
        outcome="untested", reason="some places read differently, and doubtfully",
        evidence=("shot.v1.text-doubtful",),
    )  # fmt: skip
    worse = judged("text-kept", item("text-confidence-change", -9), item("text-doubtful", 1))
    assert worse is not None and worse.outcome == "contradicted"


def test_edges_that_stayed_wide_in_one_direction_did_not_get_narrow() -> None:
    down, across = item("edge-width-ratio-down", 0.5), item("edge-width-ratio-across", 1.0)
    verdict = judged("edges-narrow", down, across)
    assert verdict is not None
    assert (verdict.outcome, verdict.evidence) == ("untested", (across.id,))
    wider = judged("edges-narrow", down, item("edge-width-ratio-across", 1.2))
    assert wider is not None
    assert (wider.outcome, wider.reason) == (
        "contradicted", "edges came out wider from left to right"
    )  # fmt: skip


def test_without_text_nothing_is_said_of_text() -> None:
    verdict = judged("text-kept", item("text-lines", 0))
    assert verdict == Verdict(
        outcome="untested", reason="no text was read in the picture",
        evidence=("shot.v1.text-lines",),
    )  # fmt: skip
    assert judged("text-kept", item("text-lines", 3), item("text-confidence-change", 1)) == Verdict(
        outcome="supported", reason="text is read with at least as much confidence as before",
        evidence=("shot.v1.text-confidence-change",),
    )  # fmt: skip


def test_the_worst_of_several_pictures_decides() -> None:
    good, bad = item("edge-width-ratio", 0.5), item("edge-width-ratio", 1.5)
    bad = bad.model_copy(update={"id": "other.edge-width-ratio"})
    verdict = judged("edges-narrow", good, bad)
    assert verdict is not None
    assert (verdict.outcome, verdict.evidence) == ("contradicted", ("other.edge-width-ratio",))


def test_only_explanations_get_a_verdict_and_only_where_something_was_measured() -> None:
    assert judged("edges-narrow") is None
    good = item("edge-width-ratio", 0.5)
    assert judged("edges-narrow", good, section="limits") is None
    assert judged(None, good, section="complementary") is None
    assert judged("edges-narrow", good, section="complementary") == judged("edges-narrow", good)
    assert judged("edges-narrow", good, claims=0) is None
    for none in (None, "no-such-test"):
        verdict = judged(none, good)
        assert verdict is not None and (verdict.outcome, verdict.evidence) == ("untested", ())
