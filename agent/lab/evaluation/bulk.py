"""Search for many questions from external data: one line of results per line of questions."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import GroundglassError, InputError
from agent.lab.evaluation.jsonl import read
from agent.question.parse import parse
from agent.registry import Registry
from agent.search import Index
from agent.search.abstaining import abstain
from agent.search.ranking import SEARCHED, rank, threshold_of
from agent.text import visible
from agent.types import Question


def bulk_search(registry: Registry, index: Index, questions: Path, top: int, out: Path) -> int:
    """Search the cards for all questions of a file.

    Args:
        questions: JSONL, `{"id": …, "question": …}` per line; the id is text or a number.
        top: maximum number of cards per question, at least 1.
        out: JSONL in the same order, `{"id", "results", "scores", "abstain", "confidence"}` per
            line; written only when all are done.

    Returns:
        The number of questions.

    Raises:
        InputError: for a file or line that cannot be used, before anything is searched.
        GroundglassError: if `out` cannot be written.
    """
    if top < 1:
        raise InputError(f"top is {top}; expected at least 1 card per question")
    pairs = list(_questions(questions))
    folder = out.absolute().parent
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}-", dir=folder)
    except OSError as error:
        raise _unwritable(out, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for id, question in pairs:
                row = {"id": id, **_results(question, registry, index, top)}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        temporary.chmod(0o644)
        temporary.replace(out)
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return len(pairs)


def _questions(path: Path) -> Iterator[tuple[str | int, Question]]:
    for number, line in read(path, ("question",)):
        place = f"{visible(str(path))}:{number}"
        id = line.get("id")
        if not isinstance(id, (str, int)) or isinstance(id, bool):
            raise InputError(f"{place}: has no id; every line needs a text or number under 'id'")
        try:
            yield id, Question(text=line["question"])
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise InputError(f"{place}: {why}") from None


def _results(question: Question, registry: Registry, index: Index, top: int) -> dict[str, Any]:
    parsed = parse(question.text).model_copy(update={"needs_image": False})
    ranked = rank(question, parsed, registry, index, max(top, SEARCHED))
    threshold = threshold_of(index)
    abstention = abstain(question, parsed, ranked, threshold, registry)
    return {
        "results": [r.card.id for r in ranked[:top]],
        "scores": [round(r.score, 4) for r in ranked[:top]],
        "abstain": abstention is not None,
        "confidence": round(ranked[0].score, 4) if ranked else 0.0,
    }


def _unwritable(out: Path, error: OSError) -> GroundglassError:
    return GroundglassError(
        f"{visible(str(out))}: cannot be written: {error.strerror}; choose another path"
    )
