"""A Report as PDF, laid out by WeasyPrint from the page of `formats.html`; nothing is fetched."""

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
    """Raise ConfigError where no PDF can be made, with what to install."""
    if find_spec("weasyprint") is None:
        raise ConfigError("a PDF needs WeasyPrint; install it with pip install 'groundglass[pdf]'")
    try:
        _load()
    except OSError as error:  # Pango is no Python package
        raise ConfigError(
            f"WeasyPrint cannot load its libraries ({error}); install Pango with the system's "
            "package manager"
        ) from None


def to_pdf(report: Report) -> bytes:
    """The report as one PDF with its pictures; the same report gives the same bytes.

    Raises:
        ConfigError: where WeasyPrint or its libraries are missing.
    """
    check()
    weasyprint = _load()
    from weasyprint.urls import URLFetcher

    # It warns of rules for screens, which paper has no use for.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    inside = URLFetcher(allowed_protocols=("data",))
    content: bytes = weasyprint.HTML(string=to_html(report), url_fetcher=inside).write_pdf()
    return content


def _load() -> Any:
    # Else fontTools, WeasyPrint's stand-in for HarfBuzz-Subset, writes the time into each font.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    import weasyprint

    # Importing it lets the whole program take pictures that are cut off; ours are refused.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint
