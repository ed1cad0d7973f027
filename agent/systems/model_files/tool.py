"""The tool `model_file`: the tool `restore` with the network in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from agent.settings import Settings
from agent.systems.evidence import Measurement, evidence_of
from agent.systems.model_files.restorer import ModelFileRestorer
from agent.systems.model_files.spec import ENLARGEMENT_BY
from agent.systems.restoration import tool
from agent.systems.spec import Job, Progress, Restorer, ToolOutput


def restore(
    open_restorer: Callable[[Settings], Restorer],
    job: Job,
    settings: Settings,
    progress: Progress,
) -> ToolOutput:
    """Enlarge by `job.factor` and restore, and report the network; raises as `restore` does."""
    networks: list[ModelFileRestorer] = []

    def open_known(settings: Settings) -> Restorer:
        network = cast(ModelFileRestorer, open_restorer(settings)).known_as(job.file_card)
        networks.append(network)
        return network

    output = tool.restore(open_known, job, settings, progress)
    (network,) = networks
    scale = Measurement(
        key="network-scale",
        quantity=f"{ENLARGEMENT_BY}{network.name}",
        value=network.scale,
        unit="×",
        method=f"read from the weights in {network.file}, architecture {network.architecture}"
        + "".join(f"; {note}" for note in network.notes),
        on="restored",
    )
    return replace(output, evidence=(*evidence_of(job, [scale]), *output.evidence))
