"""Identification of a model file: its hash, and what the file itself tells about its network."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from agent.errors import CheckpointError, ConfigError, InputError
from agent.files import DEFAULT_WEIGHTS, sha256_of
from agent.report.single_line import counted, plain
from agent.text import visible

_CHUNK = 2**23
#: Larger files are only hashed, since reading them would take as much memory.
MOST_BYTES = 4 * 2**30
_NCNN = "7767517"
_UNOPENED = {
    ".param": "ncnn, the layers of a network; its weights are in the .bin file of the same name",
    ".bin": "perhaps the weights of an ncnn network, which tell nothing without its .param file",
}


@dataclass(frozen=True)
class Identity:
    """What a file tells about the network in it; None for what it does not tell."""

    file: str
    bytes: int
    sha256: str
    format: str
    """File format, such as `safetensors` or `PyTorch`."""
    architecture: str | None = None
    purpose: str | None = None
    """`SR`, `FaceSR`, `Restoration` or `Inpainting`, in spandrel's terms."""
    scale: int | None = None
    """Factor by which the network enlarges."""
    channels: tuple[int, int] | None = None
    """Of the input and of the output."""
    tensors: int | None = None
    parameters: int | None = None
    """Numbers in all tensors, including those that training does not change."""
    dtypes: tuple[str, ...] = ()
    """Types of the tensors, most frequent first."""
    readable: bool = True
    """False if it is damaged or refused, so that only its hash is known."""
    shipped: bool = False
    """Whether the file comes with Groundglass."""
    notes: tuple[str, ...] = ()
    """Further findings, and what could not be determined and why."""


def identify(path: Path, progress: Callable[[int, int], None] = lambda done, of: None) -> Identity:
    """Hash a file and inspect it, without running anything in it.

    Args:
        progress: called with the number of bytes hashed and their total.

    Raises:
        InputError: if there is no such file, it is a folder, pipe or device, or it cannot be
            read.
    """
    where = visible(str(path))
    try:
        if why := _why_no_file(path):
            raise InputError(f"{where}: {why}; expected a model file")
        size = path.stat().st_size
        digest, start = _hashed(path, size, progress)
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or error})") from None
    kind = _kind(path, start)
    shipped = DEFAULT_WEIGHTS.parent.glob("*.safetensors")
    own = any(file.stat().st_size == size and sha256_of(file) == digest for file in shipped)
    identity = Identity(where, size, digest, kind, shipped=own)
    if kind not in ("safetensors", "PyTorch", "ONNX"):
        return identity
    if size > MOST_BYTES:
        note = f"larger than {MOST_BYTES / 2**30:g} GiB, so it was hashed and not looked into"
        return replace(identity, notes=(note,))
    look = _of_onnx if kind == "ONNX" else _of_tensors
    try:
        return replace(identity, **look(path))
    except CheckpointError as error:
        return replace(identity, readable=False, notes=(_reason(error, path),))


def _why_no_file(path: Path) -> str | None:
    """Return why a path is not a regular file; None if it is."""
    if path.is_file():
        return None
    if path.is_dir():
        return "is a folder"
    return "is a pipe, socket or device" if path.exists() else "no such file"


def _reason(error: Exception, path: Path) -> str:
    """Return an error on one line; it may quote names from the file."""
    text = str(error).removeprefix(f"{path}: ").removeprefix(f"{visible(path.name)}: ")
    return plain(text)


def _hashed(path: Path, size: int, progress: Callable[[int, int], None]) -> tuple[str, bytes]:
    """Return the SHA-256 in hexadecimal, and the first bytes."""
    digest, done, start = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            start = start or chunk[:64]
            digest.update(chunk)
            done += len(chunk)
            progress(done, size)
    return digest.hexdigest(), start


