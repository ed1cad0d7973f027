"""What the evidence of a run says, in sentences: one module a tool.

A sentence is worded by the numbers, for or against, and names the measurements that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agent.findings import restoration
from agent.findings.reading import Found, Sentence
from agent.types import RunResult, Statement

_SAID: Mapping[str, Callable[[RunResult, Found], Iterator[Sentence]]] = {
    "restore": restoration.sentences,
}


def statements(runs: Sequence[RunResult]) -> Iterable[Statement]:
    """Sentences about every run that really ran, in the order of the runs."""
    for run in runs:
        if run.status != "ran" or run.tool not in _SAID:
            continue
        found = {item.id.rpartition(".")[2]: item for item in run.evidence}
        for text, items in _SAID[run.tool](run, found):
            yield Statement(
                section="evidence",
                text=text,
                claims=(f"{run.card}/task",),
                evidence=tuple(item.id for item in items),
            )
