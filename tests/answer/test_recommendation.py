"""A recommendation in words: the best and why, another that differs, a table, and what fails."""

from __future__ import annotations

from typing import Any

from agent.answer.compose import compose
from agent.answer.inquiry import Part
from agent.answer.recommendation import wished
from agent.answer.verify import verify
from agent.question.parse import parse
from agent.types import Answer, Card, Match, Question, Wish
from tests.answer.conftest import Inquire


def model(id: str, licence: str | None = "MIT", **keys: Any) -> Card:
    return Card.model_validate(
        {"id": id, "name": id.upper(), "task": "enlarging pictures", "summary": f"{id} enlarges.",
         "links": {"page": f"https://example.org/{id}"}, "architecture": "ESRGAN",
         "scale": (4,), "subjects": ("photo",),
         "licence": {"name": licence} if licence else None,
         "commercial_use": {"MIT": True, "CC-BY-NC-4.0": False}.get(licence or ""), **keys}
    )  # fmt: skip


def answer(inquire: Inquire, text: str, *cards: Card) -> Answer:
    matches = [Match(card=card.id, score=1, margin=0, reasons=()) for card in cards]
    inquiry = inquire(cards, Part.recommending(text, parse(text), matches))
    composed = compose(inquiry)
    said = "\n".join(statement.text for statement in composed.statements)
    assert verify(composed, said, Question(text=text), (), inquiry.registry).passed
    return composed


def sentences(composed: Answer) -> list[str]:
    return [s.text for s in composed.statements if s.section == "answer" and not s.row]


ASKED = "Which model enlarges photos four times?"


def test_the_best_is_named_with_what_it_does_its_licence_and_why_it_is_first(
    inquire: Inquire,
) -> None:
    composed = answer(inquire, ASKED, model("a", removes=("jpeg",)), model("b"))
    assert (
        composed.task == "You are looking for a model that enlarges 4× and is made for photographs."
    )
    assert sentences(composed)[0] == (
        "Use A: it enlarges 4×, is made for photographs and removes JPEG artefacts. Its licence, "
        "MIT, allows commercial use. Among the models that fit, it is the most specialised match; "
        "only a trial shows which does best on your picture."
    )
    rows = {s.row: s.text for s in composed.statements if s.row}
    assert rows == {
        "A": "4×; photographs; removes JPEG artefacts; ESRGAN; MIT; commercial use allowed",
        "B": "4×; photographs; ESRGAN; MIT; commercial use allowed",
    }
    assert [reference.card for reference in composed.references] == ["a", "b"]


def test_the_only_model_that_fits_is_not_preferred_to_any(inquire: Inquire) -> None:
    (only,) = sentences(answer(inquire, ASKED, model("a")))
    assert "Among" not in only


def test_where_the_best_may_not_be_sold_the_best_that_may_is_named(inquire: Inquire) -> None:
    best = model("a", "CC-BY-NC-4.0")
    _, other = sentences(answer(inquire, ASKED, best, model("b", None), model("c")))
    assert other == (
        "If you want to sell the result, take C: it enlarges 4× and is made for photographs. Its "
        "licence, MIT, allows commercial use."
    )
    _, none = sentences(answer(inquire, ASKED, best, model("b", None)))
    assert none == "No model that fits is known to allow commercial use."


def test_else_one_that_removes_more_or_has_another_network_is_named(inquire: Inquire) -> None:
    noise = model("b", removes=("noise",))
    _, other = sentences(answer(inquire, ASKED, model("a"), model("x"), noise))
    assert other == "If the picture also suffers from noise, take B."
    light = model("b", architecture="SPAN")
    _, other = sentences(answer(inquire, ASKED, model("a"), model("x"), light))
    assert other == "B does the same with another network, SPAN."
    (_,) = sentences(answer(inquire, ASKED, model("a"), model("x")))


def test_a_licence_that_is_not_stated_or_not_known_is_told_as_that(inquire: Inquire) -> None:
    first, *_ = sentences(answer(inquire, ASKED, model("a", None)))
    assert "No licence is stated, so it is unclear whether you may sell the result." in first
    first, *_ = sentences(answer(inquire, ASKED, model("a", "My-Own")))
    assert "It is not known whether its licence, My-Own, allows commercial use." in first


def test_where_nothing_fits_each_of_the_nearest_says_what_it_fails(inquire: Inquire) -> None:
    text = "Which model enlarges anime eight times, removes blur and may be sold?"
    cards = (
        model("size", subjects=("anime",), removes=("blur",)),
        model("same", scale=(1,), subjects=("anime",), removes=("blur",)),
        model("work", scale=(8,), subjects=("anime",)),
        model("terms", "CC-BY-NC-4.0", scale=(8,), subjects=("anime",), removes=("blur",)),
    )
    told = sentences(answer(inquire, text, *cards))
    assert told[0].startswith(
        "No model in the registry meets all your conditions. SIZE enlarges by another factor, but "
        "otherwise fits: it enlarges 4×"
    )
    assert told[1].startswith("SAME does not enlarge, but otherwise fits")
    assert told[2].startswith("WORK does not remove blur, but otherwise fits")
    assert told[3].startswith("TERMS forbids commercial use, but otherwise fits")


def test_what_a_model_is_not_made_for_is_told_without_what_it_is_made_for(
    inquire: Inquire,
) -> None:
    text = "Which model enlarges photos of faces 4x?"
    (only,) = sentences(answer(inquire, text, model("a")))
    assert "A is not made for faces, but otherwise fits" in only


def test_a_wish_is_told_back_whole() -> None:
    wish = Wish(scale=1, subjects=("faces", "any"), removes=("dds", "noise"), commercial=True)
    assert wished(wish) == (
        "You are looking for a model that keeps the size of a picture, is made for faces and "
        "pictures of any kind, removes DDS compression artefacts and noise and may be used "
        "commercially."
    )
    assert wished(Wish(enlarges=True)) == "You are looking for a model that enlarges."
