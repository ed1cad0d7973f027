"""Which picture a question is about, and whether somebody must look at it to answer."""

from __future__ import annotations

import re

from agent.question.lexicon import mentions
from agent.question.sentences import Sentence
from agent.question.words import Word, word_set

_PICTURES = word_set("""image images photo photos photograph photographs picture pictures pic pics
    screenshot screenshots screengrab scan scans receipt receipts invoice document documents page
    pages poster posters sign signs plate plates map maps diagram diagrams chart charts figure
    graph logo logos icon icons video videos frame frames drawing drawings sketch painting artwork
    art comic comics manga portrait portraits selfie thumbnail thumbnails meme memes banner
    wallpaper label labels slide slides whiteboard book cover jpeg jpg png gif snapshot shot shots
    capture footage xray micrograph negative negatives postcard letter newspaper menu magazine
    avatar sprite texture textures render renders website webpage bild bilder foto fotos imagen
    imagenes captura immagine aufnahme bildschirmfoto bildschirmaufnahme ecran scanner""")
_OWN = word_set("""a an my this these our his her their that those some one another two mein meine
    meinen meinem meiner ein eine einen einem mon ma mes une un cette mi mis una esta
    dieses diese""")
_ANY = word_set("a an some one another two ein eine einen einem un une una")
_GIVEN = word_set("the its your any each every all das die der dem den le la les el los las")
_MODIFIES = word_set("""model models network networks processing restoration quality size sizes
    deblurring upscaler upscaling editor editing app tool tools enhancer resolution generator
    generation super recognition classification features feature format encoder viewer dataset
    understanding enhancement""")
_PARTICLES = word_set("up in on into out from of both at onto again all down")
_STOPS = word_set(
    """by to from with without and but so using via through after before because where which that
    when while for at into then or is was are were has had have got came comes look looks
    looked it they them i we you in on as if than how why what until twice two three four five
    six eight ten times not did does do kept keeps keep stays stayed became becomes can could
    will would should please just again online offline properly correctly um mit auf ohne im
    am vom zum beim nach und par avec sans et por con sin y x me"""
)
_ATTRIBUTE = word_set("resolution size sharpness quality clarity blur blurriness dimensions")
_LONGEST = 8
_DESCRIBING = ("ing", "ed", "y", "al", "ous", "ful")


def subject_of(sentences: list[Sentence], operation: str | None) -> str | None:
    """The noun phrase that the operation was applied to, as the person put it; None if unnamed."""
    for sentence in sentences:
        for named, at, _ in sentence.operations:
            described = (
                at > 0 and sentence.words[at - 1].text in _OWN | _GIVEN
            )  # `the upscaled image`
            described |= sentence.words[at].text.startswith("feature")
            if named == operation and not described and (found := _object(sentence, at + 1)):
                return found
    phrases = [p for sentence in sentences for p in _pictures(sentence)]

    def starts_with(kind: frozenset[str]) -> list[str]:
        return [phrase for phrase in phrases if phrase.split()[0].casefold() in kind]

    # Nothing was done with `an image` of `how fast is it on an image?`
    ranked = starts_with(_OWN) + starts_with(_GIVEN) if operation else starts_with(_OWN - _ANY)
    return ranked[0] if ranked else None


def _object(sentence: Sentence, at: int) -> str | None:
    """The phrase from word `at` on, where it is one that can be worked on."""
    said = sentence.words
    while at < len(said) and said[at].text in _PARTICLES:
        at += 1
    if at + 2 < len(said) and said[at].text in _GIVEN and said[at + 1].text in _ATTRIBUTE:
        at += 3  # `the resolution of my photo`
    end = at
    while end < min(len(said), at + _LONGEST) and not _breaks(sentence, at, end):
        end += 1
    shown = next((i for i in range(at, end) if is_picture(said[i].text)), None)
    if shown is not None:
        return _pictured(sentence, at, shown, end)
    while end > at and said[end - 1].text in _PARTICLES:
        end -= 1
    phrase = said[at:end]
    # Something of one's own with a name that is not in the table, such as `my mugshot`.
    unnamed = len(phrase) > 1 and phrase[0].text in _OWN and not mentions(phrase[-1:])
    return _as_written(sentence, phrase) if unnamed else None


def _pictured(sentence: Sentence, at: int, shown: int, end: int) -> str | None:
    """The phrase of the picture at word `shown`, between words `at` and `end`."""
    said = sentence.words
    while shown + 1 < end and is_picture(said[shown + 1].text):
        shown += 1
    if shown + 1 < end and said[shown + 1].text in _MODIFIES:
        return None
    if shown + 1 < end and said[shown + 1].text == "web":
        return _as_written(sentence, said[at : shown + 2])  # `une image web`
    start = max((i for i in range(at, shown) if said[i].text in _OWN | _GIVEN), default=at)
    if start == shown and not said[shown].text.endswith("s"):
        return None  # a lone `picture` is more likely to be told of elsewhere
    return _as_written(sentence, said[start : _past_of(sentence, shown) + 1])


def is_picture(word: str) -> bool:
    """Whether a folded word names a kind of picture, such as `screenshot` or `receipt`."""
    return word in _PICTURES or word.endswith(("bild", "bilder", "foto", "fotos"))


def _breaks(sentence: Sentence, start: int, at: int) -> bool:
    word = sentence.words[at]
    parted = at > start and _parted(sentence, at)
    return parted or word.text in _STOPS or (word.text[0].isdigit() and at > start + 1)


def _parted(sentence: Sentence, at: int) -> bool:
    """Whether more than a space or hyphen stands before word `at`."""
    between = sentence.text[sentence.words[at - 1].end : sentence.words[at].start]
    return bool(between.strip(" \t'’-"))


def _as_written(sentence: Sentence, phrase: list[Word]) -> str:
    return sentence.text[phrase[0].start : phrase[-1].end]


def _pictures(sentence: Sentence) -> list[str]:
    """Phrases with an article or the like that name a picture: `the scanned receipt`."""
    said = sentence.words
    found = []
    for i, word in enumerate(said):
        following = said[i + 1].text if i + 1 < len(said) else ""
        if not is_picture(word.text) or following in _MODIFIES | _PICTURES:
            continue
        for start in range(i - 1, max(-1, i - 6), -1):
            if said[start].text in _STOPS - _OWN or _parted(sentence, start + 1):
                break
            if said[start].text in _OWN | _GIVEN:
                found.append(_as_written(sentence, said[start : _past_of(sentence, i) + 1]))
                break
    return found


def _past_of(sentence: Sentence, at: int) -> int:
    """Index of the last word of `photo of my cat`, given that of `photo`."""
    said = sentence.words
    if at + 2 >= len(said) or said[at + 1].text != "of" or _parted(sentence, at + 1):
        return at
    end = at + 2
    while end + 1 < min(len(said), at + 6) and not _breaks(sentence, at, end + 1):
        describes = said[end].text in _OWN | _GIVEN or said[end].text.endswith(_DESCRIBING)
        if not describes and said[end + 1].text not in _PICTURES:
            break
        end += 1
    return end


# --- whether the picture must be seen ---------------------------------------------------------

