from __future__ import annotations

from agent.answer.judge import judge
from agent.answer.verify import verify
from agent.registry import Registry
from agent.types import Answer, Card, Claim, Evidence, Question, Statement, Verdict

CARD = Card(
    id="net", name="Net", task="deblurring", summary="s", links={"paper": "https://a.example/p"},
    claims=(
        Claim(id="edges", text="Edges get narrow.", source="s", test="edges-narrow"),
        Claim(id="loss", text="It has a loss.", source="s"),
    ),
)  # fmt: skip
REGISTRY = Registry.from_cards([CARD])
WIDER = Evidence(
    id="a.edge-width-ratio", quantity="ratio", value=1.4, unit="×", measured_on="a.png", method="m"
)
ANSWER = Answer(
    status="answered",
    task="t",
    statements=tuple(
        Statement(section="workflow", text=claim.text, claims=(f"net/{claim.id}",))
        for claim in CARD.claims
    ),
)


def test_each_explanation_is_judged_by_the_evidence() -> None:
    edges, loss = judge(ANSWER, [WIDER], REGISTRY).statements
    assert edges.verdict == Verdict(
        outcome="contradicted", reason="edges came out wider", evidence=("a.edge-width-ratio",)
    )
    assert loss.verdict is not None and loss.verdict.outcome == "untested"
    assert judge(ANSWER, [], REGISTRY) == ANSWER


def test_a_verdict_that_the_evidence_does_not_give_is_found() -> None:
    question = Question(text="Why?")
    right = judge(ANSWER, [WIDER], REGISTRY)
    assert verify(right, "", question, [WIDER], REGISTRY).passed
    for wrong in (
        Verdict(outcome="supported", reason="edges came out wider", evidence=(WIDER.id,)),
        Verdict(outcome="contradicted", reason="edges came out wider", evidence=("b.nothing",)),
        Verdict(outcome="contradicted", reason="it is bad", evidence=(WIDER.id,)),
    ):
        edges = right.statements[0].model_copy(update={"verdict": wrong})
        forged = right.model_copy(update={"statements": (edges, right.statements[1])})
        found = verify(forged, "", question, [WIDER], REGISTRY)
        assert found.wrong_verdicts == ("Edges get narrow.",) and not found.passed


def test_what_another_network_did_to_a_picture_tests_no_claim() -> None:
    registry = Registry.from_cards([CARD.model_copy(update={"tool": "restore"})])
    other, own = (
        judge(ANSWER, [WIDER], registry, {tool}).statements[0].verdict
        for tool in ("another", "restore")
    )
    assert other is not None and (other.outcome, other.evidence) == ("untested", ())
    assert own is not None and own.outcome == "contradicted"
    claimed = judge(ANSWER, [WIDER], registry)  # as though the card's own network had run
    found = verify(claimed, "", Question(text="Why?"), [WIDER], registry, {"another"})
    assert found.wrong_verdicts == ("Edges get narrow.",)
