"""The tool on pictures whose answer is known: the same picture twice, and two that differ."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from agent.answer.evidence import statements
from agent.imaging.picture import Picture
from agent.settings import Settings
from agent.systems import encoders
from agent.systems.catalogue import TOOLS
from agent.systems.encoders import Encoder
from agent.systems.rsa import tool as representations
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.types import RunResult

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread", "tiny")]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Conv2d(4, 4, 3, 2), nn.ReLU())
    plain = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    made = Encoder("tiny", net.eval(), 32, *plain, "made here", "0" * 64, "none")
    monkeypatch.setattr(encoders, "load_encoder", lambda: made)


def photo(seed: int = 0, height: int = 120, width: int = 160) -> Picture:
    small = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    pixels = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    return Picture("shot.png", np.asarray(pixels))


def job(versions: Mapping[str, Picture]) -> Job:
    return Job("saliency-semantic-rsa", photo(), "shot", 1, versions)


def run(made: Job) -> tuple[RunResult, dict[str, bytes]]:
    return run_tool(TOOLS["compare_representations"], made, Settings(), lambda line: None)


def found(result: RunResult) -> dict[str, float]:
    return {item.id.removeprefix("shot.rsa-"): item.value for item in result.evidence}


def test_a_picture_keeps_its_own_geometry() -> None:
    result, files = run(job({"input": photo(), "restored": photo()}))
    assert (result.status, result.reason) == ("ran", None)
    values = found(result)
    assert values["geometry-mean"] == 1
    assert values["geometry-lowest-low"] == 1
    assert values["geometry-reference"] < 1
    assert values["saliency-late-input"] == values["saliency-late-restored"]
    assert values["saliency-maps"] == pytest.approx(1)
    assert set(files) == {"shot-rsa.png", "shot-saliency.png"}
    for artefact in result.artefacts:
        assert hashlib.sha256(files[artefact.name]).hexdigest() == artefact.sha256
        assert Image.open(io.BytesIO(files[artefact.name])).width > 500
    texts = " ".join(s.text for s in statements([result]))
    assert "the same relations between its parts" in texts
    assert "left that as it was" in texts


def test_another_picture_does_not() -> None:
    result, _ = run(job({"enlarged": photo(), "restored": photo(seed=1)}))
    values = found(result)
    assert values["geometry-mean"] < 0.5
    assert values["geometry-lowest"] <= values["geometry-mean"]
    (geometry, _) = statements([result])
    assert "restoration changed how its parts relate" in geometry.text
    assert set(geometry.evidence) <= {item.id for item in result.evidence}


def test_every_number_of_a_sentence_is_evidence() -> None:
    result, _ = run(job({"enlarged": photo(), "restored": photo(seed=1)}))
    by_id = {item.id: item for item in result.evidence}
    for statement in statements([result]):
        for id in statement.evidence:
            assert f"{by_id[id].value:g}" in statement.text


def test_the_same_picture_gives_the_same_numbers() -> None:
    versions = {"enlarged": photo(), "restored": photo(seed=1)}
    first, second = run(job(versions)), run(job(versions))
    assert first[0].evidence == second[0].evidence
    assert first[1] == second[1]


@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        ({}, "was not restored"),
        ({"input": photo()}, "was not restored"),
        ({"input": photo(0, 90, 300), "restored": photo(0, 90, 300)}, "300 × 90 pixels"),
    ],
)
def test_what_it_cannot_take_is_skipped_before_anything_loads(
    versions: dict[str, Picture], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "load_encoder", lambda: pytest.fail("was loaded"))
    result, files = run(job(versions))
    assert result.status == "skipped"
    assert reason in str(result.reason)
    assert not result.evidence
    assert not files


def test_a_picture_that_is_nearly_empty_is_skipped() -> None:
    page = np.full((200, 200, 3), 255, np.uint8)
    page[:60, :60] = photo().pixels[:60, :60]
    blank = Picture("page.png", page)
    result, _ = run(job({"input": blank, "restored": blank}))
    assert result.status == "skipped"
    assert "parts of the picture hold any detail" in str(result.reason)


def test_a_run_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "BUDGET_SECONDS", 0.0)
    result, _ = run(job({"input": photo(), "restored": photo()}))
    assert result.status == "failed" and "longer than 0 s" in str(result.reason)


def test_without_its_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.systems.rsa.find_spec", lambda name: None)
    result, _ = run(job({"input": photo(), "restored": photo()}))
    assert result.status == "skipped"
    assert "pip install 'groundglass[vision]'" in str(result.reason)
