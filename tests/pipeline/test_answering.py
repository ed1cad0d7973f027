"""The whole path, without a picture: what is asked decides what is answered."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from agent import Agent, Question
from agent.answer.shape import SHAPES
from agent.errors import InputError
from agent.question.parse import parse
from agent.settings import Settings, settings_of
from agent.types import PROGRAM, Report, Turn


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent()


def cited(report: Report) -> list[str]:
    return [reference.card for reference in report.answer.references]


def opening(report: Report) -> str:
    """What answers the question, before its task and workflow."""
    return " ".join(s.text for s in report.answer.statements if s.section == "answer")


# --- the answer comes first -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "card", "said"),
    [
        ("Which loss is MIMO-UNet+ trained with?", "mimo-unet-plus", "0.1"),
        ("How fast is MIMO-UNet+ really?", "mimo-unet-plus", "0.282"),
        ("May I use MIMO-UNet+ in a product, what is its licence?", "mimo-unet-plus", "licence"),
        ("Where can I download weights of FeatSharp?", "featsharp", "No trained weights"),
        ("Is LLaVAR the best on OCR-VQA?", "llavar", "No."),
    ],
)  # fmt: skip
def test_the_question_that_was_asked_is_answered_first(agent, text, card, said):
    report = agent.ask(Question(text=text))
    assert report.matches[0].card == cited(report)[0] == card
    assert report.answer.statements[0].section == "answer"
    assert said in opening(report)
    assert report.verification.passed


EVERYDAY = """\
What is LLaVAR?
what's mimo unet for
tell me about FeatSharp
what is saliency semantic rsa
how many parameters does MIMO-UNet+ have
which loss is MIMO-UNet+ trained with?
how big a picture can LLaVAR see
who wrote FeatSharp
where are the weights of FeatSharp
what data was LLaVAR trained on
can I sell what I make with FeatSharp
is it free for commercial use?
does MIMO-UNet+ use a GAN
MIMO-UNet+ beats NAFNet on GoPro, doesn't it?
Is LLaVAR the best on OCR-VQA?
can LLaVAR read handwriting
does MIMO-UNet+ make my picture bigger?
which of these runs on a laptop
which one should I use to read a sign
what is the difference between FeatSharp and LLaVAR
compare MIMO-UNet+ and FeatSharp
what can each of them not do
how do I run this on my own photo
how do I save the report as a PDF
is my picture sent anywhere
can this program be wrong
Why does a speeding car look streaky?
I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does it do that?
how does LLaVAR read small letters
why does FeatSharp look at the picture several times
how do networks pick out what catches the eye
Why are the letters in my enlarged screenshot readable?
my photo is still blurry after deblurring
the result has halos around the edges
explain MIMO-UNet+ like I'm five
What is LLaVAR and what is the licence of FeatSharp?
How fast is MIMO-UNet+, and how much memory does it need?
Warum ist mein vergrößertes Foto so scharf?
thanks a lot
What is the capital of Brazil?
""".splitlines()


@pytest.fixture(scope="module", params=EVERYDAY)
def everyday(agent: Agent, request: pytest.FixtureRequest) -> Report:
    """The report on one of forty questions of every kind."""
    return agent.ask(Question(text=request.param))


def test_an_everyday_question_gets_an_answer_that_passes_the_check(everyday: Report) -> None:
    assert everyday.verification.passed, everyday.verification


def test_an_everyday_answer_is_no_longer_than_its_kind_may_be(everyday: Report) -> None:
    """In words before the references; several questions may have as many as all of them."""
    before, _, _ = everyday.to_markdown().partition("3. References")
    text = before.partition(everyday.question.text)[2]
    kinds = [parse(part).intent for part in everyday.parsed.parts] or [everyday.parsed.intent]
    assert len(re.findall(r"[\w×.,%+-]*\w", text)) <= 1.1 * sum(
        SHAPES[kind].words for kind in kinds
    )


def test_an_everyday_answer_has_no_sentence_twice(everyday: Report) -> None:
    told = [s.text for s in everyday.answer.statements]
    assert len(set(told)) == len(told)


def test_an_everyday_answer_lists_the_references_that_it_cites_and_no_others(
    everyday: Report,
) -> None:
    answer = everyday.answer
    facts = [fact for part in (*answer.workflow, *answer.statements) for fact in part.claims]
    used = {fact.partition("/")[0] for fact in facts} - {PROGRAM}
    assert set(cited(everyday)) == used


# --- several questions, small talk, this program --------------------------------------------------


def test_several_questions_are_answered_one_by_one(agent):
    report = agent.ask(Question(text="What is LLaVAR and what is the licence of FeatSharp?"))
    assert [s.claims[0].partition("/")[0] for s in report.answer.statements[:2]] == [
        "llavar",
        "featsharp",
    ]
    assert cited(report) == ["llavar", "featsharp"]


def test_of_several_questions_one_may_be_about_the_system_of_another(agent):
    report = agent.ask(Question(text="What is FeatSharp? And where are its weights?"))
    assert "No trained weights" in opening(report)
    assert cited(report) == ["featsharp"]


def test_a_question_that_nothing_answers_leaves_the_others_answered(agent):
    report = agent.ask(Question(text="What is the capital of Brazil? And what is LLaVAR?"))
    assert report.answer.status == "partly"
    assert cited(report) == ["llavar"]
    assert any(
        "found nothing in the registry that answers this" in limit for limit in report.answer.limits
    )


@pytest.mark.parametrize("text", ["thanks", "hello", "ok"])
def test_small_talk_gets_a_line_and_runs_nothing(agent, text):
    report = agent.ask(Question(text=text))
    assert report.matches == () and report.abstention is None and report.runs == ()
    assert report.answer.status == "answered"
    assert 0 < len(report.answer.task.split()) <= 40
    assert report.answer.statements == ()


def test_a_question_about_this_program_is_answered_and_cites_nothing(agent):
    report = agent.ask(Question(text="Does groundglass send my picture anywhere?"))
    assert opening(report).startswith("Nothing is uploaded: everything runs on your own machine.")
    assert cited(report) == [] and report.verification.passed


def test_the_answer_to_a_question_in_another_language_says_so_in_that_language(agent):
    report = agent.ask(Question(text="Warum ist mein vergrößertes Foto so scharf?"))
    assert "Deutsch" in report.answer.note and "Englisch" in report.answer.note


def test_another_model_is_said_to_be_unknown_in_plain_words(agent):
    text = "I used Topaz Gigapixel and the result has plastic skin. why?"
    report = agent.ask(Question(text=text))
    assert report.abstention is not None
    assert report.abstention.explanation.startswith("I know nothing vetted about Topaz Gigapixel")
    assert "mimo-unet-plus" not in report.to_markdown()


# --- a registry of one's own ----------------------------------------------------------------------

OWN = """\
models:
  - id: stars
    name: StarNet
    task: rounding stars in photographs of the sky
    summary: StarNet makes stars round by fitting a disc to each of them.
    links: {paper: "https://example.org/stars"}
    authors: [Ada Miller]
    year: 2020
    inputs: One photograph of the night sky.
    licence: {name: MIT}
    claims:
      - id: dark-frames
        text: StarNet needs dark frames of the same camera.
        source: section 3
        tags: [data]
  - id: whales
    name: WhaleNet
    task: recognising whales by their flukes
    summary: WhaleNet tells whales apart by the edges of their flukes.
    links: {paper: "https://example.org/whales"}
