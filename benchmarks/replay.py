"""How far the evidence of one picture may be apart: float32 and bfloat16, and other tiles.

    python benchmarks/replay.py PICTURE... [--factor 3]

Prints, for every measurement that differs, both values and how they stand to the tolerance of
`groundglass replay`, and the mean and the largest difference of the pictures in grey levels.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from agent.imaging.reading import read
from agent.report.differences import MEAN_LEVELS, tolerance
from agent.settings import Settings
from agent.systems.catalogue import TOOLS
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.types import RunResult

#: What a machine may do otherwise, each against the first.
WAYS = {
    "float32": {"precision": "fp32"},
    "bfloat16": {"precision": "bf16"},
    "float32 in tiles of 256": {"precision": "fp32", "tile": 256},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--factor", type=int, default=3)
    options = parser.parse_args()
    worst: dict[str, float] = {}
    for path in options.pictures:
        base: tuple[RunResult, dict[str, bytes]] | None = None
        for way, changes in WAYS.items():
            job = Job("", read(path), path.stem, options.factor)
            found = run_tool(TOOLS["restore"], job, replace(Settings(), **changes), lambda _: None)
            if base is None:
                base = found
                continue
            print(f"{path.name}: {way}")
            for name, share in compared(base, found):
                worst[f"{way}: {name}"] = max(worst.get(f"{way}: {name}", 0.0), share)
    print("\nthe most of the tolerance that was used up")
    for name, share in worst.items():
        print(f"  {name:40} {100 * share:5.0f} %")


def compared(old: tuple[RunResult, dict[str, bytes]], new: tuple[RunResult, dict[str, bytes]]):
    """What differs, as printed, and its share of the tolerance by kind."""
    after = {item.id: item for item in new[0].evidence}
    apart = [0.0]
    for item in old[0].evidence:
        other = after.pop(item.id)
        if other.value != item.value:
            apart.append(abs(other.value - item.value) / tolerance(item, other))
            print(f"  {item.id}: {item.format()}, {other.format()}: {100 * apart[-1]:.0f} % of it")
    assert not after, f"measured only in the second: {sorted(after)}"
    yield "measurements", max(apart)
    for name, png in old[1].items():
        a, b = (np.asarray(Image.open(io.BytesIO(x)), np.float64) for x in (png, new[1][name]))
        difference = np.abs(a - b)
        if difference.any():
            print(f"  {name}: mean {difference.mean():.3g}, at most {difference.max():.0f} of 255")
        yield "pictures", float(difference.mean()) / MEAN_LEVELS


if __name__ == "__main__":
    main()
