"""How long an index over many cards takes to build, to open, and to answer a question.

    python benchmarks/retrieval.py [--cards 100000] [--folder KEEP] [--made-up]

Opening is timed in fresh processes, the registry's included; an answer includes embedding the
question. A folder that is given is kept, and what was built in it is used again. `--made-up` takes
vectors at random for the cards, which times all but embedding them.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

SUBJECTS = """street photographs|satellite pictures|chest radiographs|handwritten letters|bird calls
spoken commands|product reviews|legal contracts|protein sequences|traffic cameras|drone footage
old newspapers|weather maps|stock prices|medical reports|source code|music recordings|sign language
underwater scenes|crop diseases|night skies|comic pages|floor plans|retail receipts|voice messages
scanned invoices|historical maps|kitchen videos|mobile screenshots|factory sensors"""
DEEDS = """classification|segmentation|detection|captioning|translation|summarisation|denoising
deblurring|super-resolution|retrieval|question answering|transcription|tracking|counting|colourising
inpainting|forecasting|anomaly detection|clustering|depth estimation|pose estimation|generation"""
PARTS = """a vision transformer|a residual network|a U-Net with attention|a diffusion model
a mixture of experts|a graph network|a recurrent encoder|a two-tower model|a state space model
a convolutional pyramid|a cross-modal decoder|a distilled student"""
GAINS = """runs on a phone|needs no labels|keeps fine detail|handles rare classes|works at any size
is robust to noise|learns from few examples|explains its decisions|streams its output
fits into two gigabytes|copes with missing data|was trained on public data only"""
OPEN = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from agent.registry import load
from agent.search import Index
imported = time.perf_counter()
cache = Path(sys.argv[2])
registry = load(Path(sys.argv[1]), cache)
loaded = time.perf_counter()
index = Index.open(registry, cache)
opened = time.perf_counter()
index.search("which model counts birds in drone footage")
print(imported - start, loaded - imported, opened - loaded, time.perf_counter() - opened)
"""


def words(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in line.split("|")]


def card(draw: random.Random, i: int) -> str:
    subject, deed = draw.choice(words(SUBJECTS)), draw.choice(words(DEEDS))
    gains = draw.sample(words(GAINS), 2)
    name = "".join(draw.choice(("ba", "dor", "fi", "lum", "net", "ka", "ro", "sy")) for _ in "123")
    return (
        f"- id: card-{i:06d}\n  name: {name.capitalize()}{i % 977}\n  task: {subject} {deed}\n"
        f"  summary: {draw.choice(words(PARTS)).capitalize()} for {deed} of {subject} that"
        f" {gains[0]} and {gains[1]}, version {i}.\n"
        f"  links:\n    paper: https://example.org/papers/{i}\n"
    )


def question(draw: random.Random) -> str:
    subject, deed = draw.choice(words(SUBJECTS)), draw.choice(words(DEEDS))
    return f"I look for a model that does {deed} of {subject} and {draw.choice(words(GAINS))}."


def milliseconds(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return f"median {statistics.median(ordered) * 1000:.1f} ms, 95 % under {late * 1000:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--made-up", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(arguments.cards, arguments.folder or Path(temporary), arguments.made_up)


class MadeUp:
    """Vectors at random: near texts are not near."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.draw = np.random.default_rng(0)

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        vectors = self.draw.standard_normal((len(texts), 384), np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def measure(cards: int, folder: Path, made_up: bool) -> None:
    from agent.registry import load
    from agent.search import Index, index

    draw = random.Random(0)
    path, cache = folder / f"registry-{cards}.yaml", folder / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("models:\n" + "".join(card(draw, i) for i in range(cards)), "utf-8")
    registry = load(path, cache)
    start = time.perf_counter()
    if made_up:
        with patch.object(index, "Embedder", MadeUp):
            Index.open(registry, cache)
    opened = Index.open(registry, cache, lambda line: print(line, flush=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{cards:,} cards, {opened.mode}{', made up' * made_up}")
    print(
        f"build, or open where built before: {time.perf_counter() - start:.1f} s, {peak:,.0f} MiB"
    )
    size = sum(file.stat().st_size for file in (cache / "index").rglob("*") if file.is_file())
    print(f"on disk: {size / 1e6:,.0f} MB")

    runs = []
    for _ in range(5):
        command = [sys.executable, "-c", OPEN, str(path), str(cache)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append([float(part) for part in answer.stdout.split()])
    best = [min(run[i] for run in runs) * 1000 for i in range(4)]
    print(
        f"fresh process, best of 5: import {best[0]:.0f} ms, registry {best[1]:.0f} ms, "
        f"index {best[2]:.0f} ms, first answer {best[3]:.0f} ms"
    )
    asked = [question(draw) for _ in range(300)]
    whole, embedding = [], []
    for text in asked:
        start = time.perf_counter()
        opened._embed(text)
        embedding.append(time.perf_counter() - start)
        start = time.perf_counter()
        opened.search(text)
        whole.append(time.perf_counter() - start)  # it embeds the question too
    print(f"an answer: {milliseconds(whole)}")
    print(f"of which embedding: {milliseconds(embedding)}")
    named = []
    for text in asked:
        start = time.perf_counter()
        opened.named(text)
        named.append(time.perf_counter() - start)
    print(f"looking for names: {milliseconds(named)}")


if __name__ == "__main__":
    main()
