"""Telemetry of dependencies is off, whatever the environment says and whoever imports them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from agent import TELEMETRY_SWITCHES as SWITCHES
from agent.search.embedding import PACKAGE
from agent.systems.text import ocr

SOURCES = Path(__file__).parents[1] / "agent"


def test_importing_the_package_switches_everything_off_whatever_was_set():
    opposite = {name: "0" if value == "1" else "1" for name, value in SWITCHES.items()}
    program = "import agent, json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={**os.environ, **opposite},
    )  # fmt: skip
    assert json.loads(done.stdout).items() >= SWITCHES.items()


def test_the_users_own_tracing_is_left_alone():
    program = "import agent, os; print(os.environ['LANGSMITH_TRACING'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={**os.environ, "LANGSMITH_TRACING": "true"},
    )  # fmt: skip
    assert done.stdout == "true\n"


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(
            "from agent.search.embedding import Embedder, model_file\n"
            "Embedder(model_file()).embed(['a'])",
            id="search",
            marks=pytest.mark.skipif(find_spec(PACKAGE) is None, reason="no model"),
        ),
        pytest.param(
            "from agent.systems.text.ocr import LineReader\nLineReader()",
            id="text",
            marks=pytest.mark.skipif(ocr.why_unavailable() is not None, reason="no rapidocr"),
        ),
    ],
)
def test_every_way_to_onnxruntime_stops_its_events(load):
    program = (
        "import agent, onnxruntime\n"
        "calls = []\n"
        "onnxruntime.disable_telemetry_events = lambda: calls.append(1)\n"
        f"{load}\n"
        "print(len(calls))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 0


def test_onnxruntime_is_imported_in_one_place():
    importers = [
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name and name.partition(".")[0] == "onnxruntime"
    ]
    assert importers == ["systems/onnx_runtime.py"]
