"""A workflow that a person edited: every mistake is told with its place and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.systems.workflow.document import (
    kinds,
    order,
    problems_of,
    read_workflow,
    workflow_schema,
)
from agent.systems.workflow.draft import draft
from agent.types import Workflow


def plain() -> dict[str, Any]:
    """input → enlarge → restore → measure → output."""
    made = draft((), ["restore"], 3, "Net")
    assert made is not None
    return made.model_dump(mode="json")


def refusal(tmp_path: Path, data: object) -> str:
    path = tmp_path / "workflow.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    with pytest.raises(InputError) as caught:
        read_workflow(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return "\n".join(lines)


def node(data: dict[str, Any], id: str) -> dict[str, Any]:
    return next(node for node in data["nodes"] if node["id"] == id)


def test_a_drafted_workflow_can_be_read_and_has_an_order(tmp_path: Path) -> None:
    for tools, factor in ((["restore"], 1), (["restore"], 4), (list(kinds())[5:], 1)):
        made = draft((), tools, factor, "t")
        if made is None:
            continue
        path = tmp_path / "w.json"
        path.write_text(made.model_dump_json())
        assert read_workflow(path) == made
        ids = [node.id for node in order(made)]
        for edge in made.edges:
            assert ids.index(edge.source.split(".")[0]) < ids.index(edge.target.split(".")[0])
    assert draft((), ["not-a-tool"], 1, "t") is None


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("nodes", 1, "kind"), "enlarg", "there is no kind 'enlarg'; did you mean enlarge?"),
        (("nodes", 1, "kind"), "os:system", "there is no kind 'os:system'; expected one of input"),
        (("nodes", 1, "id"), "input", "another node has this id"),
        (("nodes", 1, "id"), "../x", "the id '../x' cannot be used"),
        (("nodes", 1, "parameters"), {"factor": 9}, "parameter factor: Input should be less"),
        (("nodes", 1, "parameters"), {"factor": "x"}, "parameter factor: Input should be a valid"),
        (("nodes", 1, "parameters"), {"facto": 2}, "parameter facto: .*did you mean factor?"),
        (("nodes", 0, "parameters"), {"factor": 2}, "expected none"),
        (("edges", 0, "source"), "inputs.picture", "no node 'inputs'; did you mean input?"),
        (("edges", 0, "source"), "input", "expected NODE.PORT"),
        (("edges", 0, "source"), "input.image", "the kind input gives no 'image'; expected one of"),
        (("edges", 0, "source"), "output.pictures", "the kind output gives no 'pictures'"),
        (("edges", 0, "source"), "measure.evidence", "joins evidence to picture"),
        (("edges", 0, "target"), "restore.picture", "nothing arrives at enlarge.picture"),
        (("edges", 1, "target"), "enlarge.picture", "another edge ends there already"),
        (("edges", 0, "source"), "restore.picture", "circle, .*enlarge → restore"),
        (("format",), "groundglass-workflow-2", "format: Input should be 'groundglass-workflow-1'"),
        (("nodes",), [], "there is no node 'input'; expected none"),
        (("extra",), 1, "extra: Extra inputs are not permitted"),
        (("nodes", 1, "code"), "x", "nodes.1.code: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(tmp_path: Path, path: tuple, value: object, said: str) -> None:
    data: Any = plain()
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert re.search(said.replace("?", r"\?"), refusal(tmp_path, data))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    data = plain()
    node(data, "enlarge")["parameters"]["factor"] = 0
    data["edges"][1]["target"] = "restore.pictures"
    told = refusal(tmp_path, data)
    assert "factor" in told and "restore takes no 'pictures'" in told


@pytest.mark.parametrize("kind", ["input", "output"])
def test_a_workflow_needs_an_input_and_an_output(tmp_path: Path, kind: str) -> None:
    data = plain()
    data["nodes"] = [n for n in data["nodes"] if n["kind"] != kind]
    data["edges"] = [
        e for e in data["edges"] if kind not in (e["source"] + e["target"]).split(".")[0]
    ]
    data["edges"] = (
        [] if kind == "input" else [e for e in data["edges"] if "output" not in e["target"]]
    )
    if kind == "input":
        data["nodes"] = [{"id": "output", "kind": "output"}]
    assert f"there is no {kind}" in refusal(tmp_path, data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not valid JSON"),
        ("[1", "is not valid JSON"),
        ("[" * 100_000, "is not valid JSON"),
        ('{"nodes": [], "nodes": []}', "'nodes' is there twice"),
        ("[]", "valid dictionary"),
        (" " * 1_000_001, "larger than"),
    ],
)
def test_what_is_no_workflow_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_too_many_nodes_are_refused() -> None:
    nodes = [{"id": f"n{i}", "kind": "input"} for i in range(200)]
    made = Workflow.model_validate({"nodes": nodes, "edges": []})
    assert list(problems_of(made)) == ["nodes: 200 of them; expected at most 100"]


words = st.sampled_from([*kinds(), "x", "", "input.picture", "restore.picture", "output.pictures"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(words, words), max_size=6), st.lists(st.tuples(words, words), max_size=8))
def test_whatever_is_written_is_checked_to_the_end(
    nodes: list[tuple[str, str]], edges: list[tuple[str, str]]
) -> None:
    made = Workflow.model_validate({
        "nodes": [{"id": id, "kind": kind} for id, kind in nodes],
        "edges": [{"source": source, "target": target} for source, target in edges],
    })  # fmt: skip
    if not list(problems_of(made)):
        assert {node.id for node in order(made)} == {node.id for node in made.nodes}


def test_the_schema_has_a_form_for_every_kind() -> None:
    schema = workflow_schema()
    forms = schema["$defs"]["Node"]["oneOf"]
    assert [form["properties"]["kind"]["const"] for form in forms] == list(kinds())
    enlarge = next(f for f in forms if f["properties"]["kind"]["const"] == "enlarge")
    factor = enlarge["properties"]["parameters"]["properties"]["factor"]
    assert (factor["minimum"], factor["maximum"], factor["type"]) == (1, 8, "integer")
    json.dumps(schema)
