from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.measures.legibility import Word, agreement, changes, character_error_rate


def test_error_rate_by_hand() -> None:
    # One letter replaced, one lost, one added, over eight letters of reference.
    assert character_error_rate(["abcd", "efgh"], ["abxd", "fghi"]) == pytest.approx(3 / 8)
    assert character_error_rate(["abc"], ["abc"]) == 0
    assert character_error_rate(["ab"], ["unreadable"]) > 1
    with pytest.raises(ValueError, match="no text"):
        character_error_rate([""], ["a"])
    with pytest.raises(ValueError):
        character_error_rate(["a", "b"], ["a"])


def test_agreement_by_hand() -> None:
    # Two of four letters differ, and one of five is missing: 1 - 3/9.
    assert agreement(["abcd", "efghi"], ["axyd", "efgh"]) == pytest.approx(1 - 3 / 9)
    assert agreement([], []) == agreement([""], [""]) == 1
    assert agreement(["abc"], [""]) == 0
    with pytest.raises(ValueError):
        agreement(["a", "b"], ["a"])


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_agreement_is_a_symmetric_share(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    assert 0 <= agreement(first, second) <= 1
    assert agreement(first, second) == pytest.approx(agreement(second, first))
    assert agreement(first, first) == 1


def words(text: str, confidence: float = 0.99) -> list[Word]:
    return [Word(word, confidence) for word in text.split()]


def test_changes_are_found_word_by_word() -> None:
    found = list(changes(words("the shap edge is"), words("the sharp edge")))
    assert [[w.text for w in c.before] for c in found] == [["shap"], ["is"]]
    assert [[w.text for w in c.after] for c in found] == [["sharp"], []]
    assert list(changes(words("the same", 0.2), words("the same", 0.9))) == []


@pytest.mark.parametrize(
    ("before", "after", "doubtful"),
    [
        (0.5, 0.95, False),  # read surely now
        (0.5, 0.85, True),  # still unsure
        (0.99, 0.95, True),  # surer before: the network may have redrawn a letter
    ],
)
def test_a_change_is_doubtful_by_its_confidences(
    before: float, after: float, doubtful: bool
) -> None:
    (change,) = changes(words("shap", before), words("sharp", after))
    assert change.confidence == after
    assert change.is_doubtful(0.9) == doubtful


def test_a_word_that_vanished_is_doubtful() -> None:
    (change,) = changes(words("exit", 0.3), [])
    assert change.confidence == 0 and change.is_doubtful(0.1)
