"""First step: parsing a question into a `ParsedQuestion`, without a language model.

The time is linear in the length of the text: every gap in a pattern is bounded.
"""

from __future__ import annotations

from agent.question.complaints import complains_of_result, complaints_in, yes_means
from agent.question.doing import is_done, is_told
from agent.question.factor import enlargement_factor
from agent.question.intent import asked_in, intent_of, is_for_laymen, wants_help
from agent.question.language import UNKNOWN, detect
from agent.question.languages import languages
from agent.question.lexicon import EFFECTS, TOPICS
from agent.question.markup import words_only
from agent.question.names import arxiv_ids, models, papers
from agent.question.parts import parts_of
from agent.question.patterns import folded
from agent.question.searching import search_text
from agent.question.sentences import Sentence, plain, sentences
from agent.question.spelling import corrected
from agent.question.subject import is_picture, needs_image, subject_of
from agent.question.topics import tags_of
from agent.question.translation import into_english
from agent.question.wish import wish_in
from agent.question.words import fold
from agent.types import Intent, ParsedQuestion


def parse(text: str) -> ParsedQuestion:
    """Parse the text of a question.

    Case, surrounding white space, greetings and thanks make no difference, except that names are
    returned as written. Never raises, whatever the text.
    """
    plain_text = plain(text)
    cited, prose = papers(plain_text), plain(words_only(text))
    names = models(prose)
    clean = _spelt(prose, (*cited, *names))
    covered = (*cited, *(n for n in names if fold(n) not in _TELLING))
    parts = sentences(_without_names(clean, covered))
    language = detect(_without_names(clean, (*cited, *names)))
    english = into_english(clean, language)
    translated = sentences(_without_names(english, covered)) if english else []
    request = asked_in(parts) or asked_in(translated)
    factor = enlargement_factor(clean)
    tags = dict.fromkeys(tag for part in (*parts, *translated) for tag in tags_of(part))
    operation = _operation(parts, request) or _operation(translated, request)
    if operation is None and factor is not None:
        operation = "enlarge"
    if operation is None and request == "how_to" and "blur" in tags:
        operation = "deblur"
    done = _done(parts, operation)
    if language == UNKNOWN and (tags or operation) and clean.isascii():
        language = "en"  # only a few terms of the field, such as `PSNR on GoPro?`
    effects = tuple(tag for tag in tags if tag in EFFECTS)
    complaints = complaints_in(parts, effects, request, operation)
    intent = intent_of(parts, request, complains_of_result(parts, request, complaints, done))
    searched = english or search_text(sentences(clean))
    return ParsedQuestion(
        intent=intent,
        operation=operation,
        done=done,
        factor=factor,
        subject=subject_of(parts, operation),
        effects=effects,
        complaints=complaints,
        topics=tuple(tag for tag in tags if tag in TOPICS),
        models=names,
        papers=cited,
        arxiv_ids=arxiv_ids(plain_text),
        language=language,
        needs_image=needs_image(parts),
        search_text="" if searched == text.strip() else searched,
        parts=() if intent in ("chat", "complain") else parts_of(clean, names),
        yes=yes_means(parts),
        layman=is_for_laymen(parts),
        wish=wish_in(f"{clean}\n{english or ''}", factor),
    )


def _spelt(text: str, names: tuple[str, ...]) -> str:
    """Correct misspellings, if the text may be English."""
    language = detect(_without_names(text, names))
    english = language == "en" or (language == UNKNOWN and len(text.split()) > _A_FEW)
    english = english and text.isascii()
    return corrected(text, names) if english else text


#: Maximum number of words in an unknown language that is too few to count as misspelt English.
_A_FEW = 2
#: Names that also tell what is asked about.
_TELLING = ("clip", "gpt-4")


def _operation(parts: list[Sentence], request: Intent | None) -> str | None:
    """Return the first operation named, or the first in a sentence that asks for help, if any."""
    if request == "how_to":
        parts = sorted(parts, key=lambda part: not wants_help(part))
    for part in parts:
        if names := [name for name, at, _ in part.operations if _is_meant(part, at)]:
            return "sharpen_features" if _of_features(part, names) else names[0]
    return None


def _done(parts: list[Sentence], operation: str | None) -> bool:
    """Check whether the person says that the operation was carried out."""
    mentions = [
        (part, at, end)
        for part in parts
        for name, at, end in part.operations
        if name == operation and _is_meant(part, at)
    ]
    if mentions:
        return any(is_done(*one) for one in mentions)
    return operation == "enlarge" and any(map(is_told, parts))  # only a factor was named


def _of_features(part: Sentence, names: list[str]) -> bool:
    """Check whether feature maps, not a picture, are enlarged or sharpened."""
    if "sharpen_features" in names:
        return True
    about = any(tag == "features" for tag, _, _ in part.mentions)
    pictured = any(is_picture(word.text) for word in part.words)
    return names[0] == "enlarge" and about and not pictured


def _is_meant(part: Sentence, at: int) -> bool:
    before = {word.text for word in part.words[max(0, at - 2) : at]}
    undone = folded(languages().vocabulary.asking.undone)
    was_told = part.words[at].text == "read" and before & {"i", "ve", "we"}  # `I read the paper`
    return not before & undone and not was_told


def _without_names(text: str, names: tuple[str, ...]) -> str:
    """Replace each name by an `x`, since `MIMO-UNet` asks nothing about a U-Net."""
    for name in names:
        text = text.replace(name, "x".ljust(len(name)))
    return text
