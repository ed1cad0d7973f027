"""The Report that answers come as: the data of `agent.types`, with what people do with it."""

from __future__ import annotations

from agent import types
from agent.report.markdown import to_markdown


class Report(types.Report):
    # One schema and one description for both classes; only this one knows how it is shown.
    __doc__ = types.Report.__doc__

    def to_markdown(self) -> str:
        """The answer as Markdown, as the terminal, the chat and the report folder show it."""
        return to_markdown(self)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same, of whichever of the two classes they are."""
        if not isinstance(other, types.Report):
            return NotImplemented
        return self.__dict__ == other.__dict__
