"""Networks of a few weights in ncnn's format, whose results can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from agent.systems.upscaling.upscaler import Family, Network, Upscaler

FAMILY = Family(
    card="tiny",
    name="Tiny",
    package="ncnn",
    licence="a licence of its own",
    input="data",
    output="output",
    padding="reflect",
)
#: The blob of `write_pooled` that holds means.
POOLED = ("gap",)


def write_nearest(path: Path, scale: int) -> None:
    """Repeats every pixel."""
    _write(path, f"Interp up 1 1 data output 0=1 1={scale}.0 2={scale}.0")


def write_mean(path: Path, weight: float = 1 / 9) -> None:
    """The sum over 3 × 3 pixels times `weight`, without padding."""
    layer = "ConvolutionDepthWise mean 1 1 data output 0=3 1=3 4=0 5=0 6=27 7=3"
    _write(path, layer, weights=np.full(27, weight, np.float32))


def write_pooled(path: Path) -> None:
    """Adds to each channel its mean over everything that the network is given."""
    _write(
        path,
        "Split split 1 2 data left right",
        "Pooling mean 1 1 right gap 0=1 4=1",
        "BinaryOp add 2 1 left gap output 0=0",
    )


def _write(path: Path, *layers: str, weights: np.ndarray | None = None) -> None:
    lines = ["Input input 0 1 data", *layers]
    blobs = sum(int(line.split()[3]) for line in lines)
    head = f"7767517\n{len(lines)} {blobs}\n"
    path.with_name(f"{path.name}.param").write_text(head + "\n".join(lines) + "\n")
    as_float32 = bytes(4)
    content = b"" if weights is None else as_float32 + weights.tobytes()
    path.with_name(f"{path.name}.bin").write_bytes(content)


def repeating(folder: Path, *scales: int) -> Upscaler:
    """An upscaler with a network for each scale that repeats pixels; its files are in `folder`."""
    for scale in scales:
        write_nearest(folder / f"x{scale}", scale)
    networks = tuple(Network(f"x{scale}", scale, 2, 100) for scale in scales)
    return Upscaler("tiny", "Tiny nearest", FAMILY, networks)
