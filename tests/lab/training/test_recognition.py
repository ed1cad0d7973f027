from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from agent.errors import InputError
from agent.lab.training import recognition
from agent.lab.training.degradations import blurred, gaussian_kernel
from agent.lab.training.recognition import RecognitionLoss, lines

pytestmark = pytest.mark.usefixtures("one_thread")
MISSING = [name for name in ("rapidocr", "onnx2torch") if find_spec(name) is None]
needs_recogniser = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}")


def page(*texts: str, ink: str = "black", paper: str = "white", first: int = 12) -> np.ndarray:
    """A patch of 96 × 96 with a line of text every 32 pixels."""
    image = Image.new("RGB", (96, 96), paper)
    draw = ImageDraw.Draw(image)
    for i, text in enumerate(texts):
        draw.text((6, first + 32 * i), text, ink, ImageFont.load_default(18))
    return np.asarray(image)


def tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("#d4d4d4", "#1e1e1e")])
def test_lines_are_found_on_light_and_dark_paper(ink: str, paper: str) -> None:
    pixels = page("inland", "Harbour", ink=ink, paper=paper)
    found = list(lines(tensor(pixels)))
    assert len(found) == 2
    for line in found:
        box = pixels[line.top : line.bottom, line.left : line.right].astype(int)
        background = pixels[0, 0].astype(int)
        assert np.abs(box - background).max() > 150
        assert np.abs(box[[0, -1]] - background).max() == 0  # room above and below the letters
    outside = pixels.copy()
    for line in found:
        outside[line.top : line.bottom, line.left : line.right] = outside[0, 0]
    assert np.abs(outside.astype(int) - outside[0, 0]).max() <= 51  # of the ink, only its rim


def test_what_is_no_whole_line_is_left_out() -> None:
    assert not list(lines(torch.ones(3, 96, 96)))
    assert not list(lines(tensor(page("inland", first=-8))))  # cut off by the border above
    noise = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert not list(lines(noise))
    assert not list(lines(tensor(page("i"))))  # a letter is no line


@needs_recogniser
def test_the_recogniser_in_torch_is_that_of_rapidocr() -> None:
    from importlib.resources import files

    import onnxruntime

    (path,) = (files("rapidocr") / "models").glob("*_rec_*.onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    batch = torch.rand(2, 3, 48, 104, generator=torch.Generator().manual_seed(0)) * 2 - 1
    (wanted,) = session.run(None, {"x": batch.numpy()})
    with torch.no_grad(), pytest.warns(UserWarning):
        given = RecognitionLoss().recogniser(batch)
    np.testing.assert_allclose(given.numpy(), wanted, atol=1e-4)


@pytest.mark.slow
@needs_recogniser
def test_the_loss_rises_with_blur_and_reaches_the_output_alone() -> None:
    sharp = page("inland", "Harbour", "twelve")
    soft = [tensor(blurred(sharp, gaussian_kernel(sigma))) for sigma in (1.0, 2.0, 3.5)]
    wanted = tensor(sharp)[None]
    loss = RecognitionLoss()
    assert loss(wanted, wanted).item() == pytest.approx(0, abs=1e-6)
    missed = [loss(version[None], wanted).item() for version in soft]
    assert 0 < missed[0] < missed[1] < missed[2]

    output = soft[2][None].clone().requires_grad_()
    loss(output, wanted).backward()
    assert output.grad is not None and output.grad.isfinite().all() and output.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in loss.parameters())
    stepped = (output - 0.01 * output.grad.sign()).detach()
    assert loss(stepped, wanted).item() < missed[2]


@needs_recogniser
def test_a_batch_without_text_has_no_loss() -> None:
    blank, grey = torch.ones(2, 3, 32, 32), torch.full((2, 3, 32, 32), 0.5)
    assert RecognitionLoss()(grey, blank).item() == 0
    # Bars look like a line, but the recogniser sees no letters in them.
    bars = torch.ones(1, 3, 64, 96)
    bars[..., 20:40, 10:80] = 0
    assert list(lines(bars[0])) and RecognitionLoss()(bars * 0.5, bars).item() == 0


@needs_recogniser
def test_a_line_that_is_left_out_changes_nothing_for_the_others() -> None:
    bars = torch.ones(3, 96, 96)
    bars[..., 20:28, 2:94] = 0  # no letters, and wider at the height of reading than the text
    both = torch.stack([bars, tensor(page("inland"))])
    assert RecognitionLoss()(both, both).item() == pytest.approx(0, abs=1e-6)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = recognition.find_spec
    monkeypatch.setattr(recognition, "find_spec", lambda n: None if n == "onnx2torch" else real(n))
    with pytest.raises(InputError, match=r"needs onnx2torch.*groundglass\[train\]"):
        RecognitionLoss()
