"""A batch of text-only questions on a registry of two cards, searched by words: fast."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.batch import Batch
from agent.pipeline import Agent
from agent.search.embedding import EmbeddingUnavailableError
from agent.settings import Settings
from agent.types import Question, Report

CARDS = """\
models:
  - id: net
    name: Net-Plus
    task: deblurring photographs
    summary: Net-Plus removes blur from photographs.
    links: {paper: "https://example.org/net"}
  - id: counter
    name: Counter
    task: counting birds
    summary: Counter counts birds in a picture.
    links: {paper: "https://example.org/counter"}
"""
ROWS: list[dict[str, object]] = [
    {"id": "why", "question": "How does Net-Plus remove blur?", "topic": "blur"},
    {"question": "What is the capital of Brazil?"},
    {"id": "again", "question": "How does Net-Plus remove blur?"},
    {"id": "bad", "question": "Does Counter count birds?", "upscale": 99},
    {"id": "a b/ü", "question": "Does Counter count birds?"},
]
#: Files that tell when and how long; all others are the same every time.
VOLATILE = ("times.jsonl", ".groundglass")


def by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sentence model."""

    def missing() -> None:
        raise EmbeddingUnavailableError("not in this test")

    monkeypatch.setattr("agent.search.index.model_file", missing)


@pytest.fixture
def rows() -> list[dict[str, object]]:
    return ROWS


@pytest.fixture
def content() -> Callable[[Path], dict[str, bytes]]:
    return _content


def _content(folder: Path) -> dict[str, bytes]:
    """Every file of a batch but the volatile ones, and every folder as nothing."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(VOLATILE):
            found[name] = path.read_bytes() if path.is_file() else b""
    return found


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "cards.yaml"
    path.write_text(CARDS)
    return path


@pytest.fixture
def settings(registry: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    by_words(monkeypatch)
    return Settings(registry=registry)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts of the questions that an agent was asked."""
    texts: list[str] = []
    ask = Agent.ask

    def noted(agent: Agent, question: Question, *rest: object) -> Report:
        texts.append(question.text)
        return ask(agent, question, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Agent, "ask", noted)
    return texts


@pytest.fixture
def batch(tmp_path: Path, settings: Settings) -> Callable[..., Batch]:
    """Makes a batch of rows; `output` is a name under the test's folder."""

    def make(
        given: list[dict[str, object]] = ROWS, output: str = "out", **options: object
    ) -> Batch:
        path = tmp_path / "q.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in given), "utf-8")
        return Batch(str(path), tmp_path / output, settings, **options)  # type: ignore[arg-type]

    return make
