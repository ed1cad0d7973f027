"""Plot of the loss of training runs over their steps."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from agent.errors import InputError
from agent.imaging import plotting

#: Number of log lines to average for the curve. A line is the mean over 20 steps of random patches
#: and varies more than the loss decreases.
SMOOTHED = 10


def read_log(run: Path) -> tuple[list[int], list[float]]:
    """Read steps and losses from `run/log.csv`.

    Raises:
        InputError: if there is no such log, or a line is invalid.
    """
    path = run / "log.csv"
    try:
        with path.open(newline="") as file:
            lines = [(int(line["step"]), float(line["loss"])) for line in csv.DictReader(file)]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected the folder of a run") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not the log of a training run ({error!r})") from error
    if not lines:
        raise InputError(f"{path}: has no step yet; the first is logged after 20")
    return [step for step, _ in lines], [loss for _, loss in lines]


def smoothed(losses: Sequence[float]) -> list[float]:
    """Return moving averages over at most `SMOOTHED` losses."""
    return [
        sum(window) / len(window)
        for i in range(len(losses))
        if (window := losses[max(0, i + 1 - SMOOTHED) : i + 1])
    ]


def plot(runs: Sequence[Path]) -> bytes:
    """Plot the loss of all runs over their steps as PNG, with logged points and smoothed lines.

    Raises:
        InputError: if matplotlib is missing, or a run has no log.
    """
    logs = {run: read_log(run) for run in runs}
    if find_spec("matplotlib") is None:
        raise InputError("a plot needs matplotlib; pip install 'groundglass[vision]'")
    figure = plotting.figure(8, 4.5, 120)
    axes = figure.add_subplot()
    for run, (steps, losses) in logs.items():
        points = axes.plot(steps, losses, ".", markersize=2, alpha=0.4)[0]
        axes.plot(steps, smoothed(losses), color=points.get_color(), label=str(run))
    axes.set(xlabel="step", ylabel="loss over three scales", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    return plotting.png(figure)
