"""What a line of a conversation calls for."""

from __future__ import annotations

import pytest

from agent import Agent, Question
from agent.conversation import Past, reply_to_line
from agent.errors import InputError
from agent.types import Report


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent()


def never(question: Question) -> Report:
    pytest.fail(f"asked {question.text}")


def test_a_question_is_answered_and_remembered(agent: Agent) -> None:
    reply = reply_to_line(agent, "Which loss does MIMO-UNet+ use?", Past(), agent.ask)

    assert reply.report is not None
    assert reply.turn is not None
    assert reply.turn.cards[0] == "mimo-unet-plus"


def test_a_follow_up_is_a_question_about_what_came_before(agent: Agent) -> None:
    first = reply_to_line(agent, "Which loss does MIMO-UNet+ use?", Past(), agent.ask)
    assert first.turn

    past = Past((first.turn,), first.report)
    second = reply_to_line(agent, "and how many parameters?", past, agent.ask)

    assert second.report
    assert second.report.matches[0].card == "mimo-unet-plus"


@pytest.mark.parametrize("line", ["shorter", "tell me more", "are you sure?", "show the table"])
def test_a_look_at_the_last_answer_asks_nothing(agent: Agent, line: str) -> None:
    first = reply_to_line(agent, "Which loss does MIMO-UNet+ use?", Past(), agent.ask)
    assert first.turn

    reply = reply_to_line(agent, line, Past((first.turn,), first.report), never)

    assert reply.lines
    assert reply.turn is None


def test_a_repeated_answer_is_the_last_one(agent: Agent) -> None:
    first = reply_to_line(agent, "Which loss does MIMO-UNet+ use?", Past(), agent.ask)
    assert first.turn

    past = Past((first.turn,), first.report)
    assert reply_to_line(agent, "again", past, never).report is first.report


def test_small_talk_gets_a_line_and_no_report(agent: Agent) -> None:
    reply = reply_to_line(agent, "hello", Past(), never)

    assert len(reply.lines) == 1
    assert reply.report is None


def test_an_empty_line_is_refused(agent: Agent) -> None:
    with pytest.raises(InputError, match="empty"):
        reply_to_line(agent, " ", Past(), never)
