"""What is measured on a picture before a model is chosen, and what is not clear enough to tell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from agent.settings import Settings
from agent.systems.condition.traits import Trait, traits_of
from agent.systems.run import inspect
from agent.systems.text.ocr import why_unavailable
from agent.types import RunResult
from tests.measures.pictures import drawing, scene, shaded

needs_ocr = pytest.mark.skipif(why_unavailable() is not None, reason="rapidocr is not installed")


@pytest.fixture(autouse=True)
def _without_ocr(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader of text is installed, but for the tests of text: reading takes a second each."""
    if "text" not in request.node.name:
        monkeypatch.setattr("agent.systems.condition.tool.why_unavailable", lambda: "not installed")


def looked_at(path: Path) -> RunResult:
    (result,), files = inspect([path], Settings())
    assert not files and not result.card
    return result


def said(image: Image.Image, folder: Path, name: str = "a.png") -> dict[str, Trait]:
    """Traits by what they say, without figures."""
    image.save(path := folder / name)
    found = list(traits_of([looked_at(path)]))
    return {t.phrase.partition(" (")[0]: t for _, traits in found for t in traits}


def compressed(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def noisy(pixels: np.ndarray, sigma: float) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, sigma, pixels.shape[:2])[..., None]
    return Image.fromarray(np.clip(pixels + noise, 0, 255).round().astype(np.uint8))


def test_compression_is_seen_and_its_absence(tmp_path: Path) -> None:
    clean = Image.fromarray(scene())
    assert "shows no JPEG blocks" in said(clean, tmp_path)
    trait = said(compressed(clean, 20), tmp_path)["shows JPEG blocks"]
    assert trait.defects == ("jpeg", "compression") and trait.is_there
    assert "jpeg" not in {d for t in said(compressed(clean, 95), tmp_path).values()
                          for d in t.defects if t.is_there}  # fmt: skip


def test_noise_is_seen_from_a_strength_that_is_stated(tmp_path: Path) -> None:
    quiet = scene(fall=2)
    assert "is hardly noisy" in said(Image.fromarray(quiet), tmp_path)
    (item,) = said(noisy(quiet, 10), tmp_path)["is noisy"].evidence
    assert item.id == "a.condition-noise" and 8 < item.value < 10.5
    assert not {"is noisy", "is hardly noisy"} & said(noisy(quiet, 3), tmp_path).keys()


def test_softness_is_seen_and_sharpness(tmp_path: Path) -> None:
    sharp = Image.fromarray(drawing())
    assert "is sharp" in said(sharp, tmp_path)
    (item,) = said(sharp.filter(ImageFilter.GaussianBlur(2)), tmp_path)["is soft"].evidence
    assert item.value > 3 and item.interval is not None and item.interval[0] >= 3
    slightly = said(sharp.filter(ImageFilter.GaussianBlur(0.9)), tmp_path)
    assert not {"is sharp", "is soft"} & slightly.keys()


def test_a_drawing_and_a_photograph_are_told_apart(tmp_path: Path) -> None:
    drawn = said(Image.fromarray(drawing()), tmp_path)["is drawn in few colours"]
    assert drawn.subjects == ("anime", "cartoon", "manga")
    shaded = said(Image.fromarray(scene()), tmp_path)["is shaded like a photograph"]
    assert shaded.subjects == ("photo",)


def test_a_shaded_drawing_is_neither(tmp_path: Path) -> None:
    kinds = said(Image.fromarray(shaded()), tmp_path)
    assert not {"is drawn in few colours", "is shaded like a photograph"} & kinds.keys()


def page(lines: int, size: int = 14) -> Image.Image:
    image = Image.new("RGB", (420, 220), "white")
    draw = ImageDraw.Draw(image)
    for i in range(lines):
        text = "The quick brown fox jumps over the lazy dog, again."
        draw.text((12, 8 + 22 * i), text, "black", ImageFont.load_default(size))
    return image


@needs_ocr
def test_small_text_is_read_and_a_page_is_no_drawing(tmp_path: Path) -> None:
    full = said(page(9), tmp_path)
    assert full["holds small text"].subjects == ("text",)
    assert "is drawn in few colours" not in full
    assert "holds small text" not in said(page(0), tmp_path)
    assert "holds small text" not in said(page(5, size=40).resize((840, 440)), tmp_path)


SIZES = [(1, 1), (3, 5), (10_000, 1), (63, 900)]


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_that_is_too_small_gets_a_clear_line(
    size: tuple[int, int], tmp_path: Path
) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    result = looked_at(tmp_path / "a.png")
    assert result.status == "skipped"
    assert result.reason == (
        f"the picture is too small to tell, {size[0]} × {size[1]} pixels; attach one of at least "
        "64 pixels a side"
    )


def kinds() -> Iterator[tuple[str, Image.Image]]:
    colour = Image.fromarray(scene())
    grey = colour.convert("L")
    clear = colour.copy()
    clear.putalpha(grey)
    yield "grey.png", grey
    yield "alpha.png", clear
    yield "cmyk.jpg", colour.convert("CMYK")
    yield "sixteen.png", Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)


@pytest.mark.parametrize(("name", "image"), [*kinds()], ids=lambda value: str(value)[:12])
def test_every_kind_of_picture_is_looked_at(name: str, image: Image.Image, tmp_path: Path) -> None:
    image.save(tmp_path / name, quality=95)
    result = looked_at(tmp_path / name)
    assert result.status == "ran"
    assert {"blocks", "colours", "hard-edges", "flat-areas"} <= {
        item.id.partition("condition-")[2] for item in result.evidence
    }


def test_of_a_large_picture_the_middle_is_looked_at(tmp_path: Path) -> None:
    image = Image.new("RGB", (2400, 80), "white")
    image.paste(Image.fromarray(scene(80)), (1160, 0))
    image.save(tmp_path / "wide.png")
    result = looked_at(tmp_path / "wide.png")
    assert {item.measured_on for item in result.evidence} == {
        "wide.png, input, its middle 2048 × 80 px"
    }


def test_an_even_picture_shows_nothing(tmp_path: Path) -> None:
    there = [t for t in said(Image.new("RGB", (90, 90), "red"), tmp_path).values() if t.is_there]
    assert not there


@given(st.integers(64, 90), st.integers(64, 90), st.integers(0, 255))
def test_any_size_is_measured(width: int, height: int, level: int) -> None:
    from agent.imaging.picture import Picture
    from agent.systems.condition.tool import look as measure
    from agent.systems.spec import Job

    pixels = np.random.default_rng(level).integers(0, level + 1, (height, width, 3), np.uint8)
    output = measure(Job("", Picture("a.png", pixels), "a"), Settings(), lambda _: None)
    assert all(np.isfinite(item.value) for item in output.evidence)


@pytest.mark.slow
def test_photographs_and_pages_show_what_they_are_made_to_show(
    shared: Path, tmp_path: Path
) -> None:
    photographs = sorted((shared / "data/restoration/val/photo").iterdir())
    assert photographs
    clean, blocky, blurred = [], [], []
    for path in photographs:
        image = Image.open(path).convert("RGB")
        clean.append(said(image, tmp_path))
        blocky.append("shows JPEG blocks" in said(compressed(image, 20), tmp_path))
        soft = image.filter(ImageFilter.GaussianBlur(2))
        blurred.append("is soft" in said(soft, tmp_path))
    assert not any("shows JPEG blocks" in one or "is noisy" in one for one in clean)
    assert sum(blocky) >= 0.9 * len(photographs) and sum(blurred) >= 0.9 * len(photographs)
    assert sum("is drawn in few colours" in one for one in clean) <= 1