_SOME = r"(?:\w{1,20} ){0,4}"
_MINE = (
    rf"(?:(?:this|these|my|our|attached|mein\w*|dies\w*|mon|ma|cette|mi|esta) {_SOME}image|"
    r"(?:that|those) image|attach\w+|it here)"
)
_HERE = rf"(?:{_MINE}|the {_SOME}image)"
_JUDGED = (
    r"(?:blurry|blurred|sharp\w*|noisy|real|fake|genuine|readable|legible|correct|right|wrong|"
    r"good|bad|upscaled|"
    r"ai generated|generated|photoshopped|edited|manipulated|clear\w*|clean\w*|big|large|small|"
    r"too|dark|over\w*|ok\w*|"
    r"pixelated|grainy|in focus|out of focus|distorted|intact|artefacts?|artifacts?|legit|"
    r"damaged|unscharf|"
    r"verschwommen|scharf|floue?|nette|borros\w|nitida)"
)
_LOOK = re.compile(
    rf"\bwhat (?:do|does|did|is|are|was|were|s) {_SOME}(?:image |text |word |words |letters |"
    rf"number |writing ){_SOME}?"
    rf"(?:say|says|read|written|show|shows|mean on|depict\w*)\b"
    rf"|\bwhat (?:do|does|is|s|are|can you see|do you see|went wrong|happened|changed|has "
    rf"changed|is wrong|s wrong|is written|"
    rf"s written|text) (?:\w{{1,20}} ){{0,4}}(?:in|on|with|to|at|from) {_HERE}"
    rf"|\bwhat (?:is|s|does) (?:this|that|my|the attached) {_SOME}image(?: (?:of|show|about|say|"
    rf"depict))?$"
    rf"|\b(?:is|are|was|were|does|do|did|has|have|ist|sind|est|es|esta) (?:the (?:\w{{1,20}} "
    rf"){{1,3}}(?:in|on|of) )?{_HERE}"
    rf"(?: \w{{1,20}}){{0,5}} {_JUDGED}\b"
    rf"|\b(?:is|are|was) (?:this|that|these|it) (?:\w{{1,20}} ){{0,2}}{_JUDGED} image\b"
    rf"|\b(?:is|are) (?:this|these) (?:too |really |actually )?(?:blurry|blurred|sharp|real|fake|"
    rf"noisy|readable|legible|"
    rf"ai generated|upscaled)\b"
    rf"|\bhow (?:blurry|blurred|sharp|noisy|readable|legible|much blur|much noise|good|bad|big|"
    rf"large|many) "
    rf"{_SOME}(?:is|are|was|in|does|do|did) (?:\w{{1,20}} ){{0,3}}?{_HERE}"
    rf"|\b(?:did|has|have|does|do|is|are|were|was) (?:it|the (?:model|ai|network|upscaler|tool|"
    rf"app)|the \w{{1,20}}|mimo \w{{1,20}}|they) "
    rf"(?:\w{{1,20}} )?(?:change\w*|alter\w*|distort\w*|invent\w*|add|added|remov\w*|make up|"
    rf"made up|hallucinat\w*|damag\w*|"
    rf"chang\w*|blur\w*|lose|lost|swap\w*|garbl\w*) {_SOME}(?:\w{{1,20}} )?(?:in|on|of|to|from) "
    rf"{_HERE}"
    rf"|\b(?:can|could|would|will) you (?:please |kindly )?(?:see|read|tell (?:me )?(?:what|if|"
    rf"whether|how)|look at|check|describe|"
    rf"transcribe|count|identify|inspect|judge|rate) {_SOME}(?:\w{{1,20}} )?{_HERE}"
    rf"|(?:^|please )(?:describe|transcribe|read|check|look at|inspect|rate|identify|count) "
    rf"{_SOME}{_MINE}"
    rf"|\bhow many \w{{1,20}} (?:are|is|can you see) (?:\w{{1,20}} ){{0,2}}(?:in|on) {_HERE}"
    rf"|\b(?:who|what) (?:is|are) (?:in|on) {_HERE}"
    rf"|\b(?:which|what) (?:\w{{1,20}} ){{0,3}}of (?:these|those|my|the) (?:two |three |\d )?image"
    rf"|\bwas steht (?:\w{{1,20}} ){{0,3}}(?:auf|in) {_HERE}"
)
_DO_IT = re.compile(
    rf"(?:^|please |(?:can|could|would|will) you (?:please |kindly |maybe |just )?)(?:deblur|"
    rf"unblur|upscale|enlarge|sharpen|"
    rf"restore|fix|enhance|make|remove the blur from|zoom into|magnify|clean up) (?:me )?(?:this|"
    rf"my|these|the attached|"
    rf"the) {_SOME}image"
)


#: The reason for what was seen can be told without seeing it.
_EXPLAINED = re.compile(
    r"\b(?:why|how come|explain|how does|how did|warum|wieso|pourquoi|por que)\b"
)


def needs_image(sentences: list[Sentence]) -> bool:
    """Whether a question is about what is in a picture, or asks to work on it here and now."""
    return any(_looks(sentence) for sentence in sentences)


def _looks(sentence: Sentence) -> bool:
    said = " ".join("image" if is_picture(w.text) else w.text for w in sentence.words)
    return bool(_LOOK.search(said) or _DO_IT.search(said)) and not _EXPLAINED.search(said)
