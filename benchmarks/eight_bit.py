"""What 8-bit integers cost in quality: PSNR of `--precision int8` beside float32.

    python benchmarks/eight_bit.py FOLDER [--crop 192] [--limit N] [--threads N]

FOLDER holds a folder of pictures for every group, as for `groundglass evaluate restoration`. The
middle of each is degraded in every condition of that evaluation and restored in both ways. Printed:
the mean PSNR of luma against the sharp original in float32, what int8 adds to it (of the mean, and
for the picture where it adds least), and the least PSNR between the two results, colours included.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crop", type=int, default=192, help="default: 192")
    parser.add_argument("--limit", type=int, help="pictures of a group; default: all")
    parser.add_argument("--threads", type=int, help="default: all cores")
    options = parser.parse_args()

    import numpy as np
    import torch

    from agent.files import DEFAULT_WEIGHTS
    from agent.lab.evaluation.restoration import CONDITIONS
    from agent.systems.restoration.restorer import MimoUnetRestorer

    if options.threads:
        torch.set_num_threads(options.threads)
    exact = MimoUnetRestorer(DEFAULT_WEIGHTS, precision="fp32")
    fast = MimoUnetRestorer(DEFAULT_WEIGHTS, precision="int8")
    head = ("group", "condition", "pictures", "in int8", "float32", "int8 adds", "worst", "between")
    print(" ".join(f"{word:>22}" if word == "condition" else f"{word:>9}" for word in head))
    for group in sorted(path for path in options.folder.iterdir() if path.is_dir()):
        sharp = list(middles(group, options.crop, options.limit))
        for number, (condition, degrading) in enumerate(CONDITIONS.items()):
            rows, eight = [], 0
            for index, picture in enumerate(sharp):
                rng = np.random.default_rng([0, number, index])
                soft = degrading.versions(picture, rng)["input"]
                rows.append(compared(picture, exact(soft), fast(soft)))
                eight += fast.arithmetic == ("int8",)
            before, after, between = map(np.asarray, zip(*rows, strict=True))
            adds = after - before
            cells = (
                group.name, condition, len(rows), eight, f"{before.mean():.2f}",
                f"{adds.mean():+.4f}", f"{adds.min():+.4f}", f"{between.min():.1f}",
            )  # fmt: skip
            print(" ".join(f"{c:>22}" if c == condition else f"{c:>9}" for c in cells), flush=True)


def middles(folder: Path, side: int, limit: int | None):
    """The middle `side` pixels of the pictures of a folder that have as many, by name."""
    import numpy as np
    from PIL import Image

    for path in sorted(folder.iterdir())[:limit]:
        with Image.open(path) as image:
            left, top = (image.width - side) // 2, (image.height - side) // 2
            if min(left, top) >= 0:
                yield np.asarray(image.convert("RGB").crop((left, top, left + side, top + side)))


def compared(sharp, exact, fast) -> tuple[float, float, float]:
    """PSNR of both results against the original in luma, at most 99, and between the results."""
    from agent.measures.fidelity import luma, psnr

    before, after = (min(99.0, psnr(luma(result), luma(sharp))) for result in (exact, fast))
    return before, after, min(99.0, psnr(exact, fast))


if __name__ == "__main__":
    main()
