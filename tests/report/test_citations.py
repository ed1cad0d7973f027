"""BibTeX and CSL-JSON: kinds of entries, keys, escapes, and that readers can read them."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report.citations import to_bibtex, to_csl_json
from agent.types import Reference


def fields(entry: str) -> dict[str, str]:
    """Fields of one entry, read as BibTeX does: by counting braces. `type` and `key` are added."""
    head = re.match(r"@(\w+)\{([^,\s]+),\n", entry)
    assert head
    found = {"type": head[1], "key": head[2]}
    position = head.end()
    while match := re.compile(r"\s*(\w+) = \{").match(entry, position):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(entry[end], 0)
            end += 1
        found[match[1]] = entry[match.end() : end - 1]
        assert entry[end] == ","
        position = end + 1
    assert entry[position:].strip() == "}"
    return found


def csl(reference: Reference) -> dict[str, object]:
    (item,) = json.loads(to_csl_json([reference]))
    assert isinstance(item, dict)
    return item


def test_a_conference_paper_is_cited_with_its_proceedings(make: SimpleNamespace) -> None:
    entry = fields(to_bibtex([make.reference()]))
    assert entry["type"] == "inproceedings"
    assert entry["key"] == "cho2021rethinking"
    assert entry["author"].startswith("Cho, Sung-Jin and Ji, Seo-Won and ")
    assert (entry["booktitle"], entry["year"]) == ("ICCV", "2021")
    assert (entry["eprint"], entry["archivePrefix"]) == ("2108.05054", "arXiv")
    assert entry["url"] == "https://arxiv.org/abs/2108.05054"
    assert entry["note"] == r"Code: \url{https://github.com/chosj95/MIMO-UNet}"
    item = csl(make.reference())
    assert item["type"] == "paper-conference"
    assert item["container-title"] == "ICCV"
    assert item["author"][0] == {"family": "Cho", "given": "Sung-Jin"}
    assert item["issued"] == {"date-parts": [[2021]]}
    assert "github.com/chosj95/MIMO-UNet" in item["note"]


@pytest.mark.parametrize("venue", [None, "arXiv", "arXiv preprint"])
def test_a_preprint_is_cited_by_its_arxiv_id(make: SimpleNamespace, venue: str | None) -> None:
    preprint = make.reference(venue=venue)
    entry = fields(to_bibtex([preprint]))
    assert entry["type"] == "misc"
    assert entry["archivePrefix"] == "arXiv"
    assert "booktitle" not in entry
    item = csl(preprint)
    assert (item["type"], item["publisher"], item["number"]) == (
        "article", "arXiv", "arXiv:2108.05054"
    )  # fmt: skip


def test_a_journal_article_and_a_bare_program(make: SimpleNamespace) -> None:
    article = make.reference(venue="IEEE Transactions on Image Processing", arxiv=None)
    assert fields(to_bibtex([article]))["type"] == "article"
    assert csl(article)["type"] == "article-journal"
    program = make.reference(
        venue=None, arxiv=None, year=None, authors=(), links={"code": "https://a.b/c"}
    )
    entry = fields(to_bibtex([program]))
    assert entry["type"] == "misc"
    assert entry["key"] == "mimounetplusrethinking"
    assert entry["howpublished"] == r"\url{https://a.b/c}"
    assert csl(program)["type"] == "software"
    assert csl(program)["URL"] == "https://a.b/c"


def test_the_year_comes_from_the_venue_where_there_is_no_other(make: SimpleNamespace) -> None:
    assert fields(to_bibtex([make.reference(year=None, venue="ICML 2025")]))["year"] == "2025"


def test_keys_are_plain_and_never_the_same_twice(make: SimpleNamespace) -> None:
    first = make.reference(authors=("Łukasz Müller-Øye",), title="The 3D Truth")
    keys = re.findall(r"@\w+\{(.*),", to_bibtex([first, first, first]))
    assert keys == ["mulleroye20213d", "mulleroye20213da", "mulleroye20213db"]
    assert [item["id"] for item in json.loads(to_csl_json([first] * 3))] == keys
    assert "@inproceedings{a2021," in to_bibtex([make.reference(authors=("𝙰",), title="")])
    assert "@inproceedings{mimounetplus2021," in to_bibtex(
        [make.reference(authors=("王",), title="…")]
    )


def test_capitals_that_belong_to_a_word_are_kept(make: SimpleNamespace) -> None:
    title = "LLaVAR: CLIP for a U-Net, Text-Rich and Coarse-to-Fine in 3D"
    shown = fields(to_bibtex([make.reference(title=title)]))["title"]
    assert shown == "{LLaVAR}: {CLIP} for a {U-Net}, Text-Rich and Coarse-to-Fine in {3D}"


def test_what_latex_would_read_is_escaped_and_accents_stay(make: SimpleNamespace) -> None:
    title = "50% of é & #1_x ^ ~ $ \\ { }"
    shown = fields(to_bibtex([make.reference(title=title)]))["title"]
    assert shown == (
        r"50\% of é \& \#1\_x \textasciicircum{} \textasciitilde{} \$ \textbackslash{} "
        r"\textbraceleft{} \textbraceright{}"
    )


def test_one_word_and_an_and_are_not_taken_apart(make: SimpleNamespace) -> None:
    authors = ("OpenAI", "Research and Development", "Ada Lovelace")
    entry = fields(to_bibtex([make.reference(authors=authors)]))
    assert entry["author"] == "{OpenAI} and {Research and Development} and Lovelace, Ada"


def test_nothing_gives_an_empty_bibliography() -> None:
    assert to_bibtex([]) == ""
    assert json.loads(to_csl_json([])) == []


@given(
    title=st.text(max_size=20),
    author=st.text(max_size=20),
    venue=st.none() | st.text(max_size=12),
    link=st.text(max_size=12),
)
def test_any_reference_can_be_read_back(
    make: SimpleNamespace, title: str, author: str, venue: str | None, link: str
) -> None:
    reference = make.reference(
        title=title, authors=(author,), venue=venue, links={"paper": f"https://a.b/{link}"}
    )
    entry = fields(to_bibtex([reference]))
    assert re.fullmatch("[a-z0-9]+", entry["key"])
    assert "\x1b" not in "".join(entry.values())
    assert csl(reference)["id"] == entry["key"]
