"""What stands first: a curated answer, else the fact that bears most, else that none is held."""

from __future__ import annotations

from typing import Any

import pytest

from agent.answer.compose import compose
from agent.answer.direct import direct
from agent.answer.verify import verify
from agent.types import AnswerRow, Card, Claim, ParsedQuestion, Question

NET = Card(
    id="net", name="Net", task="deblurring", summary="Net removes blur.",
    links={"paper": "https://example.org/net"}, title="Sharp at Last", authors=("A. Smith",),
    year=2021,
    claims=(
        Claim(id="loss", text="Net learns from an L1 loss.", source="s", tags=("loss",)),
        Claim(id="fast", text="Net takes half a second.", source="s", tags=("speed",)),
        Claim(id="rival", text="Net has fewer layers than OtherNet.", source="s"),
    ),
    limits=(Claim(id="dark", text="Net fails in the dark.", source="s", tags=("limits",)),),
)  # fmt: skip
AID = Card(id="aid", name="Aid", task="reading text", summary="Reads signs.", links={})
BARE = Card(id="bare", name="Bare", task="denoising", summary="Bare removes noise.", links={})
FACT = ParsedQuestion(intent="fact")


def texts(made: Any) -> list[str]:
    return [statement.text for statement in made.statements]


# --- curated answers ------------------------------------------------------------------------------


def test_the_nearest_curated_answer_is_given_in_its_own_words(inquire, ask, curated):
    best = curated("Half a second.", "net/fast", score=0.7)
    part = ask("How fast is Net?", "net", curated=[best, curated("By L1.", "net/loss")])
    (statement,) = direct(part, inquire([NET], part, relevance=0.9)).statements
    assert statement.section == "answer"
    assert (statement.text, statement.claims) == ("Half a second.", ("net/fast",))


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Which one reads signs?", "Yes, that is its purpose.", "That is its purpose."),
        ("How good is it?", "No. Others lead.", "Others lead."),
        ("How good is it?", "Yes: it leads.", "It leads."),
        ("Can it read signs?", "Yes, that is its purpose.", "Yes, that is its purpose."),
        ("Is it better? How?", "No. Others lead.", "No. Others lead."),
        ("How often does it fail?", "Yes, and often.", "Yes, and often."),
        ("What does it need?", "No labels are needed.", "No labels are needed."),
    ],
)
def test_only_a_yes_no_question_is_answered_with_yes_or_no(
    inquire, ask, curated, question, answer, expected
):
    part = ask(question, "net", curated=[curated(answer, "net/fast")])
    assert texts(direct(part, inquire([NET], part)))[0] == expected


def test_rows_and_listing_of_a_curated_answer_come_with_it(inquire, ask, curated):
    rows = (AnswerRow(label="Net", text="Fast.", facts=("net/fast",)),)
    one = curated("It differs.", "net/summary", rows=rows, listing="run net")
    part = ask(FACT, "net", curated=[one])
    made = direct(part, inquire([NET], part))
    assert [(s.row, s.text, s.claims) for s in made.statements] == [
        (None, "It differs.", ("net/summary",)),
        ("Net", "Fast.", ("net/fast",)),
    ]
    assert made.listing == "run net"


def test_a_curated_answer_that_speaks_of_the_model_named_goes_before_a_nearer_one(
    inquire, ask, curated
):
    nearer = curated("Half a second.", "net/fast", score=0.62)
    about_it = curated("OtherNet has more layers.", "net/rival", score=0.6)
    part = ask(FACT, "net", curated=[nearer, about_it], unknown=["OtherNet"])
    assert texts(direct(part, inquire([NET], part))) == ["OtherNet has more layers."]


def test_a_model_without_a_card_is_not_answered_for_by_an_answer_about_another(
    inquire, ask, curated
):
    part = ask(FACT, "net", curated=[curated("Half a second.", "net/fast")], unknown=["OtherNet"])
    assert "Half a second." not in texts(direct(part, inquire([NET], part)))


# --- facts ----------------------------------------------------------------------------------------


def test_a_definition_is_the_summary(inquire, ask):
    part = ask("What is Net?", "net")
    (statement,) = direct(part, inquire([NET], part, relevance={"net/loss": 0.9})).statements
    assert (statement.text, statement.claims) == ("Net removes blur.", ("net/summary",))


def test_a_summary_that_does_not_say_whom_it_is_about_is_given_the_name(inquire, ask):
    part = ask("What is Aid?", "aid")
    assert texts(direct(part, inquire([AID], part))) == ["Aid: Reads signs."]


def test_the_fact_that_bears_most_on_the_question_leads(inquire, ask):
    part = ask(FACT, "net")
    made = direct(part, inquire([NET], part, relevance={"net/fast": 0.5, "net/dark": 0.6}))
    assert texts(made) == ["Net fails in the dark."]


def test_why_and_how_are_answered_with_up_to_two_facts(inquire, ask):
    part = ask(ParsedQuestion(intent="explain"), "net")
    made = direct(part, inquire([NET], part, relevance=0.5))
    assert texts(made) == ["Net learns from an L1 loss.", "Net takes half a second."]


def test_a_fact_on_the_topic_asked_for_leads_where_none_resembles_the_question(inquire, ask):
    part = ask(ParsedQuestion(intent="fact", topics=("speed",)), "net")
    assert texts(direct(part, inquire([NET], part))) == ["Net takes half a second."]


def test_where_no_fact_bears_on_it_the_answer_says_so_and_what_the_system_is(inquire, ask):
    part = ask(FACT, "net")
    made = direct(part, inquire([NET], part, relevance=0.1))
    assert texts(made) == ["The registry says nothing on this about Net.", "Net removes blur."]
    assert all(statement.claims for statement in made.statements)


def test_among_several_questions_one_without_an_answer_is_not_padded_with_the_summary(inquire, ask):
    parts = [ask(FACT, "net"), ask(FACT, "net")]
    made = direct(parts[0], inquire([NET], *parts))
    assert texts(made) == ["The registry says nothing on this about Net."]


def test_each_of_several_systems_that_are_meant_is_answered_for(inquire, ask):
    part = ask(FACT, "net", "bare")
    made = direct(part, inquire([NET, BARE], part, relevance={"net/fast": 0.5}))
    assert texts(made)[:2] == [
        "Net takes half a second.",
        "The registry says nothing on this about Bare.",
    ]


@pytest.mark.parametrize(
    ("question", "leads"),
    [
        ("What does Crisp 4x do?", "Crisp 4x enlarges photographs."),
        ("what is crisp-4x used for", "Crisp 4x enlarges photographs."),
        ("Tell me about Crisp 4x.", "Crisp 4x enlarges photographs."),
        ("Who made Crisp 4x?", "Crisp 4x was published by A. Smith (2021)."),
        ("What is the licence of Crisp 4x?", "On the licence of Crisp 4x, the registry says: “CC"),
        ("May I sell pictures made with Crisp 4x?", "No. The licence of Crisp 4x, CC-BY-NC-4.0, f"),
        ("Can I use Crisp 4x commercially?", "No. The licence of Crisp 4x, CC-BY-NC-4.0, forbids"),
        ("Does the licence of Crisp 4x allow commercial use?", "No. The licence"),
        ("Does Crisp 4x forbid commercial use?", "The licence of Crisp 4x, CC-BY-NC-4.0, forbids"),
        ("Is the licence of Crisp 4x non-commercial only?", "The licence of Crisp 4x, CC-BY"),
        ("Do I have to pay to use Crisp 4x commercially?", "The licence of Crisp 4x, CC-BY-NC-4.0"),
    ],
)  # fmt: skip
def test_a_card_with_keys_alone_answers_what_is_asked(question, leads, inquire, ask):
    crisp = Card.model_validate({
        "id": "crisp-4x", "name": "Crisp 4x", "task": "enlarging photographs",
        "summary": "Crisp 4x enlarges photographs.", "links": {}, "authors": ["A. Smith"],
        "year": 2021, "licence": {"name": "CC-BY-NC-4.0", "forbids": "Commercial use."},
        "scale": [4], "subjects": ["photo"], "commercial_use": False,
    })  # fmt: skip
    part = ask(question, "crisp-4x")
    inquiry = inquire([crisp], part, relevance=0.1)
    assert texts(direct(part, inquiry))[0].startswith(leads)
    assert verify(compose(inquiry), "", Question(text=question), (), inquiry.registry).passed


