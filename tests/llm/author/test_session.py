"""A model in the whole path: what it changes, what it cannot, and what happens where it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import Agent, Question
from agent.errors import ServiceError
from agent.llm import LanguageModel, Meter, Price, Refused, Scripted
from agent.llm.prompts import Prompts
from agent.llm.reply_cache import ReplyCache
from agent.settings import Settings
from agent.types import Report
from tests.llm.honest import filled_in, honest

QUESTION = Question(text="Why did MIMO-UNet+ keep the edges sharp when I enlarged my map 3x?")
PROMPTS = Prompts()


@pytest.fixture(autouse=True)
def _silent_again(agent: Agent) -> Iterator[None]:
    yield
    agent.llm = None


def ask(agent: Agent, script, question: Question = QUESTION, **more) -> Report:
    agent.llm = LanguageModel(Scripted(script, **more), PROMPTS)
    return agent.ask(question)


@pytest.mark.parametrize(
    "text",
    [
        QUESTION.text,
        "Which loss is MIMO-UNet+ trained with?",
        "Compare FeatSharp and LLaVAR",
        "Is LLaVAR the best on OCR-VQA?",
        "What is the capital of Brazil?",
    ],
)
def test_with_a_model_as_without_only_the_registry_is_cited(agent, text):
    question = Question(text=text)
    clean, report = agent.ask(question), ask(agent, honest, question)
    assert {r.card for r in report.answer.references} <= {c.id for c in agent.registry.cards()}
    assert report.abstention == clean.abstention and report.evidence == clean.evidence
    assert report.answer.status == clean.answer.status
    assert report.verification.passed


def test_an_answer_in_the_model_s_words_passes_the_check_and_says_who_wrote_it(agent):
    report = ask(agent, honest, meter=Meter(Price(1.0, 2.0, "set with --price")))
    assert report.model and report.model.wrote and report.model.notes == ()
    assert report.answer.task == "The question is told back."
    assert report.tokens == report.model.input_tokens + report.model.output_tokens > 0
    assert report.cost_usd == report.model.cost_usd > 0
    assert report.prompts_sha256 == PROMPTS.sha256
    assert "scripted worded this answer (sentences: " in report.to_markdown()
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_the_report_says_what_was_checked_and_what_was_not(agent):
    judged = ask(agent, honest)
    assert judged.model and judged.model.judge == "scripted" and judged.model.sentences["judged"]
    assert "judged supported by scripted" in judged.to_markdown()
    agent.llm = LanguageModel(Scripted(honest), PROMPTS, judging=False)
    unjudged = agent.ask(QUESTION)
    assert unjudged.model and unjudged.model.judge is None
    assert unjudged.model.sentences["unjudged"] and "judged" not in unjudged.model.sentences
    assert "meaning of its sentences was not checked" in unjudged.to_markdown()


def test_another_model_may_be_the_judge_and_what_both_cost_is_told(agent):
    asked = []

    def judge(prompt):
        asked.append(prompt.name)
        return honest(prompt)

    def author(prompt):
        assert prompt.name != "judge"
        return honest(prompt)

    other = LanguageModel(Scripted(judge, "second"), PROMPTS)
    agent.llm = LanguageModel(Scripted(author), PROMPTS, other_judge=other)
    report = agent.ask(QUESTION)
    assert asked == ["judge"] and report.model and report.model.judge == "second"
    assert report.model.calls == 3
    both = agent.llm.client.meter.tokens + other.client.meter.tokens
    assert report.tokens == both


@pytest.mark.parametrize("error", [ServiceError("judge: gone"), Refused("the judge refused")])
def test_a_judge_that_fails_leaves_the_sentences_to_their_sources(agent, error):
    def script(prompt):
        if prompt.name == "judge":
            raise error
        return honest(prompt)

    report = ask(agent, script)
    assert report.model and report.model.wrote and report.model.rejected["not judged"] == 2
    assert str(error) in report.model.notes[0] and "judged" not in report.model.sentences
    assert not any(s.text.startswith("In short") for s in report.answer.statements)


def test_a_price_that_is_known_of_one_model_alone_gives_no_cost():
    priced = Scripted(honest, meter=Meter(Price(1.0, 2.0, "set with --price")))
    other = LanguageModel(Scripted(honest), PROMPTS)
    assert LanguageModel(priced, PROMPTS, other_judge=other).spent().usd is None


def test_an_unknown_price_is_said_and_no_cost_is_made_up(agent):
    report = ask(agent, honest)
    assert report.model and report.model.cost_usd is None and report.model.estimated
    assert "at an unknown price" in report.to_markdown()


@pytest.mark.parametrize(
    "error", [ServiceError("m: cannot be reached"), Refused("m refused to answer")]
)
def test_where_the_model_fails_the_offline_composer_answers_and_the_report_says_why(agent, error):
    def script(prompt):
        raise error

    clean, report = agent.ask(QUESTION), ask(agent, script)
    assert report.answer == clean.answer
    assert report.model and not report.model.wrote
    assert str(error) in report.model.notes[-1] and "without it" in report.model.notes[-1]
    assert report.model.notes[-1] in report.to_markdown()


def test_a_model_is_asked_only_for_what_can_change_the_report(agent):
    asked = []

    def script(prompt):
        asked.append(prompt.name)
        return honest(prompt)

    ask(agent, script)
    assert asked == ["understand", "write", "judge"]
    ask(agent, script, Question(text="Thanks!"))
    assert len(asked) == 3
    agent.llm = LanguageModel(Scripted(script), PROMPTS, judging=False)
    agent.ask(QUESTION)
    assert asked[3:] == ["understand", "write"]


def test_a_service_that_does_not_answer_is_not_waited_for_twice(agent):
    asked = []

    def script(prompt):
        asked.append(prompt.name)
        raise ServiceError("m: no complete answer within 60 s")

    report = ask(agent, script)
    assert asked == ["understand"] and report.answer == agent_alone(agent).ask(QUESTION).answer


def agent_alone(agent: Agent) -> Agent:
    return agent.with_settings(model=None)


def test_the_cap_ends_the_model_s_part_and_not_the_answer(agent):
    report = ask(agent, honest, meter=Meter(max_tokens=100))
    assert report.answer.status == "answered"
    assert report.model and "--max-tokens 100" in report.model.notes[0]


def test_only_the_sentence_that_failed_is_asked_for_again_and_what_it_was_is_counted(agent):
    sent = []

    def script(prompt):
        reply = filled_in(prompt)
        if prompt.name == "write":
            reply["details"][0]["text"] = "MIMO-UNet+ paints aliens, see https://evil.test."
        if prompt.name == "correct":
            sent.append(prompt.user)
        return json.dumps(reply)

    report = ask(agent, script)
    assert report.model and report.model.wrote
    assert report.model.rejected == {"link or markup": 1}
    (correction,) = sent
    assert "https://evil.test" in correction and correction.count("Wrong:") == 1
    assert "evil" not in report.model_dump_json()


@pytest.mark.parametrize("first", ["not JSON", '{"task": 1}'])
def test_a_reply_of_another_form_is_asked_for_once_more(agent, first):
    def script(prompt):
        return first if prompt.name == "write" and not prompt.turns else honest(prompt)

    report = ask(agent, script)
    assert report.model and report.model.wrote
    assert report.model.rejected == {"reply of another form": 1}


def test_a_question_without_a_picture_costs_at_most_4_000_tokens_in(agent):
    report = ask(agent, honest)
    assert report.model and report.model.input_tokens <= 4_000


def test_pictures_go_to_a_model_that_takes_them_where_the_user_said_so(tmp_path):
    from PIL import Image

    agent = Agent(Settings(evidence="none"))

    path = tmp_path / "big.png"
    Image.new("RGB", (1500, 20), "red").save(path)
    question = Question(text=QUESTION.text, images=(path,))
    seen = []

    def script(prompt):
        seen.append(prompt.images)
        return honest(prompt)

    for said, takes in ((False, True), (True, False), (True, True)):
        agent.llm = LanguageModel(Scripted(script, takes_images=takes), PROMPTS, send_images=said)
        report = agent.ask(question)
        assert report.model and report.model.pictures_sent == int(said and takes)
        notes = report.model.notes
        assert any("does not accept pictures" in note for note in notes) == (said > takes)
    assert [len(images) for images in seen if images] == [1]  # the judge sees none
    from io import BytesIO

    assert Image.open(BytesIO(next(images for images in seen if images)[0])).size == (1024, 14)


def test_a_kept_answer_costs_nothing(agent, tmp_path):
    cache = ReplyCache(tmp_path, "m", "", "1")
    for _ in range(2):
        agent.llm = LanguageModel(Scripted(honest), PROMPTS, cache)
        report = agent.ask(QUESTION)
    assert report.model and (report.model.calls, report.model.cached) == (0, 3)
    assert report.tokens == 0 and report.model.wrote
    assert "from cached replies" in report.to_markdown()


def test_no_library_of_a_model_is_loaded_without_one():
    code = (
        "import sys, os; os.environ['OPENAI_API_KEY'] = 'sk-x'\n"
        "from agent import Agent, Question\n"
        "Agent().ask(Question(text='Which loss does MIMO-UNet+ use?'))\n"
        "print([m for m in ('langchain', 'langchain_core', 'openai', 'httpx2', 'tenacity') "
        "if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
