"""Reports to keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.types import Answer, ParsedQuestion, Question, Reference, Report, Verification


@pytest.fixture
def report() -> Callable[..., Report]:
    def made(text: str = "Why no blur?", *images: Path, task: str = "Deblurring.") -> Report:
        return Report(
            question=Question(text=text, images=images),
            parsed=ParsedQuestion(intent="fact"),
            answer=Answer(
                status="answered",
                task=task,
                references=(Reference(card="mimo", name="Mimo", title="A title", links={}),),
            ),
            verification=Verification(statements=0),
            registry_sha256="0" * 64,
            settings_sha256="0" * 64,
            retrieval="hybrid",
            version="0",
            created="2026-01-01T00:00:00+00:00",
            seconds=0.5,
        )

    return made
