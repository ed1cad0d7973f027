from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.imaging.picture import Picture
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.types import RunResult

pytestmark = pytest.mark.usefixtures("one_thread")


def picture(height: int = 40, width: int = 50, **changes: object) -> Picture:
    line = np.where(np.arange(width) // 6 % 2, 220, 40).astype(np.uint8)
    pixels = np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2)
    return replace(Picture("shot.png", pixels), **changes)


def run(job: Job, settings: Settings) -> tuple[RunResult, dict[str, bytes]]:
    return run_tool(TOOLS["restore"], job, settings, lambda line: None)


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_a_run_returns_its_pictures_measurements_and_provenance(settings: Settings) -> None:
    lines: list[str] = []
    job = Job("mimo-unet-plus", picture(), "shot", 3)
    result, files = run_tool(TOOLS["restore"], job, settings, lines.append)
    assert (result.status, result.reason) == ("ran", None)
    assert (result.card, result.tool, result.image) == ("mimo-unet-plus", "restore", "shot.png")
    made = ("enlarged", "restored", "comparison", "change", "profile")
    assert list(files) == [f"shot-{label}.png" for label in made]
    for artefact in result.artefacts:
        assert hashlib.sha256(files[artefact.name]).hexdigest() == artefact.sha256
        assert "shot.png" in artefact.caption
    assert opened(files["shot-restored.png"]).shape == (120, 150, 3)
    wanted = Image.fromarray(job.picture.pixels).resize((150, 120), Image.Resampling.BICUBIC)
    assert (opened(files["shot-enlarged.png"]) == np.asarray(wanted)).all()
    assert {item.id for item in result.evidence} >= {"shot.factor", "shot.consistency"}
    made = result.provenance
    assert made.weights_sha256 == hashlib.sha256(settings.weights.read_bytes()).hexdigest()
    assert made.device == "cpu" and made.dtype in ("bfloat16", "float32") and made.seconds > 0
    assert set(made.versions) == {"numpy", "pillow", "torch"}
    assert any("restored 1 of 1 tiles" in line for line in lines)


def test_same_input_same_bytes(settings: Settings) -> None:
    job = Job("c", picture(), "shot", 2)
    (first, files), (second, again) = run(job, settings), run(job, settings)
    assert files == again
    assert first.evidence == second.evidence and first.artefacts == second.artefacts


def test_without_enlarging_the_input_goes_in_as_it_is(settings: Settings) -> None:
    job = Job("c", picture(), "shot")
    _, files = run(job, settings)
    made = ("input", "restored", "comparison", "change", "profile")
    assert list(files) == [f"shot-{label}.png" for label in made]
    assert (opened(files["shot-input.png"]) == job.picture.pixels).all()


def test_what_reading_left_out_is_told(settings: Settings) -> None:
    note = "animated: the first of 3 frames was used"
    result, _ = run(Job("c", picture(notes=(note,)), "a"), settings)
    assert result.artefacts[0].caption.endswith(f"; {note}")


def test_alpha_sixteen_bits_and_profile_are_carried(settings: Settings) -> None:
    alpha = np.tile(np.arange(50, dtype=np.uint8) * 5, (40, 1))
    _, files = run(Job("c", picture(alpha=alpha, icc_profile=b"profile"), "a"), settings)
    restored = Image.open(io.BytesIO(files["a-restored.png"]))
    assert (np.asarray(restored)[..., 3] == alpha).all()
    assert restored.info["icc_profile"] == b"profile"
    deep = picture().pixels.astype(np.uint16) * 257
    _, files = run(Job("c", picture(pixels=deep), "a"), settings)
    assert files["a-restored.png"][24] == 16  # bit depth in the header


@pytest.mark.parametrize(
    ("job", "changes", "said"),
    [
        (Job("c", picture(15, 40), "a", 3), {}, "too small to restore, 40 × 15 pixels"),
        (Job("c", picture(1, 1), "a", 8), {}, "too small to restore, 1 × 1 pixels"),
        (
            Job("c", picture(40, 50), "a", 3),
            {"max_pixels": 17_999},
            "enlarged 3× the picture would have 18,000 pixels, and at most 17,999",
        ),
        (Job("c", picture(pixels=np.full((40, 50, 3), 7, np.uint8)), "a"), {}, "is flat"),
        (
            Job("c", picture(alpha=np.tile(np.uint8([0] * 49 + [255]), (40, 1))), "a"),
            {},
            "is flat",  # all of its detail hides under full transparency
        ),
        (
            Job("c", picture(), "a"),
            {"weights": Path("/nowhere/w.safetensors")},
            "no such file; pass",
        ),
    ],
)
def test_what_cannot_be_restored_is_skipped_with_the_reason(
    settings: Settings, job: Job, changes: dict[str, object], said: str
) -> None:
    result, files = run(job, replace(settings, **changes))
    assert result.status == "skipped"
    assert result.reason is not None and said in result.reason and "\n" not in result.reason
    assert files == {} and result.evidence == () and result.artefacts == ()


def test_just_enough_pixels_are_enough(settings: Settings) -> None:
    result, _ = run(Job("c", picture(40, 50), "a", 3), replace(settings, max_pixels=18_000))
    assert result.status == "ran"


def test_broken_weights_fail(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"rubbish")
    broken = replace(settings, weights=tmp_path / "w.safetensors")
    result, files = run(Job("c", picture(), "a"), broken)
    assert result.status == "failed" and not files
    assert "w.safetensors" in str(result.reason)