FIELDS = [
    ("licence", {"name": "MIT", "forbids": "Selling it."}, "What is the licence of Bare?", "MIT"),
    ("licence", {"name": "MIT"}, "Can I use Bare commercially?", "MIT"),
    ("inputs", "one picture of 224 pixels", "What does Bare take as input?", "224 pixels"),
    ("outputs", "a mask of 16 levels", "What does Bare output?", "16 levels"),
    ("weights", "on request", "Where can I download the weights of Bare?", "on request"),
    ("measures", [{"quantity": "PSNR", "value": 31.5, "unit": "dB", "dataset": "SIDD",
                   "source": "table 2"}], "Which PSNR does Bare reach?", "31.5 dB on SIDD"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "question", "told"), FIELDS)
def test_a_field_that_alone_carries_the_answer_leads_it(
    field, value, question, told, inquire, ask
) -> None:
    card = Card.model_validate({**BARE.model_dump(), field: value})
    part = ask(question, "bare")
    fact = "measure-1" if field == "measures" else field
    inquiry = inquire([card], part, relevance={f"bare/{fact}": 0.4})
    assert told in texts(direct(part, inquiry))[0]
    made = compose(inquiry)
    assert not any("holds nothing" in limit for limit in made.limits)
    assert made.status == "answered"
    assert verify(made, "", Question(text=question), (), inquiry.registry).passed


# --- other kinds ----------------------------------------------------------------------------------


def test_a_model_that_another_card_speaks_of_is_answered_from_that_card(inquire, ask):
    part = ask(FACT, "net", unknown=["OtherNet"])
    made = direct(part, inquire([NET], part, relevance=0.9))
    assert texts(made) == [
        "Net has fewer layers than OtherNet.",
        "OtherNet has no card of its own here; this is from the card of Net.",
    ]
    assert [s.claims for s in made.statements] == [("net/rival",), ("net/task",)]


def test_systems_are_compared_by_their_tasks_and_then_a_row_each(inquire, ask):
    part = ask(ParsedQuestion(intent="compare"), "net", "aid")
    first, *rows = direct(part, inquire([NET, AID], part)).statements
    assert first.text == "Net is for deblurring and Aid is for reading text."
    assert first.claims == ("net/task", "aid/task")
    assert [(row.row, row.text) for row in rows] == [
        ("Net", "Net removes blur."),
        ("Aid", "Reads signs."),
    ]


@pytest.mark.parametrize(
    ("matches", "said"),
    [
        (("net",), "This is the BibTeX entry for Net."),
        (("net", "aid"), "These are the BibTeX entries for Net and Aid."),
    ],
)
def test_a_citation_is_made_from_the_card(matches, said, inquire, ask):
    part = ask(ParsedQuestion(intent="fact", topics=("citation",)), *matches)
    made = direct(part, inquire([NET, AID], part))
    assert texts(made) == [said]
    assert made.listing.count("@") == len(matches)
    assert "Sharp at Last" in made.listing and "https://example.org/net" in made.listing


@pytest.mark.parametrize("intent", ["define", "fact", "verify", "compare", "how_to", "explain"])
@pytest.mark.parametrize("relevance", [0.0, 0.4])
def test_all_that_leads_is_supported(intent, relevance, inquire, ask):
    part = ask(ParsedQuestion(intent=intent), "net", "bare", unknown=["ThirdNet"])
    inquiry = inquire([NET, BARE], part, relevance=relevance)
    made = direct(part, inquiry).statements
    facts = {fact for card in inquiry.registry.cards() for fact in card.facts()}
    assert made
    assert all(s.claims and set(s.claims) <= facts for s in made)
