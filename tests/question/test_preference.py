"""What was measured counts where the question leaves it open; the question wins elsewhere."""

from __future__ import annotations

from agent.question.preference import contradicted, preferred, suits
from agent.systems.condition.traits import DRAWN, PHOTOGRAPH, Trait
from agent.types import Card, Wish

BLOCKY = Trait("shows blocks", (), defects=("jpeg", "compression"))
QUIET = Trait("is hardly noisy", (), defects=("noise",), is_there=False)
DRAWING = Trait("is drawn", (), subjects=DRAWN)
PHOTO = Trait("is shaded", (), subjects=PHOTOGRAPH)
TEXT = Trait("holds small text", (), subjects=("text",))


def test_what_is_left_open_is_preferred() -> None:
    assert [*preferred(Wish(), [BLOCKY, QUIET, DRAWING, TEXT])] == [BLOCKY, DRAWING, TEXT]
    assert [*preferred(Wish(scale=4, removes=("noise",)), [BLOCKY])] == [BLOCKY]


def test_what_the_question_settles_is_not() -> None:
    assert not [*preferred(Wish(removes=("jpeg",)), [BLOCKY])]
    assert not [*preferred(Wish(declines=("jpeg",)), [BLOCKY])]
    assert not [*preferred(Wish(subjects=("photo",)), [DRAWING, PHOTO, TEXT])]
    assert not [*preferred(Wish(declines=("photo",)), [PHOTO])]


def test_where_both_differ_that_is_known() -> None:
    assert [*contradicted(Wish(removes=("noise", "jpeg")), [QUIET, BLOCKY])] == [QUIET]
    assert [*contradicted(Wish(declines=("jpeg", "noise")), [QUIET, BLOCKY])] == [BLOCKY]
    assert [*contradicted(Wish(subjects=("photo",)), [DRAWING])] == [DRAWING]
    assert [*contradicted(Wish(subjects=("anime",)), [PHOTO])] == [PHOTO]
    assert [*contradicted(Wish(declines=("photo",)), [PHOTO])] == [PHOTO]


def test_what_is_no_opposite_is_no_difference() -> None:
    assert not [*contradicted(Wish(subjects=("faces",)), [DRAWING, PHOTO, TEXT])]
    assert not [*contradicted(Wish(subjects=("photo", "anime")), [DRAWING, PHOTO])]
    assert not [*contradicted(Wish(removes=("compression",)), [
        Trait("shows no blocks", (), defects=("jpeg", "compression"), is_there=False)
    ])]  # fmt: skip


def test_a_card_suits_by_any_of_the_keys() -> None:
    card = Card(id="n", name="N", task="t", summary="s", links={}, scale=(4,), subjects=("manga",),
                removes=("compression",))  # fmt: skip
    assert suits(card, DRAWING) and suits(card, BLOCKY) and not suits(card, PHOTO)
