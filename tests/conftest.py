"""For every test: no network but loopback, no settings, and a cache that is thrown away."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

import agent  # noqa: F401  # switches telemetry off before a test imports a library that has some

if TYPE_CHECKING:
    from agent.systems.encoders import Encoder

#: No example has to be quick: on a busy machine that would fail what is right.
settings.register_profile(
    "untimed",
    parent=settings(),  # under CI the same examples every time
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")

#: Slow tests that `-m "not slow"` or another choice left out, by their ids.
slow_not_run: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=4, help="how often a batch is killed in its test")


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    slow_not_run.update(item.nodeid for item in items if item.get_closest_marker("slow"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the main process, where tests run in several, what this one left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["slow_not_run"] = sorted(slow_not_run)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    slow_not_run.update(getattr(node, "workeroutput", {}).get("slow_not_run", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if slow_not_run:
        files = Counter(name.partition("::")[0] for name in slow_not_run)
        terminalreporter.section(
            f"{len(slow_not_run)} slow tests were not run; `make test-all` runs them"
        )
        for file, count in sorted(files.items()):
            terminalreporter.line(f"{count:4} in {file}")


@pytest.fixture(autouse=True)
def _sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    for name in list(os.environ):
        if name.startswith("GROUNDGLASS_"):  # the settings of whoever runs the tests
            monkeypatch.delenv(name)
    monkeypatch.setenv("GROUNDGLASS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("GROUNDGLASS_CONFIG", str(tmp_path_factory.getbasetemp() / "none.yaml"))
    monkeypatch.setenv("GROUNDGLASS_DATA", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture
def shared() -> Path:
    """The folder of development data beside the checkout; the test skips where it is missing."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the development data beside the checkout are not here")
    return folder


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """PyTorch on one core: on networks of test size, threads would only wait for each other."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Of a network that returns its input: of the least depth, all zero."""
    from safetensors.torch import save_file

    from agent.systems.restoration.network import MIMOUNet

    path = tmp_path / "zero.safetensors"
    save_file({name: tensor * 0 for name, tensor in MIMOUNet(1).state_dict().items()}, path)
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small picture with soft slopes and hard edges, `shot.png`."""
    from PIL import Image

    path = tmp_path / "shot.png"
    image = Image.radial_gradient("L").resize((40, 32)).convert("RGB")
    image.paste((0, 0, 0), (10, 8, 20, 20))
    image.save(path)
    return path


@pytest.fixture
def tiny_encoder() -> Encoder:
    """Three convolutions at a stride of 4, at home on 32 × 32 pixels; the same each time."""
    import torch
    from torch import nn

    from agent.systems.encoders import Encoder

    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.Conv2d(8, 4, 1)
    )
    for layer in (net[0], net[2]):
        nn.init.normal_(layer.weight, std=0.5)
    half = (0.5, 0.5, 0.5)
    return Encoder("tiny", net.eval().requires_grad_(False), 32, half, half, "none", "0" * 64, "X")
