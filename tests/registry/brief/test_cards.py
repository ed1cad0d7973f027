"""From a brief to the registry of exactly what it lists."""

from __future__ import annotations

import pytest

from agent.errors import InputError
from agent.registry import Registry
from agent.registry.brief import Brief, Entry, registry_for
from agent.registry.brief.cards import sentences_of
from agent.types import Card, Claim


def _card(id: str, name: str, **more: object) -> Card:
    links = {"paper": f"https://example.org/{id}.pdf", "code": f"https://github.com/lab/{id}"}
    fields = {"task": "deblurring", "summary": f"{name} deblurs.", "links": links, **more}
    return Card.model_validate({"id": id, "name": name, **fields})


REGISTRY = Registry.from_cards(
    [
        _card("mimo", "MIMO-UNet", arxiv="2108.05054", related=("feat", "other")),
        _card("mimo-plus", "MIMO-UNet+", aliases=("Deblur-MIMO-UNet-Plus",), tool="restore",
              claims=(Claim(id="c1", text="It deblurs.", source="paper"),)),
        _card("feat", "FeatSharp", title="FeatSharp: Your Vision Model Features, Sharper",
              arxiv="2502.16025", related=("mimo-plus", "other")),
        _card("other", "Other"),
        _card("one", "One of two", links={"code": "https://github.com/lab/both"}),
        _card("two", "Two of two", links={"code": "https://github.com/lab/both"}),
    ]
)  # fmt: skip


def _entry(name: str, line: int = 5, summary: str = "", **links: str) -> Entry:
    return Entry(name, links, summary, line)


def _known(entry: Entry) -> str | None:
    """The id of the registry's card that the entry is taken for."""
    (id,) = registry_for(Brief("Why?", (entry,), ()), REGISTRY)
    card = registry_for(Brief("Why?", (entry,), ()), REGISTRY)[id]
    return id if id in REGISTRY and card.task == "deblurring" else None


@pytest.mark.parametrize(
    ("entry", "id"),
    [
        (_entry("MIMO-UNet+"), "mimo-plus"),
        (_entry("mimo unet plus"), "mimo-plus"),
        (_entry("deblur mimo unet plus"), "mimo-plus"),
        (_entry("MIMO-UNet"), "mimo"),
        (_entry("FeatSharp: Your Vision Model Features, Sharper"), "feat"),
        (_entry("Whatever", paper="https://arxiv.org/pdf/2502.16025v9.pdf"), "feat"),
        (_entry("Whatever", arxiv="https://www.arxiv.org/abs/2502.16025/"), "feat"),
        (_entry("Whatever", doi="https://doi.org/10.48550/arXiv.2502.16025"), "feat"),
        (_entry("Whatever", code="https://www.github.com/Lab/feat.git"), "feat"),
        (_entry("Whatever", paper="https://example.org/other.pdf/"), "other"),
        (_entry("Two of two", code="https://github.com/lab/both"), "two"),
        # Nothing tells the two systems of one repository apart.
        (_entry("Whatever", code="https://github.com/lab/both"), None),
        # The same name, but another paper: another system.
        (_entry("FeatSharp", paper="https://arxiv.org/abs/1912.12345"), None),
        (_entry("MIMO-UNet++"), None),
        (_entry("Nothing like it", paper="https://example.org/x.pdf"), None),
    ],
)
def test_an_entry_is_known_by_name_link_or_arxiv_id(entry: Entry, id: str | None) -> None:
    assert _known(entry) == id


def test_a_known_entry_lends_claims_but_not_links() -> None:
    links = {"code": "https://github.com/lab/mimo-plus"}
    brief = Brief("Why?", (_entry("MIMO-UNet+", **links),), (_entry("FeatSharp", 9),))
    plus, feat = registry_for(brief, REGISTRY).cards()
    assert plus.links == links and plus.claims and plus.tool == "restore"
    assert plus.related == ("feat",)
    assert feat.links == {} and feat.related == ("mimo-plus",)
    assert feat.arxiv is None, "an arXiv id that the brief does not list must not be cited"


def test_an_arxiv_id_that_the_brief_lists_stays() -> None:
    entry = _entry("FeatSharp", paper="https://arxiv.org/abs/2502.16025v1")
    assert registry_for(Brief("Why?", (entry,), ()), REGISTRY)["feat"].arxiv == "2502.16025"


def test_an_unknown_entry_is_what_the_brief_says_of_it() -> None:
    entry = _entry(
        "StarNet: Round Stars, Fast", summary="StarNet rounds stars in 3 s, e.g. Vega. It blurs no "
        "edges. Code is at https://elsewhere.org/x. It fails on comets.",
        paper="https://arxiv.org/abs/1912.12345",
    )  # fmt: skip
    (card,) = registry_for(Brief("Why?", (entry,), ()), REGISTRY).cards()
    assert (card.id, card.name, card.title) == ("starnet", "StarNet", "StarNet: Round Stars, Fast")
    assert card.arxiv == "1912.12345" and card.links == entry.links and card.tool is None
    assert [claim.text for claim in card.claims] == [
        "StarNet rounds stars in 3 s, e.g. Vega.",
        "It blurs no edges.",
        "It fails on comets.",
    ], "a sentence that points to what the brief does not list is left out"
    assert {claim.source for claim in card.claims} == {"the brief"}
    assert card.claims[1].tags == ("blur", "edges")
    assert card.summary == "StarNet rounds stars in 3 s, e.g. Vega. It blurs no edges."


def test_an_entry_of_which_nothing_is_said() -> None:
    (card,) = registry_for(Brief("Why?", (_entry("星网"),), ()), REGISTRY).cards()
    assert card.id == "entry" and card.claims == () and "星网" in card.summary


def test_ids_differ_whatever_the_names() -> None:
    entries = tuple(
        _entry(name, i) for i, name in enumerate(("X-Net", "X: Net", "x!", "MIMO?UNet"))
    )
    assert len(registry_for(Brief("Why?", entries[:1], entries[1:]), REGISTRY)) == len(entries)


def test_recommended_entries_come_first() -> None:
    recommended = (_entry("Zeta", 5), _entry("Other", 7))
    related = (_entry("FeatSharp", 9), _entry("Alpha", 11))
    registry = registry_for(Brief("Why?", recommended, related), REGISTRY)
    assert list(registry) == ["zeta", "other", "feat", "alpha"]
    assert registry["zeta"].related == registry["other"].related == ("feat", "alpha")
    assert registry["feat"].related == ("other",)


def test_the_paper_of_a_recommended_system_is_no_card_of_its_own() -> None:
    recommended = _entry("FeatSharp", 5, code="https://github.com/lab/feat")
    related = _entry("Sharper features", 9, paper="https://arxiv.org/abs/2502.16025")
    (card,) = registry_for(Brief("Why?", (recommended,), (related,)), REGISTRY).cards()
    assert card.links == {**recommended.links, **related.links}
    assert card.related == ()


def test_a_system_recommended_twice_is_refused_with_its_line() -> None:
    twice = (_entry("FeatSharp", 5), _entry("It", 8, paper="https://arxiv.org/abs/2502.16025"))
    with pytest.raises(InputError, match=r"^some\.md:8: 'It' is the system of line 5"):
        registry_for(Brief("Why?", twice, (), "some.md"), REGISTRY)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It gains 1.5 dB. Fine.", ["It gains 1.5 dB.", "Fine."]),
        ("By Cho et al. In 2021 it won.", ["By Cho et al. In 2021 it won."]),
        ('He said "no." Then yes.', ['He said "no."', "Then yes."]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences
