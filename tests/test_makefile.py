"""What `make` installs, and which build of PyTorch, with stand-ins for Python, pip and the GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

REPOSITORY = Path(__file__).parents[1]
CPU_INDEX = "--index-url https://download.pytorch.org/whl/cpu"

#: Makes a virtual environment of stand-ins that note how they were called; else tells whether
#: an index can be reached.
PYTHON = """#!/bin/sh
for last; do :; done
case "$*" in
  *venv*) mkdir -p "$last/bin"; cp tool "$last/bin/pip"
          for name in groundglass pytest; do cp tool "$last/bin/$name"; done;;
  *urlopen*) exit {unreachable:d};;
esac
"""
TOOL = '#!/bin/sh\necho "$(basename "$0") $*" >> calls\n'
GPU = "#!/bin/sh\necho 'GPU 0: Test (UUID: GPU-0)'\n"
NO_GPU = "#!/bin/sh\nexit 9\n"

Make = Callable[..., tuple[list[str], str]]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Runs `make` on the Makefile; gives the calls that it made and what it said."""
    monkeypatch.delenv("MAKEFLAGS", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)

    def run(*arguments: str, gpu: bool = False, reachable: bool = False) -> tuple[list[str], str]:
        scripts = {
            "python3": PYTHON.format(unreachable=not reachable),
            "tool": TOOL,
            "nvidia-smi": GPU if gpu else NO_GPU,
        }
        for name, script in scripts.items():
            (tmp_path / name).write_text(script)
            (tmp_path / name).chmod(0o755)
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        command = ["make", "-f", str(REPOSITORY / "Makefile"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return (calls.read_text().splitlines() if calls.exists() else []), done.stdout

    return run


@pytest.mark.parametrize(
    ("gpu", "reachable", "arguments", "index", "said"),
    [
        (False, True, (), CPU_INDEX, "without CUDA"),
        (False, False, (), "", "out of reach"),
        (True, True, (), "", "with CUDA"),
        (True, True, ("TORCH_INDEX=https://example.org/x",), "--index-url https://example.org/x",
         "https://example.org/x"),
    ],
)  # fmt: skip
def test_pytorch_comes_without_cuda_unless_there_is_a_gpu(
    make: Make, gpu: bool, reachable: bool, arguments: tuple[str, ...], index: str, said: str
) -> None:
    calls, output = make("demo", *arguments, gpu=gpu, reachable=reachable)
    (torch,) = (call for call in calls if call.endswith(" torch"))
    assert torch.partition("constraints.txt")[2].removesuffix("torch").strip() == index
    (line,) = (line for line in output.splitlines() if line.startswith("Setting up"))
    assert said in line and "MB" in line


def test_the_demo_waits_for_nothing_that_only_tests_need(make: Make) -> None:
    calls, _ = make("demo")
    assert [call.split()[0] for call in calls] == ["pip", "pip", "groundglass"]
    assert calls[1].endswith("--editable .[ocr]")
    calls, output = make("demo")
    assert [call.split()[0] for call in calls] == ["groundglass"] and "MB" not in output
    calls, output = make("test")
    assert [call.split()[0] for call in calls] == ["pip", "pytest"] and "MB" in output
    assert calls[0].endswith("--editable .[dev,ocr]") and "not slow" in calls[1]


def test_all_tests_are_the_quick_and_the_slow_ones(make: Make) -> None:
    choices = {
        target: make(target)[0][-1].partition(" -m ")[2]
        for target in ("test", "test-slow", "test-all")
    }
    assert choices == {"test": "not slow", "test-slow": "slow", "test-all": ""}
