from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from agent.errors import InputError
from agent.lab.training.curve import SMOOTHED, plot, read_log, smoothed


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text("step,loss,steps_per_second\n20,0.5,1.0\n40,0.25,1.0\n")
    return tmp_path


@pytest.mark.slow
def test_the_log_is_read_and_drawn(run: Path) -> None:
    assert read_log(run) == ([20, 40], [0.5, 0.25])
    with Image.open(io.BytesIO(plot([run, run]))) as image:
        assert image.format == "PNG" and image.size == (960, 540)
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 10


def test_smoothing_is_the_mean_of_what_came_so_far() -> None:
    assert smoothed([4.0, 2.0, 0.0]) == [4, 3, 2]
    assert smoothed([0.0] * 5 + [1.0] * SMOOTHED)[-1] == 1
    assert smoothed([]) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        ("step,loss,steps_per_second\n", "has no step yet"),
        ("a,b\n1,2\n", "not the log"),
        ("step,loss\n20,many\n", "not the log"),
        ("step,loss\n20\n", "not the log"),
    ],
)
def test_what_is_no_log_is_told(tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "log.csv").write_text(content)
    with pytest.raises(InputError, match=told):
        plot([tmp_path])
