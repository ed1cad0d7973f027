"""How long the shell waits: `--help`, and a text-only answer in a fresh process.

    python benchmarks/startup.py [--runs 7]

Prints the median and best of wall seconds and of processor seconds, each beside those of an empty
interpreter in the same run; the ratio is what can be compared between machines.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "empty interpreter": [sys.executable, "-c", ""],
    "groundglass --help": [sys.executable, "-m", "agent", "--help"],
    "groundglass ask, text only": [
        *(sys.executable, "-m", "agent", "ask"),
        "Which loss does MIMO-UNet+ use, and why?",
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    base = 0.0
    print(f"{'command':30} {'wall median':>12} {'wall best':>10} {'cpu median':>11} {'ratio':>7}")
    for name, command in COMMANDS.items():
        subprocess.run(command, check=True, capture_output=True)  # fills the caches
        wall, cpu = [], []
        for _ in range(runs):
            before, start = _child_seconds(), time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            wall.append(time.perf_counter() - start)
            cpu.append(_child_seconds() - before)
        base = base or statistics.median(wall)
        ratio = statistics.median(wall) / base
        print(
            f"{name:30} {statistics.median(wall):10.3f} s {min(wall):8.3f} s "
            f"{statistics.median(cpu):9.3f} s {ratio:7.1f}"
        )


def _child_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
