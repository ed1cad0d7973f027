"""What the evidence of a run says, in sentences; each tool words its own.

A sentence is worded by the numbers, for or against, and names the measurements that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent.systems.catalogue import TOOLS
from agent.systems.spec import Wording
from agent.types import ParsedQuestion, RunResult, Section, Statement


def statements(runs: Sequence[RunResult]) -> Iterable[Statement]:
    """Sentences about every run that really ran, in the order of the runs."""
    return (s for run in runs if run.tool in TOOLS
            for s in _worded("evidence", run, TOOLS[run.tool].wording))  # fmt: skip


def read_out(runs: Sequence[RunResult]) -> Iterable[Statement]:
    """What is written in the pictures: the answer to a question about nothing else."""
    for run in runs:
        if run.tool in TOOLS and (wording := TOOLS[run.tool].reads_out):
            yield from _worded("task", run, wording)


def _worded(section: Section, run: RunResult, wording: Wording) -> Iterator[Statement]:
    if run.status != "ran":
        return
    findings = {item.id.rpartition(".")[2]: item for item in run.evidence}
    for sentence, items in wording(run, findings):
        yield Statement(
            section=section,
            text=sentence,
            claims=(f"{run.card}/task",),
            evidence=tuple(item.id for item in items),
        )


def lead(runs: Sequence[RunResult], parsed: ParsedQuestion) -> Iterable[Statement]:
    return ()
