from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from agent.answer.evidence import statements
from agent.imaging.picture import Picture
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.restoration import ablation
from agent.systems.restoration.network import MIMOUNet
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.systems.text.tool import Lines
from agent.types import Evidence, RunResult

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A tiny network that changes little, as a trained one does."""
    torch.manual_seed(0)
    net = MIMOUNet(1)
    with torch.no_grad():
        net.feat_extract[5].main[0].weight.mul_(0.3)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_file(net.state_dict(), path)
    return Settings(weights=path)


@pytest.fixture(autouse=True)
def no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "why_unavailable", lambda: "too slow for a test")


def stripes(height: int = 72, width: int = 70) -> Picture:
    line = np.where(np.arange(width) // 12 % 2, 220, 40).astype(np.uint8)
    return Picture("shot.png", np.repeat(np.repeat(line[None, :, None], height, 0), 3, 2))


def run(job: Job, settings: Settings) -> tuple[RunResult, dict[str, bytes]]:
    return run_tool(TOOLS["ablate"], job, settings, lambda line: None)


@pytest.mark.slow
def test_each_mechanism_is_ablated_and_measured(settings: Settings) -> None:
    lines: list[str] = []
    picture = stripes()
    job = Job("mimo-unet-plus", picture, "shot", 1, {"input": picture})
    result, files = run_tool(TOOLS["ablate"], job, settings, lines.append)
    assert (result.status, list(files)) == ("ran", ["shot-ablated.png"])
    found: dict[str, Evidence] = {
        item.id.removeprefix("shot.ablated-"): item for item in result.evidence
    }
    assert set(found) == {
        f"{mechanism}-{key}"
        for mechanism in ("attention", "fusion", "residual")
        for key in ("width-ratio", "structure")
    }
    assert all("68 × 72 px" in item.measured_on for item in found.values())  # 70 cut to fours
    # Without the residual head the input comes out, whose edges are as steep as can be.
    assert found["residual-width-ratio"].value <= 1
    assert found["attention-structure"].value != found["fusion-structure"].value
    assert any("about" in line and "s left" in line for line in lines)
    said = " ".join(s.text for s in statements([result]))
    assert "without its residual head" in said and "without the coarser branches" in said
    again, _ = run(job, settings)
    assert again.evidence == result.evidence


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ({}, "not restored, so there is nothing to compare with"),
        ({"input": stripes(72, 20)}, "smaller than 64 pixels a side"),
    ],
)
def test_what_cannot_be_looked_at_is_skipped(
    versions: dict[str, Picture], said: str, settings: Settings
) -> None:
    result, files = run(Job("c", stripes(), "shot", 1, versions), settings)
    assert result.status == "skipped" and said in str(result.reason) and files == {}


def test_a_picture_without_edges_has_no_widths(settings: Settings) -> None:
    noise = np.random.default_rng(0).integers(126, 130, (64, 64, 3), np.uint8)
    picture = Picture("shot.png", noise)
    result, _ = run(Job("c", picture, "shot", 1, {"input": picture}), settings)
    assert {item.id.rpartition("-")[2] for item in result.evidence} == {"structure"}


@pytest.mark.parametrize(("length", "measured"), [(3, False), (25, True)])
def test_a_few_letters_read_in_a_texture_are_no_text(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, length: int, measured: bool
) -> None:
    line = SimpleNamespace(readings=[SimpleNamespace(text="x" * length)] * 4)
    monkeypatch.setattr(ablation, "why_unavailable", lambda: None)
    monkeypatch.setattr(ablation, "LineReader", lambda: None)
    monkeypatch.setattr(ablation, "find_and_read", lambda reader, versions: Lines([line], []))
    result, _ = run(Job("c", stripes(), "shot", 1, {"input": stripes()}), settings)
    shares = [item.value for item in result.evidence if item.id.endswith("-text")]
    assert shares == ([100.0] * 3 if measured else [])
