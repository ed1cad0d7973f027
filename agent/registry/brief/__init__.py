"""Briefs: documents with a question and the only models and papers that its answer may use.

    A user asks:
    "Why did the picture stay sharp?"

    ### Recommended AI Models:
    Model: NAME
    Paper: https://…
    GitHub: https://…

    ### Related Papers:
    Model: NAME OR TITLE
    Paper: https://…
    Summary: some sentences, in any number of paragraphs

`read_brief` and `read_brief_file` parse such a document, `registry_for` builds a registry of
exactly what it lists, and `write_brief` writes one. `agent.pipeline` answers it.
"""

from agent.registry.brief.cards import registry_for
from agent.registry.brief.document import Brief, read_brief, read_brief_file
from agent.registry.brief.entries import Entry
from agent.registry.brief.writing import write_brief

__all__ = ["Brief", "Entry", "read_brief", "read_brief_file", "registry_for", "write_brief"]
