"""How prose should speak of an effect: as its question does, `readable` or `unreadable text`."""

from __future__ import annotations

from agent.lexicon import TAGS
from agent.parsing.sentences import sentences
from agent.words import Word, word_set

_BAD = word_set("""soft softer fuzzy blurry blurred blur jagged broken lost lose loses losing
    missing garbled unreadable illegible distorted warped wrong worse bad ruined damaged smeared
    smudged mushy muddy poor unsharp hazy wobbly washed gone destroyed destroys changed unscharf
    verschwommen flou floue borroso borrosa""")
_NO = word_set("""no not without never nor none non neither less fewer free t dont doesnt didnt
    isnt avoid avoids avoided avoiding prevent prevents remove removes removed removing reduce
    reduces reduced deblur deblurs deblurred deblurring unblur kein keine nicht ohne sans pas sin
    ningun weder hardly barely rid against""")
#: Effects that are faults themselves: their bare mention is a complaint, their absence the praise.
_FAULTS = frozenset(("blur", "noise", "artefacts", "hallucination"))
_NEAR = 4


def wording(text: str, effect: str) -> str:
    """The phrase for `effect` that agrees with what `text` says of it.

    Args:
        text: the question.
        effect: the id of a tag, usually one of `ParsedQuestion.effects`.

    Returns:
        The tag's `phrase` where the text praises or wishes it, its `complaint` where it complains.
    """
    tag = TAGS[effect]
    for sentence in sentences(text):
        for name, start, end in sentence.mentions:
            if name == effect:
                return (
                    tag.complaint if _complains(sentence.words, start, end, effect) else tag.phrase
                )
    return tag.phrase


def _complains(said: list[Word], start: int, end: int, effect: str) -> bool:
    before = {word.text for word in said[max(0, start - _NEAR) : start]}
    itself = {word.text for word in said[start:end]}
    after = {word.text for word in said[end : end + _NEAR]}
    denied = bool((before | itself) & _NO)
    if effect in _FAULTS:
        return not denied and not any(
            word.startswith(("deblur", "denois", "unblur")) for word in itself
        )
    if any(word.startswith(("unread", "illeg", "unscharf")) for word in itself):
        return not before & _NO
    if effect == "enlargement":
        return bool(before & _NO)
    bad = (before | after) & _BAD
    return bool(bad) != bool(before & _NO) if bad else bool(before & {"not", "t", "lost", "never"})
