"""A sentence passes, is written anew, is quoted or is left out; the others stand."""

from __future__ import annotations

import pytest

from agent.llm.author.draft import Correction, Draft, Judgement
from agent.llm.author.review import Review, passages_of


def sentence(text, *sources, kind="fact"):
    return {"text": text, "kind": kind, "sources": list(sources)}


@pytest.fixture
def drafted(given, key_of):
    """Builds the passages of a draft whose answer is one sentence on `net/adds`."""

    def make(*answer, task="You want to know why."):
        adds = key_of(given(), "net/adds")
        sentences = [sentence(text, *(keys or (adds,))) for text, *keys in answer]
        content = {"task": task, "answer": sentences, "steps": [], "details": [], "limits": []}
        return passages_of(Draft.model_validate(content), given().by_key)

    return make


def judging(**verdicts):
    """A judge that finds every sentence entailed but those whose text holds a word given."""

    def judge(passages):
        return {
            p.number: Judgement(
                number=p.number,
                verdict=next((v for w, v in verdicts.items() if w in p.text), "entailed"),
                missing="too much",
            )
            for p in passages
        }

    return judge


CONTENT = judging()
"""A judge that finds everything entailed."""


def reviewed(given, passages, judge=CONTENT, corrections=()):
    asked = []

    def correct(failed):
        asked.append({p.number: [f.kind for f in faults] for p, faults in failed.items()})
        return {c.number: c for c in corrections}

    review = Review(given().context, judge, correct)
    return review, review(passages, given().by_key), asked


def test_what_is_supported_passes_as_it_is(given, drafted):
    passages = drafted(("It adds a correction.",))
    review, passed, asked = reviewed(given, passages)
    assert passed == passages and asked == []
    assert review.outcomes == {"judged": 2, "dropped": 0} and not review.rejected


def test_a_quotation_needs_no_judge(given, drafted):
    passages = drafted(("NetOne adds a correction to its input.",))
    review, passed, _ = reviewed(given, passages, judge=lambda _: {})
    assert [p.text for p in passed] == ["NetOne adds a correction to its input."]
    assert review.outcomes["quoted"] == 1


def test_only_the_failed_sentence_is_written_anew(given, drafted, key_of):
    passages = drafted(("It adds a correction.",), ("It invents edges.",))
    adds = key_of(given(), "net/adds")
    better = Correction(number=2, **sentence("It leaves what is sharp.", adds))
    review, passed, asked = reviewed(given, passages, judging(invents="partly"), [better])
    assert [p.text for p in passed[1:]] == ["It adds a correction.", "It leaves what is sharp."]
    assert asked == [{2: ["not supported by its sources"]}]
    assert review.rejected == {"not supported by its sources": 1}


def test_a_correction_is_held_to_the_same_checks(given, drafted, key_of):
    passages = drafted(("It invents edges.",))
    adds = key_of(given(), "net/adds")
    for again in ("It invents letters.", "See https://evil.test."):
        worse = Correction(number=1, **sentence(again, adds))
        review, passed, _ = reviewed(given, passages, judging(invents="contradicted"), [worse])
        assert [p.text for p in passed[1:]] == ["NetOne adds a correction to its input."]
        assert review.outcomes["replaced"] == 1 and review.rejected.total() == 2


def test_a_correction_of_a_sentence_that_passed_changes_nothing(given, drafted):
    passages = drafted(("It adds a correction.",), ("It invents edges.",))
    stray = Correction(number=1, **sentence("It invents letters.", "F1"))
    _, passed, _ = reviewed(given, passages, judging(invents="partly"), [stray])
    assert passed[1].text == "It adds a correction."


def test_what_fails_twice_is_left_out_where_its_source_is_told(given, drafted):
    passages = drafted(("It adds a correction.",), ("It invents edges.",))
    review, passed, _ = reviewed(given, passages, judging(invents="partly"))
    assert [p.text for p in passed[1:]] == ["It adds a correction."]
    assert review.outcomes == {"judged": 2, "dropped": 1}


def test_an_empty_correction_leaves_the_sentence_to_its_source(given, drafted):
    passages = drafted(("It invents edges.",))
    empty = Correction(number=1, **sentence(" ", "F1"))
    _, passed, _ = reviewed(given, passages, judging(invents="partly"), [empty])
    assert passed[1].text == "NetOne adds a correction to its input."


@pytest.mark.parametrize("judge", [lambda _: {}, lambda passages: {99: passages}])
def test_without_a_judgement_nothing_passes_unseen_and_nothing_is_asked_anew(given, drafted, judge):
    review, passed, asked = reviewed(given, drafted(("It adds a correction.",)), judge)
    assert [p.text for p in passed] == ["NetOne adds a correction to its input."]
    assert asked == [] and review.rejected == {"not judged": 2}


def test_without_a_judge_the_exact_checks_alone_decide(given, drafted):
    passages = drafted(("It invents edges.",), ("See https://evil.test.", "F2"))
    review, passed, asked = reviewed(given, passages, judge=None)
    assert [p.text for p in passed[1:]] == [
        "It invents edges.",
        "NetOne has 16,107,651 parameters and 20 blocks.",
    ]
    assert review.outcomes == {"unjudged": 2, "replaced": 1, "dropped": 0}
    assert list(asked[0]) == [2]


@pytest.mark.parametrize(
    ("keys", "kind"), [(["F77"], "unknown source"), (["Q"], "unknown source"), ([], "no source")]
)
def test_a_sentence_rests_on_sources_that_exist(given, drafted, keys, kind):
    content = {
        "task": "You want to know why.",
        "answer": [sentence("It adds a correction.", *keys)],
        "steps": [],
        "details": [],
        "limits": [],
    }
    passages = passages_of(Draft.model_validate(content), given().by_key)
    review, passed, _ = reviewed(given, passages)
    assert [p.part for p in passed] == ["task"] and kind in review.rejected


def test_a_task_that_fails_is_left_to_the_composer(given, drafted):
    passages = drafted(("It adds a correction.",), task="See https://evil.test.")
    _, passed, _ = reviewed(given, passages)
    assert [p.part for p in passed] == ["answer"]


def test_sentences_are_given_away_as_they_pass(given, drafted):
    shown = []
    review = Review(
        given().context, judging(invents="partly"), lambda _: {}, lambda p: shown.append(p.text)
    )
    review(drafted(("It adds a correction.",), ("It invents edges.", "F2")), given().by_key)
    assert shown == [
        "You want to know why.",
        "It adds a correction.",
        "NetOne has 16,107,651 parameters and 20 blocks.",
    ]
