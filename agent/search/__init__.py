"""Search over the cards of a registry by words, meaning and names, matching, and follow-ups.

index, bags, lexical, semantic, names, asks, reasons    the index over one registry
embedding, minilm, wordpiece, stems    sentences as vectors, and words as stems
ranking, match, abstaining             which cards fit, or why none does
conversation, follow_up                what a question refers to in the one before
beside, comparison, recommending       the second registry, models to compare or to use

What a question says is read in `agent.question`; the answer is written in `agent.answer`.

>>> index = Index.open(registry, cache)
>>> index.search("keep the edges of an enlarged picture sharp")[0].card
'mimo-unet-plus'
"""

from agent.search.index import Hit, Index, Mention

__all__ = ["Hit", "Index", "Mention"]
