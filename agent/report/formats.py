"""The formats in which a report can be had: one row each, read by whatever offers them.

`ask --format`, the saved folder, the page of a batch, the bibliographies of the chat and the
hostile-input suite all go by this table. A new format is a module with a function that renders a
`Report`, and a row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent.types import Report

#: The file by which a folder is known to hold a report of ours.
INDEX = "report.json"


class Format(NamedTuple):  # no dataclass: `--help` reads the table, and would import `inspect`
    """A format of reports. Functions are named as `MODULE:FUNCTION` and imported on first use."""

    key: str
    """What `--format` calls it."""
    title: str
    """What people call it."""
    media_type: str
    render: str
    """Turns a `Report` into text, or into bytes where the format is `binary`."""
    file: str | None = None
    """Its name in a saved folder; None where no folder holds it."""
    optional: bool = False
    """Whether a folder holds it only on request."""
    link: str | None = None
    """What the page of a batch calls it; None where the page does not link to it."""
    binary: bool = False
    """Whether it is no text, so that it can be neither printed nor searched."""
    bibliography: bool = False
    """Whether it holds the references alone."""
    check: str | None = None
    """Raises ConfigError, with what to install, where the format cannot be made."""

    def text(self, report: Report) -> str:
        """The report in a format that is text, without a line break at the end."""
        text = _load(self.render)(report)
        assert isinstance(text, str), f"{self.key} is binary"
        return text

    def content(self, report: Report) -> bytes:
        """The content of its file: UTF-8 that ends with a line break, where it is text."""
        if self.binary:
            content: bytes = _load(self.render)(report)
            return content
        return f"{self.text(report)}\n".encode()

    def require(self) -> None:
        """Raise ConfigError, with what to install, where the format cannot be made."""
        if self.check:
            _load(self.check)()


#: By key, in the order in which they are offered.
FORMATS = {
    row.key: row
    for row in (
        Format(
            "html", "HTML", "text/html", "agent.report.html:to_html",
            file="report.html", link="report",
        ),
        Format(
            "pdf", "PDF", "application/pdf", "agent.report.pdf:to_pdf",
            file="report.pdf", link="PDF", optional=True, binary=True,
            check="agent.report.pdf:check",
        ),
        Format(
            "markdown", "Markdown", "text/markdown", "agent.report.markdown:to_markdown",
            file="report.md", link="Markdown",
        ),
        Format(
            "json", "JSON", "application/json", "agent.report.schema:to_json",
            file=INDEX, link="JSON",
        ),
        Format(
            "bibtex", "BibTeX", "text/x-bibtex", "agent.report.citations:report_to_bibtex",
            file="references.bib", link="BibTeX", bibliography=True,
        ),
        Format(
            "csl-json", "CSL-JSON", "application/vnd.citationstyles.csl+json",
            "agent.report.citations:report_to_csl_json",
            file="references.csl.json", bibliography=True,
        ),
    )
}  # fmt: skip


def text_formats() -> list[Format]:
    """Those that can be printed."""
    return [row for row in FORMATS.values() if not row.binary]


def optional_formats() -> list[Format]:
    """Those that a folder holds only on request."""
    return [row for row in FORMATS.values() if row.optional]


def bibliographies() -> dict[str, Format]:
    """Those that hold the references alone, by key."""
    return {key: row for key, row in FORMATS.items() if row.bibliography}


def folder_formats(optional: Iterable[str] = ()) -> Iterator[tuple[str, Format]]:
    """File name and format of all that a folder holds.

    Args:
        optional: keys of the optional formats that it holds, too.
    """
    keys = set(optional)
    for row in FORMATS.values():
        if row.file and (not row.optional or row.key in keys):
            yield row.file, row


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
