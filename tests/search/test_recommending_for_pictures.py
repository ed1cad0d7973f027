"""The whole path of a recommendation with a picture: what is measured on it orders the models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from agent import Agent
from agent.settings import Settings
from agent.types import Question, Report
from tests.measures.pictures import drawing, shaded

MODELS: list[dict[str, Any]] = [
    {"id": "plain", "subjects": ["any"]},
    {"id": "photos", "subjects": ["photo"]},
    {"id": "drawings", "subjects": ["manga"]},
    {"id": "akin", "subjects": ["photo"], "removes": ["compression"]},
    {"id": "unblock", "subjects": ["photo"], "removes": ["jpeg", "compression"]},
    {"id": "quiet", "subjects": ["photo"], "removes": ["noise"]},
    {"id": "quiet-unblock", "subjects": ["photo"], "removes": ["jpeg", "noise"]},
]

Ask = Callable[..., Report]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pictures")
    picture = Image.fromarray(shaded())
    picture.save(place / "clean.png")
    picture.save(place / "blocky.jpg", quality=10)
    Image.fromarray(drawing()).save(place / "drawn.png")
    Image.new("RGB", (3, 5)).save(place / "tiny.png")
    return place


@pytest.fixture(scope="module")
def agent(folder: Path) -> Agent:
    """Of models that nobody can run here."""
    cards = [
        {"name": card["id"].upper(), "task": "enlarging pictures", "summary": "It enlarges.",
         "links": {"page": f"https://a.example/{card['id']}"}, "scale": [4],
         "licence": {"name": "MIT"}, "commercial_use": True, **card}
        for card in MODELS
    ]  # fmt: skip
    path = folder / "models.yaml"
    path.write_text(yaml.safe_dump({"models": json.loads(json.dumps(cards))}), "utf-8")
    return Agent(Settings(registry=path, cache=folder / "cache"))


@pytest.fixture(scope="module")
def ask(agent: Agent, folder: Path) -> Ask:
    def asked(text: str, *names: str) -> Report:
        report = agent.ask(Question(text=text, images=tuple(folder / name for name in names)))
        assert report.verification.passed
        return report

    return asked


def sentences(report: Report) -> list[str]:
    return [s.text for s in report.answer.statements if s.section == "answer" and not s.row]


def best(report: Report) -> str:
    return report.matches[0].card


THIS = "Which model should I use for this picture?"


def test_blocks_that_were_measured_prefer_models_that_remove_them(ask: Ask) -> None:
    report = ask("Which model enlarges photos 4x?", "blocky.jpg")
    assert best(report) == "unblock"
    first, use, *_ = report.answer.statements
    assert first.text.startswith("Your picture shows JPEG blocks (")
    assert first.text.endswith(
        ", so of the models that fit, those that remove JPEG artefacts come first."
    )
    assert first.evidence == ("blocky.condition-blocks",)
    assert "it best suits what was measured" in use.text
    assert best(ask("Which model enlarges photos 4x?", "clean.png")) == "photos"


def test_a_drawing_prefers_models_for_drawings(ask: Ask) -> None:
    report = ask("Which model enlarges this 4x?", "drawn.png")
    assert best(report) == "drawings"
    assert "are made for anime, cartoons or manga come first" in sentences(report)[0]
    assert len(report.answer.statements[0].evidence) == 3


def test_a_question_without_a_condition_is_answered_from_the_picture(ask: Ask) -> None:
    report = ask(THIS, "blocky.jpg")
    assert report.matches[0].reasons[-1] == "suits a picture that shows JPEG blocks"
    assert report.answer.status == "answered"
    assert report.answer.task == "You are looking for a model that suits your picture."


def test_each_figure_is_evidence_and_no_model_is_said_to_have_run(ask: Ask) -> None:
    report = ask(THIS, "blocky.jpg")
    assert [run.tool for run in report.runs if run.status == "ran"] == ["condition"]
    assert {"blocks", "noise", "colours"} <= {
        item.id.removeprefix("blocky.condition-") for item in report.evidence
    }
    assert "No model was run on blocky.jpg" in " ".join(report.answer.limits)
    assert report.workflow is None
    assert Report.model_validate_json(report.model_dump_json()) == report.model_copy(
        update={"pictures": {}}
    )


@pytest.mark.parametrize(
    ("text", "picture", "model", "said"),
    [
        ("Which model enlarges photos 4x? I don't need JPEG removal.", "blocky.jpg", "photos",
         "You do not ask for JPEG artefacts to be removed, but your picture shows JPEG blocks ("),
        ("Which model enlarges photos 4x and removes noise?", "clean.png", "quiet",
         "You ask for noise to be removed, but your picture is hardly noisy ("),
        ("Which model enlarges photos 4x?", "drawn.png", "photos",
         "You ask for photographs, but your picture is drawn in few colours ("),
    ],
)  # fmt: skip
def test_the_question_wins_over_what_was_measured_and_the_answer_says_so(
    ask: Ask, text: str, picture: str, model: str, said: str
) -> None:
    report = ask(text, picture)
    assert best(report) == model
    (told,) = [s for s in report.answer.statements if "your request decides" in s.text]
    assert told.text.startswith(said) and told.evidence


def test_what_no_model_that_fits_does_is_told(ask: Ask) -> None:
    report = ask("Which model enlarges manga 4x?", "blocky.jpg")
    assert best(report) == "drawings"
    assert "Its card does not say that DRAWINGS removes JPEG artefacts." in sentences(report)


def test_what_is_asked_for_and_what_is_measured_add_up(ask: Ask) -> None:
    report = ask("Which model enlarges photos 4x and removes noise?", "blocky.jpg")
    assert best(report) == "quiet-unblock"


def test_several_pictures_are_told_apart(ask: Ask) -> None:
    told = sentences(ask("Which model enlarges these 4x?", "blocky.jpg", "drawn.png"))
    assert told[0].startswith("blocky.jpg shows JPEG blocks (")
    assert told[1].startswith("drawn.png is drawn in few colours (") and "come first" in told[1]


def test_laymen_get_no_figures(ask: Ask) -> None:
    (first, *_) = sentences(ask("I'm not an expert: which model suits this picture?", "blocky.jpg"))
    assert first.startswith("Your picture shows JPEG blocks, so")


def test_a_picture_that_cannot_be_measured_is_said_to_be_so(ask: Ask) -> None:
    report = ask("Which model enlarges photos 4x?", "tiny.png")
    assert best(report) == "photos" and not report.evidence
    assert any("too small to tell, 3 × 5 pixels" in line for line in report.answer.limits)
    assert report.answer.status == "partly"


def test_without_evidence_nothing_is_measured(folder: Path, agent: Agent) -> None:
    settings = Settings(registry=agent.settings.registry, cache=folder / "cache", evidence="none")
    question = Question(text="Which model enlarges photos 4x?", images=(folder / "blocky.jpg",))
    report = Agent(settings).ask(question)
    assert best(report) == "photos" and not report.evidence


def test_no_other_question_is_measured(ask: Ask, folder: Path) -> None:
    report = ask("What does PHOTOS do?", "blocky.jpg")
    assert not report.evidence
    default = Agent(Settings(cache=folder / "cache", evidence="core"))
    small = folder / "small.png"
    Image.fromarray(shaded(64)).save(small)
    seed = "Why did the AI keep edges sharp when I enlarged my web image 3x?"
    report = default.ask(Question(text=seed, images=(small,)))
    assert "condition" not in {run.tool for run in report.runs}


@pytest.mark.parametrize("registry", ["default", "upscalers"])
def test_a_registry_whose_cards_have_no_keys_is_told_what_was_measured(
    registry: str, folder: Path
) -> None:
    both = Agent(Settings(registry=Path(registry), cache=folder / "cache"))
    runs: list[str] = []

    def runner(*_: Any) -> Any:
        runs.append("models")
        return (), {}

    question = Question(text=THIS, images=(folder / "blocky.jpg",))
    report = both.ask(question, runner=runner)
    assert report.answer.statements[0].text.startswith("Your picture shows JPEG blocks (")
    assert report.verification.passed and runs == ["models"]
    assert len(sentences(report)) > 1
