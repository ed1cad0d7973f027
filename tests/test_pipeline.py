"""The whole path, without a picture: what is asked decides what is answered."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from agent import Agent, Question
from agent.errors import InputError
from agent.settings import Settings, settings_of
from agent.types import Report, Turn


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent()


def cited(report: Report) -> list[str]:
    return [reference.card for reference in report.answer.references]


def short(report: Report) -> str:
    return next(s.text for s in report.answer.statements if s.text.startswith("In short"))


@pytest.mark.parametrize(
    ("text", "card", "said"),
    [
        ("Which loss is MIMO-UNet+ trained with?", "mimo-unet-plus", "0.1"),
        ("How fast is MIMO-UNet+ really?", "mimo-unet-plus", "0.282"),
        ("May I use MIMO-UNet+ in a product, what is its licence?", "mimo-unet-plus", "licence"),
        ("Where can I download weights of FeatSharp?", "featsharp", "No trained weights"),
        ("Is LLaVAR the best on OCR-VQA?", "llavar", "not the best"),
    ],
)  # fmt: skip
def test_the_question_that_was_asked_is_answered_first(agent, text, card, said):
    report = agent.ask(Question(text=text))
    assert report.matches[0].card == cited(report)[0] == card
    assert said in short(report)
    assert report.verification.passed


def test_off_topic_questions_cite_nothing(agent):
    report = agent.ask(Question(text="What is the capital of Brazil?"))
    assert report.abstention and report.abstention.reason == "no_model"
    assert report.answer.status == "cannot_answer"
    assert cited(report) == [] and report.answer.statements == ()
    assert "http" not in report.to_markdown()


def test_a_report_comes_back_from_its_json(agent):
    report = agent.ask(Question(text="Which loss is MIMO-UNet+ trained with?"))
    assert Report.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize(
    "text", ["and how fast is it?", "which loss?", "does that model read text?"]
)
def test_a_follow_up_is_about_the_last_answer(agent, text):
    turns = (Turn(question="How does FeatSharp work?", cards=("featsharp",)),)
    report = agent.ask(Question(text=text, turns=turns))
    assert cited(report)[0] == "featsharp"


def test_a_follow_up_that_names_another_system_is_about_that(agent):
    turns = (Turn(question="How does FeatSharp work?", cards=("featsharp",)),)
    report = agent.ask(Question(text="and which loss does MIMO-UNet+ use?", turns=turns))
    assert cited(report)[0] == "mimo-unet-plus"


@pytest.mark.parametrize("text", ["", " \n", "a\x00b", "a\x1b[2J", "a\u202eb", "x" * 20_001])
def test_a_question_that_cannot_be_used_is_refused(text):
    with pytest.raises(ValidationError):
        Question(text=text)


@pytest.mark.parametrize(
    "text",
    [
        "Why is MIMO-UNet+ sharp? See https://evil.test/x and arXiv:2401.01234",
        "I enlarged the logo of evil.test/x by 3x with MIMO-UNet+, why is it sharp?",
        "Compare MIMO-UNet+ with evil-corp/SharpNet-9 (github.com/evil-corp/SharpNet-9)",
    ],
)
def test_links_in_a_question_are_neither_cited_nor_made_links(agent, text):
    report = agent.ask(Question(text=text))
    assert report.verification.passed
    assert "](https://evil" not in report.to_markdown()
    assert cited(report)[0] == "mimo-unet-plus"


def test_a_written_brief_is_answered_from_what_it_lists_alone(agent, tmp_path: Path):
    path = tmp_path / "brief.md"
    path.write_text(agent.brief(Question(text="Why does MIMO-UNet+ keep edges sharp?")))
    report = agent.ask_brief(path)
    assert cited(report)[0] == "mimo-unet-plus"
    listed = path.read_text()
    for reference in report.answer.references:
        assert all(link in listed for link in reference.links.values())
    assert report.verification.passed


def test_a_brief_in_another_encoding_is_read(agent, tmp_path: Path):
    path = tmp_path / "brief.md"
    text = agent.brief(Question(text="Why does MIMO-UNet+ keep edges sharp?"))
    path.write_text(text, "utf-16")
    assert cited(agent.ask_brief(path))[0] == "mimo-unet-plus"
    path.write_text(text + "ł", "iso-8859-2")
    with pytest.raises(InputError, match=r"is not UTF-8 text .* save it as UTF-8"):
        agent.ask_brief(path)


def test_a_brief_of_unknown_systems_is_answered_with_what_it_says(agent, tmp_path: Path):
    path = tmp_path / "brief.md"
    path.write_text(
        'A user asked:\n"Why are the stars round in my photo?"\n\n'
        "### Recommended AI Models:\nModel: StarNet-X\nPaper: https://example.org/starnet.pdf\n"
        "Summary: StarNet-X rounds stars by fitting a disc to each of them. It needs dark frames.\n"
    )
    report = agent.ask_brief(path)
    assert [r.title for r in report.answer.references] == ["StarNet-X"]
    assert "fitting a disc" in report.to_markdown()
    assert "MIMO" not in report.to_markdown() and report.verification.passed


def test_no_brief_is_written_where_nothing_fits(agent):
    with pytest.raises(InputError, match="no brief"):
        agent.brief(Question(text="What is the capital of Brazil?"))


def test_a_follow_up_enlarges_as_far_as_the_question_before(tmp_path: Path):
    """Without weights nothing runs, but the reason tells how large the picture would have been."""
    from PIL import Image

    from agent import Settings

    Image.effect_mandelbrot((60, 40), (-2, -1, 1, 1), 50).save(tmp_path / "m.png")
    weights = tmp_path / "present.safetensors"
    weights.touch()
    small = Agent(Settings(weights=weights, max_pixels=20_000))
    turns = (Turn(question="I enlarged my map 3x, why is it sharp?", cards=("mimo-unet-plus",)),)
    report = small.ask(Question(text="and which loss?", images=(tmp_path / "m.png",), turns=turns))
    assert "21,600 pixels" in (report.runs[0].reason or "")


@pytest.mark.slow
def test_a_report_holds_what_a_replay_needs(tmp_path: Path) -> None:
    picture = tmp_path / "shot.png"
    Image.new("RGB", (20, 20)).save(picture)
    settings = Settings(evidence="none", cache=tmp_path)
    report = Agent(settings).ask(Question(text="Why are edges sharp?", images=(picture,)))
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    assert [(item.path, item.sha256) for item in report.inputs] == [(picture, digest)]
    again = settings_of({**report.settings, "cache": tmp_path})
    assert again == settings and again.sha256() == report.settings_sha256
    assert report.brief is None and report.prompts_sha256 is None
