"""The measure of answers: on reports made for the test, then on real ones."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import registry as registries
from agent.cli import main
from agent.errors import InputError
from agent.files import DATA, DEFAULT_REGISTRY
from agent.lab.evaluation.answers import (
    KINDS,
    MEASURES,
    AnswerQuality,
    Case,
    Outcome,
    Share,
    evaluate,
    judge,
    read_questions,
)
from agent.question.parse import parse
from agent.settings import Settings
from agent.types import (
    Abstention,
    Answer,
    Match,
    ParsedQuestion,
    Question,
    Report,
    Statement,
    Verification,
)

EVERYDAY = Path(__file__).with_name("everyday.jsonl")
#: Least shares on the everyday questions, over all kinds.
BARS = {"card": 0.0, "opening": 0.0, "length": 0.0, "abstention": 0.0}


def report(*statements: Statement, **more: Any) -> Report:
    """An answer of these sentences; `task`, `status` and `limits` are those of the answer."""
    text = more.pop("text", "How many layers are there?")
    answer = {"status": "answered", "task": "You ask how many layers there are."}
    answer |= {key: more.pop(key) for key in ("status", "task", "limits", "listing") if key in more}
    return Report.model_validate(
        {
            "question": Question(text=text),
            "parsed": parse(text),
            "answer": Answer.model_validate({**answer, "statements": statements}),
            "verification": Verification(statements=len(statements)),
            "registry_sha256": "0" * 64,
            "settings_sha256": "0" * 64,
            "retrieval": "lexical",
            "version": "0",
            "created": "",
            "seconds": 0.0,
            **more,
        }
    )


def said(text: str, *claims: str, section: str = "answer", row: str | None = None) -> Statement:
    return Statement.model_validate(
        {"section": section, "text": text, "claims": claims, "row": row}
    )


def asked(**keys: Any) -> Case:
    return Case(question="How many layers are there?", **keys)


def declined(reason: str = "no_model") -> Report:
    why = "I know nothing vetted about Topaz."
    abstention = Abstention.model_validate({"reason": reason, "explanation": why})
    return report(status="cannot_answer", limits=(why,), abstention=abstention)


def fault(measure: str, one: Case, shown: Report) -> str | None:
    return judge(one, shown).faults.get(measure)


# --- the right card ---------------------------------------------------------------------------


def test_the_card_is_the_one_that_the_direct_answer_cites_first() -> None:
    match = Match(card="a", score=0.9, margin=0.5, reasons=())
    one = report(said("Later.", "c/task", section="task"), said("x", "b/x", "c/x"), matches=[match])
    assert fault("card", asked(cards=["b"]), one) == ""
    assert fault("card", asked(cards=["c", "a"]), one) == "is about b, expected c or a"


def test_where_nothing_is_cited_the_first_match_is_the_card_and_a_refusal_has_none() -> None:
    match = Match(card="a", score=0.9, margin=0.5, reasons=())
    assert fault("card", asked(cards=["a"]), report(matches=[match])) == ""
    assert fault("card", asked(cards=["a"]), declined()) == "is about no system, expected a"
    assert fault("card", asked(), declined()) is None


# --- the opening ------------------------------------------------------------------------------


def test_the_opening_is_the_direct_answer_with_its_rows_and_what_is_to_be_copied() -> None:
    one = report(
        said("There are 20 layers."),
        said("It has 8.", row="The small one"),
        said("Blur is gone.", section="workflow"),
        listing="groundglass ask",
    )
    wanted = [["20"], ["the small"], ["8", "eight"], ["groundglass ask"]]
    assert fault("opening", asked(lead_must=wanted), one) == ""
    assert "lacks 'blur'" in (fault("opening", asked(lead_must=[["blur"]]), one) or "")


def test_where_there_is_no_direct_answer_the_task_and_the_reason_open() -> None:
    assert fault("opening", asked(lead_must=[["topaz"]]), declined()) == ""
    small_talk = report(task="You are welcome.")
    assert fault("opening", asked(lead_must=[["welcome"]]), small_talk) == ""


def test_what_must_not_be_said_is_looked_for_in_the_task_too() -> None:
    one = report(said("There are 20 layers."))
    assert fault("opening", asked(lead_must_not=["you ask how"]), one)
    assert fault("opening", asked(lead_must_not=["you saw"]), one) == ""
    assert fault("opening", asked(), one) is None


@pytest.mark.parametrize(
    ("words", "text", "there"),
    [
        ("ten", "It has ten.", True),
        ("ten", "Attention is often used.", False),
        ("invent", "It invents detail", True),
        ("no,", "No, it is not", True),
        ("7×7", "windows of 7×7 positions", True),
        ("26", "some 26 GB.", True),
        ("26", "it is 26.5 GB", False),
        ("26", "it is 1.26 GB", False),
        ("3", "3,000 steps", False),
        ("60 %", "60\N{NO-BREAK SPACE}% of them", True),
        ("--weights", "use --weights FILE", True),
    ],
)
def test_words_count_at_the_beginning_of_a_word_and_numbers_as_a_whole(words, text, there) -> None:
    assert (fault("opening", asked(lead_must=[[words]]), report(said(text))) == "") == there


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_number_is_no_other_number(wanted: int, told: int) -> None:
    one = report(said(f"It takes {told:,} steps."))
    assert (fault("opening", asked(lead_must=[[f"{wanted:,}"]]), one) == "") == (wanted == told)


# --- length and abstention --------------------------------------------------------------------


def test_what_stands_before_the_references_counts_and_what_follows_does_not() -> None:
    long = "word " * 100
    one = report(said(long), said(long, section="workflow"), said(long, section="limits"))
    assert fault("length", asked(kind="define"), one) == (
        "has 207 words before the references, at most 200"
    )
    assert fault("length", asked(kind="compare"), one) == ""


def test_several_questions_may_be_as_long_as_their_answers_together() -> None:
    one = report(said("word " * 280))
    assert fault("length", asked(kind="several"), one)
    parts = ("Who made LLaVAR?", "How many layers are there?")
    parsed = ParsedQuestion(intent="fact", parts=parts)
    assert fault("length", asked(kind="several"), one.model_copy(update={"parsed": parsed})) == ""
    assert judge(asked(), one.model_copy(update={"parsed": parsed})).kind == "several"


def test_declining_is_right_exactly_where_there_is_no_answer() -> None:
    answered = report(said("There are 20."))
    outside, inside = asked(answers=False), asked(answers=True)
    assert fault("abstention", outside, declined()) == ""
    assert fault("abstention", inside, answered) == ""
    assert fault("abstention", outside, answered) == "answers what has no answer"
    assert fault("abstention", inside, declined()) == "declines what has an answer"
    assert fault("abstention", inside, declined("needs_image")) == ""


def test_without_a_word_on_it_a_question_has_an_answer_where_anything_is_asked_of_it() -> None:
    assert asked(cards=["a"]).is_answerable and asked(lead_must=[["a"]]).is_answerable
    assert not asked(lead_must_not=["a"]).is_answerable
    assert not asked(cards=["a"], answers=False).is_answerable


# --- files and results ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"question": " "}, "the question is empty"),
        ({"question": "a", "kind": "poem"}, "'kind' does not fit"),
        ({"question": "a", "lead_must": ["b"]}, r"'lead_must\.0' does not fit"),
        ({"question": "a", "cards": ["nobody"]}, "no card 'nobody'"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, line: Any, why: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"question": "a"}}\n{json.dumps(line)}\n')
    with pytest.raises(InputError, match=rf"q\.jsonl:2: .*{why}"):
        list(read_questions(file, registries.load(DEFAULT_REGISTRY)))


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text("\n")
    with pytest.raises(InputError, match="has no questions"):
        list(read_questions(tmp_path / "q.jsonl", registries.load(DEFAULT_REGISTRY)))


def test_shares_are_of_what_was_judged_and_failures_say_what_is_wrong() -> None:
    found = AnswerQuality(
        [
            Outcome("a", "One?", "fact", {"card": "", "length": ""}),
            Outcome("b", "Two?", "fact", {"card": "is about c", "length": ""}),
            Outcome("c", "Three?", "chat", {"length": "has 41 words"}),
        ]
    )
    assert found.shares()["card"] == Share(1, 2)
    assert found.shares()["opening"].value == 1
    assert found.shares("fact")["all"] == Share(1, 2)
    assert [one.id for one in found.failures] == ["b", "c"]
    table = found.to_table().splitlines()
    assert table[0].split() == ["kind", *MEASURES, "all"]
    assert [line.split()[0] for line in table[1:4]] == ["fact", "chat", "all"]
    assert "b (fact): Two?" in table and "  card: is about c" in table
    whole = json.loads(json.dumps(found.to_dict()))
    assert whole["kinds"]["all"]["all"] == {"right": 1, "judged": 3, "share": 1 / 3}
    assert whole["failures"][1]["faults"] == {"length": "has 41 words"}


@pytest.mark.slow
def test_the_command_asks_the_program_without_a_model(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("GROUNDGLASS_MODEL", "openai:none")
    lines = [
        {"id": "x1", "question": "What is LLaVAR?", "cards": ["llavar"], "lead_must": [["words"]]},
        {"question": "How do I descale a kettle with vinegar?", "answers": False, "kind": "how_to"},
        {"question": "What is FeatSharp?", "cards": ["llavar"], "note": "the wrong card"},
    ]
    file = tmp_path / "q.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    assert main(["evaluate", "answers", "--questions", str(file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["questions"] == 3
    assert result["kinds"]["how_to"]["abstention"] == {"right": 1, "judged": 1, "share": 1.0}
    wrong = {one["id"]: one["faults"] for one in result["failures"]}
    assert "card" not in wrong.get("x1", {})
    assert wrong["line 3"]["card"] == "is about featsharp, expected llavar"
    assert main(["evaluate", "answers", "--questions", str(file)]) == 0
    assert "): What is FeatSharp?\n  card: is about featsharp" in capsys.readouterr().out


# --- the everyday questions -------------------------------------------------------------------


def test_the_everyday_questions_cover_every_kind_and_card() -> None:
    registry = registries.load(DEFAULT_REGISTRY)
    every = [one for one, _ in read_questions(EVERYDAY, registry)]
    assert len(every) == len({one.id for one in every}) == 200
    assert {one.kind for one in every} == set(KINDS)
    cards = Counter(one.cards[0] for one in every if one.cards)
    assert all(cards[card.id] >= 36 for card in registry.cards())
    assert sum(not one.is_answerable for one in every) == 20


def test_no_everyday_question_is_one_that_the_match_was_fitted_on() -> None:
    fitted = (DATA / "outside_questions.txt").read_text("utf-8").casefold().splitlines()
    every = {
        one.question.casefold()
        for one, _ in read_questions(EVERYDAY, registries.load(DEFAULT_REGISTRY))
    }
    assert len(fitted) == len(set(fitted)) and every.isdisjoint(fitted)


@pytest.mark.slow
def test_everyday_questions_are_answered() -> None:
    found = evaluate(EVERYDAY, Settings())
    shares = {name: share.value for name, share in found.shares().items()}
    assert all(shares[name] >= bar for name, bar in BARS.items()), found.to_table()
