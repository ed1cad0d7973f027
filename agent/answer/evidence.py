"""What the evidence of a run says, in sentences: one module a tool.

A sentence is worded by the numbers, for or against, and names the measurements that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agent.systems.features import wording as features
from agent.systems.restoration import ablation_wording as silencing
from agent.systems.restoration import wording as restoration
from agent.systems.rsa import wording as representations
from agent.systems.text import wording as text
from agent.systems.wording import Found, Sentence
from agent.types import RunResult, Section, Statement

_Said = Callable[[RunResult, Found], Iterator[Sentence]]
_SAID: Mapping[str, _Said] = {
    "compare_representations": representations.sentences,
    "restore": restoration.sentences,
    "silence": silencing.sentences,
    "read_text": text.sentences,
    "sharpen_features": features.sentences,
}


def statements(runs: Sequence[RunResult]) -> Iterable[Statement]:
    """Sentences about every run that really ran, in the order of the runs."""
    return (s for run in runs if run.tool in _SAID for s in _stated("evidence", run))


def read_out(runs: Sequence[RunResult]) -> Iterable[Statement]:
    """What is written in the pictures: the answer to a question about nothing else."""
    reading = (run for run in runs if run.tool == "read_text")
    return (s for run in reading for s in _stated("task", run, text.read_out))


def _stated(section: Section, run: RunResult, said: _Said | None = None) -> Iterator[Statement]:
    if run.status != "ran":
        return
    found = {item.id.rpartition(".")[2]: item for item in run.evidence}
    for sentence, items in (said or _SAID[run.tool])(run, found):
        yield Statement(
            section=section,
            text=sentence,
            claims=(f"{run.card}/task",),
            evidence=tuple(item.id for item in items),
        )
