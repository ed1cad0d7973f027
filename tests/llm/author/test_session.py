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
from agent.lab.evaluation.honest import filled_in, honest
from agent.llm import LanguageModel, Meter, Price, Refused, Scripted
from agent.llm.author import AuthorSession, choosing
from agent.llm.prompts import Prompts
from agent.llm.reply_cache import ReplyCache
from agent.settings import Settings
from agent.types import Report

QUESTION = Question(text="Why did MIMO-UNet+ keep the edges sharp when I enlarged my map 3x?")
PROMPTS = Prompts()


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent()


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
def test_the_same_question_gives_the_same_references_with_and_without_a_model(agent, text):
    question = Question(text=text)
    clean, report = agent.ask(question), ask(agent, honest, question)
    assert report.answer.references == clean.answer.references
    assert (report.parsed, report.matches) == (clean.parsed, clean.matches)
    assert report.abstention == clean.abstention and report.evidence == clean.evidence
    assert report.verification.passed


def test_an_answer_in_the_model_s_words_passes_the_check_and_says_who_wrote_it(agent):
    report = ask(agent, honest, meter=Meter(Price(1.0, 2.0, "given with --price")))
    assert report.model and report.model.wrote and report.model.notes == ()
    assert report.answer.task == "The question is about MIMO-UNet+."
    assert report.tokens == report.model.input_tokens + report.model.output_tokens > 0
    assert report.cost_usd == report.model.cost_usd > 0
    assert report.prompts_sha256 == PROMPTS.sha256
    assert "scripted worded this answer" in report.to_markdown()
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_an_unknown_price_is_said_and_no_cost_is_made_up(agent):
    report = ask(agent, honest)
    assert report.model and report.model.cost_usd is None and report.model.estimated
    assert "at a price that is not known" in report.to_markdown()


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
    assert asked == ["write"]
    ask(agent, script, Question(text="What is the capital of Brazil?"))
    assert asked == ["write"]


def test_a_service_that_does_not_answer_is_not_waited_for_twice(agent, tmp_path):
    asked = []

    def script(prompt):
        asked.append(prompt.name)
        raise ServiceError("m: no complete answer within 60 s")

    clean = agent.ask(QUESTION)
    pictured = Question(text=QUESTION.text, images=(tmp_path / "a.png",))
    session = AuthorSession(LanguageModel(Scripted(script), PROMPTS), pictured)
    assert session.plan(("restore", "silence")) == {}
    answer = session.write(
        clean.answer, clean.parsed, (), agent.registry, lambda _: {}, lambda _: clean.verification
    )
    assert answer == clean.answer and asked == ["plan"]


def test_the_cap_ends_the_model_s_part_and_not_the_answer(agent):
    report = ask(agent, honest, meter=Meter(max_tokens=100))
    assert report.answer.status == "answered"
    assert report.model and "--max-tokens 100" in report.model.notes[0]


def test_the_retry_is_told_what_was_wrong_and_what_it_was_is_counted(agent):
    told = []

    def script(prompt):
        reply = filled_in(prompt)
        if prompt.name == "write" and not prompt.turns:
            reply["statements"][0]["text"] = "MIMO-UNet+ paints aliens, see https://evil.test."
        told.extend(complaint for _, complaint in prompt.turns)
        return json.dumps(reply)

    report = ask(agent, script)
    assert report.model and report.model.wrote
    assert report.model.rejected == {"link or markup of its own": 1}
    assert len(told) == 1 and "statements.0" in told[0]
    assert "evil" not in report.model_dump_json()


def test_what_every_answer_rests_on_cannot_be_left_out(tmp_path):
    asked = Question(text=QUESTION.text, images=(tmp_path / "a.png",))
    llm = LanguageModel(Scripted(lambda _: '{"tools": ["silence"]}'), PROMPTS)
    left = AuthorSession(llm, asked).plan(("restore", "read_text", "silence", "sharpen_features"))
    assert list(left) == ["sharpen_features"] and "did not choose" in left["sharpen_features"]
    greedy = LanguageModel(Scripted(lambda _: '{"tools": ["format_disk"]}'), PROMPTS)
    assert AuthorSession(greedy, asked).plan(("restore", "silence")) == {}
    assert choosing.optional(("restore", "read_text")) == ()


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
        assert any("takes no pictures" in note for note in report.model.notes) == (said > takes)
    assert [len(images) for images in seen if images] == [1]
    from io import BytesIO

    assert Image.open(BytesIO(seen[-1][0])).size == (1024, 14)


def test_a_kept_answer_costs_nothing(agent, tmp_path):
    cache = ReplyCache(tmp_path, "m", "", "1")
    for _ in range(2):
        agent.llm = LanguageModel(Scripted(honest), PROMPTS, cache)
        report = agent.ask(QUESTION)
    assert report.model and (report.model.calls, report.model.cached) == (0, 1)
    assert report.tokens == 0 and report.model.wrote
    assert "from replies that were kept" in report.to_markdown()


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
