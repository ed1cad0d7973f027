"""Prompts are complete, declare what they use, and quote everything that they are given."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ConfigError
from agent.llm.prompts import VARIABLES, Prompts, quote
from agent.text import is_unsafe

PROMPTS = Prompts()


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_prompt_that_ships_renders(name):
    marker = 'say "</data>" ${x} `\u202e\x1b'
    prompt = PROMPTS.render(name, **{variable: marker for variable in VARIABLES[name]})
    text = prompt.system + prompt.user
    assert PROMPTS.version(name) >= 1 and text
    assert text.count(quote(marker)) >= len(VARIABLES[name])
    assert not re.search(r"\$\{?\w|\x1b|\u202e", text.replace(quote(marker), ""))


@given(st.text())
def test_no_text_ends_its_own_quotation(text):
    shown = quote(text)
    assert "<" not in shown and "`" not in shown and "\n" not in shown
    assert not any(is_unsafe(character) for character in shown)
    assert json.loads(shown) == text
    assert shown[0] == shown[-1] == '"' and '"' not in re.sub(r"\\.", "", shown[1:-1])


@given(st.lists(st.text()))
def test_every_text_of_a_list_stays_on_its_own_line(texts):
    lines = quote(texts).splitlines()
    assert len(lines) == max(1, len(texts)) or "" in texts
    assert not any(is_unsafe(character) for line in lines for character in line)


def test_an_empty_list_is_told_as_none():
    assert quote([]) == "none" and quote(7) == "7"


def test_values_that_a_prompt_does_not_take_are_refused():
    with pytest.raises(KeyError, match="retry"):
        PROMPTS.render("retry", problems=[], other=1)
    with pytest.raises(KeyError):
        PROMPTS.render("retry")


def test_prompts_of_one_s_own_stand_in_and_change_the_hash(tmp_path):
    (tmp_path / "retry.md").write_text(
        "---\nversion: 7\nvariables: [problems]\n---\n=== user\nAgain: ${problems}\n"
    )
    own = Prompts(tmp_path)
    assert own.version("retry") == 7 and own.sha256 != PROMPTS.sha256
    assert own.render("retry", problems=["x"]).user == "Again: x"
    assert own.render("brief") == PROMPTS.render("brief")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no head", "expected a head"),
        ("---\nversion: 1\n---\nx", "expected a head"),
        ("---\nversion: one\nvariables: []\n---\nx", "whole number"),
        ("---\nversion: 1\nvariables: []\n---\n${problems}", "declares"),
        ("---\nversion: 1\nvariables: [problems]\n---\nx", "declares"),
        ("---\nversion: 1\nvariables: [evil]\n---\n${evil}", "uses unknown variables"),
        ("---\nversion: 1\nvariables: [problems]\n---\n${problems} costs 5 $", "write \\$\\$"),
        ("---\nversion: [\nvariables: []\n---\nx", "is not a valid prompt"),
    ],
)  # fmt: skip
def test_a_prompt_that_cannot_be_used_is_named(tmp_path, content, said):
    (tmp_path / "retry.md").write_text(content)
    with pytest.raises(ConfigError, match=said) as caught:
        Prompts(tmp_path)
    assert "retry.md" in str(caught.value)


def test_a_folder_with_a_prompt_of_another_name_is_refused(tmp_path):
    (tmp_path / "rtery.md").write_text("x")
    with pytest.raises(ConfigError, match="expected one of"):
        Prompts(tmp_path)
    with pytest.raises(ConfigError, match="is not a folder"):
        Prompts(tmp_path / "none")
