"""A Report as PDF, laid out by WeasyPrint from the page of `agent.report.html`, offline."""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec
from typing import Any

from PIL import ImageFile

from agent.errors import ConfigError
from agent.report.html import to_html
from agent.types import Report


def check() -> None:
    """Raise ConfigError, with what to install, if PDF output is unavailable."""
    if find_spec("weasyprint") is None:
        raise ConfigError("PDF output needs WeasyPrint; run: pip install 'groundglass[pdf]'")
    try:
        _load()
    except OSError as error:  # Pango is not a Python package
        raise ConfigError(
            f"WeasyPrint cannot load its libraries ({error}); install Pango with the system's "
            "package manager"
        ) from None


def to_pdf(report: Report) -> bytes:
    """Return the report as a PDF with its pictures; equal reports give equal bytes.

    Raises:
        ConfigError: if WeasyPrint or its libraries are missing.
    """
    check()
    weasyprint = _load()
    from weasyprint.urls import URLFetcher

    # It warns about screen-only rules, which do not matter on paper.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    inside = URLFetcher(allowed_protocols=("data",))
    content: bytes = weasyprint.HTML(string=to_html(report), url_fetcher=inside).write_pdf()
    return content


def _load() -> Any:
    # Else fontTools, which WeasyPrint uses without HarfBuzz-Subset, writes the time into each font.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    import weasyprint

    # The import makes Pillow accept truncated pictures in the whole program; refuse them again.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint
