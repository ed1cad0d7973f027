"""An index over the cards of a registry: words, meaning and names.

>>> index = Index.open(registry, cache)
>>> index.search("keep the edges of an enlarged picture sharp")[0].card
'mimo-unet-plus'
"""

from agent.search.index import Hit, Index, Mention

__all__ = ["Hit", "Index", "Mention"]
