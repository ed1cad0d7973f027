"""Parts of all results side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.imaging.picture import Picture
from agent.imaging.resampling import enlarged
from agent.report.model_comparison.record import ChangedPlace, ModelResult
from agent.systems.model_comparison.crops import disagreements, for_page, sheets


def place(
    before: str, after: str, x: float = 60, top: int = 30, words: tuple[int, int] = (2, 3)
) -> ChangedPlace:
    return ChangedPlace(
        before=before, after=after, line=(30, top, 180, top + 24), words=words, x=x,
        where="in the middle", confidence=50, doubtful=True,
    )  # fmt: skip


def result(model: str, *places: ChangedPlace) -> ModelResult:
    return ModelResult(model=model, name=model.upper(), status="ran", places=places, basis=model)


def noise(height: int = 80, width: int = 90) -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Picture("a.png", pixels)


def test_models_that_leave_a_word_alone_are_shown_with_it() -> None:
    (one,) = disagreements([result("a"), result("b", place("Depth", "Dopth"))], (80, 90), 3)
    assert one.before == "Depth" and one.readings == {"a": "Depth", "b": "Dopth"}


def test_a_word_that_a_model_changed_with_others_is_not_shown_as_left_alone() -> None:
    wide = place("Behind the lens", "Bohind tho lcns", x=120, words=(1, 4))
    several = [result("a", place("the", "tho")), result("b", wide), result("c")]
    (one,) = disagreements(several, (80, 90), 3)
    assert one.readings["b"] == "Bohind tho lcns"
    assert one.readings["c"] == one.before
    other = place("and", "anb", words=(7, 8))
    (alone,) = disagreements([result("a", other), result("b", wide)], (80, 90), 3)
    assert set(alone.readings.values()) in ({"and", "anb"}, {"Behind the lens", wide.after})


def test_a_word_between_changed_ones_is_read_as_it_is() -> None:
    whole = place("the scene is", "tho sceno Is", words=(2, 5))
    two = (place("the", "tho", words=(2, 3)), place("is", "", words=(4, 5)))
    found = disagreements([result("a", whole), result("b", *two), result("c")], (80, 90), 3)
    readings = {reading for one in found for reading in one.readings.values()}
    assert readings == {"tho sceno Is", "tho scene", "the scene is"}


def test_what_all_models_read_alike_is_no_disagreement() -> None:
    both = [result("a", place("Depth", "Dopth")), result("b", place("Depth", "Dopth", 61))]
    assert list(disagreements(both, (80, 90), 3)) == []
    assert list(disagreements([result("a", place("Depth", "Dopth"))], (80, 90), 3)) == []


def test_the_greatest_disagreements_are_shown_from_top_to_bottom() -> None:
    tops = range(0, 240, 24)
    a = result("a", *(place("x", "y", top=top) for top in tops))
    b = result("b", place("x", "z", top=tops[-1]))
    shown = list(disagreements([a, b, result("c")], (90, 90), 3))
    assert len(shown) == 6
    assert [one.window.top for one in shown] == sorted(one.window.top for one in shown)
    assert set(shown[-1].readings.values()) == {"x", "y", "z"}


@settings(max_examples=60)
@given(
    height=st.integers(1, 60), width=st.integers(1, 60), factor=st.integers(1, 4),
    corner=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    size=st.tuples(st.integers(1, 300), st.integers(1, 90)), at=st.floats(0, 1),
)  # fmt: skip
def test_whatever_the_size_what_is_shown_lies_in_the_picture(
    height: int, width: int, factor: int, corner: tuple[int, int], size: tuple[int, int], at: float
) -> None:
    line = (*corner, corner[0] + size[0], corner[1] + size[1])
    changed = place("a", "b").model_copy(update={"line": line, "x": corner[0] + at * size[0]})
    picture = noise(height, width)
    several = [result("a"), result("b", changed)]
    for one in disagreements(several, (height, width), factor):
        top, left, tall, wide = one.window
        assert 0 <= top <= top + tall <= height and 0 <= left <= left + wide <= width
        assert tall > 0 < wide
    drawn = sheets(picture, factor, several, lambda _: enlarged(picture, factor))
    assert "detail" in drawn and all(sheet.ndim == 3 for sheet in drawn.values())


def test_the_page_shows_a_whole_result_or_the_same_part_of_each() -> None:
    picture = noise()
    results = [("a", enlarged(picture, 3)), ("b", enlarged(picture, 3))]
    assert [shown.shape for _, shown in for_page(picture, 3, results)] == [(240, 270, 3)] * 2
    large = noise(500, 700)
    (_, part), (_, same) = for_page(large, 3, [("a", enlarged(large, 3))] * 2)
    assert part.shape == (900, 1200, 3) and np.array_equal(part, same)


@pytest.mark.parametrize("kind", ["alpha", "16 bits"])
def test_results_of_other_kinds_are_shown_on_white(kind: str) -> None:
    picture = noise()
    if kind == "alpha":
        clear = replace(picture, alpha=np.zeros((80, 90), np.uint8))
        shown = sheets(clear, 2, [result("a")], lambda _: enlarged(clear, 2))["detail"]
        assert (shown[40:60, 20:40] == 255).all()
    else:
        deep = replace(picture, pixels=picture.pixels.astype(np.uint16) * 257)
        shown = sheets(deep, 2, [result("a")], lambda _: enlarged(deep, 2))["detail"]
        assert shown.dtype == np.uint8
