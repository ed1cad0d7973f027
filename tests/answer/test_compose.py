"""The whole of an answer: its parts in order, each fact once, nothing but facts and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest

from agent.answer.compose import complementary_cards, compose
from agent.answer.verify import verify
from agent.files import DEFAULT_REGISTRY
from agent.registry import Registry, load
from agent.types import (
    PROGRAM,
    SPANNING,
    Abstention,
    Answer,
    AnswerRow,
    Card,
    CardStep,
    Claim,
    Evidence,
    Intent,
    Match,
    ParsedQuestion,
    Question,
    RunResult,
)


def claim(id: str, tags: str, text: str | None = None) -> Claim:
    return Claim(id=id, text=text or f"Net does {id}.", source="s", tags=tuple(tags.split()))


NET = Card(
    id="net", name="Net", task="deblurring", summary="Net removes blur.",
    links={"paper": "https://example.org/net"}, flow="picture → Net → sharp picture",
    workflow=(
        CardStep(stage="input", text="A picture goes in."),
        CardStep(stage="model", text="Net works.", claims=("edge",)),
        CardStep(stage="output", text="A picture comes out."),
    ),
    claims=(claim("edge", "edges"), claim("loss", "loss"), claim("fast", "speed")),
    limits=(claim("shaky", "edges limits", "Net fails on shaken edges."),
            claim("dark", "limits", "Net fails in the dark.")),
    related=("aid",),
)  # fmt: skip
AID = Card(
    id="aid", name="Aid", task="reading", summary="Aid reads text.",
    links={"paper": "https://example.org/aid"},
    claims=(claim("read", "text", "Aid reads text off signs."),),
)  # fmt: skip
BARE = Card(id="bare", name="Bare", task="denoising", summary="Bare removes noise.", links={})
CARDS = (NET, AID, BARE)
FACTS = {fact for card in CARDS for fact in card.facts()}
EDGES = ParsedQuestion(intent="explain", effects=("edges",))
FACT = ParsedQuestion(intent="fact")
LEADING = {"net/fast": 0.9, "net/loss": 0.8}
"""What opens the answer, so that the rest may stand further down."""


def texts(made: Answer, section: str) -> list[str]:
    return [s.text for s in made.statements if s.section == section]


def cited(made: Answer) -> list[str]:
    return [reference.card for reference in made.references]


def facts(made: Answer) -> list[str]:
    return [claim for statement in made.statements for claim in statement.claims]


def skipped(card: str = "net", status: str = "skipped") -> RunResult:
    given = {"card": card, "tool": "restore", "image": "a.png", "status": status}
    return RunResult.model_validate(given | {"reason": "no weights"})


def restored() -> RunResult:
    evidence = tuple(
        Evidence(id=f"shot.{id}", quantity=id, value=value, unit=unit, measured_on="shot.png",
                 method="10–90 %")
        for id, value, unit in (
            ("edge-width-enlarged", 2.93, "px"), ("edge-width-restored", 1.51, "px"),
            ("edge-width-ratio", 0.52, "×"), ("edges", 900, "edges"), ("factor", 3, "×"),
            ("overshoot-enlarged", 4, "%"), ("overshoot-restored", 4, "%"),
            ("overshoot-change", 0, "percentage points"),
        )
    )  # fmt: skip
    return RunResult(card="net", tool="restore", image="shot.png", status="ran", evidence=evidence)


# --- order ----------------------------------------------------------------------------------------


def test_the_answer_stands_first_and_its_limits_last(inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "net"), relevance=0.5))
    sections = list(dict.fromkeys(s.section for s in made.statements))
    order = ("answer", "task", "workflow", "complementary", "evidence", "limits")
    assert sections == sorted(sections, key=order.index)
    assert sections[0] == "answer" and sections[-1] == "limits"


def test_a_question_about_a_picture_is_answered_by_what_was_measured_alone(inquire, ask, curated):
    parsed = ParsedQuestion(intent="look", effects=("sharpness",), needs_image=True)
    part = ask(parsed, "net", curated=[curated("Net sharpens.", "net/summary")])
    opening = texts(compose(inquire(CARDS, part, runs=[restored()])), "answer")
    assert "2.93" in opening[0]
    assert "Net sharpens." not in opening


def test_why_is_answered_by_what_is_known_before_what_was_measured(inquire, ask, curated):
    part = ask(EDGES, "net", curated=[curated("Net sharpens.", "net/summary")])
    first, second = texts(compose(inquire(CARDS, part, runs=[restored()])), "answer")
    assert first == "Net sharpens." and "2.93" in second


def test_several_questions_are_answered_in_order(inquire, ask, curated):
    parts = [
        ask(FACT, "net", curated=[curated("By L1.", "net/loss")]),
        ask(FACT, "aid", curated=[curated("It reads.", "aid/read", holder="aid")]),
    ]
    made = compose(inquire(CARDS, *parts))
    assert texts(made, "answer") == ["By L1.", "It reads."]
    assert cited(made) == ["net", "aid"]


# --- nothing twice, nothing without support -------------------------------------------------------


@pytest.mark.parametrize("intent", sorted({*get_args(Intent)} - {"chat"}))
@pytest.mark.parametrize("relevance", [0.0, 0.5])
def test_every_sentence_rests_on_facts_that_exist(intent, relevance, inquire, ask):
    parsed = ParsedQuestion(intent=intent, effects=("edges", "text"), operation="deblur")
    inquiry = inquire(CARDS, ask(parsed, "net", "bare"), relevance=relevance)
    made = compose(inquiry)
    assert set(facts(made)) <= FACTS
    assert {fact for step in made.workflow for fact in step.claims} <= FACTS
    assert verify(made, "", Question(text="a question"), (), inquiry.registry).passed


def test_no_fact_is_told_twice(inquire, ask):
    told = facts(compose(inquire(CARDS, ask(EDGES, "net"), relevance=0.5)))
    assert told and len(told) == len(set(told))


def test_what_a_curated_answer_rests_on_is_not_told_again(inquire, ask, curated):
    part = ask(EDGES, "net", curated=[curated("Edges.", "net/edge", "net/shaky")])
    made = compose(inquire(CARDS, part, relevance=0.9))
    assert [fact for fact in facts(made) if fact in ("net/edge", "net/shaky")] == [
        "net/edge",
        "net/shaky",
    ]


def test_two_questions_with_one_answer_get_it_once(inquire, ask, curated):
    one = curated("By L1.", "net/loss", listing="train net")
    made = compose(inquire(CARDS, *(ask(FACT, "net", curated=[one]) for _ in range(2))))
    assert texts(made, "answer") == ["By L1."]
    assert made.listing == "train net"


# --- references -----------------------------------------------------------------------------------


def test_the_references_are_the_cards_that_the_answer_cites_in_its_order(inquire, ask):
    parsed = ParsedQuestion(intent="explain", effects=("text",))
    made = compose(inquire(CARDS, ask(parsed, "net"), relevance={"aid/read": 0.6}))
    steps = [fact for step in made.workflow for fact in step.claims]
    used = dict.fromkeys(fact.partition("/")[0] for fact in (*facts(made), *steps))
    assert cited(made) == [*used] == ["net", "aid"]


def test_a_card_that_only_matched_is_not_cited(inquire, ask):
    matches = [
        Match(card=c, score=s, margin=0, reasons=()) for c, s in (("net", 0.9), ("bare", 0.5))
    ]
    part = ask(FACT)
    made = compose(
        inquire(CARDS, type(part)(part.text, FACT, matches), relevance={"net/loss": 0.9})
    )
    assert cited(made) == ["net"]


def test_this_program_is_never_a_reference(inquire, ask, curated):
    one = curated("No, it stays here.", f"{PROGRAM}/offline", holder=PROGRAM)
    made = compose(inquire(CARDS, ask(FACT, curated=[one])))
    assert (made.status, made.workflow, made.references) == ("answered", (), ())


def test_the_rows_of_a_table_cite_each_its_own_system(inquire, ask, curated):
    rows = (
        AnswerRow(label="Net", text="Blur.", facts=("net/task",)),
        AnswerRow(label="Aid", text="Signs.", facts=("aid/read",)),
    )
    one = curated("It depends.", "net/task", "aid/task", holder=SPANNING, rows=rows)
    made = compose(inquire(CARDS, ask(FACT, curated=[one])))
    assert [(s.row, s.text) for s in made.statements if s.row] == [
        ("Net", "Blur."),
        ("Aid", "Signs."),
    ]
    assert cited(made) == ["net", "aid"]


# --- workflow and what is beside it ---------------------------------------------------------------


def test_steps_cite_the_claims_that_explain_them(inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "net"), relevance=LEADING))
    told = {s.claims[0] for s in made.statements if s.section == "workflow"}
    own = {fact for step in made.workflow for fact in step.claims[1:]}
    assert told == own == {"net/edge"}


@pytest.mark.parametrize(("intent", "drawn"), [("explain", True), ("fact", False)])
def test_a_diagram_is_drawn_where_the_question_is_how_it_works(intent, drawn, inquire, ask):
    made = compose(inquire(CARDS, ask(ParsedQuestion(intent=intent), "net")))
    assert bool(made.diagram) == drawn


@pytest.mark.parametrize(
    ("intent", "relevance", "told"),
    [
        ("explain", 0.6, ["Aid reads text off signs."]),
        ("explain", 0.1, []),
        ("fact", 0.6, []),
    ],
)
def test_a_system_beside_it_is_told_of_where_it_bears_on_why_or_how(
    intent, relevance, told, inquire, ask
):
    part = ask(ParsedQuestion(intent=intent), "net")
    made = compose(inquire(CARDS, part, relevance={"aid/read": relevance}))
    assert texts(made, "complementary") == told


def test_a_card_that_says_what_it_adds_to_another_is_told_of_by_that(inquire, ask):
    claims = (claim("read", "text", "Aid reads signs."), claim("check", "text", "Aid checks Net."))
    aid = AID.model_copy(update={"claims": claims, "beside": {"net": "check"}})
    made = compose(inquire([NET, aid], ask(EDGES, "net"), relevance=0.6))
    assert texts(made, "complementary") == ["Aid checks Net."]


def test_a_card_that_adds_nothing_to_the_system_asked_about_is_left_out(inquire, ask):
    aid = AID.model_copy(update={"beside": {"bare": "read"}})
    made = compose(inquire([NET, aid], ask(EDGES, "net"), relevance=0.6))
    assert texts(made, "complementary") == []


def test_systems_beside_the_main_ones_are_those_related_then_further_matches():
    registry = Registry.from_cards(CARDS)
    matches = [Match(card=c, score=1, margin=0, reasons=()) for c in ("net", "bare", "aid")]
    assert [c.id for c in complementary_cards([NET], matches, registry)] == ["aid", "bare"]


# --- limits ---------------------------------------------------------------------------------------


def test_a_limit_is_told_where_it_bears_on_the_question(inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "net"), relevance=LEADING | {"net/shaky": 0.35}))
    assert texts(made, "limits") == ["Net fails on shaken edges."]


def test_a_limit_that_does_not_bear_on_it_is_left_out(inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "net"), relevance=LEADING | {"net/dark": 0.3}))
    assert texts(made, "limits") == []


def test_for_laymen_neither_explanations_nor_limits_are_told(inquire, ask):
    parsed = EDGES.model_copy(update={"layman": True})
    made = compose(inquire(CARDS, ask(parsed, "net"), relevance=0.9))
    assert {s.section for s in made.statements} == {"answer"}
    assert [step.text for step in made.workflow] == ["picture → Net → sharp picture"]


# --- what is not known ----------------------------------------------------------------------------


def test_a_model_that_the_registry_lacks_is_said_to_be_missing(inquire, ask):
    made = compose(inquire(CARDS, ask(FACT, "net", unknown=["SwinIR"]), relevance=0.5))
    assert made.status == "partly"
    assert [limit for limit in made.limits if "SwinIR" in limit] == [
        "The registry has no card for SwinIR, so this answer says nothing about it."
    ]


def test_a_topic_on_which_nothing_is_held_makes_the_answer_partial(inquire, ask):
    parsed = ParsedQuestion(intent="fact", topics=("brain",))
    made = compose(inquire(CARDS, ask(parsed, "net")))
    assert made.status == "partly"
    assert any("likeness to the human brain" in limit for limit in made.limits)


def test_what_a_curated_answer_covers_is_not_said_to_be_missing(inquire, ask, curated):
    parsed = ParsedQuestion(intent="fact", topics=("brain",))
    part = ask(parsed, "net", curated=[curated("Unlike a brain.", "net/summary")])
    assert compose(inquire(CARDS, part)).status == "answered"


def test_one_of_several_questions_without_an_answer_is_told(inquire, ask):
    nothing = Abstention(reason="no_model", explanation="Nothing is held on cooking.")
    parts = [ask(FACT, "net"), ask(FACT, abstention=nothing)]
    made = compose(inquire(CARDS, *parts, relevance=0.5))
    assert made.status == "partly"
    assert "Nothing is held on cooking." in made.limits


def test_without_a_match_nothing_is_stated_or_cited(inquire, ask):
    why = Abstention(reason="no_model", explanation="Nothing fits.", detail="confidence: 0.1")
    made = compose(inquire(CARDS, ask(FACT, abstention=why)))
    assert (made.status, made.statements, made.references) == ("cannot_answer", (), ())
    assert made.limits == ("Nothing fits.",)


def test_small_talk_gets_a_line_that_cites_nothing(inquire, ask):
    made = compose(inquire(CARDS, ask("thanks")))
    assert (made.status, made.task) == ("answered", "You’re welcome.")
    assert (made.statements, made.workflow, made.references, made.limits) == ((), (), (), ())


# --- what ran -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["skipped", "failed"])
def test_what_did_not_run_is_a_limit_with_its_reason(status, inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "net"), runs=[skipped(status=status)]))
    assert made.status == "partly"
    assert any("a.png" in limit and "no weights" in limit for limit in made.limits)
    assert texts(made, "evidence") == []


def test_what_did_not_run_of_another_system_leaves_the_answer_whole(inquire, ask):
    made = compose(inquire(CARDS, ask(FACT, "net"), runs=[skipped("aid")], relevance=0.5))
    assert made.status == "answered"
    assert any("no weights" in limit for limit in made.limits)


# --- cards of every kind --------------------------------------------------------------------------


def test_a_card_with_the_required_keys_alone_can_be_answered_from(inquire, ask):
    made = compose(inquire(CARDS, ask(EDGES, "bare"), relevance=0.5))
    assert [step.stage for step in made.workflow] == ["input", "model", "output"]
    assert texts(made, "answer")
    assert made.references[0].title == "Bare"


def shipped_cards() -> Sequence[str]:
    return tuple(load(DEFAULT_REGISTRY))


@pytest.mark.parametrize("intent", ["define", "fact", "explain", "complain"])
@pytest.mark.parametrize("id", shipped_cards())
def test_every_card_that_ships_passes_the_check(id, intent, inquire, ask):
    cards = [*load(DEFAULT_REGISTRY).cards()]
    inquiry = inquire(cards, ask(ParsedQuestion(intent=intent), id), relevance=0.5)
    made = compose(inquiry)
    assert verify(made, "", Question(text="a question"), (), inquiry.registry).passed
    assert cited(made)[0] == id


def test_a_question_that_takes_enlarging_for_granted_is_told_of_the_limit_against_it(inquire, ask):
    against = claim("no-enlarging", "enlargement", "Net does not enlarge.")
    net = NET.model_copy(update={"limits": (*NET.limits, against)})
    parsed = ParsedQuestion(intent="explain", operation="enlarge", effects=("edges",))
    made = compose(inquire([net], ask(parsed, "net"), relevance=LEADING))
    assert texts(made, "limits")[0] == "Net does not enlarge."
