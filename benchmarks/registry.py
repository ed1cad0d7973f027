"""How long a registry of many cards takes to check, to open from the cache, and to look up in.

python benchmarks/registry.py --cards 100000
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("network", "picture", "blur", "edge", "texture", "decoder", "scale", "feature", "loss",
         "attention", "residual", "frequency", "patch", "token", "caption", "depth", "motion",
         "noise", "colour", "kernel", "stride", "dataset", "benchmark")  # fmt: skip

OPEN = """
import sys, time
start = time.perf_counter()
from agent.registry import load
from pathlib import Path
imported, busy = time.perf_counter(), time.process_time()
registry = load(Path(sys.argv[1]), Path(sys.argv[2]))
opened, busy = time.perf_counter(), time.process_time() - busy
registry["card-000001"]
first = time.perf_counter() - opened
print(imported - start, opened - imported, busy, first, "yaml" in sys.modules)
"""


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words)).capitalize() + "."


def card(draw: random.Random, i: int) -> str:
    claims = "".join(
        f"  - id: claim-{j}\n    text: {sentence(draw, 14)}\n    source: paper, section {j}\n"
        f"    tags: [{draw.choice(WORDS)}, {draw.choice(WORDS)}]\n"
        for j in range(3)
    )
    return (
        f"- id: card-{i:06d}\n  name: Net {i}\n  task: {sentence(draw, 2)}\n"
        f"  summary: {sentence(draw, 30)}\n  links:\n    paper: https://example.org/papers/{i}\n"
        f"  authors: [Ada Example, Émile Exemple]\n  year: {2000 + i % 25}\n  claims:\n{claims}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=100_000)
    cards = parser.parse_args().cards
    draw = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path, cache = Path(folder, "registry.yaml"), Path(folder, "cache")
        with path.open("w", encoding="utf-8") as file:
            file.write("models:\n")
            file.writelines(card(draw, i) for i in range(cards))
        print(f"{cards:,} cards, {path.stat().st_size / 1e6:.1f} MB of YAML")

        from agent.registry import load

        start = time.perf_counter()
        load(path, cache)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"check and pack: {time.perf_counter() - start:.1f} s, peak {peak:,.0f} MiB")

        runs = []
        for _ in range(5):
            command = [sys.executable, "-c", OPEN, str(path), str(cache)]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            runs.append(answer.stdout.split())
        best = [min(float(run[i]) for run in runs) * 1000 for i in range(4)]
        print(f"fresh process, best of 5: import {best[0]:.0f} ms, open {best[1]:.1f} ms")
        print(f"of which CPU {best[2]:.1f} ms; first card {best[3]:.2f} ms; yaml: {runs[0][4]}")

        registry = load(path, cache)
        ids = [f"card-{draw.randrange(cards):06d}" for _ in range(10_000)]
        start = time.perf_counter()
        for id in ids:
            registry[id]
        print(f"a card at random: {(time.perf_counter() - start) / len(ids) * 1e6:.0f} µs")
        start = time.perf_counter()
        sum(1 for _ in registry)
        print(f"all ids: {(time.perf_counter() - start) * 1000:.0f} ms")
        start = time.perf_counter()
        sum(1 for _ in registry.cards())
        print(f"all cards: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