"""
QUESTIONS = """\
questions:
  - ask: [what are these two for, which models are there]
    answer: StarNet is for rounding stars, WhaleNet for recognising whales.
    facts: [stars/task, whales/task]
"""


@pytest.fixture(scope="module", params=["without questions", "with questions"])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """Over a registry file that knows none of the systems that ship."""
    path = tmp_path_factory.mktemp("own") / "registry.yaml"
    path.write_text(OWN + (QUESTIONS if request.param == "with questions" else ""))
    return Agent(Settings(registry=path, cache=tmp_path_factory.getbasetemp() / "cache"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is StarNet?", "StarNet makes stars round"),
        ("Which licence has StarNet?", "MIT"),
        ("What does StarNet need from my camera?", "dark frames"),
        ("Who wrote StarNet?", "Ada Miller"),
        ("Why are the stars in my photo round?", "StarNet"),
        ("What is the difference between StarNet and WhaleNet?", "recognising whales"),
    ],
)
def test_a_registry_of_ones_own_is_answered_from(own, text, said):
    report = own.ask(Question(text=text))
    assert said in opening(report)
    assert "stars" in cited(report) and report.verification.passed


@pytest.mark.parametrize(
    "text", ["What is LLaVAR?", "what is the capital of Brazil", "Why is my photo blurred?", "hi"]
)
def test_a_registry_of_ones_own_answers_nothing_about_what_it_lacks(own, text):
    report = own.ask(Question(text=text))
    assert cited(report) == [] and report.verification.passed
    assert "llavar" not in str(report.answer.references).casefold()


def test_a_question_about_this_program_is_answered_whatever_the_registry(own):
    report = own.ask(Question(text="Does groundglass send my picture anywhere?"))
    assert opening(report).startswith("Nothing is uploaded: everything runs on your own machine.")
    assert cited(report) == [] and report.verification.passed


def test_the_questions_of_a_registry_file_are_answered_in_its_words(own):
    report = own.ask(Question(text="what are these two for"))
    answers = own.registry.questions
    assert opening(report).startswith("StarNet is for rounding stars, WhaleNet") == bool(answers)
    assert report.verification.passed
    if answers:
        assert cited(report) == ["stars", "whales"]


# --- what cannot be answered, and conversations ---------------------------------------------------


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
