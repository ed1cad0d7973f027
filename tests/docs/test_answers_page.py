"""The page of answers shows what the program says today, and nothing of the machine it ran on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from agent import Agent

SITE = Path(__file__).parents[2] / "docs" / "site"


@pytest.fixture(scope="module")
def answers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_answers", SITE / "answers.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_has_its_section_in_order(answers: ModuleType) -> None:
    sections = re.findall(r"^## (.+)$", answers.PAGE.read_text("utf-8"), re.MULTILINE)
    assert sections == [example.kind for example in answers.EXAMPLES]


def test_nothing_on_the_page_differs_between_two_runs_or_machines(answers: ModuleType) -> None:
    text = answers.PAGE.read_text("utf-8")
    assert not re.search(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b", text), "a hash"
    assert not re.search(r"\b20\d\d-\d\d-\d\d|\b\d\d:\d\d\b", text), "a time"
    assert str(answers.REPOSITORY) not in text


@pytest.mark.slow
def test_answers_without_a_picture_are_what_the_program_says_today(answers: ModuleType) -> None:
    agent, text = Agent(), answers.PAGE.read_text("utf-8")
    stale = [
        example.kind
        for example in answers.EXAMPLES
        if not example.with_picture and f"\n{example.section(agent)}" not in text
    ]
    assert not stale, "run `make answers-page`"
