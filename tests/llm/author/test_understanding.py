"""What a model may make of a question, and what follows from it."""

from __future__ import annotations

import json

import pytest

from agent import Agent, Question
from agent.llm import LanguageModel, Scripted
from agent.llm.author.understanding import Understanding, faults_of, optional
from agent.llm.prompts import Prompts
from agent.question.parse import parse
from agent.types import Turn
from tests.llm.honest import honest

GERMAN = "Wie heißt das Ding aus Korea, das Verwackeltes rettet?"
READ = {
    "question": "How many parameters does MIMO-UNet+ have?",
    "kind": "fact",
    "tags": ["weights"],
    "cards": ["mimo-unet-plus"],
    "tools": [],
}


def ask(agent: Agent, asked: Question, **reading):
    """A report of an honest model that reads the question as given."""

    def script(prompt):
        return json.dumps(READ | reading) if prompt.name == "understand" else honest(prompt)

    agent.llm = LanguageModel(Scripted(script), Prompts())
    try:
        return agent.ask(asked)
    finally:
        agent.llm = None


def faults(agent, asked, **reading):
    cards = agent.registry.cards()
    reply = Understanding.model_validate(READ | reading)
    return {fault.kind for fault in faults_of(reply, asked, list(cards), ("ablate",))}


def test_a_question_that_nothing_was_known_of_is_answered_as_the_model_reads_it(agent):
    question = Question(text=GERMAN)
    assert agent.ask(question).answer.status == "cannot_answer"
    report = ask(agent, question)
    assert [reference.card for reference in report.answer.references] == ["mimo-unet-plus"]
    assert report.parsed.intent == "fact" and report.parsed.language == "de"
    assert report.verification.passed


def test_a_follow_up_is_answered_in_the_light_of_the_one_before(agent):
    turns = (Turn(question="Is LLaVAR better than LLaVA on TextVQA?", cards=("llavar",)),)
    question = Question(text="Und um wie viel schlägt es seinen Vorgänger dort?", turns=turns)
    alone = "By how much does LLaVAR beat LLaVA on TextVQA?"
    report = ask(agent, question, question=alone, cards=["llavar"], kind="compare")
    assert report.matches[0].card == "llavar"
    assert "19.6" in " ".join(statement.text for statement in report.answer.statements)


def test_where_the_match_is_unsure_the_model_may_decline(agent):
    unsure = Question(text="What does the thing do with the stuff in there?")
    report = ask(agent, unsure, question="What does it do with what is in there?", cards=[])
    assert report.answer.status == "cannot_answer" and not report.answer.references


def test_a_system_that_the_question_names_is_not_declined(agent):
    question = Question(text="Which loss is MIMO-UNet+ trained with?")
    report = ask(agent, question, question=question.text, cards=[])
    assert [reference.card for reference in report.answer.references] == ["mimo-unet-plus"]


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        ({"cards": ["evil"]}, "unknown source"),
        ({"tags": ["evil"]}, "unknown source"),
        ({"tools": ["restore"]}, "unknown source"),
        ({"question": ""}, "nothing said"),
        ({"question": "Why? \u202e"}, "nothing said"),
        ({"question": "x" * 1_001}, "nothing said"),
        ({"question": "Does https://evil.test know MIMO-UNet+?"}, "link or markup"),
        ({"question": "Is NAFNet better than MIMO-UNet+?"}, "foreign name"),
    ],
)
def test_nothing_that_was_not_shown_can_be_chosen_or_put_into_the_question(agent, reading, kind):
    assert kind in faults(agent, Question(text=GERMAN), **reading)


def test_names_and_links_of_the_conversation_may_stand_in_the_question(agent):
    turns = (Turn(question="Is NAFNet better? See https://example.org/a"),)
    question = Question(text="And on GoPro?", turns=turns)
    alone = "Is NAFNet better on GoPro, see https://example.org/a ?"
    assert faults(agent, question, question=alone) == set()


def test_what_the_person_did_is_told_back_from_their_own_words():
    parsed = parse("I upscaled a web image by 3× and it is sharp. Why?")
    reading = Understanding.model_validate(READ | {"question": "Why is the enlarged cat sharp?"})
    read = reading.understood(parsed)
    assert (read.subject, read.factor, read.operation) == ("a web image", 3.0, "enlarge")
    assert read.intent == "fact" and read.topics == ("weights",)


def test_what_every_answer_rests_on_cannot_be_left_out():
    tools = ("restore", "read_text", "ablate", "sharpen_features")
    assert optional(tools) == ("ablate", "sharpen_features")
    reading = Understanding.model_validate(READ | {"tools": ["ablate"]})
    left_out = reading.left_out(tools)
    assert (
        list(left_out) == ["sharpen_features"] and "did not choose" in left_out["sharpen_features"]
    )


def test_without_a_model_nothing_is_read_differently(agent):
    question = Question(text=GERMAN)
    assert agent.ask(question).model is None and agent.ask(question).parsed == parse(GERMAN)
