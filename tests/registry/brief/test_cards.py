"""From a brief to the registry of exactly what it lists."""

from __future__ import annotations

import pytest

from agent.answer.wording import plain_flow, plain_workflow
from agent.registry import Registry
from agent.registry.brief import Brief, Entry, read_brief, registry_for
from agent.registry.brief.cards import UNSTATED, sentences_of
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


def test_a_system_that_is_recommended_twice_is_one_card() -> None:
    twice = (_entry("FeatSharp", 5), _entry("It", 8, paper="https://arxiv.org/abs/2502.16025"))
    (card,) = registry_for(Brief("Why?", twice, ()), REGISTRY).cards()
    assert card.id == "feat" and card.links == twice[1].links and card.related == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://arxiv.org/abs/1912.12345v2", "https://ARXIV.org/pdf/1912.12345.pdf"),
        ("https://arxiv.org/abs/1912.12345", "https://doi.org/10.48550/arXiv.1912.12345"),
        ("https://github.com/Lab/Net.git", "https://www.github.com/lab/net/"),
        ("https://example.org/Net", "https://Example.org/net/"),
        ("https://doi.org/10.1234/NET.1", "https://dx.doi.org/10.1234/net.1"),
    ],
)
def test_entries_with_one_link_in_two_spellings_are_one(one: str, other: str) -> None:
    first = _entry("Net", 5, "Net rounds stars.", paper=one)
    second = _entry("Round stars, fast", 9, "Net rounds stars. It fails on comets.", paper=other)
    (card,) = registry_for(Brief("Why?", (first,), (second,)), REGISTRY).cards()
    assert (card.name, card.aliases) == ("Net", ("Round stars, fast",))
    assert [c.text for c in card.claims] == ["Net rounds stars.", "It fails on comets."]
    assert card.links == {"paper": one} and card.related == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"data": "https://example.org/stars"}, {"data": "https://example.org/stars"}),
        ({"project": "https://lab.example.org"}, {"project": "https://lab.example.org"}),
        (
            {"paper": "https://arxiv.org/abs/1912.12345", "code": "https://github.com/lab/all"},
            {"paper": "https://arxiv.org/abs/2012.12345", "code": "https://github.com/lab/all"},
        ),
    ],
)
def test_a_data_set_a_host_or_a_shared_repository_make_no_one_system(
    one: dict[str, str], other: dict[str, str]
) -> None:
    brief = Brief("Why?", (_entry("One net", 5, **one),), (_entry("Another net", 9, **other),))
    assert len(registry_for(brief, REGISTRY)) == 2


def test_a_name_beside_the_paper_of_a_known_system_is_that_system() -> None:
    first = _entry("Nobody knows it", 5, code="https://github.com/fork/feat2")
    second = _entry("FeatSharp", 9, code="https://github.com/fork/feat2")
    (card,) = registry_for(Brief("Why?", (first,), (second,)), REGISTRY).cards()
    assert card.id == "feat"


# --- summaries that say little, or in an odd way ------------------------------------------------


def test_an_empty_summary_states_no_task() -> None:
    (card,) = registry_for(Brief("Why?", (_entry("Empty"),), ()), REGISTRY).cards()
    assert card.task == UNSTATED and card.workflow == () and card.inputs is None
    assert card.summary == "Empty is listed in the brief."
    assert plain_flow(card) == f"input → {card.name} ({UNSTATED}) → result"
    assert all("brief does" not in step.text for step in plain_workflow(card))


def test_a_summary_in_another_language_is_quoted_and_found_by_its_tags() -> None:
    entry = _entry("Entwackler", summary="Entwackler schärft verwackelte Fotos. Das Netz braucht "
                   "zwei Sekunden und ist auf einem Laptop nicht schnell.")  # fmt: skip
    (card,) = registry_for(Brief("Why?", (entry,), ()), REGISTRY).cards()
    assert card.task == UNSTATED and card.summary == entry.summary
    assert "speed" in card.claims[1].tags and "blur" in card.claims[0].tags


def test_chinese_sentences_are_told_apart() -> None:
    entry = _entry("清晰", summary="清晰可以去除照片的模糊。它在手机上运行很快！")
    (card,) = registry_for(Brief("Why?", (entry,), ()), REGISTRY).cards()
    assert [c.text for c in card.claims] == ["清晰可以去除照片的模糊。", "它在手机上运行很快！"]
    assert "blur" in card.claims[0].tags and "speed" in card.claims[1].tags


def test_a_summary_in_markdown_lists_is_read_item_by_item() -> None:
    text = """"Why?"

### Recommended AI Models:
Model: ListNet
Summary:
- **Segments** cells in microscopy images
- Input: a grey image of 512 × 512 px
- Output: one mask per cell;
  drawn as an outline

| a | b |
|---|---|
It can:
1. run on a phone
2. read `.tif` files
"""
    (card,) = registry_for(read_brief(text, "b.md"), REGISTRY).cards()
    assert [claim.text for claim in card.claims] == [
        "Segments cells in microscopy images.",
        "Input: a grey image of 512 × 512 px.",
        "Output: one mask per cell; drawn as an outline.",
        "It can: run on a phone; read .tif files.",
    ]
    assert card.task == "segmenting cells in microscopy images"
    assert card.inputs == "ListNet takes a grey image of 512 × 512 px."
    assert card.outputs == "ListNet gives one mask per cell."


def test_a_summary_that_contradicts_itself_states_no_task_and_keeps_both_sentences() -> None:
    entry = _entry("Torn", summary="Torn enlarges pictures. Torn never enlarges, it colours. "
                   "It does not enlarge pictures.")  # fmt: skip
    (card,) = registry_for(Brief("Why?", (entry,), ()), REGISTRY).cards()
    assert card.task == UNSTATED and len(card.claims) == 3


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
