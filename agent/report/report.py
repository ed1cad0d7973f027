"""The Report that answers come as: the data of `agent.types`, with methods to show it."""

from __future__ import annotations

from typing import Any

from agent import types
from agent.report.markdown import to_markdown


class Report(types.Report):
    # Both classes share one schema and one description; only this one can be shown.
    __doc__ = types.Report.__doc__

    def to_markdown(self) -> str:
        """Return the report as Markdown, as `ask` prints it and the report folder contains it."""
        return to_markdown(self)

    def _repr_html_(self) -> str:
        from agent.report.notebook import to_notebook  # only notebooks need it

        return to_notebook(self)

    def _repr_markdown_(self) -> str:
        """Return the Markdown for exported notebooks, which have no pictures to link to."""
        return to_markdown(self.model_copy(update={"pictures": {}}))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._repr_markdown_())

    def __eq__(self, other: object) -> bool:
        """Compare by content, whichever of the two classes the reports have."""
        if not isinstance(other, types.Report):
            return NotImplemented
        return self.__dict__ == other.__dict__
