"""What a summary says of a system: ten briefs on unknown models, and sentences one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answer.wording import plain_workflow
from agent.registry import Registry
from agent.registry.brief import read_brief_file, registry_for
from agent.registry.brief.reading import input_of, methods_of, output_of, task_of
from agent.types import Card

BRIEFS = Path(__file__).parent / "briefs"
NOTHING = Registry.from_cards([])


def _card(name: str) -> Card:
    """The first card of one of the briefs."""
    return next(iter(registry_for(read_brief_file(BRIEFS / f"{name}.md"), NOTHING).cards()))


@pytest.mark.parametrize(
    ("name", "task", "taken", "given"),
    [
        (
            "segmentation",
            "segmenting tumours in CT scans of the abdomen",
            "a stack of CT slices",
            "a mask with one label per voxel",
        ),
        (
            "ocr",
            "reading printed text in historical newspapers",
            "a scanned page",
            "the transcription line by line",
        ),
        (
            "colourisation",
            "colourising black-and-white photographs",
            "a grey picture",
            "a picture in colour",
        ),
        (
            "depth",
            "estimating depth from a single photograph",
            "an RGB image of any size",
            "a depth map in metres",
        ),
        ("detection", "real-time object detection", None, None),
        (
            "speech",
            "transcribing speech in 40 languages",
            "30-second chunks of audio",
            "text with time stamps",
        ),
        (
            "folding",
            "predicting the three-dimensional structure of proteins from their amino-acid sequence",
            "the amino-acid sequence",
            "the three-dimensional structure of proteins",
        ),
        (
            "super-resolution",
            "super-resolving satellite pictures four times",
            "a low-resolution tile",
            "a tile with 16 times as many pixels",
        ),
        ("captioning", "describing pictures in one sentence", None, None),
        (
            "generation",
            "generating images from a description in words",
            "a description in words",
            "images",
        ),
    ],
)
def test_a_brief_on_an_unknown_model(
    name: str, task: str, taken: str | None, given: str | None
) -> None:
    card = _card(name)
    assert card.task == task
    assert card.inputs == (f"{card.name} takes {taken}." if taken else None)
    assert card.outputs == (f"{card.name} gives {given}." if given else None)
    assert card.flow == (f"{taken} → {card.name} → {given}" if taken and given else None)


@pytest.mark.parametrize("path", sorted(BRIEFS.glob("*.md")), ids=lambda path: path.stem)
def test_the_way_from_input_to_output_is_told_in_full_sentences(path: Path) -> None:
    card = _card(path.stem)
    steps = card.workflow or plain_workflow(card)
    assert [step.stage for step in steps] == ["input", "model", "output"]
    assert all(step.text[0].isupper() and step.text[-1] == "." for step in steps)
    assert all(card.name in step.text for step in steps)
    ids = {claim.id for claim in card.claims}
    assert all(ids.issuperset(step.claims) for step in steps)


def test_how_a_system_is_built_stands_in_the_model_step_and_results_with_the_output() -> None:
    _, model, output = _card("segmentation").workflow
    assert "3D U-Net with deep supervision" in model.text and "brief-3" in model.claims
    assert output.claims == ("brief-5",)


def test_a_second_entry_for_the_same_paper_adds_what_it_says() -> None:
    (card,) = registry_for(read_brief_file(BRIEFS / "segmentation.md"), NOTHING).cards()
    assert card.name == "TumourTrace" and card.aliases == ("U-shaped networks for volumes",)
    assert card.claims[-1].text == "Deep supervision lets the coarse levels learn early."
    assert card.arxiv == "2311.04567" and list(card.links) == ["paper", "code"]


@pytest.mark.parametrize(
    ("sentence", "task"),
    [
        ("X segments tumours in CT scans.", "segmenting tumours in CT scans"),
        ("It restores blurred photographs, even old ones.", "restoring blurred photographs"),
        ("This model classifies and counts cells.", "classifying and counting cells"),
        ("X detects cars and pedestrians at 30 frames a second.", "detecting cars and pedestrians"),
        ("X removes noise and sharpens edges.", "removing noise"),
        ("X maps satellite images to street maps.", "mapping satellite images to street maps"),
        ("X deblurs faces.", "deblurring faces"),
        ("X labels birds by their song.", "labelling birds"),
        ("Here is a network which automatically matches fingerprints.", "matching fingerprints"),
        ("A tool to deblur photographs taken at night.", "deblurring photographs taken at night"),
        ("X is a new, fast method for finding text in maps.", "finding text in maps"),
        ("X is an efficient image segmentation model.", "image segmentation"),
        ("X performs segmentation of MRI volumes.", "segmentation of MRI volumes"),
        ("Segments cells in microscopy images.", "segmenting cells in microscopy images"),
        ("X is fast.", None),
        ("X achieves state of the art on COCO.", None),
        ("X uses attention.", None),
        ("X is a deep learning model.", None),
        ("X does not segment anything.", None),
        ("It deblurs nothing.", None),
        ("X restaure des photographies floues.", None),
        ("Houses smaller than two pixels are not recovered.", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_task_is_what_a_sentence_says_that_a_system_does(
    sentence: str, task: str | None
) -> None:
    assert task_of([sentence], ["X"]) == task


def test_a_task_that_the_summary_denies_is_none() -> None:
    told = ["X enlarges pictures.", "X does not enlarge pictures; it colours them."]
    assert task_of(told[:1], ["X"]) == "enlarging pictures" and task_of(told, ["X"]) is None


def test_a_task_is_short() -> None:
    long = task_of([f"X restores {' '.join(f'word{i}' for i in range(40))}."], ["X"])
    assert long is not None and len(long.split()) == 12


@pytest.mark.parametrize(
    ("sentence", "taken", "given"),
    [
        ("X takes two pictures and returns the motion between them.", "two pictures",
         "the motion between them"),
        ("Input: a photograph.", "a photograph", None),
        ("X turns sketches into photographs.", "sketches", "photographs"),
        ("Given a question, it writes an answer in words.", "a question", "an answer in words"),
        ("It takes 12 ms per frame on a GPU.", None, None),
        ("X takes advantage of attention.", None, None),
        ("Training takes two days.", None, None),
        ("X gives better results than Y.", None, None),
        ("The encoder gives 32 tokens to the decoder.", None, None),
    ],
)  # fmt: skip
def test_what_goes_in_and_what_comes_out(
    sentence: str, taken: str | None, given: str | None
) -> None:
    assert input_of([sentence], ["X"]) == taken
    assert output_of([sentence], ["X"]) == given


@given(st.lists(st.text(max_size=120), max_size=5), st.text(max_size=20))
def test_any_text_can_be_read(sentences: list[str], name: str) -> None:
    task = task_of(sentences, [name])
    assert task is None or (task == task.strip() and len(task.split()) <= 12)
    input_of(sentences, [name]), output_of(sentences, [name]), methods_of(sentences)
