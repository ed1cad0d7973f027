"""The loss of training runs over their steps, as a picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from agent.errors import InputError
from agent.imaging import plotting

#: A line of the log is the mean over 20 steps of random patches; the curve is the mean over this
#: many lines, since single ones vary more than the loss falls.
SMOOTHED = 10


def read_log(run: Path) -> tuple[list[int], list[float]]:
    """Steps and losses of `run/log.csv`.

    Raises:
        InputError: where there is no such log, or a line of it is not as training writes it.
    """
    path = run / "log.csv"
    try:
        with path.open(newline="") as file:
            lines = [(int(line["step"]), float(line["loss"])) for line in csv.DictReader(file)]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; expected the folder of a run") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is no log of a training run ({error!r})") from error
    if not lines:
        raise InputError(f"{path}: holds no step yet; the first comes after 20")
    return [step for step, _ in lines], [loss for _, loss in lines]


def smoothed(losses: Sequence[float]) -> list[float]:
    """Mean of each loss and those before it, `SMOOTHED` at most."""
    return [
        sum(window) / len(window)
        for i in range(len(losses))
        if (window := losses[max(0, i + 1 - SMOOTHED) : i + 1])
    ]


def plot(runs: Sequence[Path]) -> bytes:
    """The loss of every run over its steps, as PNG: points as logged, and a smoothed line.

    Raises:
        InputError: where matplotlib is missing, or a run has no log.
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
