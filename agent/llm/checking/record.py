"""The result of a check: a verdict on each sentence, with its problems and its facts."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from typing import Literal, get_args

from agent.report.single_line import counted
from agent.types import FrozenModel

Verdict = Literal[
    "quoted", "consistent", "contradicted", "unsupported", "unmatched", "unchecked"
]  # fmt: skip
"""The verdict on a sentence:

- `quoted`: the registry says it word for word.
- `consistent`: facts are close to it, and its numbers, names and links agree with them. Whether it
  means the same was not judged.
- `contradicted`: a close fact gives another number for the same thing.
- `unsupported`: it has a link, a number, a name or a run that nothing supports.
- `unmatched`: no fact is close to it, so it may be true or false.
- `unchecked`: it states nothing that facts could support, like a heading, a question or code, or it
  is in a language in which facts cannot be matched. Its links and names were still checked.
"""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

ProblemKind = Literal["link", "number", "name", "run", "characters", "no-fact"]
KINDS: tuple[ProblemKind, ...] = get_args(ProblemKind)

NOTE = (
    "Links, numbers, names and runs were checked exactly. Meaning was compared by similarity only: "
    "“consistent” does not mean proven, and “unmatched” does not mean false."
)


class Problem(FrozenModel):
    """Something that the registry does not support."""

    kind: ProblemKind
    message: str
    """One line: what is wrong, and what the registry says."""


class CheckedSentence(FrozenModel):
    """A sentence, a table row, a heading or a block of code."""

    text: str
    """The text as written, on one line, without control characters."""
    verdict: Verdict
    cards: tuple[str, ...] = ()
    """Ids of the cards with the closest facts, closest first."""
    facts: tuple[str, ...] = ()
    """Ids of these facts, `card/name`, closest first; for `contradicted`, the facts that give
    another number."""
    evidence: tuple[str, ...] = ()
    """Ids of the measurements that support it, from the report given to the check."""
    problems: tuple[Problem, ...] = ()


class Totals(FrozenModel):
    sentences: int
    verdicts: dict[Verdict, int]
    """Number of sentences per verdict, for all verdicts."""
    problems: dict[ProblemKind, int]
    """Number of problems per kind, for all kinds."""


class CheckedText(FrozenModel):
    """A text checked against the registry."""

    sentences: tuple[CheckedSentence, ...]
    """The sentences in the order of the text."""
    totals: Totals
    registry_sha256: str
    retrieval: str
    """The search mode: `hybrid`, or `lexical` with the reason."""
    note: str = NOTE
    """The limits of the check, for readers of the record alone."""

    @property
    def passed(self) -> bool:
        """Whether the check found no problem."""
        return not any(sentence.problems for sentence in self.sentences)


def totals_of(sentences: tuple[CheckedSentence, ...]) -> Totals:
    problems = [problem.kind for sentence in sentences for problem in sentence.problems]
    verdicts = [sentence.verdict for sentence in sentences]
    return Totals(
        sentences=len(sentences),
        verdicts={verdict: verdicts.count(verdict) for verdict in VERDICTS},
        problems={kind: problems.count(kind) for kind in KINDS},
    )


def summary(checked: CheckedText) -> str:
    """Summarise verdicts and problems in one line."""
    totals = checked.totals
    verdicts = [f"{number} {verdict}" for verdict, number in totals.verdicts.items() if number]
    problems = [f"{kind} {number}" for kind, number in totals.problems.items() if number]
    sentences = counted(totals.sentences, "sentence")
    text = f"{sentences}: {', '.join(verdicts)}." if verdicts else "No sentences to check."
    return f"{text} Problems: {', '.join(problems)}." if problems else f"{text} No problem."
