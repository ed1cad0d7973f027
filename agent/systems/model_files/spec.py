"""The tool `model_file`: restoration by the network in a user's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.systems.criterion import EvidenceByKey
from agent.systems.restoration import wording
from agent.systems.restoration.spec import restoring_tool
from agent.systems.spec import Sentence, ToolSpec, Wording
from agent.text import visible
from agent.types import Evidence, RunResult

#: Start of the quantity of the evidence on the network; its name follows.
ENLARGEMENT_BY = "enlargement by "


def _naming_it(worded: Wording) -> Wording:
    """Prepend a sentence on which network ran to the sentences of a restorer."""

    def with_network(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
        yield from _what_ran(run, findings)
        yield from worded(run, findings)

    return with_network


def _what_ran(run: RunResult, findings: EvidenceByKey) -> Iterator[Sentence]:
    if own := findings.get("network-scale"):
        by_itself = f"enlarges {own.value:g} times" if own.value > 1 else "does not enlarge"
        yield Sentence(
            f"{visible(run.image)} was restored by {_network(own)}, which {by_itself}.",
            [own],
            names_system=bool(run.card),
        )


def gist(findings: EvidenceByKey) -> Sentence | None:
    """Return a clause on which network ran and what it did to the edges."""
    clause, own = wording.gist(findings), findings.get("network-scale")
    if clause is None or own is None:
        return clause
    text = f"what ran is {_network(own)}; {clause.text}"
    return clause._replace(text=text, evidence=[*clause.evidence, own])


def _network(own: Evidence) -> str:
    return own.quantity.removeprefix(ENLARGEMENT_BY)


_RESTORER = restoring_tool(
    key="model_file",
    network="the network in a file",
    restorer="agent.systems.model_files.restorer:open_model_file",
    packages=("numpy", "pillow", "spandrel", "torch"),
    limits=(
        "The network that ran is the one in the file that --weights names; what this answer says "
        "about any other network was not tested on the picture.",
    ),
)
MODEL_FILE: ToolSpec = replace(
    _RESTORER,
    entry="agent.systems.model_files.tool:restore",
    wording=_naming_it(_RESTORER.wording),
    gist=gist,
    about={tag: _naming_it(worded) for tag, worded in _RESTORER.about.items()},
    enlarges=True,
    stands_in_for="restore",
    fits="agent.systems.model_files.recognition:holds_another_network",
)
