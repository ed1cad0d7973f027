"""How fast the restoration is and what memory it takes, beside a plain forward of the same network.

    python benchmarks/restoration.py [--threads N] [--sizes 256x256 1280x720] [--device cpu|cuda]

The plain forward is the network as it is published: float32, channels first, the three maps of
every fusion resampled to one size and concatenated, and all three outputs computed. Every way and
size runs in a process of its own, so that its peak memory is its own, one after the other in one
run of this program. Seconds are those of the best of `--runs`, after loading, which in int8 finds
the scales and takes as long as 0.08 megapixels in float32, and one run on a small picture. The
picture is the example page, repeated to the size and enlarged 3 times.
On a machine that others use too, take `--threads 1` and read the processor seconds.

Printed for each: seconds (wall, processor), how many times faster than plain (processor seconds on
the CPU, wall on a GPU), peak memory beyond what the loaded network takes, both per megapixel,
achieved GFLOP/s and their share of what a product of two 2048 × 2048 matrices of the same type
achieves. A multiply-add counts as 2 operations; MIMO-UNet+ takes 150.706 G multiply-adds for 256 ×
256 pixels.

`dB` is the difference between the PSNR of the result and that of the plain forward's result, each
against the sharp original: a part of `examples/web-page.png`, reduced and enlarged 3 times.

With `--large` instead, the memory of `groundglass restore` on a file of 24 megapixels, by a network
of one block a stage: more blocks take longer and not more. With `--seam`, the largest difference
that tiles make, by the shipped weights in float32.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

#: Multiply-adds a pixel of MIMO-UNet+.
MACS = 150_705_930_240 / 65_536
EXAMPLE = Path(__file__).parents[1] / "examples" / "web-page.png"
#: Name: whether the forward is plain, the precision, whether four rotations are averaged.
WAYS = {
    "plain": (True, "fp32", False),
    "float32": (False, "fp32", False),
    "auto": (False, "auto", False),
    "int8": (False, "int8", False),
    "bfloat16": (False, "bf16", False),
    "ensemble": (False, "auto", True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--sizes", nargs="+", default=["256x256", "1280x720"], metavar="WxH")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["plain", "float32", "int8"])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--seam", action="store_true")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measured(*options.child, options)))
        return
    if options.large or options.seam:
        (large if options.large else seam)()
        return
    head = ("size", "way", "type", "wall s", "cpu s", "faster", "peak MB", "s/MP", "GB/MP",
            "GFLOP/s", "of matmul", "dB")  # fmt: skip
    print(" ".join(f"{word:>9}" for word in head))
    for size in options.sizes:
        plain = None
        for way in options.ways:
            row = run_child(way, size, options)
            plain = plain or row
            print_row(size, way, row, plain, options)


def run_child(way: str, size: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", way, size, "--device", options.device,
               "--runs", str(options.runs)]  # fmt: skip
    if options.threads:
        command += ["--threads", str(options.threads)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


def print_row(size, way, row, plain, options) -> None:
    width, height = map(int, size.split("x"))
    megapixels = width * height / 1e6
    unit = "wall" if options.device != "cpu" else "cpu"
    work = 2 * MACS * megapixels * 1e6 * (4 if way == "ensemble" else 1)
    rate = work / row[unit] / 1e9
    cells = (
        size, way, row["dtype"], f"{row['wall']:.2f}", f"{row['cpu']:.2f}",
        f"{plain[unit] / row[unit]:.2f}x", f"{row['peak'] / 1e6:.0f}",
        f"{row['wall'] / megapixels:.1f}", f"{row['peak'] / 1e9 / megapixels:.2f}",
        f"{rate:.0f}", f"{100 * rate / row['matmul']:.0f} %",
        f"{row['psnr'] - plain['psnr']:+.4f}",
    )  # fmt: skip
    print(" ".join(f"{cell:>9}" for cell in cells), flush=True)


def measured(way: str, size: str, options: argparse.Namespace) -> dict[str, float | str]:
    """One way at one size, in this process."""
    import numpy as np
    import torch

    from agent.files import DEFAULT_WEIGHTS
    from agent.measures.fidelity import psnr
    from agent.systems.restoration.network import load_checkpoint
    from agent.systems.restoration.restorer import MimoUnetRestorer

    if options.threads:
        torch.set_num_threads(options.threads)
    plain, precision, ensemble = WAYS[way]
    width, height = map(int, size.split("x"))
    restorer = MimoUnetRestorer(
        DEFAULT_WEIGHTS, options.device, precision=precision, ensemble=ensemble
    )
    run = restorer
    if plain:
        net = load_checkpoint(DEFAULT_WEIGHTS).to(restorer.device)

        def run(pixels):
            x = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
            with torch.inference_mode():
                full = plain_forward(net, x.contiguous().to(restorer.device))[2]
            values = full[0].clamp(0, 1).permute(1, 2, 0).cpu().numpy()
            return np.floor(values * 255 + 0.5).astype(np.uint8)

    sharp, soft = example()
    score = psnr(run(soft), sharp)
    pixels = picture(width, height)
    wall, cpu, peak = float("inf"), float("inf"), 0.0
    for _ in range(options.runs):
        with Peak(restorer.device) as used:
            began, busy = time.perf_counter(), time.process_time()
            run(pixels)
            if restorer.device.type == "cuda":
                torch.cuda.synchronize()
            wall = min(wall, time.perf_counter() - began)
            cpu = min(cpu, time.process_time() - busy)
        peak = max(peak, used.bytes)
    dtype = torch.float32 if plain else restorer.dtype
    ran = ("float32",) if plain else restorer.arithmetic
    return {
        "wall": wall, "cpu": cpu, "peak": peak, "psnr": score,
        "matmul": matmul_rate(dtype, restorer.device),
        "dtype": "+".join(ran),
    }  # fmt: skip


def plain_forward(net, x):
    """MIMO-UNet as published: concatenation at the size of every fusion, and all outputs."""
    import torch
    from torch.nn.functional import interpolate

    def scaled(features, factor: float):
        return interpolate(features, scale_factor=factor, mode="nearest")

    half = scaled(x, 0.5)
    quarter = scaled(half, 0.5)
    res1 = net.Encoder[0](net.feat_extract[0](x))
    res2 = net.Encoder[1](net.FAM2(net.feat_extract[1](res1), net.SCM2(half)))
    z = net.Encoder[2](net.FAM1(net.feat_extract[2](res2), net.SCM1(quarter)))
    z2 = scaled(z, 2)
    skip2 = net.AFFs[1].conv(torch.cat([scaled(res1, 0.5), res2, z2], 1))
    skip1 = net.AFFs[0].conv(torch.cat([res1, scaled(res2, 2), scaled(z2, 2)], 1))
    z = net.Decoder[0](z)
    out_quarter = net.ConvsOut[0](z) + quarter
    z = net.Decoder[1](net.Convs[0](torch.cat([net.feat_extract[3](z), skip2], 1)))
    out_half = net.ConvsOut[1](z) + half
    z = net.Decoder[2](net.Convs[1](torch.cat([net.feat_extract[4](z), skip1], 1)))
    return [out_quarter, out_half, net.feat_extract[5](z) + x]


def example():
    """A sharp part of the example page, and the same reduced and enlarged 3 times."""
    import numpy as np
    from PIL import Image

    with Image.open(EXAMPLE) as image:
        sharp = image.convert("RGB").crop((0, 0, 192, 192))
    soft = sharp.resize((64, 64), Image.BICUBIC).resize((192, 192), Image.BICUBIC)
    return np.asarray(sharp), np.asarray(soft)


def picture(width: int, height: int):
    """The example page, repeated to that size and enlarged 3 times."""
    import numpy as np
    from PIL import Image

    with Image.open(EXAMPLE) as image:
        page = np.asarray(image.convert("RGB"))
    rows, columns = -(-height // 3), -(-width // 3)
    times = (-(-rows // page.shape[0]), -(-columns // page.shape[1]), 1)
    small = Image.fromarray(np.tile(page, times)[:rows, :columns])
    return np.asarray(small.resize((columns * 3, rows * 3), Image.BICUBIC))[:height, :width]


def large(width: int = 6000, height: int = 4000) -> None:
    """Print the peak memory of restoring a file of 24 megapixels."""
    import tempfile

    import numpy as np
    import torch
    from safetensors.torch import save_file

    from agent.imaging.picture import Picture
    from agent.imaging.writing import write_png
    from agent.settings import Settings
    from agent.systems.restoration.files import Order, find_sources, restore_files
    from agent.systems.restoration.network import MIMOUNet

    torch.manual_seed(0)
    ramp = np.add.outer(np.arange(height), np.arange(width)) // 8 % 256
    pixels = np.repeat(ramp[..., None].astype(np.uint8), 3, axis=2)
    with tempfile.TemporaryDirectory() as folder:
        weights, source = Path(folder, "w.safetensors"), Path(folder, "in.png")
        save_file(MIMOUNet(1).state_dict(), weights)
        source.write_bytes(write_png(Picture("in.png", pixels)))
        del ramp, pixels
        settings = Settings(weights=weights, precision="fp32")
        with Peak(torch.device("cpu")) as used:
            (outcome,) = restore_files(
                find_sources([str(source)]), Order(Path(folder, "out.png")), settings
            )
    beyond = used.bytes - width * height * 3
    print(f"{width} × {height} px, {outcome.status}: {beyond / 2**30:.2f} GiB beyond the picture")


def seam(side: int = 288) -> None:
    """Print how far tiles of 128 px with the default halo are from the whole, in grey levels."""
    import numpy as np
    from PIL import Image

    from agent.files import DEFAULT_WEIGHTS
    from agent.systems.restoration.restorer import HALO, MimoUnetRestorer

    with Image.open(EXAMPLE) as image:
        page = image.convert("RGB").crop((0, 0, side // 3, side // 3))
    soft = np.asarray(page.resize((side, side), Image.BICUBIC)).astype(np.uint16) * 257
    whole = MimoUnetRestorer(DEFAULT_WEIGHTS, precision="fp32")(soft).astype(float)
    for halo in (32, HALO):
        tiled = MimoUnetRestorer(DEFAULT_WEIGHTS, core=128, halo=halo, precision="fp32")(soft)
        difference = np.abs(tiled - whole).max() / 257
        print(f"halo of {halo} px: {difference:.4f} grey levels at most, of 255")


def matmul_rate(dtype, device) -> float:
    """GFLOP/s of the best of five products of two 2048 × 2048 matrices."""
    import torch

    a = (torch.rand(2048, 2048, device=device) * 2).to(dtype)
    product = torch._int_mm if dtype == torch.int8 else torch.matmul
    best = float("inf")
    for _ in range(5):
        began, busy = time.perf_counter(), time.process_time()
        product(a, a)
        if device.type == "cuda":
            torch.cuda.synchronize()
            best = min(best, time.perf_counter() - began)
        else:
            best = min(best, time.process_time() - busy)
    return 2 * 2048**3 / best / 1e9


class Peak:
    """Most memory in use while inside, beyond what was in use at its beginning, in bytes."""

    def __init__(self, device) -> None:
        self.device, self.bytes = device, 0.0

    def __enter__(self) -> Peak:
        if self.device.type == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats()
            self.before = torch.cuda.memory_allocated()
            return self
        self.before, self.over = resident(), threading.Event()
        self.watch = threading.Thread(target=self._watch)
        self.watch.start()
        return self

    def _watch(self) -> None:
        while not self.over.wait(0.005):
            self.bytes = max(self.bytes, resident() - self.before)

    def __exit__(self, *_: object) -> None:
        if self.device.type == "cuda":
            import torch

            self.bytes = torch.cuda.max_memory_allocated() - self.before
            return
        self.over.set()
        self.watch.join()


def resident() -> int:
    """Bytes of this process that are in memory; Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main()
