"""What came of a check: a verdict on each sentence, with its problems and its facts."""

# No `from __future__ import annotations` here: Pydantic would have to compile each one at import.

from typing import Literal, get_args

from agent.report.single_line import counted
from agent.types import Noun

Verdict = Literal[
    "quoted", "consistent", "contradicted", "unsupported", "unmatched", "unchecked"
]  # fmt: skip
"""What is known of a sentence:

- `quoted`: the registry says it word for word.
- `consistent`: facts are near to it, and its numbers, names and links agree with them. Whether it
  means the same was not judged.
- `contradicted`: a fact near to it gives another number for the same thing.
- `unsupported`: it holds a link, a number, a name or a run that nothing bears out.
- `unmatched`: no fact is near to it, which makes it neither true nor false.
- `unchecked`: it states nothing that facts could bear out, as a heading, a question or code, or it
  is in a language in which facts cannot be matched. Its links and names were checked all the same.
"""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

ProblemKind = Literal["link", "number", "name", "run", "characters", "no-fact"]
KINDS: tuple[ProblemKind, ...] = get_args(ProblemKind)

NOTE = (
    "Links, numbers, names and runs were checked exactly. Meaning was compared by nearness alone: "
    "“consistent” is not proven, and “unmatched” is not false."
)


class Problem(Noun):
    """One thing that the registry does not bear out."""

    kind: ProblemKind
    message: str
    """One line: what is wrong, and what the registry says."""


class CheckedSentence(Noun):
    """A sentence, a row of a table, a heading or a block of code."""

    text: str
    """As written, on one line, without control characters."""
    verdict: Verdict
    cards: tuple[str, ...] = ()
    """Ids of the cards whose facts are near to it, nearest first."""
    facts: tuple[str, ...] = ()
    """Ids of these facts, `card/name`, nearest first; where the verdict is `contradicted`, the
    facts that give another number."""
    evidence: tuple[str, ...] = ()
    """Ids of the measurements that bear it out, of the report that the check was given."""
    problems: tuple[Problem, ...] = ()


class Totals(Noun):
    sentences: int
    verdicts: dict[Verdict, int]
    """How many sentences have each verdict; all verdicts are there."""
    problems: dict[ProblemKind, int]
    """How many problems there are of each kind; all kinds are there."""


class CheckedText(Noun):
    """A text held against the registry."""

    sentences: tuple[CheckedSentence, ...]
    """In the order of the text."""
    totals: Totals
    registry_sha256: str
    retrieval: str
    """How facts were searched: `hybrid`, or `lexical` with the reason in words."""
    note: str = NOTE
    """How far the check goes, for whoever reads the record alone."""

    @property
    def passed(self) -> bool:
        """Whether no problem was found."""
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
    """How many sentences have which verdict, and how many problems there are, in one line."""
    totals = checked.totals
    verdicts = [f"{number} {verdict}" for verdict, number in totals.verdicts.items() if number]
    problems = [f"{kind} {number}" for kind, number in totals.problems.items() if number]
    sentences = counted(totals.sentences, "sentence")
    told = f"{sentences}: {', '.join(verdicts)}." if verdicts else "There is no sentence to check."
    return f"{told} Problems: {', '.join(problems)}." if problems else f"{told} No problem."
