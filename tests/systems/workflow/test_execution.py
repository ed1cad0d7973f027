"""Workflows run on real pictures with a real, tiny network."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from agent import Agent, Question
from agent.cli import main
from agent.errors import InputError
from agent.report.folder import write
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.spec import ToolOutput, ToolSpec
from agent.systems.workflow.draft import draft
from agent.systems.workflow.execution import WorkflowResult, run_workflow
from agent.types import Artefact, Workflow

pytestmark = pytest.mark.usefixtures("one_thread")


def workflow(factor: int = 2, **changes: Any) -> Workflow:
    made = draft((), ["restore"], factor, "t")
    assert made is not None
    data = made.model_dump(mode="json")
    for id, parameters in changes.items():
        next(node for node in data["nodes"] if node["id"] == id)["parameters"] = parameters
    return Workflow.model_validate(data)


def statuses(result: WorkflowResult) -> dict[str, str]:
    return {run.node: run.result.status for run in result.runs}


@pytest.mark.slow
def test_the_workflow_of_an_answer_gives_what_the_answer_had(weights: Path, picture: Path) -> None:
    settings = Settings(weights=weights)
    report = Agent(settings).ask(
        Question(text="Why is text sharp after MIMO-UNet+ enlarged it 2x?", images=(picture,))
    )
    assert report.workflow is not None
    result = run_workflow(report.workflow, [picture], settings)
    assert set(statuses(result).values()) == {"ran"}
    measured = {e.id.rpartition(".")[2]: e.value for e in result.evidence}
    ran = next(run for run in report.runs if run.tool == "restore")
    for item in ran.evidence:
        key = item.id.rpartition(".")[2]
        assert measured[key] == item.value, key
    assert result.pictures["shot-restore.png"] == report.pictures["shot-restored.png"]
    digest = ran.provenance.weights_sha256
    restored = next(run for run in result.runs if run.node == "restore")
    assert restored.result.provenance.weights_sha256 == digest


def test_an_edited_factor_is_what_runs(weights: Path, picture: Path) -> None:
    result = run_workflow(workflow(enlarge={"factor": 3}), [picture], Settings(weights=weights))
    restored = Image.open(io.BytesIO(result.pictures["shot-restore.png"]))
    assert restored.size == (120, 96)


def test_weights_are_from_the_folder_of_the_document(weights: Path, picture: Path) -> None:
    made = workflow(1, restore={"weights": weights.name})
    result = run_workflow(made, [picture], Settings(weights=Path("/none")), weights.parent)
    assert set(statuses(result).values()) == {"ran"}


def test_a_failure_takes_with_it_only_what_rests_on_it(picture: Path) -> None:
    result = run_workflow(workflow(), [picture], Settings(weights=Path("/none.safetensors")))
    assert statuses(result) == {
        "input": "ran", "enlarge": "ran", "restore": "failed", "measure": "skipped",
        "output": "ran",
    }  # fmt: skip
    reasons = {run.node: run.result.reason for run in result.runs}
    assert "/none.safetensors" in (reasons["restore"] or "")
    assert reasons["measure"] == "restore did not run"
    assert list(result.pictures) == ["shot-enlarge.png"] and result.evidence == ()
    assert not result.ran


def test_pictures_of_other_sizes_are_not_measured(weights: Path, picture: Path) -> None:
    data = workflow().model_dump(mode="json")
    for edge in data["edges"]:
        if edge["target"] == "measure.before":
            edge["source"] = "input.picture"
    result = run_workflow(Workflow.model_validate(data), [picture], Settings(weights=weights))
    (measure,) = [run for run in result.runs if run.node == "measure"]
    assert measure.result.status == "failed"
    assert "40 × 32 and 80 × 64" in (measure.result.reason or "")


def test_an_enlargement_beyond_the_limit_is_refused(weights: Path, picture: Path) -> None:
    settings = Settings(weights=weights, max_pixels=40 * 32 * 4 - 1)
    assert statuses(run_workflow(workflow(), [picture], settings))["enlarge"] == "failed"


def test_pictures_and_inputs_must_be_as_many(picture: Path) -> None:
    with pytest.raises(InputError, match="takes 1 pictures, got 2"):
        run_workflow(workflow(), [picture, picture], Settings())


def test_a_tool_gets_the_picture_before_and_after(
    weights: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = []

    def tool(job, settings, progress):  # type: ignore[no-untyped-def]
        jobs.append(job)
        look = Artefact(name=f"{job.stem}-look.png", caption="look", sha256="0")
        return ToolOutput((), [(look, b"png")])

    from agent.systems.workflow import document

    spec = replace(TOOLS["read_text"], key="looker", entry="nowhere:nothing", packages=())
    monkeypatch.setitem(cast(dict[str, ToolSpec], TOOLS), "looker", spec)
    load = ToolSpec.load
    monkeypatch.setattr(ToolSpec, "load", lambda s: tool if s.key == "looker" else load(s))
    document.kinds.cache_clear()
    try:
        made = draft((), ["restore", "looker"], 2, "t")
        assert made is not None
        result = run_workflow(made, [picture], Settings(weights=weights))
    finally:
        monkeypatch.undo()
        document.kinds.cache_clear()
    (job,) = jobs
    assert (job.picture.width, job.factor) == (40, 2)
    assert {k: v.width for k, v in job.versions.items()} == {"enlarged": 80, "restored": 80}
    assert np.array_equal(job.versions["enlarged"].pixels, job.versions["restored"].pixels)
    assert result.pictures["shot-looker-look.png"] == b"png"


@pytest.mark.slow
def test_the_command_runs_what_a_report_was_saved_with(
    weights: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    report = Agent(Settings()).ask(Question(text="How does MIMO-UNet+ deblur?", upscale=2))
    write(report, tmp_path / "report")
    document = tmp_path / "report" / "workflow.json"
    common = ("--weights", str(weights), "-q")
    asked = ("run", str(document), "-i", str(picture), "-o", str(tmp_path / "out"), *common)
    assert main(asked) == 0
    saved = json.loads((tmp_path / "out" / "result.json").read_text())
    assert {item["name"] for item in saved["artefacts"]} <= set(
        path.name for path in (tmp_path / "out").iterdir()
    )
    assert main(asked) == 2  # the folder is there already
    assert main(("run", str(document), "--check")) == 0
    assert main(("run", str(document))) == 2
    capsys.readouterr()
    twice = ("run", str(document), "-i", str(picture), "-i", str(picture), "--json", *common)
    assert main(twice) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert main(("run", str(document), "-i", str(picture), "--weights", "/none", "-q")) == 1


def test_a_report_without_a_workflow_takes_that_of_the_last_one_away(tmp_path: Path) -> None:
    agent = Agent(Settings())
    write(agent.ask(Question(text="How does MIMO-UNet+ deblur?")), tmp_path / "report")
    assert (tmp_path / "report" / "workflow.json").exists()
    write(agent.ask(Question(text="What is the capital of Brazil?")), tmp_path / "report")
    assert not (tmp_path / "report" / "workflow.json").exists()
