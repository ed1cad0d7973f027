"""What a form and its text ask of a comparison, and the results that lie over each other."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agent.errors import InputError
from agent.report.model_comparison.record import ComparedPicture, ModelResult
from agent.settings import Settings
from agent.types import Artefact, Question
from agent.web.answers import SavedAnswer
from agent.web.page.comparisons import models_here, order_of, slider_of

SETTINGS = Settings()


@pytest.mark.parametrize(
    ("text", "ticked", "models"),
    [
        ("", (), ("mimo-unet-plus",)),
        ("Which is sharper?", (), ("mimo-unet-plus",)),
        ("", ("waifu2x-photo",), ("waifu2x-photo",)),
        ("Is Real-ESRGAN sharper than waifu2x?", (),
         ("realesr-animevideov3", "waifu2x-cunet-noise0")),
        ("Is waifu2x photo sharper?", ("mimo-unet-plus", "waifu2x-photo"),
         ("waifu2x-photo", "mimo-unet-plus")),
    ],
)  # fmt: skip
def test_the_models_are_those_of_text_and_form(
    text: str, ticked: tuple[str, ...], models: tuple[str, ...]
) -> None:
    assert tuple(order_of(text, ticked, None, SETTINGS).models) == models


@pytest.mark.parametrize(
    ("text", "chosen", "factor"), [("", None, 3), ("Sharper at 2x?", None, 2), ("At 2x?", 4, 4)]
)
def test_the_form_decides_before_the_text_how_much_larger(
    text: str, chosen: int | None, factor: int
) -> None:
    assert order_of(text, (), chosen, SETTINGS).factor == factor


def test_the_question_is_title_and_criterion() -> None:
    order = order_of("  Which keeps the text most readable?\n", (), None, SETTINGS)

    assert order.question == "Which keeps the text most readable?"
    assert order.criterion == "text"


def test_a_stranger_is_compared_with_what_was_ticked_alone() -> None:
    text = "Is Real-ESRGAN x2plus sharper?"
    with pytest.raises(InputError, match="x2plus"):
        order_of(text, (), None, SETTINGS)
    assert "mimo-unet-plus" in order_of(text, ("mimo-unet-plus",), None, SETTINGS).models


def test_models_without_their_files_are_not_offered(tmp_path: Path) -> None:
    assert "mimo-unet-plus" in models_here(SETTINGS)
    without = models_here(Settings(weights=tmp_path / "none.safetensors"))
    assert "mimo-unet-plus" not in without and "bicubic" not in without


def saved(folder: Path, size: tuple[int, int], models: tuple[str, ...]) -> SavedAnswer:
    (folder / "report").mkdir()
    for model in models:
        buffer = BytesIO()
        Image.effect_noise(size, 40).convert("RGB").save(buffer, "PNG")
        (folder / "report" / f"a-{model}.png").write_bytes(buffer.getvalue())
    return SavedAnswer("id", Question(text="Which?"), folder, comparison=True)


def compared(*models: str, failed: str = "") -> ComparedPicture:
    results = [
        ModelResult(
            model=model, name=model.upper(), status="ran", basis=model,
            picture=Artefact(name=f"a-{model}.png", caption=f"a.png by <{model}>", sha256="0" * 64),
        )
        for model in models
    ]  # fmt: skip
    if failed:
        results.insert(0, ModelResult(model=failed, name=failed, status="failed", basis=failed))
    return ComparedPicture(
        name="a.png", stem="a", sha256="0" * 64, width=8, height=8, results=tuple(results)
    )


@pytest.mark.parametrize(
    ("wanted", "pair"),
    [
        (("", ""), ("b", "c")),
        (("c", "b"), ("c", "b")),
        (("d", ""), ("d", "b")),
        (("c", "c"), ("c", "b")),
        (("x", "<script>"), ("b", "c")),
        (("a", "d"), ("d", "b")),
    ],
)
def test_a_slider_shows_what_is_wanted_as_far_as_it_ran(
    tmp_path: Path, wanted: tuple[str, str], pair: tuple[str, str]
) -> None:
    answer = saved(tmp_path, (24, 24), ("b", "c", "d"))

    slider = slider_of(answer, compared("b", "c", "d", failed="a"), wanted)

    assert slider and (slider.left.model, slider.right.model) == pair
    [whole] = slider.layers  # so small a picture needs no closer look
    assert f"/answers/id/pictures/a-{pair[0]}.png" in whole.left
    assert 'width="24" height="24"' in whole.left and "<script>" not in whole.left
    assert f"&lt;{pair[0]}&gt;" in whole.left


def test_a_large_picture_is_looked_at_closely_too(tmp_path: Path) -> None:
    answer = saved(tmp_path, (640, 480), ("b", "c"))

    slider = slider_of(answer, compared("b", "c"), ())

    assert slider
    whole, part = slider.layers
    assert whole.left.startswith("<img") and part.left.startswith("<svg")
    assert part.caption.startswith("Left: the most detailed part of a.png")
    views = [element.partition('viewBox="')[2].partition('"')[0] for element in part[:2]]
    assert views[0] == views[1]  # both show the same part
    left, top, width, height = map(int, views[0].split())
    assert left + width <= 640 and top + height <= 480


def test_one_model_alone_has_no_slider(tmp_path: Path) -> None:
    assert slider_of(saved(tmp_path, (24, 24), ("b",)), compared("b", failed="a"), ()) is None