def _kind(path: Path, start: bytes) -> str:
    """Return the format of a file by its first bytes, or else by its name."""
    suffix = path.suffix.lower()
    if suffix == ".safetensors" or start[8:10] == b'{"':
        return "safetensors"
    if start.startswith((b"PK\3\4", b"\x80")):
        return "PyTorch"
    if suffix == ".onnx":
        return "ONNX"
    if start.startswith(_NCNN.encode()):
        return _UNOPENED[".param"]
    return _UNOPENED[".bin"] if suffix == ".bin" else "unknown"


def _of_tensors(path: Path) -> dict[str, Any]:
    from agent.systems.checkpoints import read_state
    from agent.systems.restoration.network import is_mimo_unet

    state = read_state(path)
    types = Counter(str(tensor.dtype).removeprefix("torch.") for tensor in state.values())
    facts: dict[str, Any] = {
        "tensors": len(state),
        "parameters": sum(tensor.numel() for tensor in state.values()),
        "dtypes": tuple(name for name, _ in types.most_common()),
    }
    own = _of_mimo_unet if is_mimo_unet(state) else _of_spandrel
    try:
        return facts | own(state, path)
    except (CheckpointError, ConfigError) as error:
        notes = (_reason(error, path), _convolutions(state))
        return facts | {"notes": tuple(filter(None, notes))}


def _of_mimo_unet(_: Mapping[str, Any], path: Path) -> dict[str, Any]:
    from agent.systems.restoration.network import PLUS_BLOCKS, load_checkpoint

    blocks = load_checkpoint(path).blocks
    name = "MIMO-UNet+" if blocks >= PLUS_BLOCKS else "MIMO-UNet"
    note = f"residual blocks a stage: {blocks}"
    return {
        "architecture": name, "purpose": "Restoration", "scale": 1, "channels": (3, 3),
        "notes": (note,),
    }  # fmt: skip


def _of_spandrel(state: Mapping[str, Any], path: Path) -> dict[str, Any]:
    from agent.systems.model_files.loading import build_network

    model = build_network(state, path)
    return {
        "architecture": model.architecture.name,
        "purpose": model.purpose,
        "scale": model.scale,
        "channels": (model.input_channels, model.output_channels),
        "notes": (f"spandrel describes it as {', '.join(model.tags)}",) if model.tags else (),
    }


def _convolutions(state: Mapping[str, Any]) -> str:
    """Return what the shapes of the tensors tell about an unknown network."""
    shapes = [tuple(tensor.shape) for tensor in state.values() if tensor.dim() == 4]
    if not shapes:
        return ""
    kernels = sorted({f"{shape[2]}×{shape[3]}" for shape in shapes})[:4]
    widest = max(max(shape[:2]) for shape in shapes)
    have = "1 tensor has" if len(shapes) == 1 else f"{len(shapes):,} tensors have"
    return (
        f"{have} the shape of convolutions, with kernels of {', '.join(kernels)} and up to "
        f"{counted(widest, 'channel')}"
    )


def _of_onnx(path: Path) -> dict[str, Any]:
    import onnx

    try:
        model = onnx.load(path, load_external_data=False)
        stored = [*model.graph.initializer]
        types = Counter(onnx.TensorProto.DataType.Name(item.data_type).lower() for item in stored)
        nodes = Counter(node.op_type for node in model.graph.node)
    except Exception as error:  # protobuf raises its own types
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        raise CheckpointError(f"{path}: not an ONNX model ({visible(detail)})") from None
    if not nodes:
        raise CheckpointError(f"{path}: not an ONNX model (its graph has no nodes)")
    top_nodes = ", ".join(f"{count:,} {plain(name)}" for name, count in nodes.most_common(3))
    most = "most of them " if len(nodes) > 3 else ""
    producer = plain(" ".join((model.producer_name, model.producer_version)))[:100]
    return {
        "tensors": len(stored),
        "parameters": sum(prod(item.dims) for item in stored),
        "dtypes": tuple(name for name, _ in types.most_common()),
        "notes": (
            f"a graph of {counted(sum(nodes.values()), 'node')}, {most}{top_nodes}",
            f"written by {producer}"
            if producer
            else "the file does not say which program wrote it",
            "the file does not say its architecture and scale",
        ),
    }
