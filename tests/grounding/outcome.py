"""What came of each case, and the table of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """One case; it passed where nothing is wrong."""

    group: str
    name: str
    wrong: tuple[str, ...]


def table(outcomes: Sequence[Outcome]) -> str:
    """Cases and passes by group and of all, and the first that failed."""
    failures = [outcome for outcome in outcomes if outcome.wrong]
    cases = Counter(outcome.group for outcome in outcomes)
    failed = Counter(outcome.group for outcome in failures)
    rows = [(group, cases[group], failed[group]) for group in cases]
    rows.append(("all", cases.total(), failed.total()))
    lines = [f"{'group':52} cases  passed"]
    lines += [f"{group:52} {n:5}  {n - bad:5}  {1 - bad / n:6.1%}" for group, n, bad in rows]
    lines += [f"FAILED {o.group}: {o.name}: {'; '.join(o.wrong)}" for o in failures[:_MOST_SHOWN]]
    return "\n".join(lines)
