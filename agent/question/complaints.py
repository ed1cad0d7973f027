"""Which effects a question complains of: `unreadable text` where another has `readable text`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.question.sentences import Sentence
from agent.question.words import word_set
from agent.types import Intent

_BAD = word_set(
    """soft softer fuzzy blurry blurred blur jagged broken lost lose loses losing missing garbled
        unreadable illegible distorted warped wrong worse bad ruined damaged smeared smudged mushy
        muddy poor unsharp hazy wobbly washed gone destroyed destroys changed weird strange ugly
        unscharf verschwommen flou floue borroso borrosa"""
)
_NO = word_set(
    """no not without never nor none non neither less fewer free t dont doesnt didnt isnt avoid
        avoids avoided avoiding prevent prevents remove removes removed removing reduce reduces
        reduced kein keine nicht ohne sans pas sin ningun weder hardly barely rid against handle
        handles fix fixes undo instead"""
)
_STILL = word_set("still remains remaining left more yet even immer noch encore todavia")
_DONE = ("deblur", "denois", "unblur", "desenfo")
#: Effects that are faults themselves: their bare mention is a complaint, their absence the praise.
_FAULTS = frozenset(("blur", "noise", "artefacts", "hallucination"))
_NEAR = 4
_WHY = re.compile(r"\b(?:why|how come|went wrong|warum|wieso|pourquoi|por que)\b|为 什 么")
_ASKS = re.compile(
    r"(?:how|what|which|who|where|when|does|do|did|is|are|was|were|can|could|will|would|should|has|"
    r"have|may|explain|compare|tell me|wie|comment|como)\b"
)


def complaints_in(
    sentences: list[Sentence], effects: Iterable[str], intent: Intent, operation: str | None
) -> tuple[str, ...]:
    """Those of `effects` that went badly, as the person says.

    Who asks how to do something wishes them, and `does it invent letters?` complains of nothing;
    only `why` speaks of what was seen.
    """
    if intent == "how_to":
        return ()
    told = [s for s in sentences if _WHY.search(s.said) or not (s.asks or _ASKS.match(s.said))]
    bad = set()
    for sentence in told:
        said = [word.text for word in sentence.words]
        bad |= {
            tag for tag, i, end in sentence.mentions if _complains(tag, said, i, end, operation)
        }
    return tuple(effect for effect in effects if effect in bad)


def _complains(tag: str, said: list[str], start: int, end: int, operation: str | None) -> bool:
    """Whether a person is unhappy with what the words from `start` to `end` name."""
    before, after = said[max(0, start - _NEAR) : start], said[end : end + _NEAR]
    if tag == "enlargement" or said[start].startswith(_DONE):
        return False  # the name of a task, not what was seen
    if tag == "blur" and operation == "deblur":
        return not _STILL.isdisjoint(before + after)
    if tag in _FAULTS or said[start].startswith(("unread", "illeg")):
        return _NO.isdisjoint(before)
    near = (*range(max(0, start - _NEAR), start), *range(end, min(len(said), end + _NEAR)))
    if bad := [i for i in near if said[i] in _BAD]:
        return any(_NO.isdisjoint(said[max(0, i - 3) : i]) for i in bad)
    return not {"not", "t", "never"}.isdisjoint(said[max(0, start - 2) : start])
