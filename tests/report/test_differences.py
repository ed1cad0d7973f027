"""What counts as the same answer, and what is only told."""

from __future__ import annotations

import io
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from agent.report.difference_text import to_text
from agent.report.differences import Comparison, compare
from agent.text import first_unsafe
from agent.types import (
    Answer,
    Artefact,
    Evidence,
    ParsedQuestion,
    Provenance,
    Question,
    Reference,
    Report,
    RunResult,
    Statement,
    Verification,
)


def png(level: int = 90, size: tuple[int, int] = (12, 8)) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), level, np.uint8)).save(file, "PNG")
    return file.getvalue()


def item(value: float = 2.0, unit: str = "px", method: str = "m") -> Evidence:
    return Evidence(
        id="shot.width", quantity="q", value=value, unit=unit, measured_on="on", method=method
    )


def reference(card: str, **changes: object) -> Reference:
    fields = {"card": card, "name": card, "title": card, "links": {"paper": "https://a.org/"}}
    return Reference.model_validate(fields | changes)


def report(
    evidence: Evidence | None = None,
    picture: bytes | None = None,
    cards: tuple[str, ...] = ("a", "b"),
    status: str = "ran",
    weights: str = "1" * 64,
    **changes: object,
) -> Report:
    evidence, picture = evidence or item(), picture or png()
    run = RunResult(
        card="a",
        tool="restore",
        image="shot.png",
        status=status,
        evidence=(evidence,),
        artefacts=(Artefact(name="shot.png", caption="c", sha256=sha256(picture).hexdigest()),),
        provenance=Provenance(weights_sha256=weights),
    )
    fields = {
        "question": Question(text="Why?"),
        "parsed": ParsedQuestion(intent="explain"),
        "runs": (run,),
        "evidence": (evidence,),
        "answer": Answer(
            status="answered",
            task="t",
            statements=(Statement(section="task", text="s", claims=("a/task",)),),
            references=tuple(map(reference, cards)),
        ),
        "verification": Verification(statements=1),
        "registry_sha256": "a",
        "settings_sha256": "b",
        "settings": {"device": "cpu", "registry": "/here/cards.yaml"},
        "retrieval": "hybrid",
        "version": "1",
        "created": "then",
        "seconds": 1.0,
        "pictures": {"shot.png": picture},
    }
    return Report.model_validate(fields | changes)


def parts(old: Report, new: Report) -> tuple[list[str], list[str], bool]:
    found = compare(old, new)
    return [d.part for d in found.conditions], [d.part for d in found.outcomes], found.same


def test_time_and_place_are_no_difference() -> None:
    later = report(created="now", seconds=9.0, settings={"device": "cpu", "registry": "/there"})
    assert parts(report(), later) == ([], [], True)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"registry_sha256": "c"}, "registry"),
        ({"prompts_sha256": "c"}, "prompts"),
        ({"settings": {"device": "cuda"}}, "settings"),
        ({"weights": "2" * 64}, "weights"),
        ({"version": "2"}, "version"),
        ({"retrieval": "lexical"}, "retrieval"),
        ({"question": Question(text="How?")}, "question"),
    ],
)
def test_what_an_answer_rests_on_is_told_and_does_not_count(changes: dict, part: str) -> None:
    assert parts(report(), report(**changes)) == ([part], [], True)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"cards": ("a",)}, "references"),
        ({"cards": ("b", "a")}, "references"),
        ({"evidence": item(3.0)}, "evidence"),
        ({"evidence": item(unit="dB")}, "evidence"),
        ({"picture": png(95)}, "pictures"),
        ({"picture": png(90, (12, 9))}, "pictures"),
        ({"status": "failed"}, "runs"),
    ],
)
def test_a_different_outcome_makes_two_reports_differ(changes: dict, part: str) -> None:
    found = compare(report(), report(**changes))
    assert part in [d.part for d in found.outcomes] and not found.same
    assert part in to_text(found)


@pytest.mark.parametrize(
    ("old", "new", "within"),
    [
        (item(100.0), item(101.9), True),
        (item(100.0), item(102.1), False),
        (item(0.001, ""), item(0.009, ""), True),
        (item(0.001, ""), item(0.05, ""), False),
        (item(1200, method="counted from the file"), item(1201, method="counted from the file"),
         False),
    ],
)  # fmt: skip
def test_the_tolerance_of_a_measurement(old: Evidence, new: Evidence, within: bool) -> None:
    (found,) = compare(report(old), report(new)).outcomes
    assert (found.part, found.within) == ("evidence", within)


@pytest.mark.parametrize(("words", "within"), [("the quick red fox", True), ("a lot", False)])
def test_words_that_were_read_may_differ_by_a_letter_or_two(words: str, within: bool) -> None:
    old, new = (item().model_copy(update={"text": text}) for text in ("the quick rcd fox", words))
    (found,) = compare(report(old), report(new)).outcomes
    assert (found.within, "alike" in found.note) == (within, True)


def test_pictures_count_by_their_pixels_where_both_are_at_hand() -> None:
    pixels = np.full((8, 12, 3), 90, np.uint8)
    pixels[0] += 3
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    near = report(picture=file.getvalue())
    (found,) = compare(report(), near).outcomes
    assert found.within and "mean difference 0.375" in found.note
    (found,) = compare(report(), near.model_copy(update={"pictures": {}})).outcomes
    assert not found.within
    (found,) = compare(report(pictures={"shot.png": file.getvalue()}), near).outcomes
    assert not found.within  # that file is not the picture that the first report tells of


def test_the_choice_of_facts_counts_unless_a_model_made_it() -> None:
    other = Answer(
        status="answered",
        task="t",
        statements=(Statement(section="task", text="s", claims=("a/summary",)),),
        references=tuple(map(reference, ("a", "b"))),
    )
    found = compare(report(), report(answer=other))
    assert [d.part for d in found.outcomes] == ["statements", "statements"] and not found.same
    assert compare(report(), report(answer=other, tokens=7)).same


def test_other_words_for_the_same_facts_are_no_difference() -> None:
    answer = report().answer
    said = answer.statements[0].model_copy(update={"text": "in other words"})
    assert compare(report(), report(answer=answer.model_copy(update={"statements": (said,)}))).same


def test_what_is_printed_cannot_steer_a_terminal() -> None:
    found = compare(report(), report(version="\x1b[2J\u202e"))
    assert first_unsafe(to_text(found)) is None


def test_one_of_a_kind_is_counted_in_the_singular() -> None:
    compared = {"references": 1, "statements": 2, "evidence": 1, "pictures": 1}
    same = Comparison(conditions=(), outcomes=(), compared=compared, same=True)
    assert to_text(same) == "Same result: 1 reference, 2 statements, 1 measurement, 1 picture."
