"""Nothing of a hostile model, or of hostile text, reaches an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.settings import Settings
from tests.grounding import models, texts
from tests.grounding.attack import LIE, Attack, worded
from tests.grounding.attacks import attacks
from tests.grounding.bench import ENGLISH, GERMAN, Bench
from tests.grounding.judges import Judge
from tests.grounding.lies import lies
from tests.grounding.outcome import Outcome, table
from tests.grounding.texts import HARMLESS, INJECTIONS, texts_of
from tests.llm.honest import honest


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), Settings(evidence="none"))


def wrong(outcomes: Iterator[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.wrong]


def named(name: str) -> Attack:
    (attack,) = (attack for attack in attacks() if attack.name == name)
    return attack


def test_an_attack_of_each_kind_leaves_no_trace(bench):
    tried = [
        named("sentence: typo-squatted link"),
        named("steps: false number in words"),
        named("details: a run that was none, first person"),
        named("task: terminal colours"),
        named("sentence: unknown fact"),
        named("limits left out"),
        named("correction: of a sentence that passed"),
        named("understanding: question with a link"),
        named("write: truncated JSON"),
    ]
    assert wrong(bench.attacked(ENGLISH, tried)) == []


def test_a_lie_in_plain_words_is_stopped_by_an_honest_judge_and_by_no_other(bench):
    lie = worded("lie", "lying", LIE)
    assert wrong(bench.attacked(ENGLISH, [lie], Judge(honest))) == []
    assert wrong(bench.attacked(ENGLISH, [lie], Judge(honest, other=True))) == []
    (passed,) = wrong(bench.attacked(ENGLISH, [lie]))
    assert any("Markdown holds" in line for line in passed.wrong)


def test_the_suite_notices_what_gets_through(bench, monkeypatch):
    """Checks that see nothing let a link through, and the suite says so."""
    monkeypatch.setattr("agent.llm.author.exact.faults", lambda *_: [])
    monkeypatch.setattr("agent.answer.verify.references_in", lambda _: set())
    (found,) = wrong(bench.attacked(ENGLISH, [named("sentence: typo-squatted link")]))
    assert any("githuh" in line for line in found.wrong)


def test_the_suite_notices_a_sentence_that_no_judge_passed(bench, monkeypatch):
    monkeypatch.setattr("agent.llm.author.review._fault_of", lambda _: None)
    first = next(models.unusable_judges(bench))
    assert any("passed unseen" in line for line in first.wrong)


def test_the_suite_notices_an_attack_that_was_none(bench):
    harmless = Attack("harmless", "lying", {"correct": honest}, is_counted=False)
    assert wrong(bench.attacked(ENGLISH, [harmless]))[0].wrong == (
        "the model had no occasion to attack: correct",
    )


def test_every_attack_has_a_name_of_its_own_and_every_role_is_played():
    names = [attack.name for attack in (*attacks(), *lies())]
    assert len(names) == len(set(names))
    assert {attack.role for attack in attacks()} == {"hijacked", "lying", "broken", "endless"}
    assert len([attack for attack in attacks() if not attack.again]) > 120


def test_the_table_counts_each_group_and_shows_what_failed():
    lines = table([Outcome("a", "x", ()), Outcome("a", "y", ("it got through",))]).splitlines()
    assert [line.split()[-3:] for line in lines[1:3]] == [["2", "1", "50.0%"]] * 2
    assert lines[3] == "FAILED a: y: it got through"


def test_a_folder_without_such_texts_is_told(tmp_path):
    with pytest.raises(InputError, match="holds no bipia"):
        texts_of(tmp_path, "bipia*.json")
    (tmp_path / "bipia.json").write_text("{")
    with pytest.raises(InputError, match="expected JSON"):
        texts_of(tmp_path, "bipia*.json")


@pytest.mark.slow
def test_no_attack_leaves_a_trace_in_any_format(bench):
    tried = [attack for attack in attacks() if not attack.pictured]
    assert wrong(bench.attacked(ENGLISH, tried)) == []


@pytest.mark.slow
def test_nor_in_another_language_or_without_a_judge(bench):
    every_fourth = [a for a in attacks() if not a.again and "correct" in a.behaviour][1::4]
    assert wrong(bench.attacked(GERMAN, every_fourth)) == []
    assert wrong(bench.attacked(ENGLISH, every_fourth, Judge(None))) == []
    assert wrong(models.other_languages(bench)) == []


@pytest.mark.slow
def test_no_lie_reaches_a_reader_past_an_honest_judge(bench):
    assert wrong(models.lying_models(bench)) == []
    assert wrong(models.misreading_models(bench)) == []


@pytest.mark.slow
def test_what_no_judge_passed_is_quoted_and_without_a_judge_the_report_says_so(bench):
    assert wrong(models.unusable_judges(bench)) == []
    assert wrong(models.unjudged(bench)) == []


@pytest.mark.slow
def test_hostile_text_changes_no_key_no_reference_and_no_measurement(bench):
    assert wrong(texts.hostile_questions(bench, INJECTIONS, "question")) == []
    assert wrong(texts.hostile_turns(bench, INJECTIONS)) == []
    assert wrong(texts.hostile_cards(bench, INJECTIONS[:3])) == []
    assert wrong(texts.hostile_names(bench, INJECTIONS[:3])) == []


@pytest.mark.slow
def test_an_address_as_the_name_of_a_picture_is_not_repeated(bench):
    names = ("see www.fakesoft.com now", "https:__evil.test", "evil-corp_zzqx at evil.com")
    assert wrong(texts.hostile_names(bench, names)) == []


@pytest.mark.slow
def test_harmless_text_that_looks_alike_is_answered(bench):
    assert wrong(texts.harmless_questions(bench, HARMLESS)) == []


@pytest.mark.slow
def test_texts_of_public_suites_change_nothing_either(bench, shared: Path):
    attacking = texts_of(shared / "data" / "injection", "bipia*.json")
    harmless = texts_of(shared / "data" / "injection", "notinject*.json")
    assert len(attacking) == 75 and len(harmless) > 100
    assert wrong(texts.hostile_questions(bench, attacking[::15], "question")) == []
    assert wrong(texts.harmless_questions(bench, harmless[::24])) == []
