from __future__ import annotations

import subprocess
import sys

import pytest

from agent.errors import ConfigError
from agent.systems.catalogue import TOOLS, load


def test_every_tool_of_the_table_can_be_loaded() -> None:
    for key in TOOLS:
        assert callable(load(key))


def test_an_unknown_tool_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no tool 'os:system'; expected one of .*'restore'"):
        load("os:system")


def test_the_table_and_the_run_step_cost_no_import_of_torch_or_pillow() -> None:
    program = (
        "import sys, agent.systems.catalogue, agent.systems.run;"
        "print([m for m in ('torch', 'PIL', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
