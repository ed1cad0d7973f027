"""Search over the cards of a registry by words, meaning and names, matching, and follow-ups.

What a question says is read in `agent.question`; the answer is written in `agent.answer`.

>>> index = Index.open(registry, cache)
>>> index.search("keep the edges of an enlarged picture sharp")[0].card
'mimo-unet-plus'
"""

from agent.search.index import Hit, Index, Mention

__all__ = ["Hit", "Index", "Mention"]
