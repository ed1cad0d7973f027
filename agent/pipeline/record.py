"""What a report records beside the answer: its origin, and the language model's part and cost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.files import sha256_of
from agent.pipeline.sources import Sources
from agent.report.report import Report
from agent.settings import Settings
from agent.types import (
    InputFile,
    Match,
    ParsedQuestion,
    Question,
)

if TYPE_CHECKING:
    from agent.llm.author import AuthorSession

_log = logging.getLogger(__name__)


def origin_of(question: Question, sources: Sources, settings: Settings) -> dict[str, Any]:
    """Return everything needed to reproduce the answer."""
    return {
        "inputs": tuple(hashed(path) for path in question.images),
        "brief": sources.brief,
        "registry_sha256": sources.registry.sha256,
        "settings_sha256": settings.sha256(),
        "settings": settings.recorded(),
        "retrieval": sources.index.mode,
        "version": _version(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
    }


def hashed(path: Path) -> InputFile:
    return InputFile(path=path, sha256=sha256_of(path))


@cache
def _version() -> str:
    return version("groundglass")


def model_use(session: AuthorSession | None) -> dict[str, object]:
    """Return the language model's part and cost; empty without a model."""
    use = session.record() if session else None
    if use is None:
        return {}
    return {
        "model": use,
        "prompts_sha256": use.prompts_sha256,
        "tokens": use.input_tokens + use.output_tokens,
        "cost_usd": use.cost_usd or 0.0,
    }


def log_matches(parsed: ParsedQuestion, matches: Sequence[Match]) -> None:
    if _log.isEnabledFor(logging.INFO):
        _log.info("understood: %s", parsed.model_dump_json(exclude_defaults=True))
    for one in matches:
        _log.info("matched: %s at %.2f (%s)", one.card, one.score, "; ".join(one.reasons))


def log_report(report: Report) -> None:
    if report.abstention:
        _log.info("no system: %s", report.abstention.detail or report.abstention.reason)
    for result in report.runs:
        what = (result.tool or "nothing", result.image, result.status, result.reason or "")
        _log.info("run: %s on %s: %s %s", *what)
    if _log.isEnabledFor(logging.INFO):
        verification = report.verification.model_dump_json()
        _log.info("%s in %.2f s: %s", report.answer.status, report.seconds, verification)
