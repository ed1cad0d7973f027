"""Every rule of a card, through the file check that users see."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import RegistryError
from agent.registry.checking import MAX_PROBLEMS, checked_rows
from agent.registry.rules import MAX_ITEMS, TEXTS, json_schema
from agent.text import first_unsafe
from agent.types import Card

CARD: dict[str, Any] = {
    "id": "mimo",
    "name": "MIMO",
    "task": "deblurring",
    "summary": "Sharpens pictures.",
    "links": {"paper": "https://arxiv.org/abs/2108.05054", "code": "https://a-b.example.org:8443/x?y=1#z"},
    "title": "Rethinking",
    "aliases": ["Deblur-MIMO"],
    "authors": ["Émile Exemple"],
    "year": 2021,
    "venue": "ICCV",
    "arxiv": "2108.05054v2",
    "inputs": "one picture",
    "outputs": "three pictures",
    "flow": "a picture → MIMO → a picture",
    "workflow": [{"stage": "model", "text": "It runs.", "claims": ["decoder", "slow"]}],
    "claims": [{"id": "decoder", "text": "It has three outputs.", "source": "paper, section 3",
                "tags": ["blur"], "mechanism": "decoder", "test": "edges-narrow"}],
    "limits": [{"id": "slow", "text": "It is slow.", "source": "paper, table 1", "tags": ["speed"],
                "mechanism": "decoder", "test": "edges-narrow"}],
    "licence": {"name": "none", "forbids": "Everything."},
    "weights": "published",
    "scale": [2, 4],
    "subjects": ["photo", "faces"],
    "removes": ["jpeg"],
    "architecture": "ESRGAN",
    "sha256": ["0123456789abcdef" * 4],
    "commercial_use": False,
    "based_on": ["other", "ESRGAN"],
    "measures": [{"quantity": "PSNR", "value": 32, "dataset": "GoPro", "source": "table 1",
                  "unit": "dB"}],
    "related": ["other"],
    "beside": {"other": "decoder"},
    "tool": "restore",
    "examples": ["Why is it sharp?"],
    "questions": [{"ask": ["Is it quick?"], "answer": "No.", "facts": ["slow"], "listing": "run it",
                   "rows": [{"label": "MIMO", "text": "slow", "facts": ["slow"]}]}],
}  # fmt: skip
OTHER = {"id": "other", "name": "Other", "task": "t", "summary": "s",
         "links": {"paper": "https://example.org"}}  # fmt: skip


def problems(*cards: Any, raw: str | None = None) -> list[str]:
    text = yaml.safe_dump({"models": list(cards)}, allow_unicode=True) if raw is None else raw
    try:
        list(checked_rows("r.yaml", text.encode(), {"restore"}))
    except RegistryError as error:
        return error.problems
    return []


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CARD), **changes}


def only_problem(card: Any) -> str:
    (problem,) = problems(card, OTHER)
    return problem


def test_a_full_card_is_fine_and_comes_out_whole() -> None:
    text = yaml.safe_dump({"models": [CARD, OTHER]})
    rows = dict(checked_rows("r.yaml", text.encode(), {"restore"}))
    card = Card.model_validate_json(rows["mimo"])
    assert card.model_dump(mode="json", exclude_defaults=True) == {
        **CARD, "measures": [{**CARD["measures"][0], "value": 32.0}]
    }  # fmt: skip
    assert set(CARD) == set(Card.model_fields), "a new key needs a rule and a test"


def test_the_card_of_the_documentation_is_fine_and_says_what_it_tells() -> None:
    page = (Path(__file__).parents[2] / "docs" / "registry.md").read_text("utf-8")
    raw = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert raw and problems(raw=raw[1]) == []
    ((_, row),) = checked_rows("r.yaml", raw[1].encode(), None)
    facts = Card.model_validate_json(row).facts()
    told = re.findall(r"^\|.*\| `([a-z0-9-]+)` \| ([^|…]+)", page, re.MULTILINE)
    assert len(told) == 7
    assert [facts[f"crisp-4x/{id}"] for id, sentence in told if "SHA" not in sentence] == [
        sentence.strip() for _, sentence in told if "SHA" not in sentence
    ]


def test_every_text_of_a_card_has_a_length() -> None:
    def texts(value: dict[str, Any], parent: str = "") -> Iterator[str]:
        for key, inner in value.items():
            first = inner[0] if isinstance(inner, list) else inner
            if isinstance(inner, list) and isinstance(first, dict):
                yield from texts(first, f"{parent}{key}.")
            elif isinstance(first, str):
                yield parent + key

    keys = set(texts(CARD))
    assert keys | {"links", "beside", "licence.name", "licence.forbids"} == set(TEXTS)


def measure(**changes: Any) -> dict[str, Any]:
    return {**CARD["measures"][0], **changes}


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ({"id": "Mimo"}, "id", "lower-case letters"),
        ({"id": "-x"}, "id", "lower-case letters"),
        ({"id": "x" * 65}, "id", "65 characters; at most 64"),
        ({"id": "mimo\u202e"}, "id", "U+202E"),
        ({"name": "a\x1b[31m"}, "name", "U+001B"),
        ({"name": " \n "}, "name", "blank"),
        ({"name": "n" * 121}, "name", "at most 120"),
        ({"summary": ["a"]}, "summary", "expected text, got a list"),
        ({"summary": {"a": "b"}}, "summary", "expected text, got a mapping"),
        ({"summary": None}, "summary", "null is read as nothing"),
        ({"task": 3}, "task", 'write it in quotes: "3"'),
        ({"task": True}, "task", 'write it in quotes: "true"'),
        ({"links": {}}, "links", "at least one"),
        ({"links": "https://a.org"}, "links", "expected a mapping, got 'https://a.org'"),
        ({"links": {"paper page!": "https://a.org"}}, "links.paper page!", "label"),
        ({"year": "2021"}, "year", "expected a whole number, got '2021'"),
        ({"year": 1492}, "year", "1900 to 2100"),
        ({"year": 2021.5}, "year", "expected a whole number, got a number, '2021.5'"),
        ({"aliases": "one"}, "aliases", "expected a list, got 'one'"),
        ({"aliases": ["a", "a"]}, "aliases[2]", "occurs twice"),
        ({"authors": [1]}, "authors[1]", "quotes"),
        ({"related": ["mimo"]}, "related[1]", "itself"),
        ({"tool": "resotre"}, "tool", "allowed tools are restore"),
        ({"arxiv": 2108.0505}, "arxiv", 'write it in quotes: "2108.0505"'),
        ({"licence": "MIT"}, "licence", "expected a mapping"),
        ({"licence": {"name": "MIT", "nmae": "MIT"}}, "licence.nmae", "did you mean name?"),
        ({"examples": ["q"] * (MAX_ITEMS + 1)}, "examples", "at most 1,000"),
        ({"yaer": 2021}, "yaer", "did you mean year or"),
        ({"scale": 4}, "scale", "expected a list, got a whole number, '4'"),
        ({"scale": ["4"]}, "scale[1]", "expected a whole number, got '4'"),
        ({"scale": [2, 0]}, "scale[2]", "0 is not a valid enlargement factor; expected 1 to 64"),
        ({"scale": [2, 2]}, "scale[2]", "2 occurs twice"),
        ({"subjects": ["photos"]}, "subjects[1]", "'photo', 'faces'"),
        ({"removes": ["jpeg", "jpeg"]}, "removes[2]", "occurs twice"),
        ({"removes": ["fog"]}, "removes[1]", "'blur', 'noise'"),
        ({"sha256": ["F" * 64]}, "sha256[1]", "64 hexadecimal digits"),
        ({"commercial_use": "yes"}, "commercial_use", "expected true or false, got 'yes'"),
        ({"based_on": ["mimo"]}, "based_on[1]", "a card cannot be based on itself"),
        ({"measures": [measure(value=float("nan"))]}, "measures[1].value", "not a finite number"),
        ({"measures": [measure(value="high")]}, "measures[1].value", "a number"),
        ({"workflow": [{"stage": "middle", "text": "x"}]}, "workflow[1].stage", "'input', 'model'"),
        ({"workflow": [{"stage": "model", "text": "x", "claims": ["decodre"]}]},
         "workflow[1].claims[1]", "did you mean decoder?"),
    ],
)  # fmt: skip
def test_one_fault_gives_one_problem_that_names_the_key(
    change: dict[str, Any], key: str, message: str
) -> None:
    problem = only_problem(changed(**change))
    assert f": key {key}:" in problem
    assert message in problem


@pytest.mark.parametrize("key", ["id", "name", "task", "summary", "links"])
def test_a_required_key_that_is_missing_is_named(key: str) -> None:
    card = changed()
    del card[key]
    assert f"key {key}: is missing; the required keys are id, name, task" in only_problem(card)


@pytest.mark.parametrize(
    "url",
    [
        "http://arxiv.org/abs/1", "ftp://a.org", "javascript:alert(1)", "HTTPS:/a.org", "https://",
        "https://localhost/x", "https://127.0.0.1/", "https://[::1]/", "https://[bad/",
        "https://user@a.org/", "https://user:pw@a.org/", "https://@a.org", "https://a.org:99999/",
        "https://a.org:x/", "https://аррӏе.com", "https://xn--80ak6aa92e.com/", "https://a..org",
        "https://-a.org", "https://a.org/two words", "https://a.org/<script>", "https://a.org/\"x",
        "https://a.org/é", "https://a.org\\@b.org/", "https://arxiv", " ",
        "https://a.org/" + "x" * 2000,
    ],
)  # fmt: skip
def test_only_plain_https_links_are_legal(url: str) -> None:
    assert "key links.paper:" in only_problem(changed(links={"paper": url}))


@pytest.mark.parametrize("arxiv", ["2502.16025", "0704.0001v12", "cs/0112017", "math.GT/0309136v1"])
def test_both_forms_of_arxiv_id_are_legal(arxiv: str) -> None:
    assert problems(changed(arxiv=arxiv), OTHER) == []


@pytest.mark.parametrize(
    "arxiv",
    ["25021.6025", "2502.160", "arXiv:2502.16025", "2502.16025v0", "cs/011", "2502.16025\n1"],
)
def test_other_forms_of_arxiv_id_are_not(arxiv: str) -> None:
    assert "key arxiv:" in only_problem(changed(arxiv=arxiv))


@pytest.mark.parametrize("id", ["summary", "task", "licence", "workflow-1", "measure-12", "scale"])
def test_a_claim_cannot_take_the_id_of_another_fact(id: str) -> None:
    claim = {"id": id, "text": "t", "source": "s"}
    card = changed(claims=[claim], workflow=[], beside={})
    assert "key claims[1].id:" in only_problem(card)


def test_what_a_card_adds_to_others_is_a_claim_of_its_own_and_the_others_exist() -> None:
    problem = only_problem(changed(beside={"other": "decodr"}))
    assert "key beside.other: no claim or limit of this card has the id 'decodr'; did" in problem
    assert "no card has the id 'othr'" in only_problem(changed(beside={"othr": "decoder"}))


def test_claims_and_limits_share_one_set_of_ids() -> None:
    card = changed(limits=[{**CARD["limits"][0], "id": "decoder"}], workflow=[])
    assert "key limits[1].id: 'decoder' is the id of another claim" in only_problem(card)


def test_all_problems_of_all_cards_are_found_in_one_run_sorted_by_line() -> None:
    raw = """models:
- id: Bad
  name: no
  links: {paper: http://a.org}
  claims:
  - {id: x, text: t}
  workflow:
  - {stage: model, text: t, claims: [y]}
  related: [nobody]
- id: fine
  name: Fine
  task: t
  summary: s
  links: {paper: https://a.org}
- id: fine
  year: 12
  tool: hammer
- just text
"""
    found = problems(raw=raw)
    places = [re.match(r"r\.yaml:(\d+): card ([^:]+):(?: key ([^:]+):)?", p) for p in found]
    assert [(int(m[1]), m[2], m[3]) for m in places if m] == [
        (2, "Bad", "task"), (2, "Bad", "summary"), (2, "Bad", "id"),
        (3, "Bad", "name"), (4, "Bad", "links.paper"), (6, "Bad", "claims[1].source"),
        (8, "Bad", "workflow[1].claims[1]"), (9, "Bad", "related"),
        (15, "fine", "name"), (15, "fine", "task"), (15, "fine", "summary"), (15, "fine", "links"),
        (15, "fine", "id"), (16, "fine", "year"), (17, "fine", "tool"), (18, "number 4", None),
    ]  # fmt: skip
    assert all(p.isprintable() for p in found)


def test_a_key_without_a_value_is_told_to_be_left_out() -> None:
    (problem,) = problems(raw=yaml.safe_dump({"models": [OTHER]}) + "  aliases:\n")
    assert "key aliases: expected a list, got nothing; leave the key out" in problem


def test_control_characters_that_quotes_let_in_are_found() -> None:
    found = problems(
        raw=yaml.safe_dump({"models": [OTHER]}) + '  venue: "a\\eb"\n  title: "\\Nx"\n'
    )
    assert ["U+001B" in found[0], "U+0085" in found[1]] == [True, True]


def test_ids_must_differ_even_on_one_line() -> None:
    card = "{id: a, name: A, task: t, summary: s, links: {paper: https://a.org}}"
    (problem,) = problems(raw=f"models: [{card}, {card}]")
    assert "card a: key id:" in problem


def test_an_alias_names_one_card_but_two_cards_may_share_a_name() -> None:
    assert problems({**OTHER, "name": "MIMO"}, CARD) == []
    (problem,) = problems({**OTHER, "aliases": ["mimo"]}, CARD)
    assert "'mimo' also names card mimo" in problem
    (problem,) = problems({**OTHER, "aliases": ["deblur-MIMO"]}, CARD)
    assert "key aliases: " in problem


def test_related_cards_may_come_later_and_misspelt_ones_get_a_hint() -> None:
    (problem,) = problems({**CARD, "related": ["othre"]}, OTHER)
    assert "key related: no card has the id 'othre'; did you mean other?" in problem


def test_nothing_is_said_about_references_when_the_file_breaks_off() -> None:
    (problem,) = problems(raw=yaml.safe_dump({"models": [CARD]}) + "\n- [")
    assert "not valid YAML" in problem


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "source", "stage", "claims", "name", "value"])
            | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*Card.model_fields, "key"]), values))
def test_any_card_at_all_gives_problems_of_the_usual_form_or_none(changes: dict[str, Any]) -> None:
    for problem in problems(changed(**changes), OTHER):
        assert re.match(r"r\.yaml:\d+: card .+: .+", problem)
        assert first_unsafe(problem) is None


def test_a_flood_of_problems_is_cut_with_their_number() -> None:
    found = problems(*[3] * (MAX_PROBLEMS + 5))
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "r.yaml: and 5 more problems"


def test_the_schema_follows_types_and_lengths() -> None:
    definitions = json_schema()["$defs"]
    card = definitions["Card"]
    assert set(card["properties"]) == set(Card.model_fields)
    assert card["required"] == ["id", "name", "task", "summary", "links"]
    assert card["additionalProperties"] is False
    assert card["properties"]["summary"]["maxLength"] == TEXTS["summary"].most
    assert card["properties"]["links"]["additionalProperties"]["pattern"] == "^https://"
    assert card["properties"]["arxiv"]["anyOf"][0]["pattern"] == TEXTS["arxiv"].pattern
    assert definitions["Claim"]["properties"]["text"]["maxLength"] == TEXTS["claims.text"].most
    assert definitions["Claim"]["properties"]["tags"]["items"]["maxLength"] == 40


def test_a_test_that_the_program_does_not_have_is_reported() -> None:
    claim = {**CARD["claims"][0], "test": "run-this"}
    (problem,) = problems(changed(claims=[claim], workflow=[]), OTHER)
    assert "claims[1].test: unknown test 'run-this'; allowed tests are edges-narrow" in problem
