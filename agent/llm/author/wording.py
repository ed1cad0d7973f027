"""Whether a model's own words say no more than what they rest on.

In English the check is strict: every word that carries content has to stand, in some form, in the
facts and measurements that a statement cites, in the question, or among plain connecting words. So
a sentence can be wrong only by putting words of its own sources together wrongly. Other languages
share no words with the registry: there the words themselves cannot be checked, and answers say so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from agent.llm.author.faults import Fault
from agent.question.language import UNKNOWN, detect
from agent.question.names import models
from agent.question.words import word_set
from agent.references import references_in
from agent.search.stems import stems, words
from agent.text import first_unsafe

#: Languages, beside English, in which a claim of having run something, and a number written out,
#: are recognised. In all others an answer is worded in English.
LANGUAGES = ("de", "es", "fr", "it", "ja", "ko", "nl", "pt", "ru", "zh")

#: Words that join and point and state nothing; with the stop words of the search.
_PLAIN = """answer ask attach because begin bring call case cause come conclusion consequence
    consider concern count describe differ difference effect end especially example exact explain
    explanation fact figure final finally find first follow happen hence here hold image input kind
    lead leave level likewise long longer main mean measure measured mechanism mention model name
    namely network next note observe observed original otherwise output part particular picture
    place point precise premise question rather reason receive relate rest result role say second
    see seen sentence several short show side simply since source stage start state step still
    system take task tell term then therefore third thus together topic turn two understand user
    view visible way what why word work yet"""
_PLAIN_STEMS = frozenset(stems(_PLAIN))
_SHORTEST_ROOT = 3
_FORMS = word_set("s es d ed ing er ers r e y ly th n en ned ning ies ied ion ions") | {""}
_NEGATIONS = word_set(
    """not no never none nothing neither nor without cannot cant dont doesnt isnt arent wasnt werent
    wont hardly barely lack lacks lacking fail fails failed except unable unlike"""
)
#: Who speaks as if they had done something, and about whose picture.
_FIRST_PERSON = re.compile(
    r"\b(?:i|we|i['’]ve|we['’]ve|our|ours|my|me|us)\b|\b(?:ich|wir|unser\w*|mein\w*)\b|"
    r"\bj['’]|\b(?:je|nous|notre|nos|mes)\b|\b(?:yo|nosotros|nuestr\w+)\b|"
    r"\b(?:noi|nostr\w+)\b|\b(?:eu|nós)\b|\b(?:ik|wij|onze)\b|\b(?:я|мы)\b|我|私|저는|우리",
    re.IGNORECASE,
)
_YOURS = re.compile(r"\b(?:your|yours|attached|this (?:picture|image|photo|file))\b", re.IGNORECASE)
#: What was done, in the languages that questions come in most; the last word is the deed.
_DEED = re.compile(
    r"\b(?:ran|measured|tested|executed|verified|benchmarked)\b|"
    r"\b(?:was|were|been|got)\s+(?:\w+\s+){0,2}(?:run|processed|restored)\b|"
    r"\b(?:ausgeführt|gemessen|getestet|durchgeführt|exécut\w*|mesur\w*|testé\w*|ejecut\w+|"
    r"medid\w+|medí|medimos|probad\w+|probé|eseguit\w+|misurat\w+|testat\w+|executei|"
    r"executad\w+|testad\w+|uitgevoerd|gemeten|getest|запустил\w*|запущен\w*|измерил\w*|"
    r"измерен\w*)\b|运行|運行|測量|测量|実行|測定|측정|실행",
    re.IGNORECASE,
)
_NUMBER_WORDS = re.compile(
    r"\b(?:\w*(?:hundert|tausend|million\w*|milliard|millones|mille|cent|mil|cien|ciento|miljoen|"
    r"duizend|procent|prozent|pourcent|percent|por ciento|тысяч|миллион|процент)\w*)\b|"
    r"[百千万億亿%％‰]",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>\[\]`|\\*#{}@~^=$]|://|\bwww\.|&\w+;|_\w*_|\]\(", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")
_WORDS_THAT_TELL = 5
_LONGEST = 1_500


def faults_of_form(own: str) -> list[Fault]:
    """What may stand in no text of a model, whatever it rests on."""
    if len(own) > _LONGEST:
        return [Fault("reply cut off or too long", f"is longer than {_LONGEST:,} characters")]
    wrong = []
    if first_unsafe(own) is not None or any(unicodedata.category(c) == "Cf" for c in own):
        wrong.append(Fault("invisible or mixed characters", "holds control characters"))
    if _mixed_scripts(own):
        wrong.append(Fault("invisible or mixed characters", "a word mixes several alphabets"))
    if any(unicodedata.category(c) in ("Nd", "Nl", "No") for c in own):
        detail = "holds a number of its own: use {number:…}, {evidence:…} or {factor}"
        wrong.append(Fault("number of its own", detail))
    if _MARKUP.search(own) or references_in(own):
        detail = "holds markup, a link or a repository: use {link:…}, and plain sentences"
        wrong.append(Fault("link or markup of its own", detail))
    return wrong


def claims_a_run(own: str, sources: Iterable[str]) -> bool:
    """Whether the words speak of something that was run or measured, or of who did.

    What the sources themselves say was measured may be told, but never of the reader's picture.
    """
    if _FIRST_PERSON.search(own):
        return True
    held = " ".join(sources).casefold()
    deeds = [found[0].casefold().split()[-1] for found in _DEED.finditer(own)]
    return bool(deeds) and (bool(_YOURS.search(own)) or any(deed not in held for deed in deeds))


def foreign_names(own: str, sources: Iterable[str]) -> list[str]:
    """Names of systems in the words that none of the sources holds."""
    held = " ".join(sources).casefold()
    return [name for name in models(own) if name.casefold() not in held]


def number_words(own: str) -> list[str]:
    """Numbers written out, where words cannot be checked against sources."""
    return [found[0] for found in _NUMBER_WORDS.finditer(own)]


def own_words(own: str, sources: Iterable[str]) -> list[str]:
    """Words of an English text that neither the sources hold nor state nothing."""
    held = {word.casefold() for source in sources for word in words(source)}
    known = {stem for word in held for stem in stems(word)} | _PLAIN_STEMS
    return [
        word
        for word in words(own)
        if not all(stem in known for stem in stems(word))
        and not any(_is_form(word.casefold(), other) for other in held)
    ]


def _is_form(word: str, other: str) -> bool:
    """Whether two words are one but for an ending, as `added` and `adds`."""
    if word[:_SHORTEST_ROOT] != other[:_SHORTEST_ROOT]:
        return False
    pairs = enumerate(zip(word, other, strict=False))
    shared = next((i for i, (a, b) in pairs if a != b), min(len(word), len(other)))
    return shared >= _SHORTEST_ROOT and word[shared:] in _FORMS and other[shared:] in _FORMS


def other_languages(own: str, language: str) -> bool:
    """Whether a sentence of the text is in another language than it should be."""
    for sentence in _SENTENCE_END.split(own):
        long_enough = len(words(sentence)) >= _WORDS_THAT_TELL
        if long_enough and detect(sentence) not in (language, UNKNOWN):
            return True
    return False


def negates(text: str) -> bool:
    """Whether an English text denies something."""
    plain = text.casefold().replace("’", "").replace("'", "")
    return any(word in _NEGATIONS for word in re.findall(r"[a-z]+", plain))


def _mixed_scripts(text: str) -> bool:
    """Whether a word mixes Latin letters with look-alikes of other alphabets."""
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            return True
        if scripts & {"FULLWIDTH", "MATHEMATICAL", "MODIFIER", "DOUBLE-STRUCK"}:
            return True
    return False
