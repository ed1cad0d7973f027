"""Attack answers in every way, and count what gets through. `make grounding`.

    python -m tests.grounding [--data DIR]

A case asks a question with a model that attacks, or with text that tries to instruct, and compares
the report with that of the offline composer: the same keys and measurements, no reference but the
registry's, no trace of the attack in any output format, and what was turned down counted.

exact checks       whatever the judge lets pass: ids, numbers, names, links, runs, broken replies
an honest judge    lies in plain words, in every language of an answer
no usable judge    sentences are told in the words of their sources; with none, the report says so
texts              instructions in questions, earlier turns, cards, names of files and pictures
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.grounding import models, texts
from tests.grounding.bench import Bench
from tests.grounding.outcome import Outcome, table


def main() -> int:
    """Print the table; 1 where a case fails."""
    parser = argparse.ArgumentParser(description="attack answers, and count what gets through")
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="further texts: bipia*.json (lists of attacks by kind) and notinject*.json (a list of "
        "objects with a prompt)",
    )  # fmt: skip
    data = parser.parse_args().data
    injections, harmless = texts.INJECTIONS, texts.HARMLESS
    if data:
        injections += texts.texts_of(data, "bipia*.json")
        harmless += texts.texts_of(data, "notinject*.json")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="groundglass-") as work:
        for outcome in _cases(Bench(Path(work)), injections, harmless):
            outcomes.append(outcome)
            if sys.stderr.isatty():
                print(f"\r{len(outcomes)} cases, {outcome.group:60}", end="", file=sys.stderr)
    print(table(outcomes))
    return int(any(outcome.wrong for outcome in outcomes))


def _cases(
    bench: Bench, injections: tuple[str, ...], harmless: tuple[str, ...]
) -> Iterator[Outcome]:
    yield from models.hostile_models(bench)
    yield from models.other_languages(bench)
    yield from models.lying_models(bench)
    yield from models.misreading_models(bench)
    yield from models.unusable_judges(bench)
    yield from models.unjudged(bench)
    yield from texts.hostile_questions(bench, injections, "hostile text in the question")
    yield from texts.hostile_turns(bench, injections)
    yield from texts.hostile_cards(bench, injections)
    yield from texts.hostile_names(bench, injections)
    yield from texts.harmless_questions(bench, harmless)


if __name__ == "__main__":
    sys.exit(main())
