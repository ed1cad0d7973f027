"""The table of report formats.

`ask --format`, the saved folder, the page of a batch, the bibliographies of the chat and the
hostile-input tests all use this table. A new format is a module with a function that renders a
`Report`, and a row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent.types import Report

#: The file that marks a folder as holding a report.
INDEX = "report.json"


class Format(NamedTuple):  # not a dataclass: `--help` reads the table, and would import `inspect`
    """A report format. Functions are given as `MODULE:FUNCTION` and imported on first use."""

    key: str
    """Value of `--format`."""
    title: str
    """Name for people."""
    media_type: str
    render: str
    """Function that turns a `Report` into text, or into bytes if the format is `binary`."""
    file: str | None = None
    """File name in a saved folder; None if it is never saved."""
    optional: bool = False
    """Whether it is saved only on request."""
    link: str | None = None
    """Text of the link on the page of a batch; None for no link."""
    binary: bool = False
    """Whether it is binary, and so can be neither printed nor searched."""
    bibliography: bool = False
    """Whether it contains only the references."""
    check: str | None = None
    """Function that raises ConfigError, with what to install, if the format is unavailable."""

    def text(self, report: Report) -> str:
        """Return the report in a text format, without a trailing line break."""
        text = _load(self.render)(report)
        assert isinstance(text, str), f"{self.key} is binary"
        return text

    def content(self, report: Report) -> bytes:
        """Return the content of the file; text is UTF-8 with a trailing line break."""
        if self.binary:
            content: bytes = _load(self.render)(report)
            return content
        return f"{self.text(report)}\n".encode()

    def require(self) -> None:
        """Raise ConfigError, with what to install, if the format is unavailable."""
        if self.check:
            _load(self.check)()


#: Formats by key, in the order in which they are offered.
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
    """Return the formats that can be printed."""
    return [row for row in FORMATS.values() if not row.binary]


def optional_formats() -> list[Format]:
    """Return the formats that are saved only on request."""
    return [row for row in FORMATS.values() if row.optional]


def bibliographies() -> dict[str, Format]:
    """Return the formats that contain only the references, by key."""
    return {key: row for key, row in FORMATS.items() if row.bibliography}


def folder_formats(optional: Iterable[str] = ()) -> Iterator[tuple[str, Format]]:
    """Yield file name and format of everything in a saved folder.

    Args:
        optional: keys of the optional formats to include.
    """
    keys = set(optional)
    for row in FORMATS.values():
        if row.file and (not row.optional or row.key in keys):
            yield row.file, row


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
