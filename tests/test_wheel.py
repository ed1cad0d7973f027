"""The wheel, installed into an environment of its own, works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(REPOSITORY)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a new environment with the wheel; what it needs comes from this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    site = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    # A path in a .pth file is taken as it is: the checkout that is installed there stays outside.
    (site / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    command = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--ignore-installed"]
    done = subprocess.run([*command, *options, str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "bin"


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(program), *arguments],
        capture_output=True, text=True, cwd=folder, env=environment, timeout=120,
    )  # fmt: skip


def test_the_wheel_holds_all_that_is_needed_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (REPOSITORY / "agent").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(REPOSITORY).as_posix() in names
    assert "agent/_data/model_registry.yaml" in names
    assert {f"agent/_data/prompts/{p.name}" for p in (REPOSITORY / "prompts").iterdir()} <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"agent", "groundglass"}


@pytest.mark.skipif(sys.platform == "win32", reason="paths of a POSIX environment")
def test_it_works_from_any_folder(bin: Path, tmp_path: Path) -> None:
    where = run(bin / "python", "-c", "import agent; print(agent.__file__)", folder=tmp_path)
    assert str(bin.parent) in where.stdout, where.stderr
    command = bin / "groundglass"
    assert run(command, "--version", folder=tmp_path).stdout.startswith("groundglass ")
    asked = ("ask", "Which loss does MIMO-UNet+ use?", "-o", "report", "--strict", "-f", "json")
    done = run(command, *asked, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    registry = json.loads(done.stdout)["settings"]["registry"]
    assert str(bin.parent) in registry
    assert run(command, "replay", "report", folder=tmp_path).returncode == 0
    assert run(command, "run", "report/workflow.json", "--check", folder=tmp_path).returncode == 0
