"""A second restorer is a folder, a line in the catalogue and a card; nothing else learns of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import agent

_SPEC = """
from agent.systems.restoration.spec import restoring_tool

CRISP = restoring_tool(
    key="crisp",
    network="CrispNet",
    restorer="agent.systems.crisp.restorer:CrispNet",
    limits=("CrispNet has three weights.",),
)
"""

_RESTORER = '''
import numpy as np
import torch

from agent.systems.restoration.enlarging import enlarge_and_restore


class CrispNet:
    """A convolution that sharpens."""

    name, sha256, device, arithmetic = "CrispNet", None, "cpu", ("float32",)
    scale, notes = 1, ()
    licences = ("CrispNet: a licence of its own",)

    def __init__(self, settings):
        self.net = torch.nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect", groups=3, bias=False)
        kernel = torch.tensor([[0.0, -0.5, 0.0], [-0.5, 3.0, -0.5], [0.0, -0.5, 0.0]])
        self.net.weight.data[:] = kernel

    def enlarge_and_restore(self, picture, factor, progress):
        return enlarge_and_restore(picture, factor, self._restored)

    def _restored(self, pixels):
        white = np.iinfo(pixels.dtype).max
        x = torch.from_numpy(pixels.astype(np.float32) / white).permute(2, 0, 1)[None]
        with torch.inference_mode():
            y = self.net(x)[0].permute(1, 2, 0).clamp(0, 1).numpy()
        return np.floor(y * white + 0.5).astype(pixels.dtype)
'''

_CARDS = """
models:
  - id: crisp
    name: CrispNet
    task: single-image sharpening
    summary: CrispNet is a small network that makes the edges of a picture steeper.
    links: {paper: "https://example.org/crisp"}
    tool: crisp
    related: [mimo]
    claims:
      - id: steeper
        text: CrispNet adds the second derivative to a picture, so that its edges rise faster.
        source: paper, section 1
        tags: [edges, sharpness]
        test: edges-narrow
  - id: mimo
    name: Deblur-MIMO-UNet-Plus
    task: single-image deblurring
    summary: Deblur-MIMO-UNet-Plus makes one blurred picture sharp again.
    aliases: [MIMO-UNet+]
    links: {paper: "https://example.org/mimo"}
    tool: restore
"""

_ASK = """
import json, sys
from pathlib import Path
import agent
from agent import Agent, Question, Settings

settings = Settings(registry=Path("cards.yaml"), evidence="full")
question = Question(text=sys.argv[1], images=(Path(sys.argv[2]),), upscale=2)
report = Agent(settings).ask(question)
print(json.dumps({
    "package": agent.__file__,
    "report": json.loads(report.model_dump_json()),
    "passed": report.verification.passed,
}))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with the program, to which the second restorer was added."""
    folder, source = tmp_path / "program", Path(agent.__file__).parent
    shutil.copytree(
        source, folder / "agent", ignore=shutil.ignore_patterns("weights", "__pycache__")
    )
    (folder / "agent/systems/weights").symlink_to(source / "systems/weights")
    package = folder / "agent/systems/crisp"
    package.mkdir()
    for name, text in (("__init__", ""), ("spec", _SPEC), ("restorer", _RESTORER)):
        (package / f"{name}.py").write_text(text)
    catalogue = folder / "agent/systems/catalogue.py"
    text = catalogue.read_text()
    assert text.count("for spec in (RESTORE,") == 1
    text = text.replace("for spec in (RESTORE,", "for spec in (RESTORE, CRISP,")
    line = "from agent.systems.features.spec import"
    text = text.replace(line, f"from agent.systems.crisp.spec import CRISP\n{line}")
    catalogue.write_text(text)
    (folder / "cards.yaml").write_text(_CARDS)
    return folder


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """A picture with edges that are long enough to be measured."""
    line = np.where(np.arange(96) // 24 % 2, 220, 40).astype(np.uint8)
    path = tmp_path / "bars.png"
    Image.fromarray(np.repeat(line[None], 60, 0)).convert("RGB").save(path)
    return path


def ask(program: Path, question: str, picture: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", _ASK, question, str(picture)]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert Path(told["package"]).is_relative_to(program)
    return told


@pytest.mark.slow
def test_an_answer_tells_of_the_network_that_ran_and_of_no_other(program: Path, bars: Path) -> None:
    told = ask(program, "Why does CrispNet make edges sharp when I enlarge a picture?", bars)
    report = told["report"]
    (run,) = report["runs"]  # neither the other restorer nor what looks into it
    assert (run["card"], run["tool"], run["status"]) == ("crisp", "crisp", "ran"), run["reason"]
    assert run["evidence"] and run["provenance"]["licences"] == ["CrispNet: a licence of its own"]
    assert "bars.png, restored by CrispNet" in [item["caption"] for item in run["artefacts"]]
    assert "CrispNet has three weights." in report["answer"]["limits"]
    (judged,) = {
        statement["verdict"]["evidence"][0]
        for statement in report["answer"]["statements"]
        if "crisp/steeper" in statement["claims"]
    }
    assert judged == "bars.edge-width-ratio-across"  # bars have no edges from top to bottom
    kinds = [node["kind"] for node in report["workflow"]["nodes"]]
    assert kinds == ["input", "enlarge", "crisp", "measure", "output"]
    assert told["passed"]
    said = [s for s in report["answer"]["statements"] if s["section"] in ("evidence", "limits")]
    assert said
    for part in (run, said, report["answer"]["limits"], report["workflow"]):
        assert "MIMO" not in json.dumps(part)
