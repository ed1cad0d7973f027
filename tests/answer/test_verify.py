"""The gate that no answer passes with an outside reference, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answer.verify import verify
from agent.registry import Registry
from agent.types import Answer, Card, Claim, Evidence, Question, Reference, Statement

CARD = Card(
    id="net",
    name="Net-Plus",
    task="deblurring",
    summary="Net-Plus removes blur.",
    arxiv="2108.05054",
    links={"paper": "https://example.org/net.pdf", "code": "https://github.com/who/net"},
    claims=(Claim(id="size", text="It has 16,107,651 parameters.", source="computed"),),
)
OTHER = Card(
    id="other", name="Other", task="x", summary="y", links={"paper": "https://o.example/p"}
)
REGISTRY = Registry.from_cards([CARD, OTHER])
WIDTH = Evidence(
    id="a.width", quantity="edge width", value=3.25, unit="px", measured_on="a.png, restored",
    method="10–90 % rise",
)  # fmt: skip
QUESTION = Question(text="Why is it sharp at 3×?")


def check(text: str, *, claims=(), evidence=(), rendered="", references=(CARD,)):
    statement = Statement(section="workflow", text=text, claims=claims, evidence=evidence)
    answer = Answer(
        status="answered",
        task="t",
        statements=(statement,),
        references=tuple(Reference.of(card) for card in references),
    )
    return verify(answer, rendered, QUESTION, [WIDTH], REGISTRY)


def test_a_supported_statement_passes():
    assert check("It has 16107651 parameters.", claims=("net/size",)).passed
    assert check("Edges are 3.25 px wide at 3×.", evidence=("a.width",)).passed


@pytest.mark.parametrize("claims", [(), ("net/none",), ("nowhere/size",), ("net/size", "net/none")])
def test_a_statement_without_a_support_that_exists_is_reported(claims):
    assert check("It is good.", claims=claims).unsupported == ("It is good.",)


def test_evidence_that_was_never_measured_is_no_support():
    assert check("It is sharp.", evidence=("b.width",)).unsupported


def test_a_number_that_the_statement_s_own_supports_lack_is_reported():
    assert check("It has 17 parameters.", claims=("net/size",)).unsupported_numbers
    assert check("Edges are 3.5 px wide.", evidence=("a.width",)).unsupported_numbers
    # A number of another statement's support does not help.
    assert check("It has 16,107,651 parameters.", claims=("net/summary",)).unsupported_numbers


@pytest.mark.parametrize(
    "rendered",
    [
        "see https://evil.test/paper",
        "as in arXiv:2401.01234",
        "code: https://github.com/who/net-plus",
        "https://github.com@evil.test/who/net",
        "https://github.com/who/nеt",  # a Cyrillic е
        "doi:10.1000/xyz123",
        "see pytorch/vision",
    ],
)
def test_references_outside_the_registry_are_reported(rendered):
    assert check("It is good.", claims=("net/size",), rendered=rendered).foreign_references


@pytest.mark.parametrize(
    "rendered",
    ["https://example.org/net.pdf", "https://www.github.com/Who/net.git", "arXiv:2108.05054v2"],
)
def test_references_of_cited_cards_pass_however_they_are_spelt(rendered):
    assert check("It is good.", claims=("net/size",), rendered=rendered).passed


def test_links_of_cards_that_are_not_cited_do_not_pass():
    assert check("x", claims=("net/size",), rendered="https://o.example/p").foreign_references


def test_a_reference_that_differs_from_its_card_is_reported():
    forged = Reference.of(CARD).model_copy(update={"title": "A Better Title"})
    answer = Answer(status="answered", task="t", references=(forged,))
    assert verify(answer, "", QUESTION, [], REGISTRY).foreign_references == ("card:net",)
    unknown = forged.model_copy(update={"card": "ghost"})
    answer = Answer(status="answered", task="t", references=(unknown,))
    assert verify(answer, "", QUESTION, [], REGISTRY).foreign_references == ("card:ghost",)


READ = Evidence(
    id="a.text-line-1", quantity="confidence in line 1", value=97.5, unit="%",
    measured_on="a.png, restored", method="PP-OCR", text="Sale 70 off",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ("It reads: “Sale 70 off”.", 0),
        ("It reads: “Sale 70 off” with 97.5 % confidence.", 0),
        ("It is 70 % sharper.", 1),  # a number that a picture says was not measured
        ("It reads: “Sale 80 off”.", 1),
        ("It reads: “Sale 70 off”, so it is 70 % sharper.", 1),
    ],
)
def test_numbers_written_in_a_picture_stand_in_their_quotation_only(text, stray):
    statement = Statement(section="evidence", text=text, evidence=(READ.id,))
    answer = Answer(status="answered", task="t", statements=(statement,))
    assert len(verify(answer, "", QUESTION, [READ], REGISTRY).unsupported_numbers) == stray


NAMED = Card(
    id="up", name="UniversalUpscalerV2", aliases=("4x-Ultra", "Up 3", "7"), task="enlarging",
    title="Depth 2 Go: 5 Steps", summary="It enlarges.", links={"paper": "https://example.org/up"},
    claims=(Claim(id="gain", text="Up 3 gains 1.5 dB over Rival-S9.", source="s"),),
)  # fmt: skip
RUN = Evidence(
    id="p8.change", quantity="change", value=0.25, unit="%", measured_on="p8.png, restored",
    method="mean",
)  # fmt: skip


def stray(text: str, question: str = "Why?", evidence: tuple[str, ...] = ()) -> list[str]:
    """The numbers of a statement about `NAMED` that are found to have no support."""
    claims = ("up/gain",)
    statement = Statement(section="task", text=text, claims=claims, evidence=evidence)
    answer = Answer(status="answered", task="t", statements=(statement,))
    found = verify(answer, "", Question(text=question), [RUN], Registry.from_cards([NAMED]))
    return [line.partition(" in: ")[0] for line in found.unsupported_numbers]


@pytest.mark.parametrize(
    "text",
    [
        "The task of UniversalUpscalerV2 is enlarging.",
        "universalupscalerv2, 4X-ULTRA and “Up 3”.",
        "“Depth 2 Go: 5 Steps” says: 1.5 dB.",
        "UniversalUpscalerV2's gain is 1.5 dB over Rival-S9.",
        "It ran on p8.png.",
    ],
)
def test_digits_of_names_need_no_support(text):
    assert stray(text, evidence=(RUN.id,)) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It gains 2 dB.", ["2"]),
        ("V2 gains V 2.", ["2", "2"]),
        ("It enlarges 4×.", ["4"]),
        ("Up 3 gains 3 dB.", ["3"]),
        ("Up 3.5 gains 0.3 dB.", ["3.5", "0.3"]),
        ("1.4x-Ultra", ["1.4"]),
        ("MyUniversalUpscalerV2, UniversalUpscalerV23", ["2", "23"]),
        ("Depth 2 Go has 5 steps.", ["2", "5"]),
        ("It takes 7 steps.", ["7"]),  # a number is no name, whatever a card says
        ("It gains 9 dB over Rival-S9 and 8 % on p8.png.", ["9", "8"]),
        ("Rival-S8 gains 1.5 dB.", ["8"]),
    ],
)
def test_digits_of_names_support_no_number(text, numbers):
    assert stray(text, evidence=(RUN.id,)) == numbers


def test_a_model_that_the_question_names_may_be_named_and_supports_no_number():
    question = "Is OtherNetV6 better by 11 dB?"
    assert stray("OtherNetV6 is not known, nor are 11 dB.", question) == []
    assert stray("It gains 6 dB over OtherNetV6.", question) == ["6"]


@given(
    st.lists(
        st.sampled_from(["UniversalUpscalerV2", "4x-Ultra", "Up 3", "Rival-S9", "and", "–", "dB"])
        | st.integers(0, 99).map(str),
        max_size=12,
    )
)
def test_a_number_is_found_wherever_it_stands_beside_names(parts):
    numbers = [part for part in parts if part.isdigit()]
    assert stray(", ".join(parts)) == numbers


@pytest.mark.parametrize(
    ("text", "language", "stray"),
    [
        ("Das Netz gewinnt 19,6 Punkte.", "de", 0),
        ("Das Netz hat 2.103 Paare.", "de", 0),
        ("Le réseau a appris de 47 000 images.", "fr", 0),
        ("该网络用了4.7万张图片。", "zh", 0),
        ("It gains about 47 thousand pictures' worth.", "en", 0),
        ("It works at 50 % of the size, 1/2 of it.", "en", 0),
        ("It works at 51 % of the size, 1/3 of it.", "en", 3),
        ("Das Netz gewinnt 19,7 Punkte.", "de", 1),
        ("The network gains 19,6 points.", "en", 1),
        ("The network has 2.103 pairs.", "en", 1),
        ("The network has 2.103 pairs for it.", "de", 1),  # English, whatever was asked
    ],
)
def test_numbers_may_be_spelt_as_in_the_language_of_the_question(text, language, stray):
    fact = "NetOne gains 19.6 points, from 2,103 pairs and 47,000 pictures at half the size."
    card = CARD.model_copy(update={"claims": (Claim(id="gain", text=fact, source="s"),)})
    told = Statement(section="answer", text=text, claims=("net/gain",))
    answer = Answer(status="answered", task="t", statements=(told,))
    question = Question(text="Why?")
    registry = Registry.from_cards([card])
    found = verify(answer, "", question, [], registry, language=language)
    assert len(found.unsupported_numbers) == stray
