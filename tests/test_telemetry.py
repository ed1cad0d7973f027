"""Telemetry of dependencies is off, whatever the environment says and whoever imports them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import onnxruntime
import pytest

from agent import TELEMETRY_SWITCHES as SWITCHES
from agent.search.embedding import PACKAGE, Embedder, model_file
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


def _search():
    Embedder(model_file()).embed(["a"])


def _read_text():
    ocr._engine.__wrapped__()


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(
            _search, marks=pytest.mark.skipif(find_spec(PACKAGE) is None, reason="no model")
        ),
        pytest.param(
            _read_text,
            marks=pytest.mark.skipif(ocr.why_unavailable() is not None, reason="no rapidocr"),
        ),
    ],
)
def test_every_way_to_onnxruntime_stops_its_events(load, monkeypatch):
    calls = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: calls.append(1))
    load()
    assert calls


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
