"""An answer tells of the network in the file that ran, and passes it off as no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent import Agent, Question, Settings
from agent.systems.model_files.spec import MODEL_FILE
from agent.systems.run import Bench, Request, run_level
from agent.systems.workflow.execution import run_workflow
from agent.types import Card, Evidence, Licence, Match, Report, RunResult

pytestmark = pytest.mark.usefixtures("one_thread")

Compact = Callable[..., Path]
NETWORK = "a network of architecture RealESRGAN Compact, not in the registry"
CARDS = """
models:
  - id: mimo
    name: Deblur-MIMO-UNet-Plus
    task: single-image deblurring
    summary: Deblur-MIMO-UNet-Plus makes one blurred picture sharp again.
    aliases: [MIMO-UNet+]
    links: {paper: "https://example.org/mimo"}
    tool: restore
    claims:
      - id: steeper
        text: Deblur-MIMO-UNet-Plus makes the edges of a picture rise faster.
        source: paper, section 1
        tags: [edges, sharpness]
        test: edges-narrow
"""


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """A picture with edges that are long enough to be measured."""
    line = np.where(np.arange(48) // 12 % 2, 220, 40).astype(np.uint8)
    path = tmp_path / "bars.png"
    Image.fromarray(np.repeat(line[None], 40, 0)).convert("RGB").save(path)
    return path


@pytest.fixture
def report(compact: Compact, bars: Path, tmp_path: Path) -> Report:
    (tmp_path / "cards.yaml").write_text(CARDS)
    settings = Settings(
        registry=tmp_path / "cards.yaml", weights=compact(4, name="4x.pth"), evidence="full"
    )
    text = "Why does MIMO-UNet+ make edges sharp when I enlarge a picture?"
    return Agent(settings).ask(Question(text=text, images=(bars,), upscale=3))


def test_an_answer_names_the_network_that_ran_and_attributes_nothing_to_another(
    report: Report,
) -> None:
    ran, looked_into = report.runs
    assert (ran.card, ran.tool, ran.status) == ("", "model_file", "ran"), ran.reason
    assert (looked_into.tool, looked_into.status) == ("ablate", "skipped")
    assert looked_into.reason == "the weights are not those of MIMO-UNet+"
    captions = [item.caption for item in ran.artefacts]
    assert f"bars.png, restored by {NETWORK}; the network enlarges 4 times" in captions[1]
    assert "what the network was given" not in captions[0]
    assert ran.provenance.licences[1] == "weights in 4x.pth: licence not known"
    said = [s for s in report.answer.statements if s.evidence]
    assert any(f"what ran is {NETWORK}" in s.text for s in said)
    assert any("reduced from 4 to 3 times the size" in s.text for s in said)
    assert not any(s.claims for s in said)
    for part in (*(s.text for s in said), ran.model_dump_json()):
        assert "MIMO" not in part
    explained = [s for s in report.answer.statements if "mimo/steeper" in s.claims]
    assert explained and all(s.verdict and s.verdict.outcome == "untested" for s in explained)
    assert any(
        "what this answer says about any other network was not" in x for x in report.answer.limits
    )
    assert report.verification.passed, report.verification


def test_its_workflow_gives_the_same_result_again(
    report: Report, bars: Path, tmp_path: Path
) -> None:
    assert report.workflow is not None
    nodes = {node.kind: node.parameters for node in report.workflow.nodes}
    assert list(nodes) == ["input", "enlarge", "model_file", "measure", "output"]
    assert nodes["model_file"]["factor"] == 3
    settings = Settings(weights=tmp_path / "4x.pth")
    again = run_workflow(report.workflow, [bars], settings, tmp_path)
    assert again.ran, [run.result.reason for run in again.runs]
    values = {e.id.rpartition(".")[2]: e.value for e in report.runs[0].evidence}
    for item in again.evidence:
        assert values[item.id.rpartition(".")[2]] == item.value
    assert "MIMO" not in json.dumps([a.caption for a in again.artefacts])


@pytest.mark.parametrize("card", ["", "sharp"])
def test_a_question_about_the_picture_is_told_which_network_it_was(card: str) -> None:
    own = Evidence(
        id="a.network-scale", quantity=f"enlargement by {NETWORK}", value=4, unit="×",
        measured_on="a.png, restored", method="m",
    )  # fmt: skip
    run = RunResult(card=card, tool="model_file", image="a.png", status="ran", evidence=(own,))
    for tag, worded in MODEL_FILE.about.items():
        first = next(worded(run, {"network-scale": own}))
        assert first.text == f"a.png was restored by {NETWORK}, which enlarges 4 times.", tag
        assert first.names_system == bool(card)


class Known:
    """A registry that knows a file."""

    def __init__(self, *cards: Card) -> None:
        self._by_id = {card.id: card for card in cards}

    def __getitem__(self, id: str) -> Card:
        return self._by_id[id]

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def cards(self) -> Iterator[Card]:
        return iter(self._by_id.values())


class FileCard(Card):
    sha256: tuple[str, ...] = ()


def known(weights: Path) -> Known:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    of_file = FileCard(
        id="sharp", name="UltraSharp", task="enlarging", summary="s", sha256=(digest,),
        links={"page": "https://a.example/p"}, licence=Licence(name="CC0"),
    )  # fmt: skip
    deblur = Card(
        id="deblur", name="Deblur", task="deblurring", summary="s", tool="restore",
        links={"page": "https://b.example/p"},
    )  # fmt: skip
    return Known(deblur, of_file)


@pytest.mark.parametrize("matched", ["deblur", "sharp"])
def test_a_file_that_the_registry_knows_runs_for_its_own_card(
    compact: Compact, bars: Path, matched: str
) -> None:
    weights = compact(2)
    cards = known(weights)
    bench = Bench([bars], Settings(weights=weights), cards=cards)
    match = Match(card=matched, score=1, margin=0, reasons=("r",))
    run_level(bench, "core", Request(Question(text="why?"), 2, [match], cards))
    (result,) = bench.results
    assert (result.card, result.tool, result.status) == ("sharp", "model_file", "ran")
    assert result.provenance.licences[1] == "weights of UltraSharp: CC0"
    assert result.evidence[0].quantity == "enlargement by UltraSharp"
    assert "bars.png, restored by UltraSharp" in [a.caption for a in result.artefacts]


def test_a_checkpoint_of_mimo_unet_keeps_its_own_tool(weights: Path, bars: Path) -> None:
    bench = Bench([bars], Settings(weights=weights), cards=known(weights))
    result = bench.run("deblur", "restore", "bars", 1)
    assert (result.card, result.tool, result.status) == ("deblur", "restore", "ran")


def test_what_is_wrong_with_a_file_is_the_reason(bars: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"rubbish")
    bench = Bench([bars], Settings(weights=tmp_path / "a.pth"))
    result = bench.run("deblur", "restore", "bars", 1)
    assert result.status == "failed" and "a.pth: " in str(result.reason)
