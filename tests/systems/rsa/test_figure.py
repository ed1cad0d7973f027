from __future__ import annotations

import io

import numpy as np
from PIL import Image

from agent.measures.similarity import Correlation
from agent.systems.rsa.figure import depth_figure


def drawn(value: float, p: float) -> np.ndarray:
    found = [Correlation(value, value - 0.1, value + 0.1, p)] * 3
    content = depth_figure(["a", "b", "c"], {"saliency": found}, "tiny")
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def blue(picture: np.ndarray) -> int:
    return int((picture == (0, 0x72, 0xB2)).all(axis=2).sum())


def test_the_same_numbers_give_the_same_bytes() -> None:
    found = {"a": [Correlation(0.1, 0, 0.2, 0.5)]}
    assert depth_figure(["x"], found, "t") == depth_figure(["x"], found, "t")


def test_only_what_is_sure_is_filled() -> None:
    assert blue(drawn(0.5, 0.01)) > blue(drawn(0.5, 0.5)) + 3 * 50  # pixels inside a marker


def test_what_is_not_known_leaves_a_gap() -> None:
    nan = float("nan")
    known, unknown = Correlation(0.5, 0.4, 0.6, 0.01), Correlation(nan, nan, nan, nan)
    content = depth_figure(["a", "b", "c"], {"saliency": [known, unknown, known]}, "tiny")
    assert (
        0
        < blue(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))
        < blue(drawn(0.5, 0.01))
    )
