from agent.answer.ranking import asked_tags, choose
from agent.types import Card, Claim, ParsedQuestion


def claim(id: str, tags: str, mechanism: str | None = None) -> Claim:
    return Claim(id=id, text=id, source="s", tags=tuple(tags.split()), mechanism=mechanism)


def card(*claims: Claim) -> Card:
    return Card(id="c", name="C", task="t", summary="s", links={}, claims=claims)


def ids(claims) -> list[str]:
    return [c.id for c in claims]


def test_what_was_asked_is_covered_before_anything_is_told_twice():
    c = card(claim("e1", "edges", "a"), claim("e2", "edges", "a"), claim("t", "text", "b"))
    relevance = {"c/e1": 0.5, "c/e2": 0.49, "c/t": 0.3}
    assert ids(choose(c.claims, c, relevance, ["edges", "text"], 2)) == ["e1", "t"]


def test_relevance_decides_between_claims_about_the_same():
    c = card(claim("a", "loss"), claim("b", "loss"))
    assert ids(choose(c.claims, c, {"c/a": 0.2, "c/b": 0.6}, ["loss"], 1)) == ["b"]


def test_what_is_neither_asked_nor_close_in_meaning_is_left_out():
    c = card(claim("licence", "licence"), claim("loss", "loss"))
    assert ids(choose(c.claims, c, {"c/licence": 0.3, "c/loss": 0.3}, ["loss"], 5)) == ["loss"]


def test_claims_told_already_are_not_told_again():
    c = card(claim("a", "loss", "m"), claim("b", "loss", "n"))
    assert ids(choose(c.claims, c, {"c/b": 0.2}, ["loss"], 5, beside=[c.claims[0]])) == ["b"]


def test_equal_claims_come_in_the_order_of_the_card():
    c = card(*(claim(name, "edges", name) for name in "dcba"))
    assert ids(
        choose(c.claims, c, dict.fromkeys((f"c/{n}" for n in "dcba"), 0.2), ["edges"], 4)
    ) == ["d", "c", "b", "a"]


def test_effects_come_before_topics_and_once():
    parsed = ParsedQuestion(intent="explain", effects=("text", "edges"), topics=("edges", "loss"))
    assert asked_tags(parsed) == ("text", "edges", "loss")
