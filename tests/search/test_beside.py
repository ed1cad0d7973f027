"""The second registry that ships: consulted where a question needs it, unnoticed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from agent import Agent, Question
from agent.files import DEFAULT_REGISTRY, UPSCALERS
from agent.settings import Settings
from agent.types import Report, Turn

SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)
BOTH = (DEFAULT_REGISTRY, UPSCALERS)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "cache"


@pytest.fixture(scope="module")
def agent(cache: Path) -> Agent:
    return Agent(Settings(cache=cache, evidence="none"))


@pytest.fixture(scope="module")
def alone(cache: Path) -> Agent:
    """The default registry, named, which means that no other is consulted."""
    return Agent(Settings(registry=Path("default"), cache=cache, evidence="none"))


def cited(report: Report) -> list[str]:
    return [reference.card for reference in report.answer.references]


def opening(report: Report) -> str:
    return " ".join(s.text for s in report.answer.statements if s.section == "answer")


@pytest.mark.parametrize(
    "text",
    [
        SEED,
        "Which loss does MIMO-UNet+ use?",
        "Which of these can enlarge a picture?",
        "May I use them commercially?",
        "Is NAFNet better than MIMO-UNet+?",
        "what is waifu3x",
        "What is the capital of Brazil?",
    ],
)
def test_the_default_registry_answers_as_if_it_were_alone(
    agent: Agent, alone: Agent, text: str
) -> None:
    question = Question(text=text)
    report, other = agent.ask(question), alone.ask(question)
    assert report.answer == other.answer and report.matches == other.matches
    assert report.registry_sha256 == other.registry_sha256


@pytest.mark.parametrize(
    ("text", "registries"),
    [
        ("Why did Real-ESRGAN change my letters?", UPSCALERS),
        ("x4plus or realesr-animevideov3 for a cartoon?", UPSCALERS),
        ("Real-CUGAN or waifu2x?", UPSCALERS),
        ("see https://github.com/nagadomi/waifu2x, what is that?", UPSCALERS),
        ("Is waifu2x better than MIMO-UNet+?", BOTH),
        ("What is FeatSharp?", DEFAULT_REGISTRY),
    ],
)
def test_a_name_in_the_question_says_where_to_look(
    agent: Agent, text: str, registries: Path | tuple[Path, ...]
) -> None:
    assert agent.sources(Question(text=text)).registry.path == registries


def test_nothing_but_names_is_opened_for_a_question_about_the_default_registry(
    cache: Path,
) -> None:
    fresh = Agent(Settings(cache=cache))
    fresh.ask(Question(text=SEED, turns=(Turn(question="hi", cards=("featsharp",)),)))
    assert fresh._beside is not None
    assert not {"_other", "_both"} & set(vars(fresh._beside))


def test_one_of_the_second_registry_is_answered_from_it(agent: Agent) -> None:
    report = agent.ask(Question(text="Did waifu2x invent the details?"))
    assert cited(report) == ["waifu2x"] and report.verification.passed
    assert "no evidence" in opening(report)


def test_systems_of_both_are_set_side_by_side(agent: Agent) -> None:
    """No curated answer of one registry is taken for one about a system of the other."""
    report = agent.ask(Question(text="Is Real-ESRGAN better than MIMO-UNet+ for text?"))
    assert cited(report) == ["mimo-unet-plus", "real-esrgan"] and report.verification.passed
    assert "Real-ESRGAN" in opening(report) and "MIMO-UNet+" in opening(report)


def test_what_spans_one_registry_is_not_said_of_several(cache: Path) -> None:
    both = Agent(Settings(registry=(Path("default"), Path("upscalers")), cache=cache))
    report = both.ask(Question(text="which of these can enlarge a picture"))
    assert "None of the four" not in opening(report)


def test_a_question_that_names_nothing_is_about_the_last_answer(agent: Agent) -> None:
    of_waifu2x = Turn(question="What is waifu2x?", cards=("waifu2x",))
    of_mimo = Turn(question="What is MIMO-UNet+?", cards=("mimo-unet-plus",))
    report = agent.ask(Question(text="May I sell it?", turns=(of_mimo, of_waifu2x)))
    assert cited(report) == ["waifu2x"]
    report = agent.ask(Question(text="May I sell it?", turns=(of_waifu2x, of_mimo)))
    assert cited(report)[0] == "mimo-unet-plus"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture whose metadata name the program that made it."""
    path = tmp_path / "shot.png"
    info = PngInfo()
    info.add_text("Software", "realesrgan-ncnn-vulkan, x4plus")
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def test_a_picture_says_which_system_made_it(agent: Agent, picture: Path) -> None:
    report = agent.ask(Question(text="Did it invent details?", images=(picture,)))
    assert cited(report) == ["real-esrgan"]
    assert report.matches[0].reasons == ("the metadata of shot.png name it",)


def test_a_picture_does_not_overrule_what_is_named(agent: Agent, picture: Path) -> None:
    report = agent.ask(Question(text="What is MIMO-UNet+?", images=(picture,)))
    assert cited(report) == ["mimo-unet-plus"]


def test_a_picture_answers_nothing_that_has_to_do_with_no_picture(
    agent: Agent, picture: Path
) -> None:
    report = agent.ask(Question(text="What is the capital of Brazil?", images=(picture,)))
    assert report.abstention and cited(report) == []


def test_whoever_names_a_registry_means_no_other(alone: Agent, picture: Path) -> None:
    question = Question(text="What is waifu2x?", images=(picture,))
    assert alone.sources(question).registry.path == DEFAULT_REGISTRY


def test_a_brief_can_be_written_about_it(agent: Agent) -> None:
    assert "waifu2x" in agent.brief(Question(text="How does waifu2x remove noise?"))
