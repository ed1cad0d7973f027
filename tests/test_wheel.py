"""The wheel, installed into an environment of its own, works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from PIL import Image

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


class Proxy(ThreadingTCPServer):
    """Takes every request, notes the host that it is for, and answers none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.hosts: set[str] = set()

    @property
    def variables(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_address[1]}"
        names = ("http_proxy", "https_proxy", "all_proxy")
        return {name: url for lower in names for name in (lower, lower.upper())}


class _Request(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        method, target, _ = self.rfile.readline().decode().split(" ", 2)
        url = f"//{target}" if method == "CONNECT" else target
        self.server.hosts.add(urlsplit(url).hostname or target)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where this program may write, by the variable that says so."""
    folder = tmp_path_factory.mktemp("own")
    return {f"GROUNDGLASS_{name.upper()}": str(folder / name) for name in ("cache", "data")}


@pytest.fixture
def work(tmp_path: Path, weights: Path) -> Path:
    """A working folder with a picture that every tool takes, weights, and rows of a batch."""
    folder = tmp_path / "work"
    folder.mkdir()
    weights.rename(folder / "zero.safetensors")
    Image.radial_gradient("L").resize((128, 100)).convert("RGB").save(folder / "shot.png")
    rows = [
        {"question": "How does FeatSharp work?"},
        {"question": "Why is it sharp?", "images": "shot.png"},
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


WHY = ("ask", "Why did the edges stay sharp?")
WEIGHTS = ("--weights", "zero.safetensors")
BATCH = ("batch", "rows.jsonl", "-o", "out", *WEIGHTS)
#: What Ray asks a machine, not the internet, when it starts: whose cloud it stands in. Its use is
#: reported nowhere, but no setting of Ray keeps it from asking.
CLOUD = {"169.254.169.254", "metadata.google.internal"}


@pytest.mark.skipif(sys.platform == "win32", reason="paths of a POSIX environment")
@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        pytest.param(WHY, set(), id="text"),
        pytest.param(
            (*WHY, "--image", "shot.png", "--evidence", "full", *WEIGHTS), set(), id="picture"
        ),
        pytest.param(
            (*WHY, "--model", "any", "--timeout", "5"), {"model.invalid"}, id="language model"
        ),
        pytest.param(("chat",), set(), id="chat"),
        pytest.param((*BATCH, "--workers", "2"), set(), id="workers"),
        pytest.param(
            (*BATCH, "--ray", "--workers", "1"), set(), id="Ray",
            marks=pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
        ),
        pytest.param(("export", "onnx", "-o", "net.onnx", *WEIGHTS), set(), id="export"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_nothing_is_sent_and_no_folder_but_ours_is_written(
    arguments: tuple[str, ...], asked: set[str],
    bin: Path, proxy: Proxy, own_folders: dict[str, str], work: Path, tmp_path: Path,
) -> None:  # fmt: skip
    home = tmp_path / "home"
    home.mkdir()
    # Nothing else of this environment: onnxruntime reports nothing where a variable such as CI is.
    environment = {
        "HOME": str(home), "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1",
        "OPENAI_BASE_URL": "http://model.invalid/v1", **own_folders, **proxy.variables,
    }  # fmt: skip
    done = subprocess.run(
        [str(bin / "groundglass"), *arguments],
        capture_output=True, text=True, cwd=work, env=environment, input=WHY[1], timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert proxy.hosts - (CLOUD if "--ray" in arguments else set()) == asked
    assert list(home.rglob("*")) == []
