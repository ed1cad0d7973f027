from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib.metadata import requires
from string import Formatter

import pytest

from agent.errors import ConfigError
from agent.question.lexicon import operations
from agent.question.words import words
from agent.systems.catalogue import (
    OPERATIONS,
    RESTORERS,
    TOOLS,
    VERDICT_TESTS,
    spec_of,
    tools_at,
    tools_for,
)
from agent.systems.spec import ToolSpec
from agent.types import RunResult

EACH = pytest.mark.parametrize("spec", TOOLS.values(), ids=TOOLS.keys())


@EACH
def test_a_spec_is_complete(spec: ToolSpec) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.key) and spec.title and spec.title[0].isupper()
    assert spec.purpose.endswith(".") and spec.purpose[0].isupper()
    assert spec.level in ("core", "full")
    runs = spec.operations or spec.part_of or spec.for_choice
    assert runs, "nobody can ask for it, and it belongs to no tool"
    assert spec.packages, "a result depends on the versions of something"
    assert all(limit.endswith(".") for limit in spec.limits)


@EACH
def test_a_tool_can_be_loaded_and_takes_a_job(spec: ToolSpec) -> None:
    assert list(inspect.signature(spec.load()).parameters)[-3:] == ["job", "settings", "progress"]


@EACH
def test_a_tool_says_nothing_of_a_run_without_evidence(spec: ToolSpec) -> None:
    run = RunResult(card="card", tool=spec.key, image="a.png", status="ran")
    assert list(spec.wording(run, {})) == []
    assert spec.reads_out is None or list(spec.reads_out(run, {})) == []


@EACH
def test_a_tool_runs_after_those_that_it_needs(spec: ToolSpec) -> None:
    order = list(TOOLS)
    for other in RESTORERS if not spec.restores else ():
        assert order.index(other) < order.index(spec.key), "it compares what restorers made"
    if spec.part_of:
        assert order.index(spec.part_of) < order.index(spec.key)


@EACH
def test_a_restorer_has_a_network_with_a_name(spec: ToolSpec) -> None:
    assert (spec.network is not None) == spec.restores
    assert spec.network is None or (spec.network in spec.title and spec.network in spec.purpose)


@EACH
def test_the_packages_of_a_tool_are_declared(spec: ToolSpec) -> None:
    declared = {re.split(r"[^\w-]", line)[0].casefold() for line in requires("groundglass") or ()}
    assert set(spec.packages) <= declared


@EACH
def test_a_node_of_a_tool_takes_a_picture_and_gives_something(spec: ToolSpec) -> None:
    assert any(port.type == "picture" and port.required for port in spec.takes) and spec.gives


@pytest.mark.parametrize("key", OPERATIONS)
def test_an_operation_can_be_asked_for_and_told_back(key: str) -> None:
    operation = OPERATIONS[key]
    fields = {name for _, name, _, _ in Formatter().parse(operation.done) if name}
    assert "subject" in fields and fields <= {"subject", "factor"}
    assert operation.hint and operation.task
    simple = [t.strip() for t in operation.asked_with.split(",") if "*" not in t and ".." not in t]
    assert simple
    for trigger in simple:
        assert key in {found for found, _, _ in operations(words(trigger))}, trigger


def test_a_key_stands_for_one_operation_and_a_name_for_one_test() -> None:
    operations = {op for spec in TOOLS.values() for op in spec.operations}
    tests = {item for spec in TOOLS.values() for item in spec.tests.items()}
    assert len(operations) == len(OPERATIONS) and len(tests) == len(VERDICT_TESTS)


def test_levels_grow_and_a_card_brings_what_looks_into_its_tool() -> None:
    assert tools_at("none") == ()
    assert set(tools_at("core")) < set(tools_at("full")) == set(TOOLS)
    assert tools_for("restore") == ("restore", "ablate")
    assert tools_for("read_text") == ("read_text",) and tools_for(None) == ()


def test_an_unknown_tool_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no tool 'os:system'; expected one of .*'restore'"):
        spec_of("os:system")


def test_the_catalogue_and_the_run_step_cost_no_import_of_torch_or_pillow() -> None:
    program = (
        "import sys, agent.systems.catalogue, agent.systems.run;"
        "print([m for m in ('torch', 'PIL', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
