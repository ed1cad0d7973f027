"""The study's stimuli: areas, edges and thresholds as published, the same for the same seed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from agent.errors import InputError
from agent.lab.evaluation import distractors
from agent.lab.evaluation.distractors import Design, Thresholds, build, pasted
from agent.measures.similarity import cosine_rdm
from agent.systems.rsa.geometry import saliency

CAPTIONS = {
    "cat.png": ["a cat asleep on a sofa"],
    "kitten.png": ["a kitten asleep on a sofa"],
    "tram.png": ["a red tram in the city at night"],
    "bus.png": ["a red bus in the city at night"],
}
WIDE = Thresholds(similar=0.5, dissimilar=0.6, not_salient=0.1, salient=0.1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(1)
    for name in CAPTIONS:
        small = rng.integers(60, 200, (4, 5, 3), np.uint8)
        Image.fromarray(small).resize((100, 80)).save(folder / name)
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


@settings(max_examples=60)
@given(
    st.sampled_from(["top", "bottom", "left", "right"]),
    st.floats(0, 1),
    st.integers(20, 90),
    st.integers(20, 90),
)
def test_a_distractor_takes_a_tenth_of_the_area_and_touches_its_edge(
    edge: distractors.Edge, along: float, height: int, width: int
) -> None:
    base = np.zeros((425, 425, 3), np.uint8)
    placed = pasted(base, np.full((height, width, 3), 255, np.uint8), edge, along)
    assert placed is not None
    pixels, (left, top, wide, tall) = placed
    assert wide * tall == pytest.approx(0.1 * 425**2, rel=0.01)
    assert wide / tall == pytest.approx(width / height, rel=0.02)
    touched = {"top": top, "left": left, "bottom": 425 - top - tall, "right": 425 - left - wide}
    assert touched[edge] == 0
    assert min(touched.values()) >= 0
    inside = (pixels == 255).all(axis=2)
    assert inside.sum() == wide * tall
    assert inside[top : top + tall, left : left + wide].all()
    assert not base.any()


def test_what_is_too_long_does_not_fit() -> None:
    base = np.zeros((100, 100, 3), np.uint8)
    assert pasted(base, np.zeros((10, 200, 3), np.uint8), "top", 0.5) is None


@pytest.mark.parametrize(
    ("distance", "alike"), [(0.31, True), (0.32, None), (0.9, None), (0.92, None), (0.93, False)]
)
def test_the_thresholds_of_meaning_are_the_published_ones(
    distance: float, alike: bool | None
) -> None:
    assert Thresholds().meaning(distance) is alike


@pytest.mark.parametrize(
    ("distance", "salient"), [(0.018, False), (0.019, None), (0.24, None), (0.25, True)]
)
def test_the_thresholds_of_saliency_are_the_published_ones(
    distance: float, salient: bool | None
) -> None:
    assert Thresholds().attention(distance) is salient


@pytest.mark.slow
def test_every_stimulus_is_in_its_condition(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = build(pictures, CAPTIONS, out, Design(WIDE, side=64, tries=20), limit=1)
    assert built.bases == 1
    rows = read_csv(out / "stimuli.csv")
    assert len(rows) == 4 * built.bases
    for row in rows:
        base, picture = (
            np.asarray(Image.open(out / folder / row["base"]))
            for folder in ("base", row["condition"])
        )
        left, top, wide, tall = (int(row[k]) for k in ("left", "top", "width", "height"))
        changed = (base != picture).any(axis=2)
        changed[top : top + tall, left : left + wide] = False
        assert not changed.any()
        maps = np.stack([saliency(base).ravel(), saliency(picture).ravel()])
        moved = cosine_rdm(maps)[0, 1]
        assert moved == pytest.approx(float(row["saliency_distance"]), abs=1e-5)
        assert (moved > WIDE.salient) == (row["condition"] in ("salient", "semantic_salient"))
        apart = float(row["semantic_distance"])
        assert (apart > WIDE.dissimilar) == row["condition"].startswith("semantic")
    about = json.loads((out / "dataset.json").read_text())
    assert about["thresholds"]["salient"] == WIDE.salient
    captions = read_csv(out / "captions.csv")
    assert {row["file"] for row in captions} == {row["base"] for row in rows}


@pytest.mark.slow
def test_the_same_seed_builds_the_same(pictures: Path, tmp_path: Path) -> None:
    def made(name: str, seed: int) -> dict[str, bytes]:
        out = tmp_path / name
        build(pictures, CAPTIONS, out, Design(WIDE, side=64, tries=20, seed=seed), limit=1)
        return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}

    first = made("a", 0)
    assert first
    assert first == made("b", 0)
    assert first != made("c", 1)


@pytest.mark.slow
def test_a_base_without_all_four_conditions_is_dropped(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = build(
        pictures, CAPTIONS, out, Design(side=64, tries=3)
    )  # as published: too strict for these
    assert built.bases == 0
    assert built.tried == 4
    assert not out.exists()


def test_a_folder_in_use_is_left_alone(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="is not empty"):
        build(pictures, CAPTIONS, tmp_path)


def test_pictures_without_captions_are_no_candidates(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 pictures have captions"):
        build(pictures, {"cat.png": ["a cat"]}, tmp_path / "out")
