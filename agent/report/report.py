"""The Report that answers come as: the data of `agent.types`, with what people do with it."""

from __future__ import annotations

from typing import Any

from agent import types
from agent.report.markdown import to_markdown


class Report(types.Report):
    # One schema and one description for both classes; only this one knows how it is shown.
    __doc__ = types.Report.__doc__

    def to_markdown(self) -> str:
        """The answer as Markdown, as the terminal, the chat and the report folder show it."""
        return to_markdown(self)

    def _repr_html_(self) -> str:
        from agent.report.notebook import to_notebook  # only a notebook asks for it

        return to_notebook(self)

    def _repr_markdown_(self) -> str:
        """What a notebook is exported to Markdown with: there is no picture that it could link."""
        return to_markdown(self.model_copy(update={"pictures": {}}))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._repr_markdown_())

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same, of whichever of the two classes they are."""
        if not isinstance(other, types.Report):
            return NotImplemented
        return self.__dict__ == other.__dict__
